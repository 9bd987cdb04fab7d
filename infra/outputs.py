"""What `pulumi up` says at its end, and what the tests and `firn` find the parts by."""

import pulumi

from infra.buckets import Buckets
from infra.config import Config
from infra.edge import Edge
from infra.functions import Work
from infra.lake import Lake
from infra.messages import Queues
from infra.sheet import parameter_name

KEPT = (
    "pulumi destroy leaves {0}, {1} and the Glue database {2}: to lose them too, set firn:keepData to false and run "
    "pulumi up before it"
)
LOST = (
    "pulumi destroy deletes {0}, {1} and the Glue database {2} with all data: to keep them, set firn:keepData to true "
    "and run pulumi up before it"
)
LINE = '<script defer src="https://{0}/s/main.js" data-site="{1}"></script>'


def of_the_edge(config: Config, edge: Edge) -> None:
    """What a page is given, and where it finds it."""
    site = next(iter(config.settings.rules.sites))
    pulumi.export("script_line", pulumi.Output.format(LINE, edge.host, site))
    pulumi.export("host", edge.host)
    pulumi.export("distribution", edge.distribution)
    pulumi.export("key_value_store", edge.salts.arn)
    if config["distribution"]:
        pulumi.export("behaviours_for_your_distribution", edge.behaviours)


def of_the_data(config: Config, made: Buckets, lake: Lake) -> None:
    """Where the data lies, and what becomes of it."""
    pulumi.export("buckets", {name: bucket.bucket for name, bucket in made._asdict().items()})
    pulumi.export("database", lake.database.name)
    pulumi.export("workgroup", lake.workgroup.name)
    told = KEPT if config.keeps_data else LOST
    pulumi.export("on_destroy", pulumi.Output.format(told, made.raw.bucket, made.lake.bucket, lake.database.name))


def of_the_work(config: Config, queues: Queues, works: dict[str, Work]) -> None:
    """What works on it, and from what."""
    pulumi.export("queue", queues.objects.url)
    pulumi.export("dead_letters", queues.dead_letters.url)
    pulumi.export("functions", {name: work.function.name for name, work in works.items()})
    pulumi.export("roles", {name: work.role.arn for name, work in works.items()})
    pulumi.export("sheet_parameter", parameter_name(config))

"""The stack: from the page to the sheet, in the order in which an event travels. `pulumi up -C infra` runs this."""

from infra import config as configuration
from infra import outputs
from infra.alarms import alarms
from infra.buckets import buckets, opened
from infra.edge import edge, may_read
from infra.functions import ENRICH_SECONDS, Grants, functions, read
from infra.lake import lake
from infra.log_delivery import log_delivery, may_deliver
from infra.messages import queues
from infra.schedules import run_once, schedule
from infra.sheet import sheet

config = configuration.from_pulumi()  # nothing is made before all of it is right
made = buckets(config)

# A page loads the script and sends its pixels; the edge function answers them, and CloudFront logs them.
at_the_edge = edge(config, made.script)
opened(config, "script", made.script, may_read(made.script, at_the_edge.arn))

# The log is delivered into the raw bucket, which tells the queue of each file.
policy = opened(config, "raw", made.raw, may_deliver(config, made.raw))
log_delivery(config, at_the_edge.arn, made.raw, policy)
messages = queues(config, made.raw, ENRICH_SECONDS)

# Enrich turns files into rows of Iceberg tables, which Athena reads.
for name in ("lake", "results", "code"):
    opened(config, name, getattr(made, name))
tables = lake(config, made.lake, made.results)
given = Grants(config, made.raw, made.lake, made.results, tables, messages, at_the_edge.salts)
works = functions(given, made.code)
read(config, messages, works["enrich"])

# Once a day: the next days' salts, the tables' upkeep, the rollups into the sheet. The first two also right now.
sheet(config)
schedule(config, works)
ran = run_once(works)

# When something stands still, somebody is told.
alarms(config, messages, works, ran)

outputs.of_the_edge(config, at_the_edge)
outputs.of_the_data(config, made, tables)
outputs.of_the_work(config, messages, works)

"""Each rule holds for the graph of resources, however the owner has configured it, and each can be broken."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.mocks import MockResourceArgs

from infra import dry
from infra.config import ROOT
from tests.infra import rules, schema
from tests.infra.rules import RULES, Resources, Rule, of

WAYS: dict[str, dict[str, str]] = {
    "plain": {},
    "own domain": {"domain": "a.example.com", "zone": "Z0123456789ABC"},
    "own certificate": {
        "domain": "a.example.com",
        "certificate": "arn:aws:acm:us-east-1:123456789012:certificate/0",
    },
    "own distribution": {"distribution": "E0123456789ABC"},
    "sheet": {"sheetUrl": "https://script.google.com/macros/s/a/exec", "sheetSecret": "0123456789abcdef"},
    "data lost": {"keepData": "false"},
}


def program(folder: Path, values: dict[str, str]) -> tuple[Resources, dict[str, Any]]:
    """What the program asks for, and what it says."""
    listed = dry.Listed()
    dry.stand_ins(folder, ROOT / "firn.toml")
    outputs = dry.run(listed, "dev", {"email": "owner@example.com", "artefacts": str(folder), **values})
    return listed.resources, outputs


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Resources, dict[str, Any]]]:
    return {way: program(tmp_path_factory.mktemp("zips"), values) for way, values in WAYS.items()}


@pytest.fixture
def plain(ways: dict[str, tuple[Resources, dict[str, Any]]]) -> Resources:
    """A copy to break."""
    return [MockResourceArgs(it.typ, it.name, deepcopy(it.inputs)) for it in ways["plain"][0]]


@pytest.mark.parametrize("rule", RULES, ids=lambda it: it.__name__)
@pytest.mark.parametrize("way", WAYS)
def test_the_rule_holds(ways: dict[str, tuple[Resources, dict[str, Any]]], way: str, rule: Rule) -> None:
    assert [] == list(rule(ways[way][0]))


@pytest.mark.parametrize("way", WAYS)
def test_all_that_is_sent_fits_the_providers_schema(
    ways: dict[str, tuple[Resources, dict[str, Any]]], way: str
) -> None:
    for it in ways[way][0]:
        schema.check(it.typ, it.inputs)


# A rule, the resources that are changed, and how: an input and its value.
BREAKS: list[tuple[Rule, str, str, object]] = [
    (rules.nothing_with_a_monthly_floor, "lambda.Function", "reservedConcurrentExecutions", 1),
    (rules.nothing_with_a_monthly_floor, "lambda.EventSourceMapping", "scalingConfig", {"kmsKeyArn": "a"}),
    (rules.at_most_four_alarms_and_no_custom_metric, "cloudwatch.MetricAlarm", "namespace", "Firn"),
    (rules.every_bucket_is_closed, "s3.BucketPublicAccessBlock", "blockPublicPolicy", False),
    (rules.every_bucket_is_closed, "s3.BucketServerSideEncryptionConfiguration", "bucket", "another"),
    (rules.every_bucket_is_closed, "s3.BucketPolicy", "policy", json.dumps({"Statement": []})),
    (rules.no_address_is_delivered, "cloudwatch.LogDelivery", "recordFields", ["asn", "c-ip"]),
    (rules.no_address_is_delivered, "cloudwatch.LogDelivery", "recordFields", []),
    (rules.no_salt_is_in_the_state, "lambda.Function", "environment", {"variables": {"FIRST_SALT": "a"}}),
    (rules.no_salt_is_in_the_state, "lambda.Invocation", "input", '{"salt": "a"}'),
    (rules.us_east_1_for_what_is_only_there, "cloudwatch.LogDeliverySource", "region", "eu-west-1"),
    (rules.enrich_does_not_wake_itself, "s3.BucketNotification", "bucket", "firn-dev-lake-123456789012"),
    (rules.the_edge_function_can_run, "cloudfront.Function", "code", "function handler() {}\nexport { handler };"),
    (rules.the_edge_function_can_run, "cloudfront.Function", "code", "const handler = () => 1;"),
    (rules.the_edge_function_can_run, "cloudfront.Function", "code", "function handler() {}" + " " * 10_240),
    (rules.the_edge_function_can_run, "cloudfront.Function", "runtime", "cloudfront-js-1.0"),
    (rules.a_message_waits_for_its_run, "lambda.Function", "timeout", 301),
    (rules.a_message_waits_for_its_run, "lambda.EventSourceMapping", "maximumBatchingWindowInSeconds", 301),
    (rules.a_message_waits_for_its_run, "lambda.EventSourceMapping", "functionResponseTypes", []),
    (rules.a_message_waits_for_its_run, "sqs.Queue", "sqsManagedSseEnabled", False),
    (rules.every_function_logs_for_a_while, "cloudwatch.LogGroup", "retentionInDays", 0),
    (rules.every_function_logs_for_a_while, "lambda.Function", "architectures", ["x86_64"]),
    (rules.every_function_has_a_role_of_its_own, "lambda.Function", "role", "one"),
    (rules.names_tell_the_stack, "iam.Role", "name", "firn-role"),
    (
        rules.statements_have_names_that_iam_takes,
        "iam.RolePolicy",
        "policy",
        json.dumps({"Statement": [{"Sid": "A", "Action": "a", "Resource": "b"}] * 2}),
    ),
    (rules.names_tell_the_stack, "s3.Bucket", "bucket", "firn-raw"),
]


@pytest.mark.parametrize(
    ("rule", "kind", "key", "value"),
    BREAKS,
    ids=[f"{rule.__name__}-{key}-{n}" for n, (rule, _, key, _) in enumerate(BREAKS)],
)
def test_the_rule_can_be_broken(plain: Resources, rule: Rule, kind: str, key: str, value: object) -> None:
    for _, inputs in of(plain, kind):
        inputs[key] = value
    assert list(rule(plain))


ADDITIONS: list[tuple[Rule, str, dict[str, object]]] = [
    (rules.nothing_with_a_monthly_floor, "aws:secretsmanager/secret:Secret", {}),
    (rules.at_most_four_alarms_and_no_custom_metric, "aws:budgets/budget:Budget", {}),
    (rules.every_bucket_is_closed, "aws:s3/bucket:Bucket", {"bucket": "open"}),
    (rules.every_bucket_is_closed, "aws:s3/bucketVersioning:BucketVersioning", {"bucket": "lake"}),
    (rules.nobody_is_let_in_without_being_named, "aws:lambda/functionUrl:FunctionUrl", {}),
    (rules.no_salt_is_in_the_state, "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey", {}),
    (rules.secrets_are_encrypted, "aws:ssm/parameter:Parameter", {"type": "String"}),
    (rules.us_east_1_for_what_is_only_there, "aws:acm/certificate:Certificate", {}),
    (
        rules.the_pixel_takes_every_method,
        "aws:cloudfront/distribution:Distribution",
        {"orderedCacheBehaviors": [{"allowedMethods": ["GET"], "pathPattern": "/i"}], "defaultCacheBehavior": {}},
    ),
]
ALLOWANCES: list[tuple[Rule, dict[str, object]]] = [
    (rules.nobody_is_let_in_without_being_named, {"Principal": "*", "Action": "s3:GetObject", "Resource": "a"}),
    (rules.nobody_is_let_in_without_being_named, {"Principal": {"Service": "s3"}, "Action": "a", "Resource": "a"}),
    (rules.stars_have_reasons, {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}),
    (rules.stars_have_reasons, {"Sid": "BecauseItIsEasier", "Action": "s3:*", "Resource": "a"}),
    (rules.stars_have_reasons, {"Sid": "BecauseItIsEasier", "Action": "s3:GetObject", "Resource": ["*"]}),
]
ADDITIONS += [
    (rule, "aws:iam/rolePolicy:RolePolicy", {"policy": json.dumps({"Statement": [{"Effect": "Allow", **it}]})})
    for rule, it in ALLOWANCES
]


@pytest.mark.parametrize(
    ("rule", "typ", "inputs"), ADDITIONS, ids=[f"{it[0].__name__}-{n}" for n, it in enumerate(ADDITIONS)]
)
def test_the_rule_is_broken_by(plain: Resources, rule: Rule, typ: str, inputs: dict[str, object]) -> None:
    assert list(rule([*plain, MockResourceArgs(typ, "added", inputs)]))


def test_every_rule_is_broken_by_something() -> None:
    assert set(RULES) == {it[0] for it in [*BREAKS, *ADDITIONS]}


def test_enrich_knows_its_two_tables_and_reads_them_alone(plain: Resources) -> None:
    policy = next(inputs["policy"] for name, inputs in of(plain, "iam.RolePolicy") if name == "enrich")
    (glue,) = [it for it in json.loads(policy)["Statement"] if "glue:GetTable" in it["Action"]]
    tables = [it.partition(":table/")[2] for it in glue["Resource"] if ":table/" in it]
    assert ["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"] == glue["Action"]
    assert ["firn_dev/events", "firn_dev/bad_rows"] == tables


# What differs from way to way


def kinds(resources: Resources) -> set[str]:
    return {rules.kind(it) for it in resources}


def test_a_domain_in_route_53_gets_a_certificate_and_its_names(
    ways: dict[str, tuple[Resources, dict[str, Any]]],
) -> None:
    resources, outputs = ways["own domain"]
    assert {"CNAME", "A", "AAAA"} == {inputs["type"] for _, inputs in of(resources, "route53.Record")}
    assert "a.example.com" == outputs["host"]
    assert '<script defer src="https://a.example.com/s/main.js" data-site="blog"></script>' == outputs["script_line"]


def test_a_certificate_of_ones_own_is_taken(ways: dict[str, tuple[Resources, dict[str, Any]]]) -> None:
    resources, _ = ways["own certificate"]
    assert not {"Certificate", "Record"} & kinds(resources)
    ((_, distribution),) = of(resources, "cloudfront.Distribution")
    assert WAYS["own certificate"]["certificate"] == distribution["viewerCertificate"]["acmCertificateArn"]


def test_a_distribution_of_ones_own_is_logged_and_told_what_it_needs(
    ways: dict[str, tuple[Resources, dict[str, Any]]],
) -> None:
    resources, outputs = ways["own distribution"]
    arn = "arn:aws:cloudfront::123456789012:distribution/E0123456789ABC"
    assert "Distribution" not in kinds(resources)
    assert [arn] == [inputs["resourceArn"] for _, inputs in of(resources, "cloudwatch.LogDeliverySource")]
    assert arn in next(inputs["policy"] for name, inputs in of(resources, "s3.BucketPolicy") if name == "script")
    told = outputs["behaviours_for_your_distribution"]
    assert ["/i", "/ice.png", "/s/e", "/com.snowplowanalytics.snowplow/tp2"] == told["pixels"]


def test_the_mirror_runs_where_there_is_a_sheet(ways: dict[str, tuple[Resources, dict[str, Any]]]) -> None:
    states = {way: {name: it["state"] for name, it in of(ways[way][0], "scheduler.Schedule")} for way in ways}
    assert {"maintain": "ENABLED", "mirror": "DISABLED"}.items() <= states["plain"].items()
    assert "ENABLED" == states["sheet"]["mirror"]
    ((_, parameter),) = of(ways["sheet"][0], "ssm.Parameter")
    assert {"url": WAYS["sheet"]["sheetUrl"], "secret": "0123456789abcdef"} == json.loads(parameter["value"])


def test_salts_are_renewed_in_the_zone_of_each_site(ways: dict[str, tuple[Resources, dict[str, Any]]]) -> None:
    told = [
        (it["scheduleExpressionTimezone"], it["scheduleExpression"])
        for name, it in of(ways["plain"][0], "scheduler.Schedule")
        if name.startswith("salts-")
    ]
    zones = ("America/New_York", "Australia/Sydney", "Europe/Berlin")  # of the example's four sites
    assert [(zone, "cron(5 4 * * ? *)") for zone in zones] == sorted(told)


def test_data_is_kept_unless_told_otherwise_and_the_output_says_so(
    ways: dict[str, tuple[Resources, dict[str, Any]]],
) -> None:
    forced = {
        way: {name for name, it in of(ways[way][0], "s3.Bucket") if it["forceDestroy"]}
        for way in ("plain", "data lost")
    }
    assert {"script", "results", "code"} == forced["plain"]
    assert {"script", "results", "code", "raw", "lake"} == forced["data lost"]
    named = "firn-dev-raw-123456789012, firn-dev-lake-123456789012 and the Glue database firn_dev"
    assert f"pulumi destroy leaves {named}" == ways["plain"][1]["on_destroy"].partition(":")[0]
    assert f"pulumi destroy deletes {named} with all data" == ways["data lost"][1]["on_destroy"].partition(":")[0]


def test_a_query_is_named_with_its_defaults_in_place(plain: Resources) -> None:
    queries = {name: inputs["query"] for name, inputs in of(plain, "athena.NamedQuery")}
    assert "WHERE date BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'" in queries["pages"]
    assert "-- :first_day date, by default 0001-01-01" in queries["pages"]
    for name, text in queries.items():
        code = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
        assert ":first_day" not in code, name


def test_tables_views_and_salts_are_made_anew_when_a_site_changes(tmp_path: Path, plain: Resources) -> None:
    other = tmp_path / "other.toml"
    other.write_text('[sites.blog]\ntime_zone = "Europe/Berlin"\n')
    listed = dry.Listed()
    dry.stand_ins(tmp_path, other)
    dry.run(listed, "dev", {"email": "a@example.com", "artefacts": str(tmp_path), "settings": str(other)})
    before, after = (
        {name: it["triggers"]["code"] for name, it in of(some, "lambda.Invocation")}
        for some in (plain, listed.resources)
    )
    assert {"maintain", "salts"} == set(before) == set(after)
    assert not set(before.values()) & set(after.values())

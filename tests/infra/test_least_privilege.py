"""Each function's role has every permission that its way needs, and none that it can do without."""

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.infra.realise import Stack
from tests.infra.ways import WAYS, Site, keep_versions
from tests.mirror.double import running
from tests.salts.store import Store

pytestmark = pytest.mark.e2e

# How what is asked for is refused; and what the ways say where a function went on without.
REFUSED = re.compile(
    r"Access ?Denied|ACCESS_DENIED|not authorized|no policy allows|not done|not deleted", re.IGNORECASE
)
BUCKET = re.compile(r"arn:aws:s3:::firn-test-(\w+)-\d+")


class Permission(NamedTuple):
    """An action that one statement of a policy allows, on a bucket of the stack or on what its service knows of it."""

    action: str
    on: str


ATHENA_ASKS = (
    "AmazonAthenaFullAccess, AWS's own policy for it, has this; the double does no multipart uploads, no lists"
)
EXEMPT: Mapping[str, Mapping[Permission, str]] = {
    "maintain": {
        Permission("s3:AbortMultipartUpload", "results"): ATHENA_ASKS,
        Permission("s3:ListMultipartUploadParts", "results"): ATHENA_ASKS,
        Permission("s3:ListBucket", "results"): ATHENA_ASKS,
        Permission("s3:GetBucketLocation", "lake"): ATHENA_ASKS,
        Permission("glue:GetDatabase", "default"): ATHENA_ASKS,
    },
    "mirror": {
        Permission("s3:AbortMultipartUpload", "results"): ATHENA_ASKS,
        Permission("s3:ListMultipartUploadParts", "results"): ATHENA_ASKS,
        Permission("s3:ListBucket", "results"): ATHENA_ASKS,
        Permission("s3:ListBucket", "lake"): ATHENA_ASKS,
        Permission("s3:GetBucketLocation", "lake"): ATHENA_ASKS,
        Permission("glue:GetDatabase", "default"): ATHENA_ASKS,
    },
}


class Outcome(NamedTuple):
    """What was found of a role."""

    permissions: list[Permission]
    needless: list[Permission]
    """Without which, one at a time, the way was gone all the same."""
    exempt_are_needless: bool
    """Whether it was gone without all those that are exempt."""


@pytest.fixture(scope="module")
def outcomes(stack: Stack, salts_store: Store) -> Iterator[dict[str, Outcome]]:
    """What was found of each role; two that do not meet in the lake are tried at a time."""
    with running() as sheet, stack.emulator.surroundings(), queue_left_alone(stack), ThreadPoolExecutor(2) as threads:
        stack.tell_sheet(sheet.url, sheet.secret)
        site = Site(stack, salts_store, sheet)
        keep_versions(site, 1)
        halves = threads.map(lambda names: [(name, tried(site, name)) for name in names], HALVES)
        found = dict(outcome for half in halves for outcome in half)
        keep_versions(site, 10)
        yield found


HALVES = (("enrich", "maintain"), ("mirror", "salts"))


@contextmanager
def queue_left_alone(stack: Stack) -> Iterator[None]:
    """The emulator's own poller, which asks for no permission, takes no messages."""
    client = stack.emulator.client("lambda")
    mappings = client.list_event_source_mappings(FunctionName=stack.functions["enrich"])["EventSourceMappings"]
    (identifier,) = [it["UUID"] for it in mappings]
    client.update_event_source_mapping(UUID=identifier, Enabled=False)
    try:
        yield
    finally:
        stack.emulator.client("sqs").purge_queue(QueueUrl=stack.outputs["queue"])
        client.update_event_source_mapping(UUID=identifier, Enabled=True)


def tried(site: Site, name: str) -> Outcome:
    """The way is gone with the whole policy, then without one permission after the other, and with all again."""
    exempt = set(EXEMPT.get(name, ()))
    is_gone_without(site, name, set(), must=True)
    permissions = [*permissions_of(policy_of(site.stack, name))]
    needless = [it for it in permissions if it not in exempt and is_gone_without(site, name, {it})]
    outcome = Outcome(permissions, needless, is_gone_without(site, name, exempt))
    is_gone_without(site, name, set(), must=True)
    return outcome


def is_gone_without(site: Site, name: str, lacking: set[Permission], *, must: bool = False) -> bool:
    """Whether the function does what it is for without these; only a refusal counts as that it does not."""
    with policy_without(site.stack, name, lacking):
        try:
            WAYS[name](site, site.stack.emulator.as_role(site.stack.roles[name]))
        except (ClientError, AssertionError) as error:
            if must or not REFUSED.search(str(error)):
                raise
            return False
        return True


@contextmanager
def policy_without(stack: Stack, name: str, lacking: set[Permission]) -> Iterator[None]:
    """The role's policy lacks these permissions for a while."""
    iam, whole = stack.emulator.client("iam"), policy_of(stack, name)
    place = {"RoleName": f"firn-test-{name}", "PolicyName": f"firn-test-{name}"}
    less = [
        it | {"Action": [action for action in it["Action"] if permission(action, it) not in lacking]}
        for it in whole["Statement"]
    ]
    changed = whole | {"Statement": [it for it in less if it["Action"]]}
    iam.put_role_policy(**place, PolicyDocument=json.dumps(changed))
    try:
        yield
    finally:
        iam.put_role_policy(**place, PolicyDocument=json.dumps(whole))


def policy_of(stack: Stack, name: str) -> dict[str, Any]:
    """The one policy of the function's role."""
    iam, role = stack.emulator.client("iam"), f"firn-test-{name}"
    assert [role] == iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
    policy: dict[str, Any] = json.loads(document) if isinstance(document, str) else document
    return policy


def permissions_of(policy: Mapping[str, Any]) -> Iterator[Permission]:
    for statement in policy["Statement"]:
        yield from (permission(action, statement) for action in statement["Action"])


def permission(action: str, statement: Mapping[str, Any]) -> Permission:
    if any(it.endswith(":database/default") for it in statement["Resource"]):
        return Permission(action, "default")
    bucket = BUCKET.match(statement["Resource"][0])
    return Permission(action, bucket[1] if bucket else action.partition(":")[0])


@pytest.mark.parametrize("name", WAYS)
def test_the_way_breaks_without_any_one_of_the_permissions(outcomes: dict[str, Outcome], name: str) -> None:
    outcome = outcomes[name]
    assert [] == outcome.needless
    assert len(set(outcome.permissions)) == len(outcome.permissions)


@pytest.mark.parametrize("name", EXEMPT)
def test_what_is_exempt_breaks_nothing_here_and_is_still_allowed(outcomes: dict[str, Outcome], name: str) -> None:
    """Else it is no exemption any more: the test above would show that it is needed, or there is nothing to show."""
    assert outcomes[name].exempt_are_needless
    assert set(EXEMPT[name]) <= set(outcomes[name].permissions)

"""Secrets, images and certificates are in the recovery region, too."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import in_recovery, known
from platformctl.policies.rule import HIGH, OFF, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import ResourceView, StackView

_REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"
_CERTIFICATE = "aws:acm/certificate:Certificate"


def _there(stack: StackView, settings: Settings) -> Iterator[Problem]:
    region = settings.recovery_region
    if not region:
        return
    secrets = stack.all(tokens.SECRET)
    # A store that is made anew on the recovery side has a secret of its own there, of one name.
    there = {each.get("name") for each in secrets if in_recovery(each, settings)} - {MISSING}
    for secret in secrets:
        regions = known(secret.each("replicas[].region"))
        twin = secret.get("name") in there
        there_already = in_recovery(secret, settings) or twin or region in regions
        if not (there_already or _of_cache(secret, stack)):
            path = "replicas"
            yield Violation(path=path, found=regions, expected=f"one in {region}", urn=secret.urn)
    yield from _images(stack, settings)
    certificates = stack.all(_CERTIFICATE)
    balancers = [each for each in stack.all(tokens.BALANCER) if each.get("internal") is not True]
    if balancers and certificates and not any(in_recovery(each, settings) for each in certificates):
        expected = f"a certificate in {region}"
        yield Violation(found="none", expected=expected, urn=certificates[0].urn)


def _of_cache(secret: ResourceView, stack: StackView) -> bool:
    """Tell whether it is a cache's: made anew there, a cache has a token and a secret of its own.

    A copy would even be in the way of the new secret, which has the same name.
    """
    versions = stack.users(secret, tokens.SECRET_VERSION)
    return any(stack.sources(each, "secretString", tokens.CACHE) for each in versions)


def _images(stack: StackView, settings: Settings) -> Iterator[Problem]:
    repositories = stack.all("aws:ecr/repository:Repository")
    destinations = "replicationConfiguration.rules[].destinations[].region"
    regions = [
        region for each in stack.all(_REPLICATION) for region in known(each.each(destinations))
    ]
    if repositories and settings.recovery_region not in regions:
        expected = f"replication of the registry to {settings.recovery_region}"
        yield Violation(found=regions, expected=expected, urn=repositories[0].urn)


RULE = StackRule(
    id="dr-secrets-images-certs-present",
    title="Secrets, images and certificates are in the recovery region, too",
    why=(
        "A standby that cannot read its password, pull its image or answer over TLS does not start."
    ),
    fix=(
        "set `replica_regions` of StoredSecret, make a RegistryReplication and a "
        "Certificate in the recovery region"
    ),
    severity=HIGH,
    staging=OFF,
    judge=_there,
    before="StoredSecretArgs(…) without replicas",
    after='StoredSecretArgs(replica_regions={"us-west-2": key_arn}, …)',
)

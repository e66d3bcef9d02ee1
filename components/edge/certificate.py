"""A certificate that proves its domain by DNS."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

VALIDATION_TTL = 300


@dataclass(frozen=True, kw_only=True)
class CertificateArgs(Args):
    """What a certificate is for.

    Attributes:
        domain: Its domain.
        hosted_zone_id: Route 53 zone that the domains are in.
        other_domains: Further domains.
        region: Region to make it in; the provider's without it. CloudFront needs `us-east-1`.
    """

    domain: str
    hosted_zone_id: pulumi.Input[str]
    other_domains: Sequence[str] = ()
    region: str | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if self.domain in self.other_domains:
            yield f"other_domains repeats {self.domain!r}"


class Certificate(Component):
    """An ACM certificate, validated and renewed by DNS records in Route 53.

    Example::

        Certificate("shop", CertificateArgs(domain="shop.example.com", hosted_zone_id="Z0123"))

    Costs nothing.

    Attributes:
        arn: ARN, known once the certificate is valid.
    """

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("edge:Certificate", name, args, opts)
        domains = [args.domain, *args.other_domains]
        self.certificate = self.child(
            "",
            aws.acm.Certificate,
            domain_name=args.domain,
            subject_alternative_names=list(args.other_domains),
            validation_method="DNS",
            key_algorithm="RSA_2048",
            region=args.region,
        )
        records = [
            self.child(
                f"proof-of-{domain}",
                aws.route53.Record,
                zone_id=args.hosted_zone_id,
                allow_overwrite=True,
                ttl=VALIDATION_TTL,
                **_record(self.certificate, domain),
            )
            for domain in domains
        ]
        self.validation = self.child(
            "validation",
            aws.acm.CertificateValidation,
            certificate_arn=self.certificate.arn,
            validation_record_fqdns=[record.fqdn for record in records],
            region=args.region,
        )
        self.arn = self.validation.certificate_arn
        self.finish("arn")


def _record(certificate: aws.acm.Certificate, domain: str) -> dict[str, Any]:
    """Return the record that proves one domain; ACM lists them in an order of its own."""

    def find(options: Sequence[aws.acm.outputs.CertificateDomainValidationOption]) -> list[str]:
        option = next(option for option in options if option.domain_name == domain)
        return [
            option.resource_record_name or "",
            option.resource_record_type or "",
            option.resource_record_value or "",
        ]

    proof = certificate.domain_validation_options.apply(find)
    return {"name": proof[0], "type": proof[1], "records": [proof[2]]}

"""An application load balancer."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component, Supporting
from platformctl.components.data.bucket import Bucket, BucketArgs, bucket_policy
from platformctl.components.data.bucket_lifecycle import LifecycleRule
from platformctl.naming.names import LIMITS

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
NOT_FOUND = '{"error":{"code":"NOT_FOUND","message":"There is nothing at this path."}}'


@dataclass(frozen=True, kw_only=True)
class ApplicationLoadBalancerArgs(Args):
    """What a load balancer is.

    Attributes:
        load_balancer_name: Its name, at most 32 characters.
        subnet_ids: Subnets of at least two zones: public ones, private ones if it is internal.
        security_group_ids: Its groups.
        certificate_arn: Certificate; with it, HTTPS on 443 and a redirect on 80.
        http_port: Port for plain HTTP, where there is no certificate.
        test_port: Port of a second listener like the first, on which a new version is tried before
            it gets traffic; none without it.
        web_acl_arn: Web application firewall, if any.
        internal: Whether it can be reached from inside the VPC only.
        access_logs: Bucket of access logs: `existing` is a bucket's name.
        access_log_days: Days to keep access logs.
        idle_timeout: Seconds that an idle connection is kept.
        deletion_protection: Whether to refuse deletion.
    """

    load_balancer_name: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    certificate_arn: pulumi.Input[str] | None = None
    http_port: int | None = None
    test_port: int | None = None
    web_acl_arn: pulumi.Input[str] | None = None
    internal: bool = False
    access_logs: Supporting[BucketArgs] | None = None
    access_log_days: int = 90
    idle_timeout: int = 60
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if self.access_logs is not None:
            yield from self.access_logs.mistakes("access_logs")
        longest = LIMITS["load balancer"]
        if len(self.load_balancer_name) > longest:
            yield f"load_balancer_name is {self.load_balancer_name!r}: at most {longest} characters"
        if (self.certificate_arn is None) == (self.http_port is None):
            yield "exactly one of certificate_arn and http_port must be given"
        if self.test_port in (80, 443, self.http_port) and self.test_port is not None:
            yield f"test_port is {self.test_port}: another listener has that port"
        if len(self.subnet_ids) < 2:
            yield f"subnet_ids has {len(self.subnet_ids)}: subnets of two zones are needed"


class ApplicationLoadBalancer(Component):
    """A load balancer that answers 404 until services add their rules.

    With a certificate: HTTPS (TLS 1.2 and 1.3) on 443, and 80 redirects to it. Without: plain HTTP
    on one port, for places that are not the internet.

    Example::

        ApplicationLoadBalancer("shop", ApplicationLoadBalancerArgs(
            load_balancer_name="shop", subnet_ids=network.public_subnet_ids,
            security_group_ids=[...], certificate_arn=certificate.arn))
        ApplicationLoadBalancer("api", ApplicationLoadBalancerArgs(...,
            web_acl_arn=firewall.arn, test_port=8443))

    Monthly cost in us-east-1: 730 h × $0.0225 = $16.43 and 730 h × $0.008 for each capacity unit;
    the analytics estimate counts $25.

    Attributes:
        arn: ARN of the load balancer.
        arn_suffix: The load balancer as CloudWatch's dimension.
        dns_name: Its host name.
        zone_id: Its hosted zone, for alias records.
        listener_arn: Listener that services add their rules to.
        port: Port of that listener.
        test_listener_arn: Listener for trying new versions; None without `test_port`.
    """

    arn: pulumi.Output[str]
    arn_suffix: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    listener_arn: pulumi.Output[str]
    port: int
    test_listener_arn: pulumi.Output[str] | None

    def __init__(
        self,
        name: str,
        args: ApplicationLoadBalancerArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("edge:ApplicationLoadBalancer", name, args, opts)
        self.args = args
        self.log_bucket, self.log_policy = _log_bucket(self)
        self.load_balancer = _load_balancer(self)
        self.port = args.http_port or 443
        self.listener = _listener(self, "listener", self.port)
        self.test_listener = (
            _listener(self, "test-listener", args.test_port) if args.test_port else None
        )
        if args.web_acl_arn is not None:
            self.child(
                "firewall",
                aws.wafv2.WebAclAssociation,
                resource_arn=self.load_balancer.arn,
                web_acl_arn=args.web_acl_arn,
            )
        if args.certificate_arn is not None:
            _redirect(self)
        self.arn = self.load_balancer.arn
        self.arn_suffix = self.load_balancer.arn_suffix
        self.dns_name = self.load_balancer.dns_name
        self.zone_id = self.load_balancer.zone_id
        self.listener_arn = self.listener.arn
        self.test_listener_arn = self.test_listener.arn if self.test_listener else None
        self.finish(
            "arn",
            "arn_suffix",
            "dns_name",
            "zone_id",
            "listener_arn",
            "port",
            "test_listener_arn",
        )


def _log_bucket(
    balancer: ApplicationLoadBalancer,
) -> tuple[Bucket, aws.s3.BucketPolicy] | tuple[None, None]:
    """Make the bucket of access logs, which the load balancing service may write to."""
    args = balancer.args
    wanted = args.access_logs or Supporting()
    if wanted.skip or wanted.existing is not None:
        return None, None
    made = wanted.args or BucketArgs(
        lifecycle=[LifecycleRule(key="access-logs", expire_days=args.access_log_days)],
        force_destroy=not args.deletion_protection,
        tags=args.tags,
    )
    name = f"{balancer.name}-access-logs"
    bucket = Bucket(name, replace(made, own_policy=False), balancer.options())
    account = aws.get_caller_identity_output(
        opts=pulumi.InvokeOutputOptions(parent=balancer)
    ).account_id
    delivery = {
        "Sid": "DeliverAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": pulumi.Output.concat(bucket.arn, "/AWSLogs/", account, "/*"),
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    policy = balancer.child(
        "access-log-policy",
        aws.s3.BucketPolicy,
        bucket=bucket.bucket_name,
        policy=bucket_policy(bucket.arn, [delivery]),
        options=pulumi.ResourceOptions(depends_on=[bucket.access_block]),
    )
    return bucket, policy


def _load_balancer(balancer: ApplicationLoadBalancer) -> aws.lb.LoadBalancer:
    args, bucket = balancer.args, balancer.log_bucket
    existing = args.access_logs.existing if args.access_logs else None
    name = bucket.bucket_name if bucket else existing
    logs: dict[str, Any] = {}
    if name is not None:
        logs = {"access_logs": {"bucket": name, "enabled": True}}
    return balancer.child(
        "",
        aws.lb.LoadBalancer,
        name=args.load_balancer_name,
        load_balancer_type="application",
        internal=args.internal,
        subnets=list(args.subnet_ids),
        security_groups=list(args.security_group_ids),
        drop_invalid_header_fields=True,
        desync_mitigation_mode="defensive",
        enable_deletion_protection=args.deletion_protection,
        enable_http2=True,
        idle_timeout=args.idle_timeout,
        **logs,
        # The service tries the bucket when it is told of it, so the policy comes first.
        options=pulumi.ResourceOptions(
            depends_on=[policy] if (policy := balancer.log_policy) else None
        ),
    )


def _listener(balancer: ApplicationLoadBalancer, key: str, port: int) -> aws.lb.Listener:
    """Make a listener that services add their rules to."""
    args = balancer.args
    secure: dict[str, Any] = {"protocol": "HTTP"}
    if args.certificate_arn is not None:
        secure = {
            "protocol": "HTTPS",
            "certificate_arn": args.certificate_arn,
            "ssl_policy": TLS_POLICY,
        }
    return balancer.child(
        key,
        aws.lb.Listener,
        load_balancer_arn=balancer.load_balancer.arn,
        port=port,
        **secure,
        default_actions=[
            {
                "type": "fixed-response",
                "fixed_response": {
                    "content_type": "application/json",
                    "message_body": NOT_FOUND,
                    "status_code": "404",
                },
            }
        ],
    )


def _redirect(balancer: ApplicationLoadBalancer) -> None:
    balancer.child(
        "redirect",
        aws.lb.Listener,
        load_balancer_arn=balancer.load_balancer.arn,
        port=80,
        protocol="HTTP",
        default_actions=[
            {
                "type": "redirect",
                "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"},
            }
        ],
    )

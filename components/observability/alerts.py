"""Where alarms go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.streaming.queue import LONGEST_RETENTION, Queue, QueueArgs


@dataclass(frozen=True, kw_only=True)
class AlertsArgs(Args):
    """Who is told.

    Attributes:
        topic_name: Name of the topic; the queue is `<topic_name>-queue`.
        emails: Addresses that get every alarm; each must confirm once.
        pagerduty_url: Integration URL of a PagerDuty service for CloudWatch; a secret.
        webhooks: Name → HTTPS URL that gets every alarm as SNS sends it, and must confirm once; a
            secret.
        publishers: AWS services that may publish, for this account.
        retention_seconds: Seconds that the queue keeps an alarm nobody has read.
        key_arn: KMS key of topic and queue; CloudWatch, SNS and SQS must be allowed to use it.
    """

    topic_name: str
    emails: Sequence[str] = ()
    pagerduty_url: pulumi.Input[str] | None = None
    webhooks: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    publishers: Sequence[str] = ("cloudwatch.amazonaws.com",)
    retention_seconds: int = LONGEST_RETENTION
    key_arn: pulumi.Input[str] | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        for email in self.emails:
            if email.count("@") != 1:
                yield f"emails has {email!r}: not an address"
        for name, url in self.endpoints().items():
            if isinstance(url, str) and not url.startswith("https://"):
                yield f"{name} has a URL that does not begin with https://"
        if not self.publishers:
            yield "publishers is empty: nobody could raise an alert"

    def endpoints(self) -> dict[str, pulumi.Input[str]]:
        """Return the URLs that get every alarm."""
        duty = {} if self.pagerduty_url is None else {"pagerduty": self.pagerduty_url}
        return {**duty, **self.webhooks}


class Alerts(Component):
    """An SNS topic that alarms publish to, and a queue that keeps what was published.

    Example::

        alerts = Alerts("shop", AlertsArgs(topic_name="shop-alerts", emails=["ops@example.com"],
            pagerduty_url=config.require_secret("pagerdutyUrl")))

    Monthly cost: nothing up to 1,000 e-mails and a million requests.

    Attributes:
        topic_arn: ARN of the topic.
        queue_url: URL of the queue.
        queue_arn: ARN of the queue.
    """

    topic_arn: pulumi.Output[str]
    queue_url: pulumi.Output[str]
    queue_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("observability:Alerts", name, args, opts)
        account = aws.get_caller_identity_output(
            opts=pulumi.InvokeOutputOptions(parent=self)
        ).account_id
        self.topic = self.child(
            "", aws.sns.Topic, name=args.topic_name, kms_master_key_id=args.key_arn
        )
        self.child(
            "policy",
            aws.sns.TopicPolicy,
            arn=self.topic.arn,
            policy=_policy(
                sorted(args.publishers),
                "sns:Publish",
                self.topic.arn,
                {"StringEquals": {"aws:SourceAccount": account}},
            ),
        )
        self.queue = _queue(self, args)
        for email in args.emails:
            self.child(
                f"to-{email}",
                aws.sns.TopicSubscription,
                topic=self.topic.arn,
                protocol="email",
                endpoint=email,
            )
        for receiver, url in args.endpoints().items():
            self.child(
                f"to-{receiver}",
                aws.sns.TopicSubscription,
                topic=self.topic.arn,
                protocol="https",
                endpoint=pulumi.Output.secret(url),
            )
        self.topic_arn = self.topic.arn
        self.queue_url = self.queue.url
        self.queue_arn = self.queue.arn
        self.finish("topic_arn", "queue_url", "queue_arn")


def _queue(alerts: Alerts, args: AlertsArgs) -> Queue:
    queue = Queue(
        f"{alerts.name}-queue",
        QueueArgs(
            queue_name=f"{args.topic_name}-queue",
            retention_seconds=args.retention_seconds,
            key_arn=args.key_arn,
            tags=args.tags,
        ),
        alerts.options(),
    )
    policy = alerts.child(
        "queue-policy",
        aws.sqs.QueuePolicy,
        queue_url=queue.url,
        policy=_policy(
            ["sns.amazonaws.com"],
            "sqs:SendMessage",
            queue.arn,
            {"ArnEquals": {"aws:SourceArn": alerts.topic.arn}},
        ),
    )
    alerts.child(
        "to-queue",
        aws.sns.TopicSubscription,
        topic=alerts.topic.arn,
        protocol="sqs",
        endpoint=queue.arn,
        options=pulumi.ResourceOptions(depends_on=[policy]),
    )
    return queue


def _policy(
    services: Sequence[str],
    action: str,
    resource: pulumi.Input[str],
    condition: dict[str, Any],
) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": services[0] if len(services) == 1 else list(services)},
                    "Action": action,
                    "Resource": resource,
                    "Condition": condition,
                }
            ],
        }
    )

"""Log buckets do not log into themselves."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, LOW, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.statements import statements
from platformctl.policies.view import ResourceView, StackView


def _sane(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for logging in stack.all(tokens.BUCKET_LOGGING):
        source = stack.targets(logging, "bucket", tokens.BUCKET)
        for target in stack.targets(logging, "targetBucket", tokens.BUCKET):
            if target in source:
                path = "targetBucket"
                yield Violation(
                    path=path, found=target.name, expected="another bucket", urn=logging.urn
                )
            for policy in stack.users(target, tokens.BUCKET_POLICY):
                yield from _writers(policy)


def _writers(policy: ResourceView) -> Iterator[Problem]:
    for statement in statements(policy, "policy"):
        if isinstance(statement, Undetermined):
            yield Undetermined(path=statement.path, urn=policy.urn)
        elif statement.allows_action("s3:PutObject"):
            strangers = [name for kind, name in statement.principals if kind != "Service"]
            if strangers:
                expected = "services that deliver logs"
                yield Violation(
                    path=statement.path, found=strangers, expected=expected, urn=policy.urn
                )


RULE = StackRule(
    id="log-bucket-sane",
    title="Log buckets do not log into themselves",
    why="Each entry makes another.",
    fix="give `access_logs` of Bucket a bucket of its own",
    severity=LOW,
    staging=ADVISORY,
    production=ADVISORY,
    judge=_sane,
    before="a bucket whose access log is itself",
    after="a bucket whose access log is another",
)

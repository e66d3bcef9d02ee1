"""The code does not run with the agent's role."""

from collections.abc import Iterator

from platformctl.policies.rule import MEDIUM, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN
from platformctl.policies.view import ResourceView


@judge("taskRoleArn", "executionRoleArn")
def _separate(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    task, execution = resource.get("taskRoleArn"), resource.get("executionRoleArn")
    expected = "a role of its own, apart from the execution role"
    if task is UNKNOWN or execution is UNKNOWN:
        # Neither ARN needs to be known where both are known to come from one resource.
        ours, theirs = (set(resource.sources.get(key, ())) for key in _ROLES)
        if ours and ours == theirs:
            yield Violation(path="taskRoleArn", found=UNKNOWN, expected=expected)
        elif not (ours and theirs):
            yield Undetermined(path="taskRoleArn" if task is UNKNOWN else "executionRoleArn")
    elif task is not MISSING and task == execution:
        yield Violation(path="taskRoleArn", found=task, expected=expected)


_ROLES = ("taskRoleArn", "executionRoleArn")


RULE = Rule(
    id="ecs-task-role-separate",
    title="The code does not run with the agent's role",
    why="The execution role pulls images and reads secrets; the code should not be able to.",
    fix="leave both roles to FargateService",
    severity=MEDIUM,
    types=("aws:ecs/taskDefinition:TaskDefinition",),
    judge=_separate,
    before={
        "taskRoleArn": "arn:aws:iam::000000000000:role/web",
        "executionRoleArn": "arn:aws:iam::000000000000:role/web",
    },
    after={
        "taskRoleArn": "arn:aws:iam::000000000000:role/web",
        "executionRoleArn": "arn:aws:iam::000000000000:role/web-execution",
    },
)

"""EventBridge Scheduler: schedules and their groups."""

from platformctl.provider.identity import name, template
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)

SCHEDULE = {"Name": "{name}", "GroupName": "{groupName}"}
GROUP = "arn:aws:scheduler:{region}:{account}:schedule-group/{id}"

SPECS = (
    ResourceSpec(
        type="aws:scheduler/schedule:Schedule",
        service="scheduler",
        identity=template("{groupName}/{name}"),
        fidelity=Fidelity.LIVE,
        create=Send("create_schedule"),
        read=Ask("get_schedule", SCHEDULE),
        # UpdateSchedule sets everything: what is not given goes back to its default.
        updates=(Update(Send("update_schedule", SCHEDULE)),),
        delete=Ask("delete_schedule", SCHEDULE),
        names={
            "target.ecsParameters.networkConfiguration": "NetworkConfiguration.awsvpcConfiguration",
            "target.sagemakerPipelineParameters.pipelineParameters": "PipelineParameterList",
        },
        outputs={"arn": "arn:aws:scheduler:{region}:{account}:schedule/{groupName}/{name}"},
        defaults={
            "groupName": "default",
            "scheduleExpressionTimezone": "UTC",
            "state": "ENABLED",
        },
        name=Name("name", 64),
        replace=("groupName", "name", "namePrefix"),
        note="starts tasks, calls functions, sends messages when it is time; retries, dead letters",
    ),
    ResourceSpec(
        type="aws:scheduler/scheduleGroup:ScheduleGroup",
        service="scheduler",
        identity=name(),
        fidelity=Fidelity.API,
        create=Send("create_schedule_group"),
        read=Ask("get_schedule_group", {"Name": "{id}"}),
        delete=Ask("delete_schedule_group", {"Name": "{id}"}),
        outputs={"arn": GROUP},
        name=Name("name", 64),
        replace=("name", "namePrefix"),
        tags=Tagging(
            member="Tags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource={"ResourceArn": GROUP},
            read=Ask("list_tags_for_resource", {"ResourceArn": GROUP}, "Tags"),
        ),
    ),
)

"""How `up` looks while it runs."""

import io

from pulumi.automation.events import (
    DiagnosticEvent,
    EngineEvent,
    OpType,
    ResourcePreEvent,
    StepEventMetadata,
)
from rich.console import Console
from support.drawing import tells_while_drawing

from platformctl.cli.views.deployment import LiveView, PlainView

URN = "urn:pulumi:local::platform::aws:s3/bucket:Bucket::main"


def begun():
    metadata = StepEventMetadata(
        op=OpType.CREATE, urn=URN, type="aws:s3/bucket:Bucket", provider="", old=None, new=None
    )
    return EngineEvent(sequence=0, timestamp=0, resource_pre_event=ResourcePreEvent(metadata))


def said(message, severity="warning"):
    diagnostic = DiagnosticEvent(
        message=message,
        color="never",
        severity=severity,
        stream_id=0,
        ephemeral=False,
        urn=URN,
        prefix="",
    )
    return EngineEvent(sequence=0, timestamp=0, diagnostic_event=diagnostic)


def test_a_message_is_shown_with_the_resource_that_it_is_about():
    out = io.StringIO()
    view = PlainView("up", "local", Console(file=out, width=200), diff=False)
    view.on_event(begun())
    view.on_event(said("that name is taken", "error"))

    assert out.getvalue() == "error: main: that name is taken\n"
    assert view.progress.resources[URN].error == "that name is taken"


def test_telling_something_never_waits_for_a_picture_that_waits_for_it():
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=40)
    view = LiveView("up", "local", console, diff=False)

    assert tells_while_drawing(view, said("that takes long"))

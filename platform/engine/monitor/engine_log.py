"""Answers Pulumi's `Engine`: the program's log, and its root resource."""

# ruff: noqa: N802, ARG002  # gRPC fixes the names and the signatures

from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from platformctl.engine.execution.events import Events
from platformctl.engine.execution.gate import Gate

Rpc = Any

_SEVERITIES = {
    engine_pb2.DEBUG: "debug",
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}
# What the SDK says when a registration is refused; the reason has been told already.
_ECHO = "Resource monitor has terminated"


class EngineLog(engine_pb2_grpc.EngineServicer):
    """Hands the program's messages on as events, and remembers its errors."""

    def __init__(self, events: Events, gate: Gate) -> None:
        self._events = events
        self._gate = gate
        self._root = ""
        self.errors: list[str] = []

    def Log(self, request: Rpc, context: Rpc) -> empty_pb2.Empty:
        """Hand a message on."""
        if self._gate.closed and _ECHO in request.message:
            return empty_pb2.Empty()
        if request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)
        severity = _SEVERITIES[request.severity]
        self._events.diagnose(severity, request.message, request.urn, stream=request.streamId)
        return empty_pb2.Empty()

    def GetRootResource(self, request: Rpc, context: Rpc) -> engine_pb2.GetRootResourceResponse:
        """Tell the URN of the root stack."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(self, request: Rpc, context: Rpc) -> engine_pb2.SetRootResourceResponse:
        """Take the URN of the root stack in."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(
        self, request: Rpc, context: Rpc
    ) -> engine_pb2.RequirePulumiVersionResponse:
        """Accept any version that the program asks for: what matters are the features."""
        return engine_pb2.RequirePulumiVersionResponse()

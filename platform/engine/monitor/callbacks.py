"""Calls functions of the program: transforms of resources and invokes, and hooks."""

import threading
from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf.message import Message
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from platformctl.engine.execution.hooks import HookError
from platformctl.engine.monitor import marshal
from platformctl.engine.state.resource import Resource

MESSAGE_SIZE = 400 * 1024 * 1024
CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_SIZE),
    ("grpc.max_send_message_length", MESSAGE_SIZE),
)


class CallbackError(Exception):
    """A function of the program failed."""


class Callbacks:
    """Connections to the callback servers of the program, kept open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[str, grpc.Channel] = {}

    def call(self, callback: callback_pb2.Callback, request: Message) -> bytes:
        """Call a function and return its serialised answer.

        Raises:
            CallbackError: It failed; the message says why.
        """
        message = callback_pb2.CallbackInvokeRequest(
            token=callback.token, request=request.SerializeToString()
        )
        try:
            return self._stub(callback.target).Invoke(message).response
        except grpc.RpcError as error:
            details = error.details() if isinstance(error, grpc.Call) else str(error)
            raise CallbackError(details) from error

    def hook(
        self, callback: callback_pb2.Callback, old: Resource | None, new: Resource | None
    ) -> None:
        """Run a resource hook.

        Raises:
            HookError: It failed.
        """
        request = resource_pb2.ResourceHookRequest(**_about(old, new))
        if new is not None and new.outputs:
            request.new_outputs.CopyFrom(marshal.write_struct(new.outputs))
        try:
            answer = self.call(callback, request)
        except CallbackError as error:
            raise HookError(str(error)) from error
        problem = resource_pb2.ResourceHookResponse.FromString(answer).error
        if problem:
            raise HookError(problem)

    def retry(
        self,
        callback: callback_pb2.Callback,
        old: Resource | None,
        new: Resource | None,
        operation: str,
        errors: Sequence[str],
    ) -> bool:
        """Ask an error hook whether to try again.

        Raises:
            HookError: It failed.
        """
        request = resource_pb2.ErrorHookRequest(
            **_about(old, new), failed_operation=operation, errors=errors
        )
        try:
            answer = resource_pb2.ErrorHookResponse.FromString(self.call(callback, request))
        except CallbackError as error:
            raise HookError(str(error)) from error
        if answer.error:
            raise HookError(answer.error)
        return answer.retry

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()

    def _stub(self, target: str) -> callback_pb2_grpc.CallbacksStub:
        with self._lock:
            channel = self._channels.get(target)
            if channel is None:
                channel = grpc.insecure_channel(target, options=CHANNEL_OPTIONS)
                self._channels[target] = channel
        return callback_pb2_grpc.CallbacksStub(channel)


def _about(old: Resource | None, new: Resource | None) -> dict[str, Any]:
    """Return the fields that requests to both kinds of hook have in common."""
    resource = new or old
    if resource is None:
        raise ValueError("a hook is about an old or a new resource")
    fields: dict[str, Any] = {
        "urn": resource.urn,
        "id": resource.id,
        "name": resource.name,
        "type": resource.type,
    }
    if new is not None:
        fields["new_inputs"] = marshal.write_struct(new.inputs)
    if old is not None:
        fields["old_inputs"] = marshal.write_struct(old.inputs)
        fields["old_outputs"] = marshal.write_struct(old.outputs)
    return fields

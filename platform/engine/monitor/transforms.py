"""Lets the program's transforms change registrations and invokes before anything else sees them.

The order is Pulumi's: the resource's own transforms, those of its parent, of the parent's parent
and so on, and at last those of the stack.
"""

import threading
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from pulumi.runtime.proto import callback_pb2, resource_pb2

from platformctl.engine.monitor.callbacks import Callbacks

# Option of a transform → field of the registration, where the names differ.
_RENAMED = {
    "depends_on": "dependencies",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "plugin_download_url": "pluginDownloadURL",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "additional_secret_outputs": "additionalSecretOutputs",
    "plugin_checksums": "pluginChecksums",
    "hide_diff": "hideDiffs",
    "import": "importId",
    "custom_timeouts": "customTimeouts",
    "delete_before_replace": "deleteBeforeReplace",
}
_SAME = (
    "protect",
    "version",
    "aliases",
    "provider",
    "providers",
    "hooks",
    "replace_with",
    "replacement_trigger",
)
_FIELDS = {**_RENAMED, **{name: name for name in _SAME}}


class Transforms:
    """The transforms that the program has registered."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._lock = threading.Lock()
        self._of_stack: list[callback_pb2.Callback] = []
        self._of_invokes: list[callback_pb2.Callback] = []
        self._of_resource: dict[str, list[callback_pb2.Callback]] = {}
        self._parents: dict[str, str] = {}

    def register_for_stack(self, callback: callback_pb2.Callback) -> None:
        """Take in a transform of every resource from now on."""
        with self._lock:
            self._of_stack.append(callback)

    def register_for_invokes(self, callback: callback_pb2.Callback) -> None:
        """Take in a transform of every invoke from now on."""
        with self._lock:
            self._of_invokes.append(callback)

    def register_for_children(
        self, urn: str, parent: str, callbacks: list[callback_pb2.Callback]
    ) -> None:
        """Remember a resource's own transforms, which apply to its children, too."""
        with self._lock:
            self._of_resource[urn] = callbacks
            self._parents[urn] = parent

    def apply(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceRequest:
        """Return the registration as the transforms leave it.

        Raises:
            CallbackError: A transform failed.
        """
        callbacks = list(self._for(request))
        for callback in callbacks:
            asked = resource_pb2.TransformRequest(
                type=request.type,
                name=request.name,
                custom=request.custom,
                parent=request.parent,
                properties=request.object,
                options=_options(request),
            )
            answer = resource_pb2.TransformResponse.FromString(
                self._callbacks.call(callback, asked)
            )
            request.object.CopyFrom(answer.properties)
            if answer.HasField("options"):
                _take_over(request, answer.options)
        return request

    def apply_to_invoke(
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeRequest:
        """Return the invoke as the transforms leave it.

        Raises:
            CallbackError: A transform failed.
        """
        with self._lock:
            callbacks = list(self._of_invokes)
        for callback in callbacks:
            asked = resource_pb2.TransformInvokeRequest(
                token=request.tok,
                args=request.args,
                options=resource_pb2.TransformInvokeOptions(
                    provider=request.provider,
                    plugin_download_url=request.pluginDownloadURL,
                    version=request.version,
                ),
            )
            answer = resource_pb2.TransformInvokeResponse.FromString(
                self._callbacks.call(callback, asked)
            )
            request.args.CopyFrom(answer.args)
            if answer.HasField("options"):
                request.provider = answer.options.provider
                request.version = answer.options.version
                request.pluginDownloadURL = answer.options.plugin_download_url
        return request

    def _for(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> Iterator[callback_pb2.Callback]:
        with self._lock:
            yield from request.transforms
            ancestor = request.parent
            while ancestor:
                yield from self._of_resource.get(ancestor, ())
                ancestor = self._parents.get(ancestor, "")
            yield from self._of_stack


def _options(
    request: resource_pb2.RegisterResourceRequest,
) -> resource_pb2.TransformResourceOptions:
    options = resource_pb2.TransformResourceOptions()
    for name, field in _FIELDS.items():
        if name == "delete_before_replace" and not request.deleteBeforeReplaceDefined:
            continue
        _copy(request, field, options, name)
    return options


def _take_over(
    request: resource_pb2.RegisterResourceRequest,
    options: resource_pb2.TransformResourceOptions,
) -> None:
    message: Any = request  # the stubs know only literal names of fields
    for name, field in _FIELDS.items():
        message.ClearField(field)
        _copy(options, name, request, field)
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")


def _copy(source: Message, source_field: str, target: Message, target_field: str) -> None:
    """Copy one field between two messages, of whatever kind it is."""
    value = getattr(source, source_field)
    if isinstance(value, Message):
        if source.HasField(source_field):
            getattr(target, target_field).CopyFrom(value)
    elif hasattr(value, "MergeFrom"):  # a list or a map
        getattr(target, target_field).MergeFrom(value)
    elif not source.DESCRIPTOR.fields_by_name[source_field].has_presence or source.HasField(
        source_field
    ):
        setattr(target, target_field, value)

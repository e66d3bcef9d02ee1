"""Answers Pulumi's `ResourceMonitor`: what the program registers, reads and asks."""

# ruff: noqa: N802, ARG002  # gRPC fixes the names and the signatures

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    callback_pb2,
    provider_pb2,
    resource_pb2,
    resource_pb2_grpc,
)

from platformctl.engine.execution.context import Context
from platformctl.engine.execution.deployment import Deployment
from platformctl.engine.execution.gate import StoppedError
from platformctl.engine.execution.hooks import Hook
from platformctl.engine.execution.invoking import Invoking
from platformctl.engine.execution.providers import Registered
from platformctl.engine.monitor import marshal, requests
from platformctl.engine.monitor.callbacks import CallbackError, Callbacks
from platformctl.engine.monitor.shutdown import Shutdown
from platformctl.engine.monitor.transforms import Transforms
from platformctl.engine.remote.host import Host
from platformctl.engine.urn import package_of
from platformctl.plugin.provider import ResourceOperationError

# What we can do, by the names that older SDKs ask for; newer ones get the numbers.
FEATURES = {
    "secrets": resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    "resourceReferences": resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    "outputValues": resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    "aliasSpecs": resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    "replacementTrigger": resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    "deletedWith": resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    "replaceWith": resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    "transforms": resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    "invokeTransforms": resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    "parameterization": resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    "resourceHooks": resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    "errorHooks": resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
}

# Both sides of gRPC's Python API are untyped.
Rpc = Any


@contextlib.contextmanager
def answering(context: Rpc, deployment: Deployment) -> Iterator[None]:
    """Turn what goes wrong in an answer into the status that the SDK understands."""
    try:
        yield
    except StoppedError:
        # The SDK reads this as "the monitor is shutting down" and ends without a traceback.
        context.abort(grpc.StatusCode.UNAVAILABLE, "the deployment has stopped")
    except (CallbackError, ValueError) as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    except Exception as error:
        deployment.crashed(error)
        raise


class ResourceMonitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Hands what the program wants to the deployment."""

    def __init__(
        self,
        context: Context,
        deployment: Deployment,
        invoking: Invoking,
        callbacks: Callbacks,
        shutdown: Shutdown,
        host: Host,
    ) -> None:
        self._context = context
        self._deployment = deployment
        self._invoking = invoking
        self._callbacks = callbacks
        self._shutdown = shutdown
        self._host = host
        self._transforms = Transforms(callbacks)
        self._packages = requests.Packages()

    def GetDeploymentInfo(self, request: Rpc, context: Rpc) -> resource_pb2.DeploymentInfo:
        """Tell the program what this run is about."""
        return resource_pb2.DeploymentInfo(
            project=self._context.project,
            stack=self._context.stack,
            organization=self._context.organization,
            config=self._context.configuration,
            configSecretKeys=self._context.secret_keys,
            dryRun=self._context.preview,
            parallel=self._context.parallel,
            supportedFeatures=FEATURES.values(),
        )

    def SupportsFeature(self, request: Rpc, context: Rpc) -> resource_pb2.SupportsFeatureResponse:
        """Tell whether we can do something, by its name."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in FEATURES)

    def RegisterResource(self, request: Rpc, context: Rpc) -> resource_pb2.RegisterResourceResponse:
        """Bring one resource to what the program wants."""
        with answering(context, self._deployment):
            own_transforms = list(request.transforms)
            request = self._transforms.apply(request)
            if request.remote:
                return self._construct(request)
            base, root = self._context.program, self._context.root
            goal = requests.goal_of(request, self._packages, base, root)
            registered = self._deployment.register(goal)
            self._transforms.register_for_children(registered.urn, request.parent, own_transforms)
            answer = resource_pb2.RegisterResourceResponse(
                urn=registered.urn, id=registered.id, unknown=registered.unknown
            )
            answer.object.CopyFrom(marshal.write_struct(registered.outputs))
            return answer

    def _construct(self, request: Rpc) -> resource_pb2.RegisterResourceResponse:
        """Have the component's own package construct it; it registers it and its children."""
        package = package_of(request.type)
        made = self._deployment.construct(lambda: self._host.construct(package, request))
        answer = resource_pb2.RegisterResourceResponse(urn=made.urn)
        answer.object.CopyFrom(made.state)
        for key, sources in made.stateDependencies.items():
            answer.propertyDependencies[key].urns.extend(sources.urns)
        return answer

    def ReadResource(self, request: Rpc, context: Rpc) -> resource_pb2.ReadResourceResponse:
        """Read a resource that somebody else manages."""
        with answering(context, self._deployment):
            base, root = self._context.program, self._context.root
            goal = requests.read_goal_of(request, self._packages, base, root)
            registered: Registered = self._deployment.register(goal)
            answer = resource_pb2.ReadResourceResponse(
                urn=registered.urn, id=registered.id, unknown=registered.unknown
            )
            answer.properties.CopyFrom(marshal.write_struct(registered.outputs))
            return answer

    def RegisterResourceOutputs(self, request: Rpc, context: Rpc) -> empty_pb2.Empty:
        """Record the outputs of a component."""
        with answering(context, self._deployment):
            outputs = marshal.read_struct(request.outputs, self._context.program)
            self._deployment.register_outputs(request.urn, outputs)
            return empty_pb2.Empty()

    def Invoke(self, request: Rpc, context: Rpc) -> resource_pb2.ResourceInvokeResponse:
        """Answer a data source."""
        with answering(context, self._deployment):
            request = self._transforms.apply_to_invoke(request)
            arguments = marshal.read_struct(request.args, self._context.program)
            version, url = self._packages.of(
                request.packageRef, request.version, request.pluginDownloadURL
            )
            answer = resource_pb2.ResourceInvokeResponse()
            reference = request.provider
            try:
                result = self._invoking.invoke(request.tok, arguments, reference, version, url)
            except ResourceOperationError as error:
                answer.failures.append(provider_pb2.CheckFailure(reason=error.reason))
                return answer
            # `return` is a keyword of Python.
            getattr(answer, "return").CopyFrom(marshal.write_struct(result))
            return answer

    def Call(self, request: Rpc, context: Rpc) -> provider_pb2.CallResponse:
        """Refuse to call a method of a remote component."""
        with answering(context, self._deployment):
            reason = f"the package {package_of(request.tok)} has no method {request.tok}"
            return provider_pb2.CallResponse(failures=[provider_pb2.CheckFailure(reason=reason)])

    def RegisterStackTransform(self, request: Rpc, context: Rpc) -> empty_pb2.Empty:
        """Take in a transform of all resources."""
        self._transforms.register_for_stack(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Rpc, context: Rpc) -> empty_pb2.Empty:
        """Take in a transform of all invokes."""
        self._transforms.register_for_invokes(request)
        return empty_pb2.Empty()

    def RegisterResourceHook(self, request: Rpc, context: Rpc) -> empty_pb2.Empty:
        """Take in a function that runs before or after steps."""
        with answering(context, self._deployment):
            callback: callback_pb2.Callback = request.callback
            hook = Hook(
                functools.partial(self._callbacks.hook, callback),
                on_dry_run=request.on_dry_run,
                ignore_errors=request.ignore_errors,
            )
            self._deployment.hooks.register(request.name, hook)
            return empty_pb2.Empty()

    def RegisterErrorHook(self, request: Rpc, context: Rpc) -> empty_pb2.Empty:
        """Take in a function that decides whether failed steps are tried again."""
        with answering(context, self._deployment):
            retry = functools.partial(self._callbacks.retry, request.callback)
            self._deployment.hooks.register_retry(request.name, retry)
            return empty_pb2.Empty()

    def RegisterPackage(self, request: Rpc, context: Rpc) -> resource_pb2.RegisterPackageResponse:
        """Take in a package that resources will refer to."""
        with answering(context, self._deployment):
            return resource_pb2.RegisterPackageResponse(ref=self._packages.register(request))

    def SignalAndWaitForShutdown(self, request: Rpc, context: Rpc) -> empty_pb2.Empty:
        """Keep the program alive until its hooks are no longer needed."""
        with answering(context, self._deployment):
            self._shutdown.program_done()
            self._shutdown.wait_until_allowed()
            return empty_pb2.Empty()

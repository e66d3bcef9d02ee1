"""Starts the providers of packages when they are first needed, and asks them to construct."""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from platformctl.engine.execution.context import Context
from platformctl.engine.monitor.callbacks import CHANNEL_OPTIONS
from platformctl.engine.program.process import end, environment
from platformctl.engine.remote import packages
from platformctl.errors import ConfigurationError, ResourceError


class Package:
    """A provider at work.

    Args:
        folder: Where its `PulumiPlugin.yaml` is.
        context: What the run is about.
        engine: Address of the engine.

    Raises:
        ConfigurationError: It does not start.
    """

    def __init__(self, folder: Path, context: Context, engine: str) -> None:
        self._folder = folder
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "platformctl.engine.remote.child", str(folder), engine],
            cwd=context.program,
            env=os.environ | environment(context, engine),
            stdin=subprocess.PIPE,  # held open: it tells the child that we are alive
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._discard_output, daemon=True)
        try:
            port = self._port()
        except BaseException:
            self._stop()
            raise
        self._reader.start()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._stub.Configure(
            provider_pb2.ConfigureRequest(acceptSecrets=True, acceptResources=True),
            wait_for_ready=True,
        )

    def construct(self, request: provider_pb2.ConstructRequest) -> provider_pb2.ConstructResponse:
        """Have it construct a component; its children come to the monitor meanwhile.

        Raises:
            ResourceError: It cannot; `why` is what it says.
        """
        try:
            return self._stub.Construct(request)
        except grpc.RpcError as error:
            details = error.details() if isinstance(error, grpc.Call) else str(error)
            raise ResourceError(
                f"{request.type} {request.name} cannot be constructed",
                why=_without_traceback(str(details)),
            ) from error

    def _port(self) -> int:
        """Read the port that the provider prints first."""
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line.strip().isdigit():
            self._process.wait()
            self._errors.seek(0)
            told = (line + self._errors.read()).decode(errors="replace").strip()
            raise ConfigurationError(
                f"the provider in {self._folder} does not start",
                why=told.splitlines()[-1] if told else "it ended without a word",
            )
        return int(line)

    def _discard_output(self) -> None:
        """Keep the provider from waiting for a reader of what it prints after the port."""
        for _ in self._process.stdout or ():
            pass

    def close(self) -> None:
        """End it."""
        self._channel.close()
        self._stop()

    def _stop(self) -> None:
        process = self._process
        end(process)
        if self._reader.is_alive():
            self._reader.join()
        if process.stdout:
            process.stdout.close()
        self._errors.close()


class Host:
    """The providers of one run; each is started once.

    Args:
        context: What the run is about.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._started: dict[str, Package] = {}
        self.address = ""

    def construct(self, package: str, request: Any) -> provider_pb2.ConstructResponse:
        """Have a package's provider construct what a registration asks for.

        Args:
            package: Name of the package.
            request: The program's `RegisterResourceRequest`.

        Raises:
            ConfigurationError: There is no such package, or its provider does not start.
            ResourceError: It cannot be constructed.
        """
        with self._lock:
            if package not in self._started:
                folder = packages.find(package, self._context.root)
                self._started[package] = Package(folder, self._context, self.address)
            provider = self._started[package]
        return provider.construct(_construction(request, self._context, self.address))

    def close(self) -> None:
        """End all providers."""
        for package in self._started.values():
            package.close()


def _construction(request: Any, context: Context, address: str) -> provider_pb2.ConstructRequest:
    """Return the order to construct what a registration asks for."""
    order = provider_pb2.ConstructRequest(
        project=context.project,
        stack=context.stack,
        organization=context.organization,
        config=context.configuration,
        configSecretKeys=context.secret_keys,
        dryRun=context.preview,
        parallel=context.parallel,
        monitorEndpoint=address,
        type=request.type,
        name=request.name,
        parent=request.parent,
        providers=request.providers,
        dependencies=request.dependencies,
        aliases=request.aliases,
        additionalSecretOutputs=request.additionalSecretOutputs,
        deletedWith=request.deletedWith,
        ignoreChanges=request.ignoreChanges,
        replaceOnChanges=request.replaceOnChanges,
        replace_with=request.replace_with,
        accepts_output_values=True,
    )
    order.inputs.CopyFrom(request.object or struct_pb2.Struct())
    for key, sources in request.propertyDependencies.items():
        order.inputDependencies[key].urns.extend(sources.urns)
    for name in ("protect", "retainOnDelete"):
        if request.HasField(name):
            setattr(order, name, getattr(request, name))
    if request.HasField("customTimeouts"):
        for name in ("create", "update", "delete"):
            setattr(order.customTimeouts, name, getattr(request.customTimeouts, name))
    return order


def _without_traceback(details: str) -> str:
    """Return the first line of what Pulumi's server says; the frames of a provider follow it."""
    lines = [line for line in details.splitlines() if line.strip()]
    first = lines[0].rstrip(":") if lines else "it gave no reason"
    return first.removeprefix("Unexpected <class 'Exception'>: ")

"""Runs CrossGuard policy packs and asks them, over Pulumi's `Analyzer` protocol."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from platformctl.engine import urn as urns
from platformctl.engine.execution.context import Context
from platformctl.engine.monitor import marshal
from platformctl.engine.monitor.callbacks import CHANNEL_OPTIONS
from platformctl.engine.policy.interface import (
    ADVISORY,
    DISABLED,
    MANDATORY,
    REMEDIATE,
    NoPolicies,
    Policies,
    Subject,
    Violation,
)
from platformctl.engine.policy.messages import analyze_request, stack_resource
from platformctl.engine.program.process import end, environment
from platformctl.engine.wire import STACK_TYPE
from platformctl.errors import ConfigurationError, PlatformError
from platformctl.plugin.values import Properties

START_TIMEOUT = 30.0

_LEVELS = {
    analyzer_pb2.ADVISORY: ADVISORY,
    analyzer_pb2.MANDATORY: MANDATORY,
    analyzer_pb2.DISABLED: DISABLED,
    analyzer_pb2.REMEDIATE: REMEDIATE,
}


class Pack:
    """One policy pack at work.

    Args:
        folder: Where its `PulumiPolicy.yaml` is.
        context: What the run is about.

    Raises:
        ConfigurationError: There is no pack, or it does not start.
    """

    def __init__(self, folder: Path, context: Context) -> None:
        self.folder = folder.resolve()
        if not (self.folder / "PulumiPolicy.yaml").is_file():
            raise ConfigurationError(
                f"there is no policy pack in {self.folder}", why="PulumiPolicy.yaml is missing"
            )
        self._context = context
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        self._process = self._start(context)
        try:
            self._channel = grpc.insecure_channel(
                f"127.0.0.1:{self._port()}", options=CHANNEL_OPTIONS
            )
            self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
            self._configure(context)
        except BaseException:
            self._stop()
            raise

    def _start(self, context: Context) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "platformctl.engine.policy.child", str(self.folder)],
            cwd=self.folder,
            env=os.environ | environment(context, ""),
            stdin=subprocess.PIPE,  # held open: it tells the child that we are alive
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )

    def _port(self) -> int:
        """Read the port that the pack prints first."""
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line.strip().isdigit():
            self._process.wait()
            self._errors.seek(0)
            told = (line + self._errors.read()).decode(errors="replace").strip()
            raise ConfigurationError(
                f"the policy pack in {self.folder} does not start",
                why=told.splitlines()[-1] if told else "it ended without a word",
            )
        return int(line)

    def _configure(self, context: Context) -> None:
        info: analyzer_pb2.AnalyzerInfo = self._stub.GetAnalyzerInfo(
            empty_pb2.Empty(), timeout=START_TIMEOUT, wait_for_ready=True
        )
        self.name = info.name
        self.version = self._declared_version() or info.version
        if info.initialConfig:
            request = analyzer_pb2.ConfigureAnalyzerRequest()
            for policy, configuration in info.initialConfig.items():
                request.policyConfig[policy].CopyFrom(configuration)
            self._stub.Configure(request)
        self._stub.ConfigureStack(
            analyzer_pb2.AnalyzerStackConfigureRequest(
                stack=context.stack,
                project=context.project,
                organization=context.organization,
                dry_run=context.preview,
                config=context.configuration,
                config_secret_keys=context.secret_keys,
            )
        )

    def _declared_version(self) -> str:
        project = yaml.safe_load((self.folder / "PulumiPolicy.yaml").read_text()) or {}
        return str(project.get("version") or "")

    def remediate(self, subject: Subject) -> Properties | None:
        """Return corrected inputs; None if nothing was corrected."""
        answer = self._ask(self._stub.Remediate, analyze_request(subject))
        corrected = None
        for each in answer.remediations:
            if each.diagnostic:
                raise PlatformError(
                    f"the policy {each.policyName} could not correct {subject.resource.name}",
                    why=each.diagnostic,
                )
            corrected = marshal.read_struct(each.properties, self.folder)
        return corrected

    def analyze(self, subject: Subject) -> list[Violation]:
        """Judge one resource."""
        answer = self._ask(self._stub.Analyze, analyze_request(subject))
        return self._violations(answer, subject.resource.urn)

    def analyze_stack(self, subjects: Sequence[Subject]) -> list[Violation]:
        """Judge the stack as a whole."""
        resources = [stack_resource(subject) for subject in subjects]
        request = analyzer_pb2.AnalyzeStackRequest(resources=resources)
        project, stack = self._context.project, self._context.stack
        root = urns.make(stack, project, "", STACK_TYPE, f"{project}-{stack}")
        return self._violations(self._ask(self._stub.AnalyzeStack, request), root)

    def _ask(self, method: Callable[[Any], Any], request: Any) -> Any:
        try:
            return method(request)
        except grpc.RpcError as error:
            details = error.details() if isinstance(error, grpc.Call) else str(error)
            raise PlatformError(f"the policy pack {self.name} failed", why=str(details)) from error

    def _violations(self, answer: analyzer_pb2.AnalyzeResponse, urn: str) -> list[Violation]:
        return [
            Violation(
                policy=each.policyName,
                pack=each.policyPackName,
                pack_version=self.version,
                message=each.message or each.description,
                level=_LEVELS[each.enforcementLevel],
                urn=each.urn or urn,
            )
            for each in answer.diagnostics
            if each.enforcementLevel != analyzer_pb2.DISABLED
        ]

    def close(self) -> None:
        """End the pack."""
        self._channel.close()
        self._stop()

    def _stop(self) -> None:
        process = self._process
        end(process)
        if process.stdout:
            process.stdout.close()
        self._errors.close()


class Packs:
    """Several packs, asked in turn."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._packs = packs

    @property
    def packs(self) -> Mapping[str, str]:
        """Name → version of the packs."""
        return {pack.name: pack.version for pack in self._packs}

    def remediate(self, subject: Subject) -> Properties | None:
        """Return corrected inputs; None if nothing was corrected."""
        corrected = None
        for pack in self._packs:
            inputs = pack.remediate(subject)
            if inputs is not None:
                corrected = inputs
                subject = _with_inputs(subject, inputs)
        return corrected

    def analyze(self, subject: Subject) -> Sequence[Violation]:
        """Judge one resource."""
        return [violation for pack in self._packs for violation in pack.analyze(subject)]

    def analyze_stack(self, subjects: Sequence[Subject]) -> Sequence[Violation]:
        """Judge the stack as a whole."""
        return [violation for pack in self._packs for violation in pack.analyze_stack(subjects)]


@contextlib.contextmanager
def running(folders: Sequence[Path], context: Context) -> Iterator[Policies]:
    """Run policy packs for the length of a `with` block."""
    if not folders:
        yield NoPolicies()
        return
    with contextlib.ExitStack() as stack:
        packs = []
        for folder in folders:
            pack = Pack(folder, context)
            stack.callback(pack.close)
            packs.append(pack)
        yield Packs(packs)


def _with_inputs(subject: Subject, inputs: Properties) -> Subject:
    return replace(subject, resource=replace(subject.resource, inputs=inputs))

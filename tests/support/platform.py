"""The whole platform as a user has it: a project folder, the command, its local region."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import boto3
import psutil
import yaml
from support.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
COPIED = ("Pulumi.yaml", "Pulumi.local.yaml", "stacks", "apps")


def eventually(condition, *, seconds=90.0, interval=0.1):
    """Return the condition's first true value; fail when it does not come in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        time.sleep(interval)


@dataclass
class Platform:
    """A project in a folder of its own, with a region of its own."""

    folder: Path
    port: int

    @classmethod
    def create(cls, folder, *more):
        """Copy what a project consists of, and more files."""
        for name in (*COPIED, *more):
            source = REPOSITORY / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, folder / name)
        return cls(folder, free_port())

    @property
    def environment(self):
        return {**os.environ, "PLATFORMCTL_PORT": str(self.port), "NO_COLOR": "1"}

    def command(self, *arguments):
        return [sys.executable, "-m", "platformctl.cli", *arguments]

    def run(self, *arguments, status=0, timeout=150):
        """Run the command to its end and insist on its exit status."""
        run = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert run.returncode == status, f"{arguments}\n{run.stdout}\n{run.stderr}"
        return run

    def start(self, *arguments):
        """Start the command and return its process."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json").stdout)

    def outputs(self, *environment):
        return self.json("outputs", *(environment or ("local",)))

    def configure(self, change):
        """Change `Pulumi.local.yaml` with a function over its `config`."""
        path = self.folder / "Pulumi.local.yaml"
        document = yaml.safe_load(path.read_text())
        change(document["config"])
        path.write_text(yaml.safe_dump(document, sort_keys=False))

    def client(self, service, region="us-east-1"):
        """Return a plain boto3 client of the region."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def region_processes(self):
        """Return the processes of the region that run now."""
        listed = self.json("region", "ps")
        return [psutil.Process(item["pid"]) for item in listed if item["state"] == "running"]

    def kill_supervisor(self):
        """End the supervisor without warning."""
        listed = self.json("region", "ps")
        supervisor = next(item for item in listed if item["name"] == "supervisor")
        os.kill(supervisor["pid"], signal.SIGKILL)


def alive(processes):
    """Return those that still run; what is only waiting to be reaped has ended."""
    found = []
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found

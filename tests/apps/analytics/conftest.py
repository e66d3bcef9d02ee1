import sys

import pytest
from support.analytics import APPS, Product
from support.stores import Emulator, Kafka, Postgres, RedisServer

# The applications are programs, not packages of ours: their folder is where they find each other.
sys.path.insert(0, str(APPS))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server():
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def kafka():
    brokers = Kafka()
    yield brokers
    brokers.stop()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    emulator = Emulator(tmp_path_factory.mktemp("emulator"))
    yield emulator
    emulator.stop()


@pytest.fixture
def unmigrated(kafka, postgres, redis_server):
    """The product on the shared servers, with a topic and an empty database of its own."""
    product = Product(kafka=kafka, postgres=postgres, redis=redis_server)
    yield product
    product.close()


@pytest.fixture
def product(unmigrated):
    """The product on the shared servers, as an environment that is up has it."""
    unmigrated.migrate()
    return unmigrated


@pytest.fixture
def fragile(tmp_path):
    """The product on servers that a test may stop."""
    product = Product(kafka=Kafka(), postgres=Postgres(tmp_path), redis=RedisServer())
    product.migrate()
    yield product
    product.close()
    product.kafka.stop()
    product.postgres.stop()
    product.redis.stop()

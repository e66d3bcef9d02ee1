"""Addresses: one host per owner, the same every time, never one that is in use."""

import socket

import pytest

from platformctl.region.supervisor.addresses import LOOPBACK, LoopbackAddresses, is_free
from platformctl.region.supervisor.store import RecordStore


@pytest.fixture
def store(tmp_path):
    opened = RecordStore(tmp_path / "records.sqlite")
    yield opened
    opened.close()


def listen(host, port=0):
    listener = socket.socket()
    listener.bind((host, port))
    listener.listen()
    return listener


def test_an_owner_has_one_host_for_all_its_ports(store):
    addresses = LoopbackAddresses(store)
    web, other = addresses.allocate("task/1", 8080), addresses.allocate("task/1", 9090)

    assert web.host == other.host
    assert (web.port, other.port) == (8080, 9090)
    assert web.host.startswith("127.")
    assert addresses.of("task/1") == [web, other]


def test_owners_do_not_share_hosts(store):
    addresses = LoopbackAddresses(store)

    assert len({addresses.allocate(f"task/{n}", 8080).host for n in range(100)}) == 100


def test_the_answer_is_the_same_after_a_restart(tmp_path):
    path = tmp_path / "records.sqlite"
    first = RecordStore(path)
    address = LoopbackAddresses(first).allocate("rds/primary", 5432)
    anything = LoopbackAddresses(first).allocate("rds/primary", 0)
    first.close()
    second = RecordStore(path)
    again = LoopbackAddresses(second)

    assert again.allocate("rds/primary", 5432) == address
    assert again.allocate("rds/primary", 0) == anything
    assert again.allocate("rds/replica", 5432).host.split(".")[1] == address.host.split(".")[1]
    second.close()


def test_a_released_owner_gets_new_addresses_and_frees_the_old(store):
    addresses = LoopbackAddresses(store)
    with listen(LOOPBACK) as listener:
        free = listener.getsockname()[1]
    first = addresses.allocate("lb/a", free, shared=True)
    taken = addresses.allocate("lb/b", free, shared=True)
    addresses.release("lb/a")
    addresses.release("lb/never")

    assert first.host == LOOPBACK
    assert taken.host != LOOPBACK
    assert addresses.allocate("lb/c", free, shared=True) == first


def test_a_shared_port_that_somebody_listens_on_is_not_given_away(store):
    with listen(LOOPBACK) as listener:
        port = listener.getsockname()[1]
        address = LoopbackAddresses(store).allocate("lb/a", port, shared=True)

    assert not is_free(LOOPBACK, port) or address.host != LOOPBACK
    assert address.host != LOOPBACK
    assert address.port == port


def test_a_system_with_one_loopback_address_gets_ports_near_by(store):
    addresses = LoopbackAddresses(store, several=False)
    first, second = addresses.allocate("task/1", 8080), addresses.allocate("task/2", 8080)

    assert first.host == second.host == LOOPBACK
    assert first.port != second.port
    assert is_free(*(first.host, first.port))

"""Certificates of the region's own authority, judged by OpenSSL's verification."""

import socket
import ssl
import threading

import pytest

from platformctl.region.supervisor.certificates import RegionAuthority


@pytest.fixture
def authority(tmp_path):
    return RegionAuthority(tmp_path / "certificates")


def handshake(certificate, trust, name):
    """Do a TLS handshake over a socket pair; return what the client saw."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate.certificate, certificate.key)
    client = ssl.create_default_context(cafile=str(trust))
    ours, theirs = socket.socketpair()

    def serve():
        try:
            with server.wrap_socket(theirs, server_side=True) as connection:
                connection.recv(1)
        except (ssl.SSLError, OSError):
            pass  # The client refused; it says why.

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(ours, server_hostname=name) as connection:
            return connection.getpeercert()
    finally:
        ours.close()
        thread.join(5)
        theirs.close()


def test_clients_verify_host_names_and_addresses(authority):
    issued = authority.issue("rds/us-east-1/db", ["db.local", "127.20.3.4"])

    assert handshake(issued, authority.bundle, "db.local")
    assert handshake(issued, authority.trust, "127.20.3.4")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(issued, authority.bundle, "127.20.3.5")


def test_another_region_is_not_trusted(authority, tmp_path):
    other = RegionAuthority(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(authority.issue("a", ["a.local"]), other.bundle, "a.local")


def test_a_certificate_is_made_once_per_owner_and_set_of_names(authority, tmp_path):
    first = authority.issue("a/b", ["a.local"]).certificate.read_bytes()
    again = RegionAuthority(tmp_path / "certificates").issue("a/b", ["a.local"])
    assert again.certificate.read_bytes() == first
    changed = authority.issue("a/b", ["a.local", "127.0.0.1"])

    assert changed.certificate.read_bytes() != first


def test_the_public_authorities_stay_trusted(authority):
    context = ssl.create_default_context(cafile=str(authority.trust))

    assert context.cert_store_stats()["x509_ca"] > 100


def test_keys_are_readable_by_their_owner_only(authority, tmp_path):
    issued = authority.issue("a", ["a.local"])
    keys = [issued.key, tmp_path / "certificates" / "authority.key"]

    assert [key.stat().st_mode & 0o777 for key in keys] == [0o600, 0o600]

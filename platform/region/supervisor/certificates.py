"""The region's own certificate authority, so that clients verify TLS as they do in production."""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import botocore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from platformctl.region.runtime import Certificate

_AUTHORITY_DAYS = 3650
_SERVER_DAYS = 397
_RENEW_DAYS = 30


class RegionAuthority:
    """Issues server certificates; see `platformctl.region.runtime.CertificateAuthority`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.bundle = folder / "authority.pem"
        self.trust = folder / "trust.pem"
        self._key_file = folder / "authority.key"
        if not (self.bundle.exists() and self._key_file.exists()):
            self._create()
        self._certificate = x509.load_pem_x509_certificate(self.bundle.read_bytes())
        key = serialization.load_pem_private_key(self._key_file.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101  # we wrote it ourselves
        self._key = key

    def issue(self, owner: str, names: Sequence[str]) -> Certificate:
        """Return a server certificate for DNS names and IP addresses, made once per owner.

        It is made again when the names change or it is about to expire.
        """
        stem = self._folder / "issued" / owner.replace("/", "~")
        stem.parent.mkdir(exist_ok=True, mode=0o700)
        issued = Certificate(stem.with_name(stem.name + ".pem"), stem.with_name(stem.name + ".key"))
        alternatives = [_alternative(name) for name in dict.fromkeys(names)]
        if not _serves(issued, alternatives):
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = (
                _builder(names[0][:64], key, _SERVER_DAYS)
                .issuer_name(self._certificate.subject)
                .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
                .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                .add_extension(
                    x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
                )
                .add_extension(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                    critical=False,
                )
                .sign(self._key, hashes.SHA256())
            )
            _write(issued.key, _private_pem(key))
            chain = certificate.public_bytes(serialization.Encoding.PEM) + self.bundle.read_bytes()
            _write(issued.certificate, chain)
        return issued

    def _create(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder("platformctl local region", key, _AUTHORITY_DAYS)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "platformctl local region")])
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            builder.issuer_name(name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        public = Path(botocore.__file__).parent / "cacert.pem"
        _write(self._key_file, _private_pem(key))
        _write(self.trust, public.read_bytes() + b"\n" + pem)
        # Last, because its existence says that the authority is complete.
        _write(self.bundle, pem)


def _builder(name: str, key: ec.EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _serves(issued: Certificate, alternatives: list[x509.GeneralName]) -> bool:
    if not (issued.certificate.exists() and issued.key.exists()):
        return False
    certificate = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    return list(names) == alternatives and left > timedelta(days=_RENEW_DAYS)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file in one step, readable by its owner only."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    temporary.replace(path)

"""Connections: nobody is trusted but the host by its name, with a certificate of the right authority."""

import datetime
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runtime.adapters import postgres
from runtime.adapters.postgres import Target, connect
from runtime.certificates import RDS, rds_regions

TLS_REQUEST = 80877103
# Leads to the loopback address and is not one: what is not this machine by number is verified.
HOST = "localhost"


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `pem` is its own."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, host: str, folder: Path) -> Path:
        """A key and a certificate for `host`, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(host, key, self.certificate.subject, self.key, is_authority=False)
        path = folder / f"{host}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return path


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _authority(named: str = "authority") -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, named)])
    return Authority(key, _certificate(named, key, name, key, is_authority=True))


@contextmanager
def server(identity: Path | None) -> Iterator[tuple[int, list[bytes]]]:
    """Answers one client as PostgreSQL does before it knows who comes: with TLS, or without if it has no identity.

    Gives its port, and what was said to it once the connection was encrypted.
    """
    said: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        connection.settimeout(10)
        with connection:
            length, code = struct.unpack("!ii", connection.recv(8))
            assert (length, code) == (8, TLS_REQUEST)
            connection.sendall(b"S" if identity else b"N")
            if identity is None:
                said.append(connection.recv(4096))
                return
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(identity)
            try:
                with context.wrap_socket(connection, server_side=True) as encrypted:
                    said.append(encrypted.recv(4096))
            except OSError:
                said.append(b"")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], said
    finally:
        listener.close()
        thread.join(20)


def _come(port: int) -> None:
    target = Target(host=HOST, port=port, name="catalogue", user="catalogue_writer")
    connect(target, "a token", application="tests").close()


def test_a_host_with_a_certificate_of_the_authority_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = _authority()
    (tmp_path / "rds.pem").write_bytes(authority.pem)
    monkeypatch.setattr(postgres, "RDS", tmp_path / "rds.pem")
    with server(authority.sign(HOST, tmp_path)) as (port, said), pytest.raises(psycopg.OperationalError):
        _come(port)
    assert b"catalogue_writer" in said[0], "it went on to say who comes"


@pytest.mark.parametrize("what", ["another authority", "another host", "no TLS"])
def test_nobody_else_hears_even_who_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    authority = _authority()
    (tmp_path / "rds.pem").write_bytes(authority.pem)
    monkeypatch.setattr(postgres, "RDS", tmp_path / "rds.pem")
    identity = {
        "another authority": lambda: _authority("other").sign(HOST, tmp_path),
        "another host": lambda: authority.sign("other.example.com", tmp_path),
        "no TLS": lambda: None,
    }[what]()
    message = {
        "another authority": "certificate verify failed",
        "another host": "does not match host name",
        "no TLS": "server does not support SSL",
    }[what]
    with server(identity) as (port, said), pytest.raises(psycopg.OperationalError, match=message):
        _come(port)
    assert b"".join(said) == b""


@pytest.mark.parametrize(
    ("host", "mode", "roots"),
    [
        ("penstock-prod-catalogue.c1.eu-central-1.rds.amazonaws.com", "verify-full", RDS),
        ("penstock-prod-catalogue.proxy-c1.eu-central-1.rds.amazonaws.com", "verify-full", postgres.PUBLIC),
        ("10.1.64.10", "verify-full", RDS),
        ("localhost", "verify-full", RDS),
        ("127.0.0.1", "disable", None),
    ],
)
def test_only_this_machine_itself_is_spoken_to_in_the_clear(host: str, mode: str, roots: Path | None) -> None:
    encryption = postgres._encryption(host)
    assert encryption["sslmode"] == mode
    assert encryption.get("sslrootcert") == (str(roots) if roots else None)


def test_each_region_has_a_root_of_its_own_that_signs_itself_and_will_last() -> None:
    text = RDS.read_bytes()
    found = x509.load_pem_x509_certificates(text)
    regions = [line.removeprefix("# ") for line in text.decode().splitlines() if line.startswith("#")]
    assert len(found) == len(regions) == len(rds_regions()) > 20
    for certificate, region in zip(found, regions, strict=True):
        certificate.verify_directly_issued_by(certificate)
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert name.value == f"Amazon RDS {region} Root CA ECC384 G1"
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert certificate.not_valid_after_utc.year > 2100


def test_public_roots_have_amazons() -> None:
    assert "Amazon Root CA 1" in postgres.PUBLIC.read_text()

"""Private certificate authorities, and the certificates of one server and one client."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """A certificate authority: its own certificate, and what it has issued, as PEM files."""

    ca: Path
    certificate: Path
    key: Path

    def server_context(self, clients: "Authority | None" = None) -> ssl.SSLContext:
        """For a server with the issued certificate, that asks for those of `clients`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients.ca)
        return context


def create_authority(directory: Path, name: str, host: str = "127.0.0.1") -> Authority:
    """An authority that has issued a certificate for this address."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _name(f"{name} CA")
    ca = _builder(issuer, issuer, ca_key).add_extension(x509.BasicConstraints(True, 0), True)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
    leaf = _builder(issuer, _name(name), key).add_extension(names, critical=False)
    files = [directory / f"{name}-{part}.pem" for part in ("ca", "certificate", "key")]
    pem = NoEncryption()
    for file, content in zip(
        files,
        (
            ca.sign(ca_key, SHA256()).public_bytes(Encoding.PEM),
            leaf.sign(ca_key, SHA256()).public_bytes(Encoding.PEM),
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, pem),
        ),
        strict=True,
    ):
        file.write_bytes(content)
    return Authority(*files)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer,
        subject,
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(hours=1),
        now + timedelta(hours=1),
    )

"""A throw-away certificate authority for loopback TLS, and certificates for applications."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS for localhost under a new authority, whose certificate is written to `folder`/ca.pem; its key is never stored."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("devreg demo stand-in authority")
    ca = _builder(ca_name, ca_name, ca_key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    ca = ca.add_extension(_usage(signs_certificates=True), critical=True)
    ca_certificate = ca.add_extension(
        x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False
    ).sign(ca_key, hashes.SHA256())
    (folder / "ca.pem").write_bytes(ca_certificate.public_bytes(serialization.Encoding.PEM))
    leaf = _leaf(ca_name, ca_key, key)
    return _context(folder, leaf, key)


def application_certificate(folder: Path, name: str, *, days: int = 730) -> tuple[Path, x509.Certificate]:
    """A self-signed client certificate with its key in one PEM file, mode 0600, as an app registration uses."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = _name(name)
    certificate = _builder(subject, subject, key, days).sign(key, hashes.SHA256())
    path = folder / f"{name}.pem"
    write_private(path, _pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
    return path, certificate


def write_private(path: Path, content: bytes) -> None:
    """A file only its owner can read, from its first byte on."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)


def _leaf(issuer: x509.Name, ca_key: Key, key: Key) -> x509.Certificate:
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(ip)) for ip in ("127.0.0.1", "::1"))]
    )
    return (
        _builder(_name("localhost"), issuer, key)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=signs_certificates, crl_sign=signs_certificates, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _context(folder: Path, leaf: x509.Certificate, key: Key) -> ssl.SSLContext:
    # ssl loads certificates from files only.
    pair = folder / "stand-in.pem"
    write_private(pair, _pem(key) + leaf.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    pair.unlink()
    return context


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(subject: x509.Name, issuer: x509.Name, key: Key, days: int = 30) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

"""Real TLS servers on loopback, good and bad, with certificates made on the spot."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from reference_si.tls_policies import OAKLEY_GROUP_2

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Handler = Callable[[socket.socket], None]

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)

PRIMES = {
    1024: OAKLEY_GROUP_2,
    2048: b"""-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA///////////JD9qiIWjCNMTGYouA3BzRKQJOCIpnzHQCC76mOxOb
IlFKCHmONATd75UZs806QxswKwpt8l8UN0/hNW1tUcJF5IW1dmJefsb0TELppjft
awv/XLb0Brft7jhr+1qJn6WunyQRfEsf5kkoZlHs5Fs9wgB8uKFjvwWY2kg2HFXT
mmkWP6j9JM9fg2VdI9yjrZYcYvNWIIVSu57VKQdwlpZtZww1Tkq8mATxdGwIyhgh
fDKQXkYuNs474553LBgOhgObJ4Oi7Aeij7XFXfBvTFLJ3ivL9pVYFxg5lUl86pVq
5RXSJhiY+gUQFXKOWoqsqmj//////////wIBAg==
-----END DH PARAMETERS-----
""",
}
"""Parameters of Diffie-Hellman in PEM, by their size; the second are RFC 3526's."""

_SHA256_WITH_RSA = bytes.fromhex("06092a864886f70d01010b")
_SHA1_WITH_RSA = bytes.fromhex("06092a864886f70d010105")


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def authority(
    name: str, *, issuer: Identity | None = None, key: PrivateKey | None = None
) -> Identity:
    """A certification authority: a root, or an intermediate of ``issuer``."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, key, issuer, NOW - 10 * DAY, NOW + 3650 * DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    return _signed(builder, key, issuer)


def leaf(
    *names: str,
    issuer: Identity | None,
    key: PrivateKey | None = None,
    not_before: datetime = NOW - DAY,
    not_after: datetime = NOW + 90 * DAY,
    usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.SERVER_AUTH,
    extra: x509.ExtensionType | None = None,
) -> Identity:
    """A server's certificate for ``names``; self-signed when ``issuer`` is None."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = _builder("server", key, issuer, not_before, not_after)
    builder = builder.add_extension(x509.SubjectAlternativeName([_name(n) for n in names]), False)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False)
    if extra is not None:
        builder = builder.add_extension(extra, False)
    return _signed(builder, key, issuer)


def resigned_with_sha1(
    certificate: x509.Certificate, issuer_key: rsa.RSAPrivateKey
) -> x509.Certificate:
    """The same certificate, signed by ``issuer_key`` with SHA-1.

    The library signs no certificate with SHA-1, but does sign bytes: the algorithm is changed in
    the part to be signed, where both algorithms' names have one length, and the outer structure
    is made anew (RFC 5280, section 4.1).

    Parameters
    ----------
    certificate:
        A certificate signed by an RSA key with SHA-256 (PKCS #1 v1.5).
    issuer_key:
        The key of its issuer.

    Raises
    ------
    ValueError
        ``certificate`` is signed otherwise.
    """
    signed_part = certificate.tbs_certificate_bytes
    if _SHA256_WITH_RSA not in signed_part:
        raise ValueError("the certificate is not signed with RSA and SHA-256")
    signed_part = signed_part.replace(_SHA256_WITH_RSA, _SHA1_WITH_RSA, 1)
    signature = issuer_key.sign(signed_part, padding.PKCS1v15(), hashes.SHA1())
    algorithm = _der(0x30, _SHA1_WITH_RSA + b"\x05\x00")
    whole = _der(0x30, signed_part + algorithm + _der(0x03, b"\x00" + signature))
    return x509.load_der_x509_certificate(whole)


def _der(tag: int, content: bytes) -> bytes:
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def _builder(
    name: str,
    key: PrivateKey,
    issuer: Identity | None,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )


def _signed(builder: x509.CertificateBuilder, key: PrivateKey, issuer: Identity | None) -> Identity:
    signer = issuer.key if issuer else key
    hashed = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Identity(builder.sign(signer, hashed), key)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def server_context(
    identity: Identity,
    *others: Identity,
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    ciphers: str = "ALL:@SECLEVEL=0",
) -> ssl.SSLContext:
    """A server that sends ``identity`` and then ``others``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = minimum
        context.maximum_version = maximum
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.pem"
        path.write_bytes(key + b"".join(one.pem for one in (identity, *others)))
        context.load_cert_chain(path)
    return context


@contextlib.contextmanager
def serving(handler: Handler) -> Iterator[int]:
    """A server that hands each connection to ``handler`` in a thread; gives its port."""
    workers: list[threading.Thread] = []
    listener = socket.create_server(("127.0.0.1", 0))
    acceptor = threading.Thread(target=_accept, args=(listener, handler, workers))
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        acceptor.join()
        listener.close()
        for worker in workers:
            worker.join()


def _accept(listener: socket.socket, handler: Handler, workers: list[threading.Thread]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        worker = threading.Thread(target=_handle, args=(connection, handler))
        workers.append(worker)
        worker.start()


def _handle(connection: socket.socket, handler: Handler) -> None:
    # A client that leaves early is what most of these servers are for.
    with connection, contextlib.suppress(OSError):
        handler(connection)


def over_tls(context: ssl.SSLContext) -> Handler:
    """Completes the handshake, then waits for the client to leave."""

    def handler(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1)

    return handler


def saying(*parts: bytes, then_close: bool = True) -> Handler:
    """Reads the client's first bytes and answers ``parts``, whatever was asked."""

    def handler(connection: socket.socket) -> None:
        connection.recv(65536)
        for part in parts:
            connection.sendall(part)
        if then_close:
            connection.shutdown(socket.SHUT_WR)
        silent(connection)

    return handler


def silent(connection: socket.socket) -> None:
    """Says nothing until the client leaves."""
    while connection.recv(65536):
        pass


def closing_at_once(connection: socket.socket) -> None:
    """Closes without reading."""
    connection.close()


def endless(chunk: bytes) -> Handler:
    """Sends ``chunk`` for as long as the client listens."""

    def handler(connection: socket.socket) -> None:
        while True:
            connection.sendall(chunk)

    return handler

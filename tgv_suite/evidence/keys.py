"""Ed25519 signing keys: made, kept with care, read back."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from tgv_suite.errors import UserError
from tgv_suite.noun import noun
from tgv_suite.text import Text

PUBLIC_SUFFIX = ".pub.pem"


class KeyProblem(UserError):
    """A key can't be made or read."""


@noun
class PublicKey:
    """A public key, by name.

    Parameters
    ----------
    key_id:
        SHA-256 of its SubjectPublicKeyInfo, in hexadecimal.
    """

    name: str
    key_id: str
    pem: str


class SigningKey:
    """A private key that signs; it can't be printed.

    Parameters
    ----------
    name:
        Whose key it is.
    private:
        The key.
    """

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = public_key(name, private.public_key())

    @property
    def key_id(self) -> str:
        """The key's id."""
        return self.public.key_id

    def sign(self, message: bytes) -> bytes:
        """The signature of a message (RFC 8032)."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id[:12]}…)"


def public_key(name: str, key: Ed25519PublicKey) -> PublicKey:
    """A public key with its id."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
    return PublicKey(name=name, key_id=hashlib.sha256(der).hexdigest(), pem=pem)


def default_folder() -> Path:
    """Where the user's own keys are (XDG Base Directory Specification)."""
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "tgv" / "keys"


def ephemeral() -> SigningKey:
    """A key that lasts as long as the process."""
    return SigningKey("ephemeral", Ed25519PrivateKey.generate())


def new_key(folder: Path, name: str) -> PublicKey:
    """Make a key pair and write it, the private key readable by its owner only.

    Raises
    ------
    KeyProblem
        When a key of that name is already there.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(folder / f"{name}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyProblem(
            message=Text(fr=f"la clé « {name} » existe déjà", en=f"key “{name}” already exists"),
            remedy=Text(fr="donnez un autre nom avec --name", en="give another name with --name"),
            place=str(folder),
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    public = public_key(name, private.public_key())
    (folder / f"{name}{PUBLIC_SUFFIX}").write_text(public.pem, encoding="ascii")
    return public


def load_signer(path: Path) -> SigningKey:
    """Read a private key.

    Raises
    ------
    KeyProblem
        When it isn't a readable Ed25519 private key.
    """
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        raise _unreadable(path) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise _unreadable(path)
    return SigningKey(path.name.removesuffix(".pem"), private)


def load_trust(folder: Path) -> tuple[PublicKey, ...]:
    """Every public key of a folder, by name.

    Raises
    ------
    KeyProblem
        When the folder or one of its keys can't be read.
    """
    if not folder.is_dir():
        raise _unreadable(folder)
    return tuple(_public(path) for path in sorted(folder.glob(f"*{PUBLIC_SUFFIX}")))


def _public(path: Path) -> PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        raise _unreadable(path) from None
    if not isinstance(key, Ed25519PublicKey):
        raise _unreadable(path)
    return public_key(path.name.removesuffix(PUBLIC_SUFFIX), key)


def _unreadable(path: Path) -> KeyProblem:
    return KeyProblem(
        message=Text(fr="aucune clé Ed25519 lisible ici", en="no readable Ed25519 key here"),
        remedy=Text(fr="« tgv keys new » en crée une", en="“tgv keys new” makes one"),
        place=str(path),
    )

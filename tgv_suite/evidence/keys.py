"""Ed25519 signing keys: made, kept with care, read back."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
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
_SUFFIX = ".pem"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


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


def parse_public_key(name: str, pem: bytes) -> PublicKey:
    """A public key read from PEM.

    Raises
    ------
    ValueError
        When it isn't an Ed25519 public key.
    """
    return public_key(name, _ed25519(pem))


def is_signed_by(key: PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether a signature of a message is this key's (RFC 8032)."""
    try:
        _ed25519(key.pem.encode("ascii")).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _ed25519(pem: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError("an unknown kind of key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


def default_folder() -> Path:
    """Where the user's own keys are (XDG Base Directory Specification)."""
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "tgv" / "keys"


def ephemeral() -> SigningKey:
    """A key that lasts as long as the process."""
    return SigningKey("ephemeral", Ed25519PrivateKey.generate())


def new_key(folder: Path, name: str) -> PublicKey:
    """Make a key pair and write it, the private key readable by its owner only.

    Parameters
    ----------
    folder:
        Where; it is created when it isn't there.
    name:
        Whose key it is: the files' name, and the signer's in a verification.

    Raises
    ------
    KeyProblem
        When the name can't be a file's, a key of that name is already there, or the folder can't
        be written.
    """
    if not _NAME.fullmatch(name) or name.endswith(".pub"):
        raise _bad_name(name)
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = public_key(name, private.public_key())
    private_path, public_path = folder / f"{name}{_SUFFIX}", folder / f"{name}{PUBLIC_SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.path.lexists(public_path):
            raise FileExistsError
        _write_new(private_path, pem, mode=0o600)
        _write_new(public_path, public.pem.encode("ascii"), mode=0o644)
    except FileExistsError:
        raise _already_there(folder, name) from None
    except OSError:
        raise _unwritable(folder) from None
    return public


def _write_new(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that must not exist, never readable by more than ``mode`` allows."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def load_signer(path: Path) -> SigningKey:
    """Read a private key.

    Raises
    ------
    KeyProblem
        When it isn't a readable Ed25519 private key.
    """
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise _unreadable(path) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise _unreadable(path)
    return SigningKey(path.name.removesuffix(_SUFFIX), private)


def load_trust(folder: Path) -> tuple[PublicKey, ...]:
    """Every public key of a folder, by name; private keys beside them are left alone.

    Raises
    ------
    KeyProblem
        When the folder or one of its keys can't be read.
    """
    if not folder.is_dir():
        raise _unreadable(folder)
    keys = (_trusted(path) for path in sorted(folder.glob(f"*{_SUFFIX}")))
    return tuple(key for key in keys if key is not None)


def _trusted(path: Path) -> PublicKey | None:
    name = path.name.removesuffix(_SUFFIX).removesuffix(".pub")
    try:
        pem = path.read_bytes()
        return None if b"PRIVATE KEY-----" in pem else parse_public_key(name, pem)
    except (OSError, ValueError):
        raise _unreadable(path) from None


def _unreadable(path: Path) -> KeyProblem:
    return KeyProblem(
        message=Text(fr="aucune clé Ed25519 lisible ici", en="no readable Ed25519 key here"),
        remedy=Text(fr="« tgv keys new » en crée une", en="“tgv keys new” makes one"),
        place=str(path),
    )


def _already_there(folder: Path, name: str) -> KeyProblem:
    return KeyProblem(
        message=Text(fr=f"la clé « {name} » existe déjà", en=f"key “{name}” already exists"),
        remedy=Text(fr="donnez un autre nom avec --name", en="give another name with --name"),
        place=str(folder),
    )


def _bad_name(name: str) -> KeyProblem:
    return KeyProblem(
        message=Text(
            fr=f"{name!a} ne peut nommer une clé", en=f"{name!a} can't be the name of a key"
        ),
        remedy=Text(
            fr="prenez des lettres sans accent, des chiffres, « . », « _ » et « - », "
            "sans « .pub » final",
            en="use unaccented letters, digits, “.”, “_” and “-”, without “.pub” at the end",
        ),
    )


def _unwritable(folder: Path) -> KeyProblem:
    return KeyProblem(
        message=Text(fr="impossible d'écrire ici", en="this folder can't be written"),
        remedy=Text(
            fr="donnez un autre dossier avec --folder", en="give another one with --folder"
        ),
        place=str(folder),
    )

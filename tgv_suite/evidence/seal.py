"""The seal: a DSSE envelope over an in-toto Statement of the bundle's manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import rfc8785
from cryptography.exceptions import InvalidSignature
from pydantic import JsonValue, TypeAdapter
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as SecuresystemslibError
from securesystemslib.signer import Signature  # type: ignore[attr-defined]

from tgv_suite.evidence.keys import PublicKey, SigningKey, is_signed_by, parse_public_key
from tgv_suite.evidence.manifest import ENVELOPE, MANIFEST, Manifest, encode
from tgv_suite.model.results import Conclusion, Mode
from tgv_suite.noun import noun

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:tgv:bundle:1"


@noun
class Claim:
    """What the signer says of a bundle; their role is part of it.

    Parameters
    ----------
    role:
        ``vendor`` (declares), ``certifier`` (certifies the run) or ``surveillance`` (watches).
    signer:
        The signer's public key in PEM.
    """

    run_id: str
    nonce: str
    role: str
    conclusion: str
    harness: str
    system: str
    version: str
    signer: str = ""


CLAIM = TypeAdapter(Claim)


@noun
class Seal:
    """A seal whose signature is good.

    Parameters
    ----------
    signer:
        The key that the claim names; whether it is believed is for the reader to say.
    manifest_sha256:
        The digest of the manifest that was sealed, in hexadecimal.
    """

    claim: Claim
    signer: PublicKey
    manifest_sha256: str


class AnotherStatement(ValueError):
    """An envelope that seals something else than a bundle."""


def seal(folder: Path, manifest: Manifest, key: SigningKey, claim: Claim) -> None:
    """Write a bundle's manifest and its seal.

    Parameters
    ----------
    folder:
        The bundle's folder.
    manifest, claim:
        What is sealed, and what is said of it; the seal adds the signer to the claim.
    key:
        What signs.

    Raises
    ------
    ValueError
        When the claim is another run's, or its role or conclusion is none that exists.
    """
    if (claim.run_id, claim.nonce) != (manifest.run_id, manifest.nonce):
        raise ValueError("the claim and the manifest are of two runs")
    _require_known(claim)
    content = encode(manifest)
    payload = statement(hashlib.sha256(content).hexdigest(), claim, key.public.pem)
    signature = key.sign(Envelope(payload, PAYLOAD_TYPE, {}).pae())
    (folder / MANIFEST).write_bytes(content)
    (folder / ENVELOPE).write_bytes(envelope_bytes(payload, key.key_id, signature))


def statement(manifest_sha256: str, claim: Claim, signer: str) -> bytes:
    """The bytes of an in-toto Statement v1 whose subject is a manifest (RFC 8785)."""
    predicate = CLAIM.dump_python(claim, mode="json")
    return rfc8785.dumps(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": MANIFEST, "digest": {"sha256": manifest_sha256}}],
            "predicateType": PREDICATE_TYPE,
            "predicate": {**predicate, "signer": signer},
        }
    )


def envelope_bytes(payload: bytes, key_id: str, signature: bytes) -> bytes:
    """An envelope's one and only bytes, so that no byte of the file can change unseen."""
    signatures = {key_id: Signature(key_id, signature.hex())}
    return rfc8785.dumps(Envelope(payload, PAYLOAD_TYPE, signatures).to_dict()) + b"\n"


def read_seal(content: bytes) -> Seal:
    """A seal read back, after its signature was verified with the key that it names.

    Parameters
    ----------
    content:
        The bytes of ``manifest.dsse.json``, from anyone.

    Raises
    ------
    ValueError
        When it isn't a seal, or not in its canonical form.
    AnotherStatement
        When it seals something else than a bundle.
    cryptography.exceptions.InvalidSignature
        When the signature isn't that key's.
    """
    try:
        return _read_seal(content)
    except (LookupError, TypeError, AttributeError, RecursionError, SecuresystemslibError) as error:
        raise ValueError("not a seal") from error


def _read_seal(content: bytes) -> Seal:
    envelope = Envelope.from_dict(json.loads(content))
    if envelope.payload_type != PAYLOAD_TYPE:
        raise AnotherStatement("another payload type")
    ((key_id, signed),) = envelope.signatures.items()
    signature = bytes.fromhex(signed.signature)
    # What the signature doesn't cover must not vary either: spaces, order, fields of no meaning.
    if envelope_bytes(envelope.payload, key_id, signature) != content:
        raise ValueError("the envelope isn't in canonical form")
    claim, digest = _read_statement(envelope.payload)
    signer = parse_public_key("", claim.signer.encode("ascii"))
    if signer.key_id != key_id or not is_signed_by(signer, envelope.pae(), signature):
        raise InvalidSignature
    return Seal(claim=claim, signer=signer, manifest_sha256=digest)


def _read_statement(payload: bytes) -> tuple[Claim, str]:
    """The claim, and the digest of the manifest that it is about."""
    content: JsonValue = json.loads(payload)
    if not isinstance(content, dict):
        raise AnotherStatement("not a statement")
    if (content["_type"], content["predicateType"]) != (STATEMENT_TYPE, PREDICATE_TYPE):
        raise AnotherStatement("another kind of statement")
    claim = CLAIM.validate_python(content["predicate"])
    _require_known(claim)
    match content["subject"]:
        case [{"digest": {"sha256": str(digest)}}]:
            # Rebuilding it refuses what was added, doubled, or named otherwise.
            if statement(digest, claim, claim.signer) == payload:
                return claim, digest
    raise ValueError("the statement isn't in canonical form")


def _require_known(claim: Claim) -> None:
    Mode(claim.role)
    Conclusion(claim.conclusion)

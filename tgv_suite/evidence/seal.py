"""The seal: a DSSE envelope over an in-toto Statement of the bundle's manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import rfc8785
from pydantic import JsonValue, TypeAdapter
from securesystemslib.dsse import Envelope
from securesystemslib.signer import Signature

from tgv_suite.evidence.keys import SigningKey
from tgv_suite.evidence.manifest import ENVELOPE, MANIFEST, Manifest, encode
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


def seal(folder: Path, manifest: Manifest, key: SigningKey, claim: Claim) -> None:
    """Write a bundle's manifest and its seal.

    Parameters
    ----------
    folder:
        The bundle's folder.
    manifest, claim:
        What is sealed, and what is said of it.
    key:
        What signs.
    """
    content = encode(manifest)
    (folder / MANIFEST).write_bytes(content)
    payload = rfc8785.dumps(statement(content, claim, key.public.pem))
    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    signature = key.sign(envelope.pae())
    envelope.signatures[key.key_id] = Signature(key.key_id, signature.hex())
    (folder / ENVELOPE).write_bytes(envelope_bytes(envelope))


def statement(manifest: bytes, claim: Claim, signer: str) -> dict[str, JsonValue]:
    """An in-toto Statement v1 whose subject is a manifest."""
    predicate = CLAIM.dump_python(claim, mode="json")
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": MANIFEST, "digest": {"sha256": hashlib.sha256(manifest).hexdigest()}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {**predicate, "signer": signer},
    }


def envelope_bytes(envelope: Envelope) -> bytes:
    """An envelope's one and only bytes, so that no byte of the file can change unseen."""
    return rfc8785.dumps(envelope.to_dict()) + b"\n"


def parse_envelope(content: bytes) -> Envelope:
    """An envelope read back.

    Raises
    ------
    ValueError
        When it isn't one, or not in its canonical form.
    """
    try:
        envelope = Envelope.from_dict(json.loads(content))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if envelope_bytes(envelope) != content:
        raise ValueError("not in canonical form")
    return envelope


def signature_of(envelope: Envelope) -> tuple[str, bytes]:
    """The key id and the bytes of the only signature.

    Raises
    ------
    ValueError
        When there isn't exactly one.
    """
    if len(envelope.signatures) != 1:
        raise ValueError("not exactly one signature")
    ((key_id, signature),) = envelope.signatures.items()
    return key_id, bytes.fromhex(signature.signature)



"""Offline verification: nothing altered, added or removed since the seal, and who sealed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import JsonValue
from securesystemslib.dsse import Envelope

from tgv_suite.evidence.keys import PublicKey, public_key
from tgv_suite.evidence.manifest import ENVELOPE, MANIFEST, Manifest, NotPlain, decode, entry, names
from tgv_suite.evidence.seal import (
    CLAIM,
    PAYLOAD_TYPE,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Claim,
    parse_envelope,
    signature_of,
)
from tgv_suite.noun import noun
from tgv_suite.text import Text


class FindingKind(StrEnum):
    """What can be wrong with a bundle."""

    ALTERED = "altered"
    ADDED = "added"
    REMOVED = "removed"
    MALFORMED = "malformed"
    SIGNATURE = "signature"
    UNTRUSTED = "untrusted"


_WORDS = {
    FindingKind.ALTERED: Text(fr="a été modifié depuis le scellement", en="was altered since the seal"),
    FindingKind.ADDED: Text(fr="a été ajouté depuis le scellement", en="was added since the seal"),
    FindingKind.REMOVED: Text(fr="a été retiré depuis le scellement", en="was removed since the seal"),
    FindingKind.MALFORMED: Text(fr="n'a pas la forme attendue", en="isn't in the expected form"),
    FindingKind.SIGNATURE: Text(
        fr="ne porte pas de signature valable", en="carries no valid signature"
    ),
    FindingKind.UNTRUSTED: Text(
        fr="est signé par une clé que le dossier de confiance ne contient pas",
        en="is signed by a key that the trust folder doesn't hold",
    ),
}


@noun
class Finding:
    """One thing that is wrong, with the file that it is about."""

    kind: FindingKind
    path: str
    message: Text


@noun
class Verification:
    """What a bundle's verification found.

    Parameters
    ----------
    claim, signer:
        What was sealed, and by whom, when the seal could be read.
    trusted:
        Whether the signer is in the trust folder; None when none was given.
    """

    findings: tuple[Finding, ...]
    claim: Claim | None
    signer: PublicKey | None
    trusted: bool | None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def found(kind: FindingKind, path: str) -> Finding:
    """A finding, in words."""
    return Finding(kind=kind, path=path, message=_WORDS[kind])


def verify(folder: Path, *, trust: tuple[PublicKey, ...] | None) -> Verification:
    """Verify a bundle's folder; whatever is wrong is a finding.

    Parameters
    ----------
    folder:
        The bundle's folder.
    trust:
        The keys that are believed; None to tell only whether the bundle is whole.
    """
    findings: list[Finding] = []
    claim: Claim | None = None
    signer: PublicKey | None = None
    try:
        envelope = parse_envelope((folder / ENVELOPE).read_bytes())
        claim, digest = _statement(envelope)
        signer = _signer(envelope, claim, trust)
    except OSError:
        findings.append(found(FindingKind.REMOVED, ENVELOPE))
    except InvalidSignature:
        findings.append(found(FindingKind.SIGNATURE, ENVELOPE))
    except (ValueError, LookupError, TypeError):
        findings.append(found(FindingKind.MALFORMED, ENVELOPE))
    else:
        findings += _contents(folder, digest)
    trusted = None if trust is None or signer is None else signer.key_id in {k.key_id for k in trust}
    if trusted is False:
        findings.append(found(FindingKind.UNTRUSTED, ENVELOPE))
    return Verification(findings=tuple(findings), claim=claim, signer=signer, trusted=trusted)


def _statement(envelope: Envelope) -> tuple[Claim, str]:
    """The claim, and the digest of the manifest that it is about."""
    content: JsonValue = json.loads(envelope.payload)
    if not isinstance(content, dict) or envelope.payload_type != PAYLOAD_TYPE:
        raise ValueError("not an in-toto statement")
    if content["_type"] != STATEMENT_TYPE or content["predicateType"] != PREDICATE_TYPE:
        raise ValueError("another kind of statement")
    subject = content["subject"]
    if not isinstance(subject, list) or len(subject) != 1 or not isinstance(subject[0], dict):
        raise ValueError("not exactly one subject")
    digest = subject[0]["digest"]
    if subject[0]["name"] != MANIFEST or not isinstance(digest, dict):
        raise ValueError("another subject")
    return CLAIM.validate_python(content["predicate"]), str(digest["sha256"])


def _signer(envelope: Envelope, claim: Claim, trust: tuple[PublicKey, ...] | None) -> PublicKey:
    """Who signed: the key that the claim names, by the trust folder's name when it is there."""
    key = load_pem_public_key(claim.signer.encode("ascii"))
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    key_id, signature = signature_of(envelope)
    named = public_key("", key)
    if named.key_id != key_id:
        raise ValueError("the signature is another key's")
    key.verify(signature, envelope.pae())
    return next((known for known in trust or () if known.key_id == key_id), named)


def _contents(folder: Path, digest: str) -> Iterator[Finding]:
    """What differs between the sealed manifest and the folder."""
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        yield found(FindingKind.REMOVED, MANIFEST)
        return
    if hashlib.sha256(content).hexdigest() != digest:
        yield found(FindingKind.ALTERED, MANIFEST)
        return
    try:
        manifest = decode(content)
    except ValueError:
        yield found(FindingKind.MALFORMED, MANIFEST)
        return
    yield from _files(folder, manifest)


def _files(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    try:
        present = set(names(folder)) - {MANIFEST, ENVELOPE}
    except NotPlain as stranger:
        yield found(FindingKind.ADDED, str(stranger))
        return
    sealed = {file.path: file for file in manifest.files}
    yield from (found(FindingKind.REMOVED, name) for name in sorted(sealed.keys() - present))
    yield from (found(FindingKind.ADDED, name) for name in sorted(present - sealed.keys()))
    for name in sorted(sealed.keys() & present):
        if entry(folder, name) != sealed[name]:
            yield found(FindingKind.ALTERED, name)

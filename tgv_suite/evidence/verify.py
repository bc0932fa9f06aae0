"""Offline verification: nothing altered, added or removed since the seal, and who sealed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from cryptography.exceptions import InvalidSignature

from tgv_suite.evidence.keys import PublicKey
from tgv_suite.evidence.manifest import (
    ENVELOPE,
    MANIFEST,
    Manifest,
    Survey,
    decode,
    entry,
    survey,
    unsafe,
)
from tgv_suite.evidence.seal import AnotherStatement, Claim, Seal, read_seal
from tgv_suite.noun import noun
from tgv_suite.text import Text

RESULTS = "results.json"


class FindingKind(StrEnum):
    """What can be wrong with a bundle."""

    ALTERED = "altered"
    ADDED = "added"
    REMOVED = "removed"
    NOT_PLAIN = "not_plain"
    UNSAFE_NAME = "unsafe_name"
    MALFORMED = "malformed"
    ANOTHER_STATEMENT = "another_statement"
    CONTRADICTION = "contradiction"
    SIGNATURE = "signature"
    UNTRUSTED = "untrusted"


_WORDS = {
    FindingKind.ALTERED: Text(
        fr="a été modifié depuis le scellement", en="was altered since the seal"
    ),
    FindingKind.ADDED: Text(fr="a été ajouté depuis le scellement", en="was added since the seal"),
    FindingKind.REMOVED: Text(
        fr="a été retiré depuis le scellement", en="was removed since the seal"
    ),
    FindingKind.NOT_PLAIN: Text(
        fr="n'est pas un fichier ordinaire, lisible et au nom portable",
        en="isn't a plain, readable file with a portable name",
    ),
    FindingKind.UNSAFE_NAME: Text(
        fr="sort du dossier, ou se confond avec un autre fichier",
        en="leaves the folder, or can be taken for another file",
    ),
    FindingKind.MALFORMED: Text(fr="n'a pas la forme attendue", en="isn't in the expected form"),
    FindingKind.ANOTHER_STATEMENT: Text(
        fr="scelle autre chose qu'un dossier de preuves",
        en="seals something else than a bundle",
    ),
    FindingKind.CONTRADICTION: Text(
        fr="contredit ce que le sceau affirme", en="contradicts what the seal claims"
    ),
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
        What was sealed, and by whom; None unless the seal's signature is good. The signer has a
        name only when the trust folder gives one.
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

    @property
    def altered(self) -> tuple[str, ...]:
        """The files whose content changed."""
        return self._paths(FindingKind.ALTERED)

    @property
    def added(self) -> tuple[str, ...]:
        """The files that the seal doesn't know."""
        return self._paths(FindingKind.ADDED)

    @property
    def removed(self) -> tuple[str, ...]:
        """The files that are missing."""
        return self._paths(FindingKind.REMOVED)

    def _paths(self, kind: FindingKind) -> tuple[str, ...]:
        return tuple(finding.path for finding in self.findings if finding.kind is kind)


def found(kind: FindingKind, path: str) -> Finding:
    """A finding, in words; what can't be shown of a path is escaped."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in path)
    return Finding(kind=kind, path=shown, message=_WORDS[kind])


def verify(folder: Path, *, trust: tuple[PublicKey, ...] | None) -> Verification:
    """Verify a bundle's folder; whatever is wrong is a finding.

    Parameters
    ----------
    folder:
        The bundle's folder.
    trust:
        The keys that are believed; None to tell only whether the bundle is whole.
    """
    seen = survey(folder)
    findings = [found(FindingKind.NOT_PLAIN, name) for name in seen.strangers]
    read = _seal(folder, seen)
    sealed = read if isinstance(read, Seal) else None
    if isinstance(read, Finding):
        findings.append(read)
    findings += _contents(folder, seen, sealed)
    if sealed is None:
        return Verification(findings=tuple(findings), claim=None, signer=None, trusted=None)
    known = next((key for key in trust or () if key.key_id == sealed.signer.key_id), None)
    if trust is not None and known is None:
        findings.append(found(FindingKind.UNTRUSTED, ENVELOPE))
    return Verification(
        findings=tuple(findings),
        claim=sealed.claim,
        signer=known or sealed.signer,
        trusted=None if trust is None else known is not None,
    )


def _seal(folder: Path, seen: Survey) -> Seal | Finding:
    """The seal, or what is wrong with it."""
    if ENVELOPE not in seen.files:
        return found(FindingKind.REMOVED, ENVELOPE)
    try:
        return read_seal((folder / ENVELOPE).read_bytes())
    except InvalidSignature:
        return found(FindingKind.SIGNATURE, ENVELOPE)
    except AnotherStatement:
        return found(FindingKind.ANOTHER_STATEMENT, ENVELOPE)
    except ValueError:
        return found(FindingKind.MALFORMED, ENVELOPE)
    except OSError:
        return found(FindingKind.NOT_PLAIN, ENVELOPE)


def _contents(folder: Path, seen: Survey, sealed: Seal | None) -> Iterator[Finding]:
    """What differs between the manifest and the folder, even when the seal is lost."""
    if MANIFEST not in seen.files:
        yield found(FindingKind.REMOVED, MANIFEST)
        return
    try:
        content = (folder / MANIFEST).read_bytes()
        if sealed is not None and hashlib.sha256(content).hexdigest() != sealed.manifest_sha256:
            yield found(FindingKind.ALTERED, MANIFEST)
            return
        manifest = decode(content)
    except ValueError:
        yield found(FindingKind.MALFORMED, MANIFEST)
    except OSError:
        yield found(FindingKind.NOT_PLAIN, MANIFEST)
    else:
        differences = tuple(_files(folder, seen, manifest))
        yield from differences
        if sealed is not None and not differences:
            yield from _contradictions(folder, manifest, sealed.claim)


def _files(folder: Path, seen: Survey, manifest: Manifest) -> Iterator[Finding]:
    refused = set(unsafe([MANIFEST, ENVELOPE, *(file.path for file in manifest.files)]))
    yield from (found(FindingKind.UNSAFE_NAME, name) for name in sorted(refused))
    present = set(seen.files) - {MANIFEST, ENVELOPE}
    listed = {file.path: file for file in manifest.files if file.path not in refused}
    yield from (found(FindingKind.REMOVED, name) for name in sorted(listed.keys() - present))
    yield from (found(FindingKind.ADDED, name) for name in sorted(present - listed.keys()))
    for name in sorted(listed.keys() & present):
        try:
            if entry(folder, name) != listed[name]:
                yield found(FindingKind.ALTERED, name)
        except OSError:
            yield found(FindingKind.NOT_PLAIN, name)


def _contradictions(folder: Path, manifest: Manifest, claim: Claim) -> Iterator[Finding]:
    """Where a whole bundle says something else than its seal, whoever sealed it."""
    if (manifest.run_id, manifest.nonce) != (claim.run_id, claim.nonce):
        yield found(FindingKind.CONTRADICTION, MANIFEST)
    claimed = (claim.run_id, claim.role, claim.conclusion, claim.harness)
    if _said(folder / RESULTS) != claimed:
        yield found(FindingKind.CONTRADICTION, RESULTS)


def _said(results: Path) -> tuple[str, str, str, str] | None:
    """The run, the role, the conclusion and the harness of a results file that tells them."""
    try:
        match json.loads(results.read_bytes()):
            case {
                "run": {"id": str(run), "mode": str(role)},
                "conclusion": str(conclusion),
                "harness": {"version": str(harness)},
            }:
                return run, role, conclusion, harness
    except (OSError, ValueError, RecursionError):
        return None
    return None

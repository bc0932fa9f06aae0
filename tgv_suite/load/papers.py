"""The papers that people sign: attestations, with what is seen of their documents, and waivers."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from tgv_suite.errors import InputFault, InputFaults, UserError
from tgv_suite.load.document import (
    Source,
    faults,
    load_document,
    read_source,
    validate,
)
from tgv_suite.load.dump import dump
from tgv_suite.load.secrets import path_of
from tgv_suite.load.shown import quoted, shown, suggestion
from tgv_suite.load.target import LoadedTarget
from tgv_suite.load.yaml_tree import Address, Finding
from tgv_suite.model.catalogue import Catalogue, Method, Profile
from tgv_suite.model.papers import (
    Attestation,
    AttestationFile,
    AttestedDocument,
    DocumentSeen,
    Papers,
    Waiver,
    WaiverFile,
)
from tgv_suite.noun import noun
from tgv_suite.papers import person
from tgv_suite.text import Text

ATTESTATIONS: Final = "tgv-attestations/1"
WAIVERS: Final = "tgv-waivers/1"
_Item = TypeVar("_Item")
_File = TypeVar("_File")
_Piece = tuple[Address, _Item]


class Unwritable(UserError):
    """A file of attestations can't be written."""


class NoSuchDocument(UserError):
    """A document that an attestation rests on can't be read, or is empty."""


@noun
class Asked:
    """What a profile asks for, as far as papers are concerned.

    Parameters
    ----------
    methods:
        How each selected requirement is settled.
    checks:
        The checks of each requirement.
    known:
        How each requirement of the catalogue is settled, selected or not.
    """

    methods: Mapping[str, Method]
    checks: Mapping[str, Collection[str]]
    known: Mapping[str, Method] = field(default_factory=dict)


def asked_by(
    profile: Profile, catalogue: Catalogue, checks: Mapping[str, Collection[str]]
) -> Asked:
    """What a profile asks for."""
    known = {name: requirement.method for name, requirement in catalogue.requirements.items()}
    methods = {chosen.id: known[chosen.id] for chosen in profile.requirements}
    return Asked(methods=methods, checks=checks, known=known)


def load_papers(
    target: LoadedTarget,
    asked: Asked,
    *,
    attestations: Path | None,
    waivers: Path | None,
    today: date,
) -> Papers:
    """Read all that people signed for a run, and look at the documents that they attested.

    Parameters
    ----------
    target:
        The manifest; it names the attestations when ``attestations`` doesn't.
    asked:
        What may be attested and waived.
    attestations, waivers:
        The files.
    today:
        The day on which a waiver must still hold.

    Raises
    ------
    InputFaults
        With every fault of a file.
    """
    attestable = asked
    if attestations is None and target.target.attestations is not None:
        attestations = path_of(target.target.attestations, target.folder)
        # The manifest's are the system's, whichever profile is asked: some may not bear on this one.
        attestable = replace(asked, methods={**asked.known, **asked.methods})
    held = () if attestations is None else load_attestations(attestations, attestable).attestations
    given = tuple(attestation for attestation in held if attestation.requirement in asked.methods)
    folder = Path() if attestations is None else attestations.parent
    documents = dict.fromkeys(d.name for attestation in given for d in attestation.documents)
    return Papers(
        attestations=given,
        documents=tuple(_seen(folder, name) for name in documents),
        waivers=() if waivers is None else load_waivers(waivers, asked, today).waivers,
    )


def load_attestations(path: Path, asked: Asked | None = None) -> AttestationFile:
    """Read a file of attestations.

    Parameters
    ----------
    path:
        The file.
    asked:
        What may be attested; what the file says of that isn't judged when it isn't given.

    Raises
    ------
    InputFaults
        With every fault of the file.
    """
    return _load(path, AttestationFile, ATTESTATIONS, lambda source: _attested(source, asked))


def load_waivers(path: Path, asked: Asked, today: date) -> WaiverFile:
    """Read a file of waivers.

    Parameters
    ----------
    path, asked:
        The file, and what may be waived.
    today:
        The day on which each waiver must still hold.

    Raises
    ------
    InputFaults
        With every fault of the file: an expired waiver and one that nobody else approved are some.
    """
    return _load(path, WaiverFile, WAIVERS, lambda source: _waived(source, asked, today))


def load_recorded_attestations(path: Path) -> tuple[Attestation, ...]:
    """Read the copy that a bundle holds; its form alone is checked.

    Raises
    ------
    InputFaults
        With every fault of its form.
    """
    return load_document(path, AttestationFile, schema=ATTESTATIONS).content.attestations


def load_recorded_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read the copy that a bundle holds; its form alone is checked.

    Raises
    ------
    InputFaults
        With every fault of its form.
    """
    return load_document(path, WaiverFile, schema=WAIVERS).content.waivers


def save_attestations(path: Path, file: AttestationFile, asked: Asked) -> None:
    """Write a file of attestations, once it is known to load back; it appears whole or not at all.

    Parameters
    ----------
    path, file:
        Where, and what; what stood there is replaced.
    asked:
        What may be attested.

    Raises
    ------
    InputFaults
        With every fault of what would be written; nothing is.
    Unwritable
        When it can't be written there.
    """
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text(dump(file), encoding="utf-8")
        try:
            load_attestations(partial, asked)
            os.replace(partial, path)
        except InputFaults as error:
            # Their places are in a file that nobody will see.
            nowhere = [InputFault(message=f.message, remedy=f.remedy) for f in error.faults]
            raise InputFaults(path, nowhere) from None
        finally:
            partial.unlink(missing_ok=True)
    except OSError:
        raise Unwritable(
            message=Text(fr="ce fichier ne peut être écrit", en="this file can't be written"),
            remedy=Text(
                fr="donnez un autre chemin, dans un dossier qui existe",
                en="give another path, in a folder that exists",
            ),
            place=str(path),
        ) from None


def document_of(path: Path, folder: Path) -> AttestedDocument:
    """What identifies a document: its name from a folder (else its own), its digest, its size.

    Raises
    ------
    NoSuchDocument
        When it can't be read, or is empty.
    """
    try:
        with _plain(path).open("rb") as file:
            digest, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
    except OSError:
        raise _unread(path, "ce document ne peut être lu", "this document can't be read") from None
    if size == 0:
        raise _unread(path, "ce document est vide", "this document is empty")
    whole, base = path.resolve(), folder.resolve()
    inside = whole.is_relative_to(base)
    name = whole.relative_to(base).as_posix() if inside else whole.name
    return AttestedDocument(name=name, sha256=digest, size=size)


def _unread(path: Path, fr: str, en: str) -> NoSuchDocument:
    return NoSuchDocument(
        message=Text(fr=fr, en=en),
        remedy=Text(fr="vérifiez le chemin et les droits", en="check the path and the permissions"),
        place=str(path),
    )


def _seen(folder: Path, name: str) -> DocumentSeen:
    """What stands where a document should be; nothing when it isn't there or can't be read."""
    try:
        with _plain(folder / name).open("rb") as file:
            return DocumentSeen(name=name, sha256=hashlib.file_digest(file, "sha256").hexdigest())
    except (OSError, ValueError):
        return DocumentSeen(name=name, sha256=None)


def _plain(path: Path) -> Path:
    """The path, when an ordinary file stands there: reading anything else might never end.

    Raises
    ------
    FileNotFoundError
        When none does.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    return path


def _load(
    path: Path,
    model: type[_File],
    schema: str,
    between: Callable[[Source], Iterator[Finding]],
) -> _File:
    """A file with the faults of its form and those between its parts, all at once."""
    source = read_source(path, schema=schema)
    content, findings = validate(source, model)
    findings += between(source)
    if content is None or findings:
        raise faults(path, findings)
    return content


def _pieces(source: Source, section: str, kind: type[_Item]) -> list[_Piece[_Item]]:
    """The sound items of a list, so that one fault doesn't hide the others."""
    data: Any = source.tree.data
    listed = data.get(section) if isinstance(data, dict) else None
    found: list[_Piece[_Item]] = []
    for index, raw in enumerate(listed if isinstance(listed, list) else []):
        try:
            item = TypeAdapter(kind).validate_json(json.dumps(raw), strict=True)
        except ValidationError:
            continue
        found.append(((section, index), item))
    return found


# --- Attestations -----------------------------------------------------------------------------


def _attested(source: Source, asked: Asked | None) -> Iterator[Finding]:
    pieces = _pieces(source, "attestations", Attestation)
    for address, attestation in pieces:
        by = attestation.signatory
        yield from _blank(source, (*address, "signatory", "name"), person(by.name))
        yield from _blank(source, (*address, "signatory", "organisation"), person(by.organisation))
        if attestation.expiry < attestation.date:
            yield _at(source, (*address, "expiry"), *_BACKWARDS)
        yield from _bad_names(source, address, attestation)
        if asked is not None:
            yield from _not_to_attest(source, (*address, "requirement"), attestation, asked)
    named = [((*address, "requirement"), item.requirement) for address, item in pieces]
    yield from _twice(source, named)


def _bad_names(source: Source, address: Address, attestation: Attestation) -> Iterator[Finding]:
    """Each document that is named twice, or whose name leaves the folder."""
    names = [
        ((*address, "documents", index, "name"), document.name)
        for index, document in enumerate(attestation.documents)
    ]
    for where, name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or not name.isprintable():
            yield _at(source, where, *_OUTSIDE)
    yield from _twice(source, names)


def _not_to_attest(
    source: Source, address: Address, attestation: Attestation, asked: Asked
) -> Iterator[Finding]:
    name = attestation.requirement
    documentary = sorted(n for n, m in asked.methods.items() if m is not Method.TEST)
    if name in documentary:
        return
    fr, en = quoted(shown(name))
    if name in asked.methods:
        message = Text(
            fr=f"l'exigence{fr} se vérifie par un essai : elle ne s'atteste pas",
            en=f"the requirement{en} is settled by a test: it isn't for a person to attest",
        )
    else:
        message = Text(
            fr=f"l'exigence{fr} n'est pas demandée",
            en=f"the requirement{en} isn't asked for",
        )
    kind = Text(fr="les exigences à attester", en="the requirements to attest")
    yield _at(source, address, message, suggestion(name, documentary, kind=kind))


# --- Waivers ------------------------------------------------------------------------------------


def _waived(source: Source, asked: Asked, today: date) -> Iterator[Finding]:
    pieces = _pieces(source, "waivers", Waiver)
    for address, waiver in pieces:
        for key in ("reason", "author", "approver"):
            yield from _blank(source, (*address, key), person(getattr(waiver, key)))
        if person(waiver.author) and person(waiver.author) == person(waiver.approver):
            yield _at(source, (*address, "approver"), *_ALONE)
        if waiver.expiry < today:
            yield _at(
                source,
                (*address, "expiry"),
                Text(
                    fr=f"cette dérogation a expiré le {waiver.expiry}",
                    en=f"this waiver expired on {waiver.expiry}",
                ),
                Text(
                    fr="retirez-la, ou obtenez-en une nouvelle",
                    en="remove it, or obtain a new one",
                ),
            )
        yield from _not_to_waive(source, address, waiver, asked)
    scopes = [
        ((*address, "requirement"), f"{waiver.requirement} {waiver.check or ''}".strip())
        for address, waiver in pieces
    ]
    yield from _twice(source, scopes)


def _not_to_waive(
    source: Source, address: Address, waiver: Waiver, asked: Asked
) -> Iterator[Finding]:
    """The requirement or the check, when no failure can be of it."""
    name, tested = waiver.requirement, asked.methods.get(waiver.requirement)
    fr, en = quoted(shown(name))
    if tested is None or tested is Method.ATTESTATION:
        what = Text(
            fr=f"l'exigence{fr} n'est pas demandée",
            en=f"the requirement{en} isn't asked for",
        )
        if tested is Method.ATTESTATION:
            what = Text(
                fr=f"l'exigence{fr} s'atteste : elle n'échoue jamais",
                en=f"the requirement{en} is attested: it never fails",
            )
        testable = sorted(n for n, m in asked.methods.items() if m is not Method.ATTESTATION)
        kind = Text(fr="les exigences éprouvées", en="the requirements that are tested")
        yield _at(source, (*address, "requirement"), what, suggestion(name, testable, kind=kind))
        return
    known = sorted(asked.checks.get(name, ()))
    if waiver.check is not None and waiver.check not in known:
        fr, en = quoted(shown(waiver.check))
        kind = Text(fr="ses vérifications", en="its checks")
        yield _at(
            source,
            (*address, "check"),
            Text(
                fr=f"l'exigence « {name} » n'a pas de vérification{fr}",
                en=f"the requirement “{name}” has no check{en}",
            ),
            suggestion(waiver.check, known, kind=kind),
        )


# --- Both ---------------------------------------------------------------------------------------

_BACKWARDS: Final = (
    Text(fr="l'échéance précède la date", en="the expiry comes before the date"),
    Text(fr="corrigez l'une ou l'autre", en="mend one of them"),
)
_OUTSIDE: Final = (
    Text(
        fr="un document se nomme par son chemin, depuis le dossier de ce fichier",
        en="a document is named by its path, from this file's folder",
    ),
    Text(fr="par exemple : documents/efvp.pdf", en="for example: documents/pia.pdf"),
)
_ALONE: Final = (
    Text(
        fr="la même personne demande la dérogation et l'approuve",
        en="the same person asks for the waiver and approves it",
    ),
    Text(
        fr="il y faut deux personnes : faites-la approuver par une autre",
        en="two people are needed: have another one approve it",
    ),
)
_BLANK: Final = (
    Text(fr="ce texte ne dit rien", en="this text says nothing"),
    Text(fr="écrivez-y ce qui est demandé", en="write what is asked for there"),
)


def _blank(source: Source, address: Address, said: str) -> Iterator[Finding]:
    if not said:
        yield _at(source, address, *_BLANK)


def _twice(source: Source, named: list[tuple[Address, str]]) -> Iterator[Finding]:
    """Each name that was there before."""
    first: dict[str, int] = {}
    for address, name in named:
        line = source.tree.mark(address).line
        if name in first:
            fr, en = quoted(shown(name))
            yield _at(
                source,
                address,
                Text(
                    fr=f"la même chose{fr} est déjà à la ligne {first[name]}",
                    en=f"the same thing{en} is already on line {first[name]}",
                ),
                Text(fr="gardez-la une seule fois", en="keep it once"),
            )
        first.setdefault(name, line)


def _at(source: Source, address: Address, message: Text, remedy: Text) -> Finding:
    return Finding(address=address, mark=source.tree.mark(address), message=message, remedy=remedy)

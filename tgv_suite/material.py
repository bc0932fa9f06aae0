"""What a manifest refers to, read before anything is sent: each fault told, none hiding another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from tgv_suite.errors import SecretUnavailable
from tgv_suite.load.secrets import path_of, resolve, resolve_file
from tgv_suite.load.target import LoadedTarget
from tgv_suite.model.names import FileReference
from tgv_suite.model.target import (
    Actor,
    CertificateAuthentication,
    NoAuthentication,
    OAuth2Authentication,
    OpenApiService,
    Target,
)
from tgv_suite.noun import noun
from tgv_suite.probes.credentials import Credentials, resolve_all
from tgv_suite.probes.http import Identity
from tgv_suite.probes.redaction import Redactor
from tgv_suite.probes.usable import is_anchor, is_certificate_with_its_key, is_private_key
from tgv_suite.text import Text

ANCHORS = "trust_anchors"

_REMEDY = Text(
    fr="définissez la variable ou déposez le fichier",
    en="set the variable or put the file in place",
)
_PEM = Text(
    fr="donnez un fichier PEM, dont la clé n'est pas protégée par un mot de passe",
    en="give a PEM file, whose key isn't protected by a password",
)


@noun
class Unusable:
    """Something that a manifest refers to and that can't be used.

    Parameters
    ----------
    subject:
        The actor whose it is, or ``trust_anchors``.
    found, remedy:
        What is wrong with it, by its reference and never by its content, and how to mend it.
    """

    subject: str
    found: Text
    remedy: Text


@noun
class Material:
    """What is left of a manifest without what can't be used.

    Parameters
    ----------
    usable:
        The manifest, in which whoever's credentials can't be used has none.
    unusable:
        What was set aside, and why.
    """

    usable: LoadedTarget
    unusable: tuple[Unusable, ...]


def inspect(loaded: LoadedTarget) -> Material:
    """Read everything that a manifest refers to; nothing is sent, and nothing read is kept.

    Parameters
    ----------
    loaded:
        The system.
    """
    target = loaded.target
    anchors = {reference: _anchor_fault(loaded, reference) for reference in target.trust_anchors}
    faults = {name: _faults(loaded, name) for name in target.actors}
    actors = {
        name: replace(actor, authentication=NoAuthentication()) if faults[name] else actor
        for name, actor in target.actors.items()
    }
    believed = tuple(reference for reference, fault in anchors.items() if fault is None)
    usable = replace(target, actors=actors, trust_anchors=believed)
    trusted = [fault for fault in anchors.values() if fault]
    unusable = chain(_missing_documents(loaded), trusted, *faults.values())
    return Material(usable=replace(loaded, target=usable), unusable=tuple(unusable))


def _missing_documents(loaded: LoadedTarget) -> Iterator[Unusable]:
    """The documents that aren't there to be read, whatever their size."""
    for subject, reference in _documents(loaded.target):
        try:
            path_of(reference, loaded.folder).open("rb").close()
        except (OSError, ValueError):
            found = Text(
                fr=f"la référence « {reference} » ne peut être lue",
                en=f"the reference “{reference}” can't be read",
            )
            yield Unusable(subject=subject, found=found, remedy=_REMEDY)


def _documents(target: Target) -> Iterator[tuple[str, str]]:
    """What a manifest refers to beside credentials and authorities: where, and the reference."""
    if target.condition_1 is not None and target.condition_1.document is not None:
        yield "condition_1.document", target.condition_1.document
    if target.attestations is not None:
        yield "attestations", target.attestations
    for name, service in target.services.items():
        described = service.description if isinstance(service, OpenApiService) else None
        if described is not None and described.startswith("file:"):
            yield f"services.{name}.description", described


def _anchor_fault(loaded: LoadedTarget, reference: FileReference) -> Unusable | None:
    try:
        content = resolve_file(reference, loaded.folder)
    except SecretUnavailable as fault:
        return Unusable(subject=ANCHORS, found=fault.message, remedy=_REMEDY)
    if is_anchor(content):
        return None
    return _unreadable(ANCHORS, reference, fr="un certificat", en="a certificate")


class _Gathering:
    """Reads what a manifest refers to, and keeps what can't be read instead of stopping there."""

    def __init__(self, folder: Path) -> None:
        self.faults: list[SecretUnavailable] = []
        self._folder = folder

    def secret(self, reference: str) -> str:
        """The secret, or nothing when it can't be read."""
        try:
            return resolve(reference, self._folder)
        except SecretUnavailable as fault:
            self.faults.append(fault)
            return ""

    def path(self, reference: str) -> Path:
        """The file's path, once it was opened."""
        try:
            resolve_file(reference, self._folder)
        except SecretUnavailable as fault:
            self.faults.append(fault)
        return path_of(reference, self._folder)


def _faults(loaded: LoadedTarget, name: str) -> list[Unusable]:
    """What can't be used of one actor's credentials."""
    actor = loaded.target.actors[name]
    source = _Gathering(loaded.folder)
    alone = replace(loaded.target, actors={name: actor})
    credentials = resolve_all(alone, source, Redactor(()))[name]
    if source.faults:
        return [Unusable(subject=name, found=f.message, remedy=_REMEDY) for f in source.faults]
    return list(_malformed(name, actor, credentials))


def _malformed(name: str, actor: Actor, credentials: Credentials) -> Iterator[Unusable]:
    """Keys and certificates that were read, and aren't any."""
    match actor.authentication:
        case OAuth2Authentication() as declared:
            key = credentials.client.key if credentials.client is not None else None
            if key is not None and not is_private_key(key):
                yield _unreadable(name, declared.key, fr="une clé privée", en="a private key")
            yield from _mismatched(name, credentials.identity, declared.certificate)
        case CertificateAuthentication() as declared:
            yield from _mismatched(name, credentials.identity, declared.certificate)
            other = declared.other_authority_certificate
            yield from _mismatched(name, credentials.other_authority, other)


def _mismatched(
    name: str, identity: Identity | None, reference: FileReference | None
) -> Iterator[Unusable]:
    if identity is not None and not is_certificate_with_its_key(identity):
        yield _unreadable(
            name, reference, fr="un certificat avec sa clé", en="a certificate with its key"
        )


def _unreadable(subject: str, reference: str | None, *, fr: str, en: str) -> Unusable:
    found = Text(
        fr=f"la référence « {reference} » n'est pas {fr} en PEM",
        en=f"the reference “{reference}” isn't {en} in PEM",
    )
    return Unusable(subject=subject, found=found, remedy=_PEM)

"""Subjects of the check of a service's other versions: the addresses where they would stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tgv_suite.model.target import FhirService, OpenApiService, OperationKind, Target
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.declared import READS, access_of, ordinary, permitted_accesses
from tgv_suite.subjects.subject import Access, Subject, Undeclared, Versioned, or_undeclared

_NUMBERED = re.compile(r"[vV](\d{1,3})(\.\d+)*")
_STAGES = ("alpha", "beta", "preview")
_RELEASES = ("dstu2", "stu3", "r3", "r4", "r4b", "r5")
_BASES = ("baseDstu2", "baseDstu3", "baseR4", "baseR4B", "baseR5")
_USUAL = ("v0", "v1", "v2", "beta")
_UNLIKELY = "v90817"
_MOST = 8


def every_versioned_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """A reading of each service, with what its actor may not see, and where other versions would be."""
    first: dict[str, Access] = {}
    kinds = [OperationKind.READ]
    for access in (
        *ordinary(permitted_accesses(target, kinds)),
        *ordinary(permitted_accesses(target, READS)),
    ):
        if access.object.canaries:
            first.setdefault(access.operation.service, access)
    return or_undeclared(
        [_versioned(target, own) for own in first.values()],
        fr="aucune lecture n'est déclarée, sur un objet marqué (canaries)",
        en="no reading of a marked object is declared (canaries)",
    )


def _versioned(target: Target, own: Access) -> Versioned:
    service = target.services[own.operation.service]
    url = service.url.rstrip("/") if isinstance(service, FhirService | OpenApiService) else ""
    return Versioned(
        own=own,
        foreign=tuple(_foreign(target, own))[:1],
        unlikely=tuple(_unlikely(url, own.operation.path)),
        versions=tuple(_versions(url, own.operation.path)),
    )


def _foreign(target: Target, own: Access) -> Iterator[Access]:
    """The same reading of what its actor may not see, by somebody who may."""
    for object_id, item in target.objects.items():
        if item.kind != own.object.kind or own.actor_id in item.owners or not item.canaries:
            continue
        if own.object.person is not None and item.person == own.object.person:
            continue
        for name in item.owners:
            if name in own.operation.actors and not target.actors[name].sacrificial:
                yield access_of(target, own.operation_id, name, object_id)


def _versions(url: str, path: str) -> Iterator[Variant]:
    """The reading in place of its version in each other one; where it names none, in the usual ones."""
    found = _place(url, path)
    named = _others(found) if found is not None else _USUAL
    for version in named:
        yield from _at(url, path, version)


def _unlikely(url: str, path: str) -> Iterator[Variant]:
    """The same in a version that no service ever had."""
    return _at(url, path, _UNLIKELY)


def _at(url: str, path: str, version: str) -> Iterator[Variant]:
    """The addresses where a version of a service would stand."""
    origin, base = _origin(url), urlsplit(url).path
    found = _place(url, path)
    bare, separator, query = path.partition("?")
    if found is not None:
        moved = _replaced(base, found, version)
        rest = bare if moved != base else _replaced(bare, found, version)
        yield _variant(version, origin + moved, rest + separator + query)
        return
    yield _variant(f"{version}-behind", f"{url}/{version}", path)
    if base:
        yield _variant(f"{version}-before", f"{origin}/{version}{base}", path)


def _variant(version: str, base: str, path: str) -> Variant:
    return Variant(name=f"version-{version}", base=base, path=path)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _place(url: str, path: str) -> str | None:
    """The segment that names the version, of the service's address or else of the operation's."""
    segments = (*urlsplit(url).path.split("/"), *path.partition("?")[0].split("/"))
    return next((segment for segment in segments if _is_version(segment)), None)


def _is_version(segment: str) -> bool:
    known = segment.lower() in (*_STAGES, *_RELEASES) or segment in _BASES
    return known or _NUMBERED.fullmatch(segment) is not None


def _others(segment: str) -> tuple[str, ...]:
    """The versions beside one, written as it is; the nearest numbers come first."""
    if segment in _BASES:
        return tuple(one for one in _BASES if one != segment)
    if segment.lower() in _RELEASES:
        written = [one if segment.islower() else one.upper() for one in _RELEASES]
        return tuple(one for one in written if one != segment)
    numbered = _NUMBERED.fullmatch(segment)
    current = int(numbered[1]) if numbered is not None else 1
    letter = segment[0] if numbered is not None else "v"
    near = sorted(range(current + 3), key=lambda number: abs(number - current))
    names = [f"{letter}{number}" for number in near] + ["beta"]
    return tuple(name for name in names if name != segment)[:_MOST]


def _replaced(path: str, segment: str, version: str) -> str:
    """A path with the first segment of that name replaced."""
    segments = path.split("/")
    if segment not in segments:
        return path
    segments[segments.index(segment)] = version
    return "/".join(segments)

"""Subjects of the checks of ways around access control: other names, other addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tgv_suite.model.target import AuditService, Target
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.authorization import crossings, every_foreign_writing
from tgv_suite.subjects.declared import READS
from tgv_suite.subjects.places import NAMED
from tgv_suite.subjects.privileges import every_reserved_reading
from tgv_suite.subjects.subject import (
    Access,
    Crossing,
    Detour,
    ForeignWriting,
    Reserved,
    Spoof,
    SpoofedWriting,
    Subject,
    Undeclared,
    or_undeclared,
)

_PERSON_PARAMETERS = ("patient", "patient_id", "user_id", "subject")
_USER_PARAMETERS = ("username",)
_BODY_FIELDS = ("id", "user_id", "username")


def every_subject_override(target: Target) -> Sequence[Subject] | Undeclared:
    """Each reading between people, with the ways of naming the other one beside it."""
    return or_undeclared(
        [
            Spoof(crossing=crossing, variants=tuple(_names(target, crossing.foreign)))
            for crossing in _between_people(target)
        ],
        fr="aucun couple d'usagers dont l'un ne peut lire le dossier de l'autre n'est déclaré",
        en="no pair of users is declared, of whom one may not read the other's record",
    )


def every_subject_override_in_a_change(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update between users, with the fields that could name the other one or their object."""
    found = every_foreign_writing(target)
    if isinstance(found, Undeclared):
        return found
    return or_undeclared(
        [
            SpoofedWriting(writing=writing, variants=tuple(_fields(target, writing)))
            for writing in found
            if isinstance(writing, ForeignWriting)
            and isinstance(writing.own.write.operation.body, dict)
        ],
        fr="aucune modification en JSON n'est déclarée, avec un objet pour chacun de deux acteurs",
        en="no update in JSON is declared, with an object for each of two actors",
    )


def every_detour(target: Target) -> Sequence[Subject] | Undeclared:
    """Each reading between people, with other writings of its address."""
    return or_undeclared(
        [
            Detour(
                crossing=crossing,
                instead=written_otherwise(crossing.own.operation.path),
                behind=tuple(_behind(target, crossing.foreign)),
            )
            for crossing in _between_people(target)
        ],
        fr="aucun couple d'usagers dont l'un ne peut lire le dossier de l'autre n'est déclaré",
        en="no pair of users is declared, of whom one may not read the other's record",
    )


def every_detour_to_a_reserved_reading(target: Target) -> Sequence[Subject] | Undeclared:
    """Each reserved reading that an actor of another role must be refused, however it is written."""
    found = every_reserved_reading(target)
    return found if isinstance(found, Undeclared) else [r for r in found if isinstance(r, Reserved)]


def written_otherwise(path: str) -> tuple[Variant, ...]:
    """The same address in other letters, which a front end and what is behind may read apart.

    OWASP ASVS 5.0.0 V4.1.3; CWE-22, CWE-178, CWE-647.
    """
    base, mark, query = path.partition("?")
    first = base.lstrip("/")[:1]
    rest, tail = base.lstrip("/")[1:], mark + query
    override = Variant(
        name="overridden-method", method="POST", headers=(("X-HTTP-Method-Override", "GET"),)
    )
    # Where no object is named, a POST could create one.
    overridden = (override,) if "{object}" in base else ()
    return (
        Variant(name="other-case", path=f"/{first.swapcase()}{rest}{tail}"),
        Variant(name="double-slash", path=f"//{first}{rest}{tail}"),
        Variant(name="trailing-slash", path=f"{base}/{tail}"),
        Variant(name="encoded-letter", path=f"/%{ord(first or '.'):02X}{rest}{tail}"),
        Variant(name="dot-segment", path=f"/./{first}{rest}{tail}"),
        Variant(name="with-extension", path=f"{base}.json{tail}"),
        Variant(name="with-parameter", path=f"{base};zzt=1{tail}"),
        *overridden,
    )


def _behind(target: Target, foreign: Access) -> Iterator[Variant]:
    """The other's address, in the headers by which a front end tells what was asked of it."""
    service = target.services[foreign.operation.service]
    if not isinstance(service, AuditService):
        address = urlsplit(service.url).path.rstrip("/") + put_in(
            target, foreign, foreign.operation.path
        )
        for header in ("X-Original-URL", "X-Rewrite-URL"):
            yield Variant(name=f"header-{header}", headers=((header, address),))


def _between_people(target: Target) -> list[Crossing]:
    """The first crossing of each reading, between users before between clinics.

    Records of people are what is to be protected; where the manifest names no people, whatever
    somebody else owns.
    """
    every = [
        crossing
        for clinics in (False, True)
        for crossing in crossings(target, READS, clinics=clinics)
    ]
    of_people = [one for one in every if one.foreign.object.person is not None]
    first: dict[str, Crossing] = {}
    for crossing in of_people or every:
        first.setdefault(crossing.own.operation_id, crossing)
    return list(first.values())


def _names(target: Target, foreign: Access) -> Iterator[Variant]:
    """The other person in parameters of their own, then beside the declared one of the same name."""
    person = _locator(target, foreign)
    for name in _PERSON_PARAMETERS:
        yield Variant(name=f"parameter-{name}", query=((name, person),))
    for name in _USER_PARAMETERS:
        yield Variant(name=f"parameter-{name}", query=((name, _user(foreign)),))
    for pair in foreign.operation.path.partition("?")[2].split("&"):
        name, _, declared = pair.partition("=")
        if NAMED.search(declared):
            other = put_in(target, foreign, declared)
            yield Variant(name=f"twice-{name}-last", query=((name, declared), (name, other)))
            yield Variant(name=f"twice-{name}-first", query=((name, other), (name, declared)))


def _fields(target: Target, writing: ForeignWriting) -> Iterator[Variant]:
    foreign = writing.foreign.write
    values = (foreign.object.locator, _locator(target, foreign), _user(foreign))
    for name, value in zip(_BODY_FIELDS, values, strict=True):
        yield Variant(name=f"field-{name}", fields=((name, value),))
        yield Variant(name=f"parameter-{name}", query=((name, value),))


def _locator(target: Target, access: Access) -> str:
    """The person whom an access is about, as the system names them; else the object."""
    person = access.object.person
    return access.object.locator if person is None else target.people[person].locator


def _user(access: Access) -> str:
    return access.actor.audit_identity or access.actor_id


def put_in(target: Target, access: Access, template: str) -> str:
    """A template filled in with what an access is about."""
    person = target.people.get(access.object.person or "")
    values = {
        "{object}": access.object.locator,
        "{person}": _locator(target, access),
        "{nam}": (person.nam if person else None) or "",
    }
    return NAMED.sub(lambda found: values[found[0]], template)

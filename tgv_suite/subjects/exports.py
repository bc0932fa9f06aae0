"""Subjects of the checks of what leaves a system in numbers: spreadsheets, exports, searches of people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgv_suite.model.target import OperationKind, Target
from tgv_suite.model.variant import Variant
from tgv_suite.subjects.creations import every_creation
from tgv_suite.subjects.declared import (
    READS,
    access_of,
    first_of_each_operation,
    ordinary,
    permitted_accesses,
    permitted_writings,
)
from tgv_suite.subjects.input import in_place_of_unique, telling_field
from tgv_suite.subjects.subject import (
    Access,
    Bulk,
    Creating,
    Exported,
    Harvest,
    Intrusion,
    Subject,
    Undeclared,
    or_undeclared,
)
from tgv_suite.text import Text

_FORMULAS = {
    "equals": '=HYPERLINK("http://tgv.invalid/{unique}")',
    "plus": '+1-1&"{unique}"',
    "minus": '-1+1&"{unique}"',
    "at": '@SUM(1)&"{unique}"',
}
"""Inert: the only address is of a name that can't exist (RFC 2606 §2)."""


def every_exported_writing(target: Target) -> Sequence[Subject] | Undeclared:
    """Each update whose effect an export shows, by the first ordinary actor who may ask for both."""
    first: dict[str, Subject] = {}
    for writing in permitted_writings(target):
        write, exported_by = writing.write, writing.write.operation.exported_by
        field = telling_field(write.operation.body)
        if exported_by is None or field is None or write.actor.sacrificial:
            continue
        if write.actor_id in target.operations[exported_by].actors:
            exported = Exported(
                writing=writing,
                export=access_of(target, exported_by, write.actor_id, write.object_id),
                formulas=tuple(
                    Variant(
                        name=name, fields=((field.name, in_place_of_unique(field.value, text)),)
                    )
                    for name, text in _FORMULAS.items()
                ),
            )
            first.setdefault(write.operation_id, exported)
    offered = any(operation.exported_by is not None for operation in target.operations.values())
    return list(first.values()) or Undeclared(
        missing=Text(
            fr="selon le manifeste, aucune modification ne se retrouve dans un export pour tableur "
            "(exported_by)",
            en="by the manifest, no update is found again in an export for spreadsheets (exported_by)",
        ),
        offered=offered,
    )


def every_bulk_export(target: Target) -> Sequence[Subject] | Undeclared:
    """Each export of many records, with an account of each role that may not start it."""
    offered = any(operation.bulk for operation in target.operations.values())
    if not offered:
        return Undeclared(
            missing=Text(
                fr="selon le manifeste, le SI n'offre aucun export en lot (bulk)",
                en="by the manifest, the system offers no bulk export (bulk)",
            ),
            offered=False,
        )
    found = [
        Bulk(creating=creating, intrusions=intrusions)
        for creating in every_creation(target)
        if creating.create.operation.bulk and (intrusions := tuple(_others(target, creating)))
    ]
    return or_undeclared(
        found,
        fr="aucun export en lot n'est déclaré avec la façon de l'effacer (creates) et un acteur du même "
        "service qui n'y a pas droit",
        en="no bulk export is declared with how it is removed (creates) and an actor of the same service "
        "who may not start it",
    )


def _others(target: Target, creating: Creating) -> Iterator[Intrusion]:
    """The first actor of each role who may not start an export, with what they may read there."""
    create, roles = creating.create, set()
    for own in ordinary(permitted_accesses(target, READS)):
        here = own.operation.service == create.operation.service and own.object.canaries
        if here and own.actor_id not in create.operation.actors and own.actor.role not in roles:
            roles.add(own.actor.role)
            attempt = access_of(target, create.operation_id, own.actor_id, create.object_id)
            yield Intrusion(own=own, attempt=attempt)


def every_people_search(target: Target) -> Sequence[Subject] | Undeclared:
    """Each search of people whose cap is declared, by its first permitted actor."""
    searches = first_of_each_operation(ordinary(permitted_accesses(target, [OperationKind.SEARCH])))
    return or_undeclared(
        [
            _harvest(target, search)
            for search in searches
            if search.operation.harvesting is not None
        ],
        fr="aucune recherche de personnes n'est déclarée avec le plus de personnes qu'elle montre à qui "
        "ne dit pas qui il cherche (harvesting)",
        en="no search of people is declared with the most people that it shows to whoever doesn't say "
        "whom they seek (harvesting)",
    )


def _harvest(target: Target, search: Access) -> Harvest:
    harvesting = search.operation.harvesting
    names = harvesting.parameters if harvesting is not None else ()
    marks = [
        item.canaries[0]
        for item in target.objects.values()
        if item.kind == search.object.kind and search.actor_id in item.owners and item.canaries
    ]
    vague = {"star": "*", "percent": "%", "nothing": "", "one-letter": _letter(target, search)}
    return Harvest(
        access=search,
        at_most=harvesting.at_most if harvesting is not None else 0,
        marks=tuple(marks),
        variants=(
            *(
                Variant(name=name, query=tuple((each, value) for each in names))
                for name, value in vague.items()
            ),
            Variant(name="without-criterion", path=_without(search.operation.path, names)),
        ),
    )


def _letter(target: Target, search: Access) -> str:
    """A letter by which the person sought begins, or their number does."""
    person = target.people.get(search.object.person or "")
    return ((person.nam or person.locator) if person is not None else search.object.locator)[:1]


def _without(path: str, names: Sequence[str]) -> str:
    """A path without some parameters of its query."""
    base, _, query = path.partition("?")
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0] not in names]
    return f"{base}?{'&'.join(kept)}" if kept else base

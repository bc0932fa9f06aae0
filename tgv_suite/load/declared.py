"""What a manifest declares soundly, piece by piece, so that one fault doesn't hide the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from tgv_suite.load.yaml_tree import Address, Finding, Tree
from tgv_suite.model.accounts import Accounts
from tgv_suite.model.catalogue import SafetyClass
from tgv_suite.model.rights import AccessRemoval, Restriction
from tgv_suite.model.target import (
    Actor,
    CallbackAddress,
    Environment,
    FirstCondition,
    Operation,
    Person,
    Quota,
    ScopeHost,
    Service,
    SyntheticObject,
    Tenancy,
)
from tgv_suite.noun import noun
from tgv_suite.text import Text

_SERVICE: Final[TypeAdapter[Service]] = TypeAdapter(Service)
_UNKNOWN: Final = ("unexpected_keyword_argument", "extra_forbidden")


@noun
class Declared:
    """The sound pieces of a manifest; ``tree`` says where each stands.

    Parameters
    ----------
    hosts:
        The scope's hosts; None when one of them is faulty.
    names:
        For each section, every name in it, of faulty pieces too: a reference to one isn't dangling.
    kinds:
        Every kind of object that is named.
    """

    tree: Tree
    services: Mapping[str, Service]
    actors: Mapping[str, Actor]
    people: Mapping[str, Person]
    objects: Mapping[str, SyntheticObject]
    operations: Mapping[str, Operation]
    quotas: Mapping[int, Quota]
    access_removals: Mapping[int, AccessRemoval]
    restrictions: Mapping[int, Restriction]
    accounts: Accounts
    tenancy: Tenancy | None
    callback: CallbackAddress | None
    hosts: tuple[ScopeHost, ...] | None
    until: date | None
    safety: tuple[SafetyClass, ...]
    intrusive_on: tuple[str, ...]
    environment: Environment | None
    condition_1: FirstCondition | None
    attestations: str | None
    trust_anchors: tuple[str, ...]
    names: Mapping[str, frozenset[str]]
    kinds: frozenset[str]

    def fault(self, address: Address, message: Text, remedy: Text, *, key: bool = False) -> Finding:
        """A finding at an address of the manifest."""
        mark = self.tree.mark(address, key=key)
        return Finding(address=address, mark=mark, message=message, remedy=remedy)


def declared(tree: Tree) -> Declared:
    """The sound pieces of what was read.

    Parameters
    ----------
    tree:
        The manifest; whatever it holds, nothing is raised.
    """
    root = _group(tree.data)
    scope, objects = _group(root.get("scope")), _group(root.get("objects"))
    sections = ("services", "actors", "people", "objects", "operations")
    return Declared(
        tree=tree,
        services=_each(_SERVICE, root.get("services")),
        actors=_each(TypeAdapter(Actor), root.get("actors")),
        people=_each(TypeAdapter(Person), root.get("people")),
        objects=_each(TypeAdapter(SyntheticObject), objects),
        operations=_each(TypeAdapter(Operation), root.get("operations")),
        quotas=_listed(TypeAdapter(Quota), root.get("quotas")),
        access_removals=_listed(TypeAdapter(AccessRemoval), root.get("access_removals")),
        restrictions=_listed(TypeAdapter(Restriction), root.get("restrictions")),
        accounts=_sound(TypeAdapter(Accounts), root.get("accounts") or {}) or Accounts(),
        tenancy=_sound(TypeAdapter(Tenancy), root.get("tenancy")),
        callback=_sound(TypeAdapter(CallbackAddress), root.get("callback")),
        hosts=_all(TypeAdapter(ScopeHost), scope.get("hosts")),
        until=_sound(TypeAdapter(date), scope.get("until")),
        safety=_all(TypeAdapter(SafetyClass), scope.get("safety")) or (),
        intrusive_on=_all(TypeAdapter(str), scope.get("intrusive_on")) or (),
        environment=_sound(TypeAdapter(Environment), _group(root.get("system")).get("environment")),
        condition_1=_sound(TypeAdapter(FirstCondition), root.get("condition_1")),
        attestations=_sound(TypeAdapter(str), root.get("attestations")),
        trust_anchors=_all(TypeAdapter(str), root.get("trust_anchors")) or (),
        names={section: frozenset(_group(root.get(section))) for section in sections},
        kinds=frozenset(str(_group(item).get("kind")) for item in objects.values()),
    )


def _group(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _each(adapter: TypeAdapter[Any], value: JsonValue) -> dict[str, Any]:
    pieces = {name: _sound(adapter, raw) for name, raw in _group(value).items()}
    return {name: piece for name, piece in pieces.items() if piece is not None}


def _listed(adapter: TypeAdapter[Any], value: JsonValue) -> dict[int, Any]:
    pieces = enumerate(value if isinstance(value, list) else [])
    sound = ((index, _sound(adapter, raw)) for index, raw in pieces)
    return {index: piece for index, piece in sound if piece is not None}


def _all(adapter: TypeAdapter[Any], value: JsonValue) -> tuple[Any, ...] | None:
    pieces = _listed(adapter, value)
    whole = isinstance(value, list) and len(pieces) == len(value)
    return tuple(pieces.values()) if whole else None


def _sound(adapter: TypeAdapter[Any], raw: JsonValue) -> Any:
    """The piece, read without its unknown keys; None when it is faulty in another way."""
    try:
        return adapter.validate_json(json.dumps(raw), strict=True)
    except ValidationError as error:
        unknown = [str(e["loc"][-1]) for e in error.errors() if e["type"] in _UNKNOWN]
    if not unknown or not isinstance(raw, dict):
        return None
    try:
        return adapter.validate_json(json.dumps(_without(raw, unknown)), strict=True)
    except ValidationError:
        return None


def _without(raw: JsonValue, keys: list[str]) -> JsonValue:
    """``raw`` without these keys, at its own level and in the groups right under it."""
    if not isinstance(raw, dict):
        return raw
    kept = {key: value for key, value in raw.items() if key not in keys}
    return {
        key: {k: v for k, v in value.items() if k not in keys} if isinstance(value, dict) else value
        for key, value in kept.items()
    }

"""The shape of the model's nouns: where a fault lies in the data, and what is allowed there."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from tgv_suite.load.yaml_tree import Address


def walk(kind: Any, location: Sequence[str | int]) -> tuple[Address, Any]:
    """Follow pydantic's location of a fault through a type.

    Returns
    -------
    tuple
        The address in the data (a location also names the variants of unions, which data doesn't),
        and the type that is expected there.
    """
    address: list[str | int] = []
    for step in location:
        if step == "[key]":
            break
        kind, is_data = _step(_bare(kind), step)
        if is_data:
            address.append(step)
    return tuple(address), _bare(kind)


def allowed(kind: Any) -> list[str]:
    """What may be written where ``kind`` is expected: fields, values or variants; else nothing."""
    kind = _bare(kind)
    if is_dataclass(kind):
        return [field.name for field in fields(kind)]
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return [_tag(member) for member in _members(kind)]


def _step(kind: Any, step: str | int) -> tuple[Any, bool]:
    """The type one step further, and whether the step is in the data too."""
    members = _members(kind)
    if members:
        return next((member for member in members if _tag(member) == step), object), False
    if is_dataclass(kind):
        return _hints(kind).get(str(step), object), True
    inner = get_args(kind)
    if get_origin(kind) is Mapping:
        return inner[1], True
    return (inner[0] if inner else object), True


def _bare(kind: Any) -> Any:
    """A type without its annotations and without None."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        some = [member for member in get_args(kind) if member is not type(None)]
        return _bare(some[0]) if len(some) == 1 else kind
    return kind


def _members(kind: Any) -> list[Any]:
    """The variants of a union that a ``type`` key tells apart."""
    if get_origin(kind) not in (Union, types.UnionType):
        return []
    return [member for member in get_args(kind) if is_dataclass(member)]


def _tag(member: Any) -> str:
    return str(get_args(_bare(_hints(member)["type"]))[0])


def _hints(noun: Any) -> dict[str, Any]:
    return get_type_hints(noun, include_extras=True)

"""The reverse of loading: a noun of the model → YAML that loads back equal."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import yaml
from pydantic import JsonValue, TypeAdapter


class _Dumper(yaml.SafeDumper):
    """Writes lists indented under their key, and never an alias."""

    def ignore_aliases(self, data: object) -> bool:
        """Equal values are written again: the loader refuses aliases."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists too."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    if style is None and text[:1].isdigit():
        style = '"'  # YAML 1.2 readers see numbers and dates where 1.1 sees text
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def dump(noun_instance: object) -> str:
    """A noun as YAML, its keys in the model's order, without what is None or has its default.

    Parameters
    ----------
    noun_instance:
        An instance of a noun of the model; its ``schema`` field, when it has one, comes first.
    """
    data = _plain(noun_instance)
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _plain(value: object) -> JsonValue:
    if is_dataclass(value) and not isinstance(value, type):
        kept = [
            (f.name, getattr(value, f.name)) for f in fields(value) if not _is_default(value, f)
        ]
        return {name: _plain(item) for name, item in kept}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    plain: JsonValue = TypeAdapter(Any).dump_python(value, mode="json")
    return plain


def _is_default(owner: object, field: Any) -> bool:
    value = getattr(owner, field.name)
    if field.name in ("schema", "type"):
        return False  # they tell kinds of files, and the variants of a union, apart
    if field.default is not MISSING:
        return bool(value == field.default)
    return field.default_factory is not MISSING and bool(value == field.default_factory())

"""The published JSON Schemas, by which an editor checks what a person writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import JsonValue, TypeAdapter

from tgv_suite.model.catalogue import Profile, RequirementFile
from tgv_suite.model.orientation import Orientation
from tgv_suite.model.papers import AttestationFile, WaiverFile
from tgv_suite.model.target import Target
from tgv_suite.text import Text

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_KINDS: Final[Mapping[str, tuple[Any, Text]]] = {
    "tgv-requirements/1": (
        RequirementFile,
        Text(fr="Une famille d'exigences", en="A family of requirements"),
    ),
    "tgv-profile/1": (
        Profile,
        Text(fr="Un profil : ce qui est exigé", en="A profile: what is asked"),
    ),
    "tgv-orientation/1": (
        Orientation,
        Text(fr="Une édition de l'orientation", en="One edition of the orientation"),
    ),
    "tgv-attestations/1": (
        AttestationFile,
        Text(fr="Les attestations d'un dossier", en="The attestations of a file"),
    ),
    "tgv-waivers/1": (
        WaiverFile,
        Text(fr="Les dérogations d'un essai", en="The waivers of a run"),
    ),
    "tgv-target/1": (Target, Text(fr="Le manifeste d'un SI", en="A system's manifest")),
}
KINDS: Final = tuple(_KINDS)


def json_schema(kind: str) -> dict[str, JsonValue]:
    """The JSON Schema (2020-12) of one kind of file; every object is closed.

    Parameters
    ----------
    kind:
        The word of the file's ``schema`` key, one of :data:`KINDS`.

    Raises
    ------
    KeyError
        There is no such kind.
    """
    model, title = _KINDS[kind]
    schema = _without_prose(TypeAdapter(model).json_schema())
    head: dict[str, JsonValue] = {
        "$schema": DIALECT,
        "$id": f"urn:tgv:schema:{file_name(kind).removesuffix('.schema.json')}",
        "title": f"{title.fr} / {title.en}",
    }
    return {**head, **{key: value for key, value in schema.items() if key not in head}}


def _without_prose(schema: Any) -> Any:
    """A schema without the docstrings, which are in one language and for programmers."""
    if isinstance(schema, dict):
        prose = ("title", "description")
        kept = {k: v for k, v in schema.items() if not (k in prose and isinstance(v, str))}
        return {key: _without_prose(value) for key, value in kept.items()}
    return [_without_prose(item) for item in schema] if isinstance(schema, list) else schema


def file_name(kind: str) -> str:
    """The file in which a kind's schema is published."""
    return f"{kind.replace('/', '-')}.schema.json"


def write_schemas(folder: Path) -> None:
    """Publish every schema.

    Parameters
    ----------
    folder:
        The profiles' folder; the schemas go in its ``schemas``.
    """
    schemas = folder / "schemas"
    schemas.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        (schemas / file_name(kind)).write_text(published(kind), encoding="utf-8")


def published(kind: str) -> str:
    """The text of a published schema."""
    return json.dumps(json_schema(kind), indent=2, ensure_ascii=False, sort_keys=False) + "\n"

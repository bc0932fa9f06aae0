"""The strict reading of one file: YAML → data → model, every fault at once and at its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from tgv_suite.errors import InputFault, InputFaults
from tgv_suite.load.messages import explain
from tgv_suite.load.shown import closest, quoted, shown
from tgv_suite.load.yaml_tree import Finding, Mark, Tree, read_tree
from tgv_suite.noun import noun
from tgv_suite.text import Text

LARGEST: Final = 2 * 1024 * 1024
_MOST_FAULTS: Final = 100
_MOST_EXPLAINED: Final = 1000
_START: Final = Mark(line=1, column=1)

Model = TypeVar("Model")


@noun
class Source:
    """A file that was read as YAML.

    Parameters
    ----------
    path:
        The file, as the user named it.
    sha256:
        The digest of its bytes, in hexadecimal.
    tree:
        Its data and marks.
    """

    path: Path
    sha256: str
    tree: Tree


@noun
class Document(Generic[Model]):
    """A file that holds a sound ``content``, and where everything stands in it."""

    source: Source
    content: Model


def load_document(path: Path, model: type[Model], *, schema: str) -> Document[Model]:
    """Read a file into a noun of the model.

    Parameters
    ----------
    path:
        The file.
    model:
        The noun that it must hold.
    schema:
        What its first key, ``schema``, must say, for example ``tgv-profile/1``.

    Raises
    ------
    InputFaults
        With every fault of the file.
    """
    source = read_source(path, schema=schema)
    content, findings = validate(source, model)
    if content is None or findings:
        raise faults(source.path, findings)
    return Document(source=source, content=content)


def read_source(path: Path, *, schema: str) -> Source:
    """Read a file as YAML whose first key is ``schema``.

    Raises
    ------
    InputFaults
        It can't be read, isn't UTF-8, is too large, isn't YAML, or is of another schema.
    """
    raw = _bytes(path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise faults(path, [_not_utf8(raw, error.start)]) from None
    source = Source(path=path, sha256=hashlib.sha256(raw).hexdigest(), tree=read_tree(text))
    fatal = _fatal(source.tree, schema)
    if fatal:
        raise faults(path, fatal)
    return source


def validate(source: Source, model: type[Model]) -> tuple[Model | None, list[Finding]]:
    """The model that a source holds, when it is sound, and all its faults.

    Parameters
    ----------
    source:
        What was read.
    model:
        The noun expected.
    """
    tree = source.tree
    findings = [*tree.findings, *_schema_first(tree)]
    known = {finding.address for finding in findings}
    content: Model | None = None
    try:
        content = TypeAdapter(model).validate_json(json.dumps(tree.data), strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        explained = (explain(detail, model, tree) for detail in details[:_MOST_EXPLAINED])
        findings += [finding for finding in explained if finding.address not in known]
    return content, findings


def faults(path: Path, findings: Iterable[Finding]) -> InputFaults:
    """The error that tells every finding, in the order of the file.

    Parameters
    ----------
    path:
        The file.
    findings:
        At least one.
    """
    ordered = sorted(findings, key=lambda finding: (finding.mark.line, finding.mark.column))
    several = [
        InputFault(
            message=finding.message,
            remedy=finding.remedy,
            place=f"{path}:{finding.mark.line}:{finding.mark.column}",
        )
        for finding in ordered[:_MOST_FAULTS]
    ]
    if len(ordered) > _MOST_FAULTS:
        several.append(_and_more(path))
    return InputFaults(path, several)


def finding(fr: str, en: str, *, remedy: Text, mark: Mark = _START) -> Finding:
    """A finding about a file as a whole."""
    return Finding(address=(), mark=mark, message=Text(fr=fr, en=en), remedy=remedy)


def _and_more(path: Path) -> InputFault:
    return InputFault(
        message=Text(fr="d'autres fautes suivent", en="more faults follow"),
        remedy=Text(fr="corrigez d'abord celles-ci", en="mend these first"),
        place=str(path),
    )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "?"
        unreadable = finding(
            f"le fichier ne peut être lu ({reason})",
            f"the file can't be read ({reason})",
            remedy=Text(
                fr="vérifiez le chemin et les droits", en="check the path and the permissions"
            ),
        )
        raise faults(path, [unreadable]) from None
    if len(raw) > LARGEST:
        large = finding(
            "le fichier dépasse 2 Mio",
            "the file is larger than 2 MiB",
            remedy=Text(
                fr="ce n'est sans doute pas le bon fichier", en="it is probably the wrong file"
            ),
        )
        raise faults(path, [large])
    return raw


def _not_utf8(raw: bytes, at: int) -> Finding:
    before = raw[:at]
    column = at - (before.rfind(b"\n") + 1) + 1
    return finding(
        "le fichier n'est pas en UTF-8",
        "the file isn't in UTF-8",
        remedy=Text(fr="enregistrez-le en UTF-8", en="save it as UTF-8"),
        mark=Mark(line=before.count(b"\n") + 1, column=column),
    )


def _fatal(tree: Tree, schema: str) -> list[Finding]:
    """The faults after which nothing else can be said of the file."""
    broken = [fault for fault in tree.findings if not fault.address]
    if broken:
        return list(tree.findings)
    if tree.data is None:
        remedy = Text(
            fr=f"commencez-le par « schema: {schema} »", en=f"start it with “schema: {schema}”"
        )
        return [finding("le fichier est vide", "the file is empty", remedy=remedy)]
    if not isinstance(tree.data, dict):
        remedy = Text(
            fr=f"commencez-le par « schema: {schema} »", en=f"start it with “schema: {schema}”"
        )
        fr, en = "le fichier n'est pas un groupe de clés", "the file isn't a group of keys"
        return [finding(fr, en, remedy=remedy)]
    return _wrong_schema(tree, tree.data, schema)


def _wrong_schema(tree: Tree, data: dict[str, Any], schema: str) -> list[Finding]:
    given = data.get("schema")
    if given == schema:
        return []
    remedy = Text(fr=f"écrivez « schema: {schema} »", en=f"write “schema: {schema}”")
    if "schema" not in data:
        near = closest("schema", data)
        hint = (f", et non « {near} »", f", not “{near}”") if near else ("", "")
        fr, en = "la première clé doit être « schema »", "the first key has to be “schema”"
        return [finding(f"{fr}{hint[0]}", f"{en}{hint[1]}", remedy=remedy)]
    fr, en = quoted(shown(given) if isinstance(given, str) else None)
    return [
        finding(
            f"le schéma{fr} n'est pas celui qui est attendu ici, « {schema} »",
            f"the schema{en} isn't the one expected here, “{schema}”",
            remedy=remedy,
            mark=tree.mark(("schema",)),
        )
    ]


def _schema_first(tree: Tree) -> list[Finding]:
    if not isinstance(tree.data, dict) or next(iter(tree.data)) == "schema":
        return []
    return [
        Finding(
            address=("schema", ""),
            mark=tree.mark(("schema",), key=True),
            message=Text(
                fr="« schema » n'est pas la première clé", en="“schema” isn't the first key"
            ),
            remedy=Text(fr="mettez-la en tête du fichier", en="move it to the top of the file"),
        )
    ]

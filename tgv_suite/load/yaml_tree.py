"""YAML text → plain data, with the mark of every value and every key, and without YAML's traps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from pydantic import JsonValue

from tgv_suite.load.shown import quoted, shown
from tgv_suite.noun import noun
from tgv_suite.text import Text

Address = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER: Final[Any] = yaml.resolver.Resolver()
_DEPTH: Final = 40
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}")


@noun
class Mark:
    """A place in a text; lines and columns count from 1."""

    line: int
    column: int


@noun
class Finding:
    """One fault, before it is told which file it stands in.

    Parameters
    ----------
    address:
        The keys and indexes that lead to the fault.
    mark:
        Where it stands.
    """

    address: Address
    mark: Mark
    message: Text
    remedy: Text


@noun
class Tree:
    """A document as plain data.

    Parameters
    ----------
    values, keys:
        Where each value and each key stands.
    plain:
        The unquoted scalars that YAML doesn't read as text, as they were written.
    findings:
        The faults of the YAML itself.
    """

    data: JsonValue
    values: Mapping[Address, Mark]
    keys: Mapping[Address, Mark]
    plain: Mapping[Address, str]
    findings: tuple[Finding, ...]

    def mark(self, address: Address, *, key: bool = False) -> Mark:
        """Where the value (or the key) at ``address`` stands; when absent, what holds it."""
        if key and address in self.keys:
            return self.keys[address]
        while address and address not in self.values:
            address = address[:-1]
        return self.values.get(address, Mark(line=1, column=1))


class _Stop(Exception):
    """The rest of the text can't be read."""


@dataclass(slots=True)
class _Frame:
    address: Address
    items: list[JsonValue] | dict[str, JsonValue]
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Builds the tree from YAML's events; an explicit stack, so that depth is ours to bound."""

    frames: list[_Frame] = field(default_factory=list)
    data: JsonValue = None
    documents: int = 0
    values: dict[Address, Mark] = field(default_factory=dict)
    keys: dict[Address, Mark] = field(default_factory=dict)
    plain: dict[Address, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def take(self, event: yaml.Event) -> None:
        """Take one event in."""
        mark = _mark(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            self._document(mark)
        elif isinstance(event, yaml.AliasEvent):
            self._fault(mark, _ALIAS)
            self._place(None, mark)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, mark)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(event.tag, {}, mark)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(event.tag, [], mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.frames.pop()

    def _document(self, mark: Mark) -> None:
        self.documents += 1
        if self.documents > 1:
            self._fault(mark, _DOCUMENTS)
            raise _Stop

    def _open(self, tag: str | None, items: Any, mark: Mark) -> None:
        if tag is not None:
            self._fault(mark, _TAG)
        if len(self.frames) >= _DEPTH:
            self._fault(mark, _TOO_DEEP)
            raise _Stop
        if self._awaits_key():
            self._fault(mark, _COMPLEX_KEY)
            raise _Stop
        self.frames.append(_Frame(address=self._place(items, mark), items=items))

    def _scalar(self, event: yaml.ScalarEvent, mark: Mark) -> None:
        if event.tag is not None:
            self._fault(mark, _TAG)
        if self._awaits_key():
            self._key(event.value, mark)
            return
        value, sound = _read(event.value) if event.implicit[0] else (event.value, True)
        address = self._place(value, mark)
        if not isinstance(value, str) and value is not None:
            self.plain.setdefault(address, event.value)
        if not sound:
            self._fault(mark, _ambiguous(event.value), address)

    def _awaits_key(self) -> bool:
        return (
            bool(self.frames)
            and isinstance(self.frames[-1].items, dict)
            and self.frames[-1].key is None
        )

    def _key(self, key: str, mark: Mark) -> None:
        frame = self.frames[-1]
        frame.key = key
        address = (*frame.address, key)
        if address in self.keys:
            self._fault(mark, _duplicate(key, self.keys[address]), address)
        self.keys.setdefault(address, mark)

    def _place(self, value: JsonValue, mark: Mark) -> Address:
        """Put a value where it belongs; of duplicate keys the first stands."""
        if not self.frames:
            self.data = value
        address = self._put(self.frames[-1], value) if self.frames else ()
        self.values.setdefault(address, mark)
        return address

    def _put(self, frame: _Frame, value: JsonValue) -> Address:
        if isinstance(frame.items, list):
            frame.items.append(value)
            return (*frame.address, len(frame.items) - 1)
        key, frame.key = frame.key or "", None
        frame.items.setdefault(key, value)
        return (*frame.address, key)

    def _fault(self, mark: Mark, words: tuple[Text, Text], address: Address | None = None) -> None:
        where = address if address is not None else self._here()
        self.findings.append(Finding(address=where, mark=mark, message=words[0], remedy=words[1]))

    def _here(self) -> Address:
        if not self.frames:
            return ()
        frame = self.frames[-1]
        step = len(frame.items) if isinstance(frame.items, list) else (frame.key or "")
        return (*frame.address, step)


def read_tree(text: str) -> Tree:
    """Read a YAML text; its faults are in the tree, nothing is raised.

    Parameters
    ----------
    text:
        One YAML document. Aliases, tags and several documents are faults; so are plain scalars that
        versions 1.1 and 1.2 of YAML read differently.
    """
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except _Stop:
        pass  # the fault that stopped the reading is among the findings
    except yaml.YAMLError as error:
        builder.findings.append(_syntax(error, text))
    return Tree(
        data=builder.data,
        values=builder.values,
        keys=builder.keys,
        plain=builder.plain,
        findings=tuple(builder.findings),
    )


def _mark(found: Any) -> Mark:
    return Mark(line=found.line + 1, column=found.column + 1)


def _read(raw: str) -> tuple[JsonValue, bool]:
    """A plain scalar's value, and whether every YAML reader agrees on it."""
    kind = _RESOLVER.resolve(yaml.ScalarNode, raw, (True, False)).rpartition(":")[2]
    if kind == "null":
        return None, True
    if kind == "bool":
        return raw.lower() in ("true", "yes", "on"), raw.lower() in ("true", "false")
    if kind == "int" and _INTEGER.fullmatch(raw):
        return int(raw), True
    if kind == "float" and _DECIMAL.fullmatch(raw):
        return float(raw), True
    return raw, kind not in ("int", "float")


def _syntax(error: yaml.YAMLError, text: str) -> Finding:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or "")
    if mark is not None:
        place = _mark(mark)
    else:
        place = _unprintable(text)
        problem = "control characters are not allowed"
    french = next((fr for start, fr in _PROBLEMS if problem.startswith(start)), None)
    known = french is not None
    return Finding(
        address=(),
        mark=place,
        message=Text(
            fr=f"la syntaxe YAML est incorrecte : {french}"
            if known
            else "la syntaxe YAML est incorrecte",
            en=f"the YAML syntax is wrong: {problem}" if known else "the YAML syntax is wrong",
        ),
        remedy=Text(
            fr="vérifiez l'indentation (des espaces, jamais de tabulation), les deux-points et les "
            "guillemets, ici et à la ligne précédente",
            en="check the indentation (spaces, never tabs), the colons and the quotes, here and "
            "on the line before",
        ),
    )


def _unprintable(text: str) -> Mark:
    """Where the first character stands that YAML doesn't allow."""
    found = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    before = text[: found.start()] if found else ""
    return Mark(line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))


_PROBLEMS: Final = (
    (
        "mapping values are not allowed",
        "un deux-points est mal placé (un texte qui en contient se met entre guillemets)",
    ),
    (
        "found character that cannot start any token",
        "ce caractère ne peut commencer une valeur (tabulation, @, %, `)",
    ),
    ("did not find expected ',' or ']'", "une liste ouverte par « [ » n'est pas fermée"),
    ("did not find expected ',' or '}'", "un groupe ouvert par « { » n'est pas fermé"),
    (
        "did not find expected '-' indicator",
        "cet élément n'est pas aligné avec la liste qui précède",
    ),
    ("did not find expected key", "une clé était attendue ici : l'indentation ne concorde pas"),
    ("could not find expected ':'", "il manque un deux-points après la clé"),
    ("found unexpected end of stream", "un guillemet n'est pas fermé"),
    ("found unknown escape character", "cette séquence d'échappement n'existe pas"),
    ("found invalid Unicode character escape code", "ce code de caractère n'existe pas"),
    ("control characters are not allowed", "le texte contient un caractère de contrôle"),
    ("did not find expected", "la structure ne concorde pas avec ce qui précède"),
)


def _ambiguous(raw: str) -> tuple[Text, Text]:
    fr, en = quoted(shown(raw))
    return (
        Text(
            fr=f"cette valeur{fr} n'est pas lue de la même façon par tous les lecteurs de YAML",
            en=f"this value{en} isn't read alike by every YAML reader",
        ),
        Text(
            fr="si c'est un texte, mettez-la entre guillemets ; sinon, écrivez true, false ou un "
            "nombre décimal",
            en="if it is text, put it in quotes; otherwise write true, false or a decimal number",
        ),
    )


def _duplicate(key: str, first: Mark) -> tuple[Text, Text]:
    fr, en = quoted(shown(key))
    return (
        Text(
            fr=f"la clé{fr} est déjà donnée à la ligne {first.line}",
            en=f"the key{en} is already given on line {first.line}",
        ),
        Text(fr="gardez l'une des deux", en="keep one of the two"),
    )


_ALIAS: Final = (
    Text(fr="les alias YAML (*nom) ne sont pas admis", en="YAML aliases (*name) aren't allowed"),
    Text(fr="écrivez la valeur en toutes lettres", en="write the value out"),
)
_TAG: Final = (
    Text(
        fr="les étiquettes YAML (!nom) ne sont pas admises", en="YAML tags (!name) aren't allowed"
    ),
    Text(
        fr="retirez l'étiquette ; un texte se met entre guillemets",
        en="remove the tag; text goes in quotes",
    ),
)
_DOCUMENTS: Final = (
    Text(fr="le fichier contient plus d'un document", en="the file holds more than one document"),
    Text(fr="gardez un seul document, sans « --- »", en="keep a single document, without “---”"),
)
_TOO_DEEP: Final = (
    Text(fr=f"plus de {_DEPTH} niveaux imbriqués", en=f"more than {_DEPTH} nested levels"),
    Text(fr="simplifiez la structure", en="simplify the structure"),
)
_COMPLEX_KEY: Final = (
    Text(fr="une clé doit être un mot", en="a key has to be a word"),
    Text(fr="écrivez « clé: valeur »", en="write “key: value”"),
)

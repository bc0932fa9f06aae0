"""What pydantic finds, in words for people, in both languages; no value that should stay unseen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import JsonValue, TypeAdapter
from pydantic_core import ErrorDetails

from tgv_suite.load.shape import allowed, walk
from tgv_suite.load.shown import quoted, shown, suggestion
from tgv_suite.load.yaml_tree import Address, Finding, Tree
from tgv_suite.model.catalogue import RequirementId
from tgv_suite.model.names import FileReference, Name, SecretReference, Url
from tgv_suite.noun import noun
from tgv_suite.text import Text

Words = tuple[Text, Text]

_PRIVATE_FIELDS: Final = frozenset(
    {"key", "secret", "token", "password", "refresh_token", "certificate_key"}
)
_PRIVATE_SECTIONS: Final = frozenset({"people", "canaries", "values"})


@noun
class _Fault:
    """One of pydantic's errors, and what stands at its place.

    Parameters
    ----------
    address:
        Where in the data.
    kind, parent:
        The type expected there, and the one around it.
    plain:
        An unquoted scalar as it was written, when YAML read it as something else than text.
    """

    type: str
    address: Address
    kind: Any
    parent: Any
    value: object
    context: Mapping[str, Any]
    plain: str | None

    @property
    def name(self) -> str:
        """The last key, when it may be printed."""
        return shown(str(self.address[-1])) or "…" if self.address else "schema"

    @property
    def visible(self) -> str | None:
        """The value, when it may be printed."""
        words = {step for step in self.address if isinstance(step, str)}
        if words & _PRIVATE_SECTIONS or self.name in _PRIVATE_FIELDS:
            return None
        raw = self.plain if self.plain is not None else self.value
        return shown(raw) if isinstance(raw, str) else None


def explain(error: ErrorDetails, model: Any, tree: Tree) -> Finding:
    """Turn one of pydantic's errors into a finding.

    Parameters
    ----------
    error:
        The error.
    model:
        The type that was expected at the root.
    tree:
        The document that was read.
    """
    location = error["loc"]
    address, kind = walk(model, location)
    parent = walk(model, location[:-1])[1]
    fault = _Fault(
        type="key" if location[-1:] == ("[key]",) else error["type"],
        address=address,
        kind=kind,
        parent=parent,
        value=_at(tree.data, address),
        context={**error.get("ctx", {}), "error": error["type"]},
        plain=tree.plain.get(address),
    )
    message, remedy = _WORDS.get(fault.type, _unforeseen)(fault)
    on_key = fault.type in ("key", "unexpected_keyword_argument", "extra_forbidden")
    return Finding(
        address=address, mark=tree.mark(address, key=on_key), message=message, remedy=remedy
    )


def _at(data: JsonValue, address: Address) -> JsonValue:
    for step in address:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


# --- One function a kind of fault -------------------------------------------------------------


def _missing(fault: _Fault) -> Words:
    return (
        Text(fr=f"il manque la clé « {fault.name} »", en=f"the key “{fault.name}” is missing"),
        Text(fr=f"ajoutez « {fault.name}: … » ici", en=f"add “{fault.name}: …” here"),
    )


def _unknown_key(fault: _Fault) -> Words:
    kind = Text(fr="les clés permises sont", en="the keys allowed are")
    return (
        Text(fr=f"la clé « {fault.name} » est inconnue", en=f"the key “{fault.name}” is unknown"),
        suggestion(str(fault.address[-1]), allowed(fault.parent), kind=kind),
    )


def _not_a_choice(fault: _Fault) -> Words:
    fr, en = quoted(fault.visible)
    written = fault.value if isinstance(fault.value, str) else ""
    kind = Text(fr="les valeurs permises sont", en="the values allowed are")
    return (
        Text(
            fr=f"la valeur{fr} n'est pas permise pour « {fault.name} »",
            en=f"the value{en} isn't allowed for “{fault.name}”",
        ),
        suggestion(written, allowed(fault.kind), kind=kind),
    )


def _unknown_variant(fault: _Fault) -> Words:
    tag = fault.value.get("type") if isinstance(fault.value, dict) else None
    fr, en = quoted(shown(tag) if isinstance(tag, str) else None)
    kind = Text(fr="les types permis sont", en="the types allowed are")
    return (
        Text(fr=f"le type{fr} est inconnu", en=f"the type{en} is unknown"),
        suggestion(tag if isinstance(tag, str) else "", allowed(fault.kind), kind=kind),
    )


def _no_variant(fault: _Fault) -> Words:
    names = ", ".join(allowed(fault.kind))
    return (
        Text(fr="il manque la clé « type »", en="the key “type” is missing"),
        Text(fr=f"ajoutez « type: » suivi de : {names}", en=f"add “type:” and one of: {names}"),
    )


def _not_text(fault: _Fault) -> Words:
    if fault.value is None:
        return _empty(fault)
    if fault.plain is None:
        return _wrong("un texte", "text")(fault)
    fr, en = quoted(fault.visible)
    example = f'"{fault.visible}"' if fault.visible else '"…"'
    return (
        Text(
            fr=f"« {fault.name} » doit être un texte, mais la valeur{fr} sans guillemets "
            "n'en est pas un",
            en=f"“{fault.name}” has to be text, but the value{en} without quotes isn't",
        ),
        Text(
            fr=f"mettez-la entre guillemets : {fault.name}: {example}",
            en=f"put it in quotes: {fault.name}: {example}",
        ),
    )


def _empty(fault: _Fault) -> Words:
    return (
        Text(fr=f"« {fault.name} » est vide", en=f"“{fault.name}” is empty"),
        Text(fr="donnez une valeur, ou retirez la clé", en="give a value, or remove the key"),
    )


def _wrong(fr: str, en: str) -> Callable[[_Fault], Words]:
    """The words for a value of the wrong type, where ``fr`` and ``en`` name the right one."""

    def words(fault: _Fault) -> Words:
        if fault.value is None:
            return _empty(fault)
        shown_fr, shown_en = quoted(fault.visible)
        return (
            Text(
                fr=f"« {fault.name} » doit être {fr}, et non la valeur{shown_fr} donnée",
                en=f"“{fault.name}” has to be {en}, not the value{shown_en} given",
            ),
            Text(fr=f"écrivez {fr}", en=f"write {en}"),
        )

    return words


def _too_few(fault: _Fault) -> Words:
    least = fault.context.get("min_length", 1)
    return (
        Text(
            fr=f"« {fault.name} » doit compter au moins {least} élément(s)",
            en=f"“{fault.name}” has to hold at least {least} item(s)",
        ),
        Text(fr="ajoutez ce qui manque", en="add what is missing"),
    )


def _length(fault: _Fault) -> Words:
    least, most = fault.context.get("min_length"), fault.context.get("max_length")
    fr, en = (
        (f"au moins {least}", f"at least {least}")
        if least
        else (f"au plus {most}", f"at most {most}")
    )
    return (
        Text(
            fr=f"« {fault.name} » doit compter {fr} caractères",
            en=f"“{fault.name}” has to hold {en} characters",
        ),
        Text(fr="changez la valeur", en="change the value"),
    )


def _bound(fault: _Fault) -> Words:
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    rule = " ".join(
        f"{sign} {fault.context[k]:g}" for k, sign in signs.items() if k in fault.context
    )
    return (
        Text(fr=f"« {fault.name} » doit être {rule}", en=f"“{fault.name}” has to be {rule}"),
        Text(fr="changez la valeur", en="change the value"),
    )


def _pattern(fault: _Fault) -> Words:
    if fault.value is None:
        return _empty(fault)
    found = _forms().get(fault.context.get("pattern", "")) or _FIELDS.get(fault.name)
    return found if found is not None else _unforeseen(fault)


def _key(fault: _Fault) -> Words:
    return _forms().get(fault.context.get("pattern", "")) or _BAD_NAME


def _unforeseen(fault: _Fault) -> Words:
    return (
        Text(
            fr=f"la valeur de « {fault.name} » n'a pas la forme attendue",
            en=f"the value of “{fault.name}” hasn't the form expected",
        ),
        Text(
            fr=f"comparez avec le schéma JSON publié (règle « {fault.context['error']} »)",
            en=f"compare with the published JSON Schema (rule “{fault.context['error']}”)",
        ),
    )


# --- The tables ---------------------------------------------------------------------------------

_GROUP = _wrong("un groupe de clés (clé: valeur)", "a group of keys (key: value)")
_NUMBER = _wrong("un nombre", "a number")
_DATE = _wrong("une date AAAA-MM-JJ", "a date YYYY-MM-DD")

_WORDS: Final[Mapping[str, Callable[[_Fault], Words]]] = {
    "missing": _missing,
    "missing_argument": _missing,
    "missing_keyword_only_argument": _missing,
    "unexpected_keyword_argument": _unknown_key,
    "extra_forbidden": _unknown_key,
    "enum": _not_a_choice,
    "literal_error": _not_a_choice,
    "union_tag_invalid": _unknown_variant,
    "union_tag_not_found": _no_variant,
    "string_type": _not_text,
    "int_type": _wrong("un nombre entier", "a whole number"),
    "int_from_float": _wrong("un nombre entier", "a whole number"),
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _wrong("true ou false", "true or false"),
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "tuple_type": _wrong("une liste (- valeur)", "a list (- value)"),
    "list_type": _wrong("une liste (- valeur)", "a list (- value)"),
    "dict_type": _GROUP,
    "mapping_type": _GROUP,
    "dataclass_type": _GROUP,
    "too_short": _too_few,
    "string_too_short": _length,
    "string_too_long": _length,
    "string_pattern_mismatch": _pattern,
    "greater_than": _bound,
    "greater_than_equal": _bound,
    "less_than": _bound,
    "less_than_equal": _bound,
    "key": _key,
}

_BAD_NAME: Final = (
    Text(
        fr="un nom s'écrit en minuscules, chiffres et traits d'union (60 caractères au plus)",
        en="a name is made of lower-case letters, digits and hyphens (60 characters at most)",
    ),
    Text(fr="par exemple : clinique-a", en="for example: clinic-a"),
)
_NO_SECRET_HERE: Final = (
    Text(
        fr="un secret ne s'écrit jamais dans un fichier : seule sa référence est permise ici",
        en="a secret is never written in a file: only a reference to it is allowed here",
    ),
    Text(
        fr="écrivez env:NOM_DE_VARIABLE ou file:CHEMIN ; si la valeur écrite est un vrai secret, "
        "changez-le",
        en="write env:VARIABLE_NAME or file:PATH; if the value written is a real secret, change it",
    ),
)
_BAD_FILE: Final = (
    Text(fr="un fichier s'écrit file:CHEMIN", en="a file is written file:PATH"),
    Text(
        fr="par exemple : file:pieces/certificat.pem (le chemin part du dossier du manifeste)",
        en="for example: file:pieces/certificate.pem (the path starts at the manifest's folder)",
    ),
)
_BAD_URL: Final = (
    Text(
        fr="une adresse s'écrit https://hôte[:port][/chemin], sans « ? », « # » ni identifiants",
        en="an address is written https://host[:port][/path], without “?”, “#” or credentials",
    ),
    Text(
        fr="par exemple : https://si.example.org/fhir",
        en="for example: https://si.example.org/fhir",
    ),
)
_BAD_REQUIREMENT: Final = (
    Text(
        fr="une exigence s'écrit en trois majuscules, un trait d'union et deux chiffres",
        en="a requirement is written as three capitals, a hyphen and two digits",
    ),
    Text(fr="par exemple : TLS-01", en="for example: TLS-01"),
)
_FIELDS: Final[Mapping[str, Words]] = {
    "path": (
        Text(
            fr="un chemin commence par « / », sans espace",
            en="a path starts with “/”, without spaces",
        ),
        Text(fr="par exemple : /Patient/{person}", en="for example: /Patient/{person}"),
    ),
    "family": (
        Text(
            fr="une famille s'écrit en trois majuscules", en="a family is written as three capitals"
        ),
        Text(fr="par exemple : TLS", en="for example: TLS"),
    ),
    "reference": (
        Text(fr="la référence est vide", en="the reference is empty"),
        Text(
            fr="écrivez le numéro ou la date de la décision, ou retirez condition_1",
            en="write the decision's number or date, or remove condition_1",
        ),
    ),
    "sha256": (
        Text(
            fr="une empreinte SHA-256 s'écrit en 64 chiffres hexadécimaux minuscules",
            en="a SHA-256 digest is written as 64 lower-case hexadecimal digits",
        ),
        Text(fr="« tgv attest » la calcule", en="“tgv attest” works it out"),
    ),
    "id": _BAD_NAME,
}


def _forms() -> Mapping[str, Words]:
    """The words for each of the model's own patterns."""
    named: Mapping[Any, Words] = {
        Name: _BAD_NAME,
        SecretReference: _NO_SECRET_HERE,
        FileReference: _BAD_FILE,
        Url: _BAD_URL,
        RequirementId: _BAD_REQUIREMENT,
    }
    return {TypeAdapter(kind).json_schema()["pattern"]: words for kind, words in named.items()}

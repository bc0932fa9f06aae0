"""The requirements and the profiles that select them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tgv_suite.errors import InputFault, InputFaults
from tgv_suite.load.document import (
    Document,
    Source,
    faults,
    finding,
    load_document,
    read_source,
    validate,
)
from tgv_suite.load.shown import quoted, shown, suggestion
from tgv_suite.load.yaml_tree import Address, Finding, Mark
from tgv_suite.model.catalogue import Catalogue, Profile, Requirement, RequirementFile
from tgv_suite.model.target import Category
from tgv_suite.text import Text

REQUIREMENTS: Final = "tgv-requirements/1"
PROFILE: Final = "tgv-profile/1"
RECORDED: Final = "tgv-catalogue/1"
_TEXTS: Final = ("title", "statement", "why", "remedy", "limits")


def load_catalogue(folder: Path) -> Catalogue:
    """Read every family of requirements.

    Parameters
    ----------
    folder:
        The profiles' folder; the families are its ``requirements/*.yaml``.

    Raises
    ------
    InputFaults
        With the faults of every file.
    """
    paths = sorted((folder / "requirements").glob("*.yaml"))
    if not paths:
        raise faults(folder / "requirements", [_no_family()])
    documents: list[Document[RequirementFile]] = []
    found: list[InputFault] = []
    for path in paths:
        try:
            documents.append(_family(path))
        except InputFaults as error:
            found.extend(error.faults)
    found.extend(_twice(documents))
    if found:
        raise InputFaults(folder / "requirements", found)
    return _catalogue(documents)


def _catalogue(documents: list[Document[RequirementFile]]) -> Catalogue:
    return Catalogue(
        requirements={r.id: r for d in documents for r in d.content.requirements},
        families={d.content.family: d.content.title for d in documents},
    )


def load_family(path: Path) -> RequirementFile:
    """Read one family of requirements, by itself.

    Parameters
    ----------
    path:
        The file.

    Raises
    ------
    InputFaults
        With every fault of the file.
    """
    return _family(path).content


def _family(path: Path) -> Document[RequirementFile]:
    document = load_document(path, RequirementFile, schema=REQUIREMENTS)
    found = [*_misplaced(document), *_empty_texts(document)]
    if found:
        raise faults(path, found)
    return document


def _misplaced(document: Document[RequirementFile]) -> Iterator[Finding]:
    """Each requirement whose prefix isn't its family's."""
    family, tree = document.content.family, document.source.tree
    for index, requirement in enumerate(document.content.requirements):
        if requirement.family != family:
            address: Address = ("requirements", index, "id")
            yield Finding(
                address=address,
                mark=tree.mark(address),
                message=Text(
                    fr=f"« {requirement.id} » n'est pas de la famille « {family} »",
                    en=f"“{requirement.id}” isn't of the family “{family}”",
                ),
                remedy=Text(
                    fr="mettez-la dans le fichier de sa famille", en="move it to its family's file"
                ),
            )


def _empty_texts(document: Document[RequirementFile]) -> Iterator[Finding]:
    """Each text that is blank in one of the languages."""
    texts: list[tuple[Address, Text]] = [(("title",), document.content.title)]
    for index, requirement in enumerate(document.content.requirements):
        texts += [(("requirements", index, n), t) for n, t in _texts(requirement)]
    for address, text in texts:
        for language in ("fr", "en"):
            where: Address = (*address, language)
            if not getattr(text, language).strip():
                yield Finding(
                    address=where,
                    mark=document.source.tree.mark(where),
                    message=Text(fr="ce texte est vide", en="this text is empty"),
                    remedy=Text(
                        fr="chaque texte existe en français et en anglais",
                        en="every text exists in French and in English",
                    ),
                )


def _texts(requirement: Requirement) -> Iterator[tuple[str, Text]]:
    for name in _TEXTS:
        yield name, getattr(requirement, name)


def _twice(documents: list[Document[RequirementFile]]) -> Iterator[InputFault]:
    """Each requirement that is defined again, in the same file or another."""
    first: dict[str, str] = {}
    for document in documents:
        for index, requirement in enumerate(document.content.requirements):
            mark = document.source.tree.mark(("requirements", index, "id"))
            place = f"{document.source.path}:{mark.line}:{mark.column}"
            if requirement.id in first:
                yield InputFault(
                    message=Text(
                        fr=f"« {requirement.id} » est déjà définie : {first[requirement.id]}",
                        en=f"“{requirement.id}” is already defined: {first[requirement.id]}",
                    ),
                    remedy=Text(fr="donnez-lui un autre numéro", en="give it another number"),
                    place=place,
                )
            first.setdefault(requirement.id, place)


def _no_family() -> Finding:
    return finding(
        "aucune famille d'exigences (requirements/*.yaml) dans ce dossier",
        "no family of requirements (requirements/*.yaml) in this folder",
        remedy=Text(fr="vérifiez le dossier des profils", en="check the profiles' folder"),
    )


def load_profile(path_or_name: str, folder: Path, catalogue: Catalogue) -> Profile:
    """Read a profile.

    Parameters
    ----------
    path_or_name:
        A file, or the bare name of a profile of the folder.
    folder:
        The profiles' folder.
    catalogue:
        What may be selected.

    Raises
    ------
    InputFaults
        With every fault of the file.
    """
    return load_profile_among(path_or_name, profile_files(folder), catalogue)


def load_profile_among(
    path_or_name: str, known: Mapping[str, Path], catalogue: Catalogue
) -> Profile:
    """Read a profile.

    Parameters
    ----------
    path_or_name:
        A file, or the name of a known one.
    known:
        The files of the profiles that have a name.
    catalogue:
        What may be selected.

    Raises
    ------
    InputFaults
        With every fault of the file.
    """
    source = read_source(_profile_path(path_or_name, known), schema=PROFILE)
    profile, findings = validate(source, Profile)
    findings += [*_unknown_category(source), *_selection(source, catalogue)]
    if profile is None or findings:
        raise faults(source.path, findings)
    return profile


def load_recorded_catalogue(path: Path) -> Catalogue:
    """Read what a bundle holds of the catalogue; its form alone is checked.

    Raises
    ------
    InputFaults
        With every fault of its form.
    """
    return load_document(path, Catalogue, schema=RECORDED).content


def load_recorded_profile(path: Path) -> Profile:
    """Read the copy of a profile that a bundle holds; its form alone is checked.

    Raises
    ------
    InputFaults
        With every fault of its form.
    """
    return load_document(path, Profile, schema=PROFILE).content


def profile_names(folder: Path) -> list[str]:
    """The names of the profiles in a folder."""
    return list(profile_files(folder))


def profile_files(folder: Path) -> Mapping[str, Path]:
    """The files of the profiles in a folder, by name."""
    found = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {name: path for name, path in found.items() if not name.startswith("orientation-")}


def _profile_path(path_or_name: str, files: Mapping[str, Path]) -> Path:
    path = Path(path_or_name)
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        return path
    if path_or_name in files:
        return files[path_or_name]
    known = sorted(files)
    fr, en = quoted(shown(path_or_name))
    kind = Text(fr="les profils connus", en="the known profiles")
    unknown = finding(
        f"le profil{fr} est inconnu (les profils connus : {', '.join(known)})",
        f"the profile{en} is unknown (the known profiles: {', '.join(known)})",
        remedy=suggestion(path_or_name, known, kind=kind),
    )
    raise faults(path, [unknown])


def _unknown_category(source: Source) -> Iterator[Finding]:
    """The profile's category, when no system can be of it."""
    data = source.tree.data
    category = data.get("category") if isinstance(data, dict) else None
    known = [member.value for member in Category]
    if isinstance(category, str) and category not in known:
        fr, en = quoted(shown(category))
        kind = Text(fr="les catégories connues", en="the known categories")
        yield Finding(
            address=("category",),
            mark=source.tree.mark(("category",)),
            message=Text(fr=f"la catégorie{fr} est inconnue", en=f"the category{en} is unknown"),
            remedy=suggestion(category, known, kind=kind),
        )


def _selection(source: Source, catalogue: Catalogue) -> Iterator[Finding]:
    """Each selected requirement that is unknown, or was selected before."""
    data = source.tree.data
    selected = data.get("requirements") if isinstance(data, dict) else None
    first: dict[str, Mark] = {}
    for index, item in enumerate(selected if isinstance(selected, list) else []):
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(name, str):
            continue
        address: Address = ("requirements", index, "id")
        mark = source.tree.mark(address)
        fr, en = quoted(shown(name))
        if name in first:
            yield Finding(
                address=address,
                mark=mark,
                message=Text(
                    fr=f"l'exigence{fr} est déjà choisie à la ligne {first[name].line}",
                    en=f"the requirement{en} is already selected on line {first[name].line}",
                ),
                remedy=Text(fr="gardez-la une seule fois", en="keep it once"),
            )
        elif name not in catalogue.requirements:
            kind = Text(fr="les exigences connues", en="the known requirements")
            yield Finding(
                address=address,
                mark=mark,
                message=Text(
                    fr=f"l'exigence{fr} est inconnue", en=f"the requirement{en} is unknown"
                ),
                remedy=suggestion(name, sorted(catalogue.requirements), kind=kind),
            )
        first.setdefault(name, mark)

"""What may be asked here: the requirements and the profiles of every pack, ours and the others'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tgv_suite.load.catalogue import load_catalogue, load_profile_among, profile_files
from tgv_suite.model.catalogue import Catalogue, Profile, Requirement
from tgv_suite.noun import noun
from tgv_suite.packs import Pack, blaming, packs, twice
from tgv_suite.text import Text


@noun
class Defined:
    """A requirement and the pack that defines it."""

    requirement: Requirement
    pack: Pack


@noun
class ProfileFile:
    """The file of a profile and the pack that brings it."""

    path: Path
    pack: Pack


def catalogue() -> Catalogue:
    """Every requirement of every pack; a family's title is that of the first to name it.

    Raises
    ------
    InputFaults
        With the faults of our files.
    PackFault
        When a pack's files are faulty, or two packs define the same requirement.
    """
    families: dict[str, Text] = {}
    for _, part in _parts():
        families = {**part.families, **families}
    known = requirements()
    return Catalogue(
        requirements={id_: defined.requirement for id_, defined in known.items()},
        families=families,
    )


def requirements() -> Mapping[str, Defined]:
    """Every requirement by its id, with the pack that defines it.

    Raises
    ------
    InputFaults, PackFault
        As :func:`catalogue`.
    """
    found: dict[str, Defined] = {}
    for pack, part in _parts():
        for id_, requirement in part.requirements.items():
            if id_ in found:
                raise twice(id_, found[id_].pack, pack)
            found[id_] = Defined(requirement=requirement, pack=pack)
    return found


def profiles() -> Mapping[str, ProfileFile]:
    """The file of every profile, by the profile's name.

    Raises
    ------
    PackFault
        When two packs bring a profile of the same name.
    """
    found: dict[str, ProfileFile] = {}
    for pack in packs():
        for folder in pack.profiles:
            for name, path in profile_files(folder).items():
                if name in found:
                    raise twice(name, found[name].pack, pack)
                found[name] = ProfileFile(path=path, pack=pack)
    return found


def profile(path_or_name: str, known: Catalogue) -> Profile:
    """Read a profile.

    Parameters
    ----------
    path_or_name:
        A file, or the bare name of a pack's profile.
    known:
        What may be selected.

    Raises
    ------
    InputFaults
        With every fault of the file.
    PackFault
        When two packs bring a profile of the same name.
    """
    files = {name: found.path for name, found in profiles().items()}
    return load_profile_among(path_or_name, files, known)


def _parts() -> Iterator[tuple[Pack, Catalogue]]:
    """What each folder of each pack defines; another's folder may hold profiles only."""
    for pack in packs():
        for folder in pack.profiles:
            if pack.own or (folder / "requirements").is_dir():
                with blaming(pack):
                    part = load_catalogue(folder)
                yield pack, part

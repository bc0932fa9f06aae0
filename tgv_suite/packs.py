"""The packs: our checks, profiles and defects, and those of every package installed beside.

A package offers its own under three groups of entry points, each naming a module of its own:
``tgv_suite.checks`` a package of ``test_*`` modules, ``tgv_suite.profiles`` a package whose folder
holds profiles and ``requirements/*.yaml``, ``tgv_suite.defects`` what the reference SI does wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from importlib.metadata import Distribution, EntryPoint, entry_points
from pathlib import Path
from typing import Final

from tgv_suite import __version__, locations
from tgv_suite.errors import UserError
from tgv_suite.noun import noun
from tgv_suite.text import Language, Text

OWN: Final = "tgv-suite"
_GROUPS: Final = ("tgv_suite.checks", "tgv_suite.profiles", "tgv_suite.defects")


@noun
class Pack:
    """What one installed distribution offers.

    Parameters
    ----------
    name, version:
        The distribution's, the name in its normal form (lower case, hyphens).
    checks:
        The packages of its check modules.
    profiles:
        The folders of its profiles and requirements.
    defects:
        The modules of its planted defects.
    """

    name: str
    version: str
    checks: tuple[str, ...] = ()
    profiles: tuple[Path, ...] = ()
    defects: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is ours."""
        return self.name == OWN

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class PackFault(UserError):
    """An installed pack can't be used; none is ever left out silently.

    Parameters
    ----------
    packs:
        The packs at fault.
    message:
        What is wrong.
    beneath:
        The error of which this is the consequence, to tell first.
    """

    def __init__(
        self, packs: Sequence[Pack], message: Text, *, beneath: UserError | None = None
    ) -> None:
        names = " ".join(pack.name for pack in packs if not pack.own) or OWN
        super().__init__(
            message=message,
            remedy=Text(
                fr=f"mettez ce paquet à jour, ou retirez-le : pip uninstall {names}",
                en=f"update this package, or remove it: pip uninstall {names}",
            ),
            place=", ".join(str(pack) for pack in packs),
        )
        self._beneath = beneath

    def lines(self, language: Language) -> list[str]:
        """What was wrong in the first place, then whose it is."""
        first = self._beneath.lines(language) if self._beneath else []
        return [*first, *super().lines(language)]


def packs() -> tuple[Pack, ...]:
    """Ours, then the others by name.

    Raises
    ------
    PackFault
        When the folder of another's profiles can't be found.
    """
    return (_ours(), *_others())


def _ours() -> Pack:
    return Pack(
        name=OWN,
        version=__version__,
        checks=("tgv_suite.checks",),
        profiles=(locations.profiles(),),
        defects=("reference_si.defects",),
    )


def _others() -> Iterator[Pack]:
    offered: dict[str, dict[str, list[EntryPoint]]] = {}
    distributions: dict[str, Distribution] = {}
    for group in _GROUPS:
        for entry in entry_points(group=group):
            if entry.dist is not None:
                name = _normal(entry.dist.name)
                distributions[name] = entry.dist
                offered.setdefault(name, {}).setdefault(group, []).append(entry)
    for name in sorted(offered):
        yield _pack(name, distributions[name].version, offered[name])


def _normal(name: str) -> str:
    """A distribution's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _pack(name: str, version: str, offered: Mapping[str, Sequence[EntryPoint]]) -> Pack:
    checks, profiles, defects = (
        tuple(sorted({entry.module for entry in offered.get(group, ())})) for group in _GROUPS
    )
    named = Pack(name=name, version=version)
    with blaming(named):
        folders = tuple(_folder(package) for package in profiles)
    return Pack(name=name, version=version, checks=checks, profiles=folders, defects=defects)


def _folder(package: str) -> Path:
    found = resources.files(package)
    if not isinstance(found, Path):
        raise NotADirectoryError(f"{package} isn't one folder on disk")
    return found


@contextmanager
def blaming(*packs: Pack) -> Iterator[None]:
    """Tell whatever goes wrong in the block as the packs' fault; what is ours stays as it is.

    Raises
    ------
    PackFault
        When the block failed and one of the packs isn't ours.
    """
    try:
        yield
    except PackFault:
        raise
    except (Exception, SystemExit) as fault:
        if all(pack.own for pack in packs):
            raise
        beneath = fault if isinstance(fault, UserError) else None
        what = "" if beneath else f" ({type(fault).__name__}: {fault})"
        message = Text(
            fr=f"ce paquet de vérifications ne peut être chargé{what}",
            en=f"this check pack can't be loaded{what}",
        )
        raise PackFault(packs, message, beneath=beneath) from fault


def twice(what: str, first: Pack, second: Pack) -> PackFault:
    """Two packs define the same thing, as the exception to raise."""
    return PackFault(
        (first, second),
        Text(
            fr=f"« {what} » est défini par {first.name} et par {second.name}",
            en=f"“{what}” is defined by {first.name} and by {second.name}",
        ),
    )

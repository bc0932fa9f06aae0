"""``tgv profiles``, ``requirements``, ``checks`` and ``defects``: what there is."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from pydantic import TypeAdapter

from tgv_suite import offered
from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.errors import UserError
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.catalogue import load_family
from tgv_suite.model.catalogue import Profile, Requirement
from tgv_suite.noun import noun
from tgv_suite.packs import Pack
from tgv_suite.reference import defects
from tgv_suite.registry import discover, refuse_unbound
from tgv_suite.text import Text


class Unknown(UserError):
    """No such thing in the catalogue."""

    def __init__(self, name: str) -> None:
        super().__init__(
            message=Text(fr=f"« {name} » n'existe pas", en=f"“{name}” doesn't exist"),
            remedy=Text(fr="« list » nomme ce qui existe", en="“list” names what exists"),
        )


@noun
class Listed:
    """One thing of a list.

    Parameters
    ----------
    line:
        What a person reads in the list.
    data:
        What a machine reads.
    page:
        What ``show`` prints.
    """

    id: str
    line: str
    data: dict[str, object]
    page: str


Listing = Callable[[Speaker], Sequence[Listed]]


def commands(speak: Speaker) -> Sequence[click.Group]:
    """The four groups, in one language."""
    profiles = _group("profiles", speak(fr="Les profils.", en="The profiles."), _profiles, speak)
    profiles.add_command(_lint("profiles", _lint_profile, speak))
    requirements = _group(
        "requirements",
        speak(fr="Les exigences du catalogue.", en="The catalogue's requirements."),
        _requirements,
        speak,
    )
    requirements.add_command(_lint("requirements", _lint_requirements, speak))
    checks = _group("checks", speak(fr="Les vérifications.", en="The checks."), _checks, speak)
    planted = speak(
        fr="Les défauts que le SI de référence sait planter.",
        en="The defects that the reference SI can plant.",
    )
    return profiles, requirements, checks, _group("defects", planted, _defects, speak)


def _group(name: str, title: str, listing: Listing, speak: Speaker) -> click.Group:
    """A group with ``list`` and ``show``."""

    def list_(format_: str) -> ExitCode:
        things = listing(speak)
        if format_ == "json":
            click.echo(json.dumps([thing.data for thing in things], ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(thing.line for thing in things))
        return ExitCode.CONFORMANT

    def show(id_: str) -> ExitCode:
        found = next((thing for thing in listing(speak) if thing.id == id_), None)
        if found is None:
            raise Unknown(id_)
        click.echo(found.page)
        return ExitCode.CONFORMANT

    lines = [f"  tgv {name} list", f"  tgv {name} list --format json", f"  tgv {name} show ID"]
    return click.Group(
        name,
        help=_with_examples(title, speak, *lines),
        commands=[
            click.Command(
                "list",
                callback=list_,
                params=[options.output_format(speak)],
                help=_with_examples(
                    speak(fr="Dit ce qu'il y a.", en="Says what there is."), speak, *lines[:2]
                ),
            ),
            click.Command(
                "show",
                callback=show,
                params=[click.Argument(["id_"], metavar="ID")],
                help=_with_examples(
                    speak(fr="Montre l'un d'eux.", en="Shows one of them."), speak, lines[2]
                ),
            ),
        ],
    )


def _with_examples(said: str, speak: Speaker, *lines: str) -> str:
    """What a command does, then how it is called."""
    heading = speak(
        fr="Exemple :" if len(lines) == 1 else "Exemples :",
        en="Example:" if len(lines) == 1 else "Examples:",
    )
    return "\n".join([said, "", "\b", heading, *lines])


def _lint(name: str, look: Callable[[Path], object], speak: Speaker) -> click.Command:
    """``lint FILE``: every fault of a file at once."""

    def lint(file: Path) -> ExitCode:
        look(file)
        click.echo(speak(fr=f"{file} : aucune faute", en=f"{file}: no fault"))
        return ExitCode.CONFORMANT

    return click.Command(
        "lint",
        callback=lint,
        params=[click.Argument(["file"], type=click.Path(path_type=Path))],
        help=_with_examples(
            speak(
                fr="Cherche toutes les fautes d'un fichier.", en="Looks for every fault of a file."
            ),
            speak,
            f"  tgv {name} lint {speak(fr='fichier', en='file')}.yaml",
        ),
    )


def _lint_requirements(path: Path) -> object:
    return load_family(path)


def _lint_profile(path: Path) -> object:
    return offered.profile(str(path), offered.catalogue())


def _profiles(speak: Speaker) -> Sequence[Listed]:
    catalogue = offered.catalogue()
    found = [
        (offered.profile(str(file.path), catalogue), file.pack)
        for file in offered.profiles().values()
    ]
    return [
        Listed(
            id=profile.id,
            line=f"{profile.id}  {profile.version}  {speak.say(profile.title)}{_from(pack)}",
            data=TypeAdapter(Profile).dump_python(profile, mode="json") | {"pack": pack.name},
            page=_page(
                speak.say(profile.title),
                speak.say(profile.purpose),
                "\n".join(selected.id for selected in profile.requirements),
            ),
        )
        for profile, pack in found
    ]


def _requirements(speak: Speaker) -> Sequence[Listed]:
    checks, planted = discover(), defects()
    return [
        Listed(
            id=requirement.id,
            line=f"{requirement.id}  {requirement.severity:<8}  "
            f"{speak.say(requirement.title)}{_from(defined.pack)}",
            data={
                "id": requirement.id,
                "family": requirement.family,
                "role": requirement.role.value,
                "safety": requirement.safety.value,
                "severity": requirement.severity.value,
                "method": requirement.method.value,
                "title": {"fr": requirement.title.fr, "en": requirement.title.en},
                "checks": [c.id for c in checks if c.binding.requirement == requirement.id],
                "defects": [d.id for d in planted if d.requirement == requirement.id],
                **({} if defined.pack.own else {"pack": defined.pack.name}),
            },
            page=_requirement_page(requirement, speak),
        )
        for defined in offered.requirements().values()
        for requirement in [defined.requirement]
    ]


def _requirement_page(requirement: Requirement, speak: Speaker) -> str:
    sources = "\n".join(
        f"  {source.name} {source.section or ''}".rstrip() for source in requirement.sources
    )
    return _page(
        f"{requirement.id} — {speak.say(requirement.title)}",
        speak.say(requirement.statement),
        speak(fr="Pourquoi", en="Why") + "\n" + speak.say(requirement.why),
        speak(fr="Comment corriger", en="How to mend") + "\n" + speak.say(requirement.remedy),
        speak(fr="Limites", en="Limits") + "\n" + speak.say(requirement.limits),
        speak(fr="Sources", en="Sources") + "\n" + sources,
    )


def _checks(speak: Speaker) -> Sequence[Listed]:
    titles = offered.catalogue().requirements
    checks = discover()
    refuse_unbound(checks, titles)
    return [
        Listed(
            id=check.id,
            line=f"{check.binding.requirement}  {check.id}{_from(check.pack)}",
            data={
                "id": check.id,
                "requirement": check.binding.requirement,
                "module": check.module,
                "pack": check.pack.name,
            },
            page=_page(
                check.id,
                f"{check.binding.requirement} — "
                f"{speak.say(titles[check.binding.requirement].title)}",
                inspect.getsource(check.function),
            ),
        )
        for check in checks
    ]


def _defects(speak: Speaker) -> Sequence[Listed]:
    return [
        Listed(
            id=defect.id,
            line=f"{defect.requirement}  {defect.id}  —  {speak.say(defect.title)}",
            data={
                "id": defect.id,
                "requirement": defect.requirement,
                "title": {"fr": defect.title.fr, "en": defect.title.en},
                "caught_by": list(defect.caught_by),
            },
            page=_page(defect.id, speak.say(defect.title), "\n".join(defect.caught_by)),
        )
        for defect in defects()
    ]


def _from(pack: Pack) -> str:
    """Whose it is, when it isn't ours."""
    return "" if pack.own else f"  [{pack}]"


def _page(*parts: str) -> str:
    return "\n\n".join(parts)

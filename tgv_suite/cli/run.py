"""``tgv run``: a profile against a system, to a sealed bundle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from tgv_suite import offered
from tgv_suite.bundle import read_bundle
from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.cli.outcome import tell
from tgv_suite.cli.progress import CaseProgress
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.target import load_target
from tgv_suite.model.results import Mode
from tgv_suite.output import empty_folder, write_files
from tgv_suite.rendering import allure_files
from tgv_suite.run import Finished, prepare, run
from tgv_suite.session import Order, admit, planned, signed


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(
        target: Path,
        profile: str,
        mode: str,
        out: Path | None,
        jobs: int,
        seed: int,
        only: tuple[str, ...],
        rehearsal: bool,
        attestations: Path | None,
        waivers: Path | None,
        key: Path | None,
        alluredir: Path | None,
        format_: str,
    ) -> ExitCode:
        catalogue = offered.catalogue()
        asked = offered.profile(profile, catalogue)
        loaded = load_target(target)
        order = Order(
            target=loaded,
            profile=asked,
            catalogue=catalogue,
            mode=Mode(mode),
            rehearsal=rehearsal,
            jobs=jobs,
            seed=seed,
            only=only_known(only, [selected.id for selected in asked.requirements], speak),
            papers=signed(loaded, asked, catalogue, attestations=attestations, waivers=waivers),
        )
        allure = None if alluredir is None else empty_folder(alluredir)
        finished = start(order, options.folder_or_default(out), key, speak)
        if allure is not None:
            write_files(allure, _allure(finished.folder, speak))
        tell(finished, catalogue, speak, as_json=format_ == "json")
        return finished.exit_code

    return click.Command(
        "run",
        callback=callback,
        help=speak(
            fr="Éprouve un SI selon un profil et scelle les preuves.\n\n"
            "\b\nExemples :\n  tgv run cible.yaml --profile rendez-vous\n"
            "  tgv run cible.yaml --profile rendez-vous --only TLS-01 --only AZN-03 --out essai\n"
            "  tgv run cible.yaml --profile rendez-vous --mode certifier"
            " --attestations attestations.yaml --waivers derogations.yaml",
            en="Tests a system against a profile and seals the evidence.\n\n"
            "\b\nExamples:\n  tgv run target.yaml --profile rendez-vous\n"
            "  tgv run target.yaml --profile rendez-vous --only TLS-01 --only AZN-03 --out trial\n"
            "  tgv run target.yaml --profile rendez-vous --mode certifier"
            " --attestations attestations.yaml --waivers waivers.yaml",
        ),
        params=[
            click.Argument(["target"], type=click.Path(path_type=Path)),
            click.Option(
                ["--profile"],
                required=True,
                help=speak(
                    fr="Le nom d'un profil (« tgv profiles list »), ou un fichier.",
                    en="A profile's name (“tgv profiles list”), or a file.",
                ),
            ),
            click.Option(
                ["--mode"],
                type=click.Choice([mode.value for mode in Mode]),
                default=Mode.VENDOR.value,
                show_default=True,
                help=speak(fr="Qui éprouve.", en="Who tests."),
            ),
            options.output(speak),
            options.jobs(speak),
            options.seed(speak),
            click.Option(
                ["--only"],
                multiple=True,
                metavar="ID",
                help=speak(
                    fr="N'éprouver que cette exigence (répétable) ; le reste est « non exécuté ».",
                    en="Try only this requirement (repeatable); the rest is “not run”.",
                ),
            ),
            click.Option(
                ["--rehearsal"],
                is_flag=True,
                help=speak(
                    fr="Pour un certificateur : répéter sans la condition 1 au dossier.",
                    en="For a certifier: run without condition 1 on record.",
                ),
            ),
            click.Option(
                ["--attestations"],
                type=click.Path(path_type=Path),
                metavar="FILE",
                help=speak(
                    fr="Ce que des personnes attestent (« tgv attest ») ; sinon celles du manifeste.",
                    en="What people attest (“tgv attest”); else those of the manifest.",
                ),
            ),
            click.Option(
                ["--waivers"],
                type=click.Path(path_type=Path),
                metavar="FILE",
                help=speak(
                    fr="Les dérogations : chacune motivée, approuvée par une autre personne, datée.",
                    en="The waivers: each with its reason, another person's approval, its expiry.",
                ),
            ),
            options.signing_key(speak),
            click.Option(
                ["--alluredir"],
                type=click.Path(path_type=Path),
                metavar="DIR",
                help=speak(
                    fr="Laisser aussi des résultats Allure dans ce dossier (créé ; refusé s'il n'est pas vide).",
                    en="Leave Allure results too, in this folder (created; refused when it isn't empty).",
                ),
            ),
            options.output_format(speak),
        ],
    )


def _allure(folder: Path, speak: Speaker) -> Mapping[str, str]:
    """The Allure results of a sealed bundle, by file name."""
    recorded = read_bundle(folder)
    return allure_files(
        folder,
        results=recorded.results,
        catalogue=recorded.catalogue,
        language=speak.language,
    )


def start(order: Order, out: Path, key: Path | None, speak: Speaker) -> Finished:
    """Run an order, showing its progress."""
    admit(order)
    signer = options.key_or_default(key)
    prepare(out)
    plan, _ = planned(order)
    with CaseProgress(speak, len(plan.cases)) as progress:
        return run(order, out=out, key=signer, on_case=progress.on_case)


def only_known(only: tuple[str, ...], known: list[str], speak: Speaker) -> tuple[str, ...]:
    """The requirements asked for, when the profile holds them all.

    Raises
    ------
    click.UsageError
        When it doesn't.
    """
    unknown = [name for name in only if name not in known]
    if unknown:
        raise click.UsageError(
            speak(
                fr=f"le profil n'a pas d'exigence {', '.join(unknown)} ; il a : {', '.join(known)}",
                en=f"the profile has no requirement {', '.join(unknown)}; it has: {', '.join(known)}",
            )
        )
    return only

"""``tgv demo``: the reference SI on loopback, run through its profile."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from tgv_suite import offered
from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.cli.outcome import tell
from tgv_suite.cli.run import start
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.target import load_target
from tgv_suite.prove import known_defects
from tgv_suite.reference import running
from tgv_suite.session import Order, signed


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(
        profile: str,
        defect: tuple[str, ...],
        out: Path | None,
        jobs: int,
        seed: int,
        key: Path | None,
        format_: str,
    ) -> ExitCode:
        known_defects(defect)
        catalogue = offered.catalogue()
        folder = options.folder_or_default(out)
        with (
            tempfile.TemporaryDirectory(prefix="tgv-demo-") as temporary,
            running(Path(temporary), defects=defect) as system,
        ):
            target = load_target(system.manifest)
            asked = offered.profile(profile, catalogue)
            order = Order(
                target=target,
                profile=asked,
                catalogue=catalogue,
                papers=signed(target, asked, catalogue),
                jobs=jobs,
                seed=seed,
            )
            finished = start(order, folder, key, speak)
        tell(finished, catalogue, speak, as_json=format_ == "json")
        if format_ == "text":
            click.echo("\n" + _next_steps(finished.archive, speak))
        return finished.exit_code

    return click.Command(
        "demo",
        callback=callback,
        help=speak(
            fr="Lance le SI de référence sur cette machine et l'éprouve selon un profil.\n\n"
            "\b\nExemples :\n  tgv demo\n  tgv demo --defect clinic-reads-other-clinics --out essai\n"
            "  tgv defects list",
            en="Starts the reference SI on this machine and tests it against a profile.\n\n"
            "\b\nExamples:\n  tgv demo\n  tgv demo --defect clinic-reads-other-clinics --out trial\n"
            "  tgv defects list",
        ),
        params=[
            click.Option(
                ["--profile"],
                default="rendez-vous",
                show_default=True,
                help=speak(
                    fr="Le nom d'un profil (« tgv profiles list »), ou un fichier.",
                    en="A profile's name (“tgv profiles list”), or a file.",
                ),
            ),
            click.Option(
                ["--defect"],
                multiple=True,
                metavar="ID",
                help=speak(
                    fr="Un défaut à planter dans le SI de référence (répétable).",
                    en="A defect to plant in the reference SI (repeatable).",
                ),
            ),
            options.output(speak),
            options.jobs(speak),
            options.seed(speak),
            options.signing_key(speak),
            options.output_format(speak),
        ],
    )


def _next_steps(archive: Path, speak: Speaker) -> str:
    return speak(fr="À essayer ensuite :", en="Try next:") + (
        f"\n  tgv verify {archive} --rejudge"
        "\n  tgv demo --defect clinic-reads-other-clinics"
        "\n  tgv prove AZN-03"
    )

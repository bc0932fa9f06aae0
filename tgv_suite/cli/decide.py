"""``tgv decide``: what the orientation says of a system, the two conditions in order."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import click
from pydantic import TypeAdapter

from tgv_suite import locations
from tgv_suite.bundle import read_bundle
from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.orientation import load_orientation
from tgv_suite.load.target import load_target
from tgv_suite.model.orientation import BundleOnRecord, Decision, Status
from tgv_suite.orientation import decide
from tgv_suite.text import Text
from tgv_suite.verification import check

_STATUSES = {
    Status.APPROVED: Text(fr="APPROUVÉE ET DÉJÀ EN VIGUEUR", en="APPROVED AND ALREADY IN FORCE"),
    Status.AUTHORISED: Text(fr="ÉCHANGE AUTORISABLE", en="EXCHANGE MAY BE AUTHORISED"),
    Status.NOT_AUTHORISED: Text(fr="ÉCHANGE NON AUTORISÉ", en="EXCHANGE NOT AUTHORISED"),
    Status.UNDETERMINED: Text(fr="NE PEUT ÊTRE DÉCIDÉ", en="CAN'T BE DECIDED"),
    Status.TO_CUT: Text(
        fr="LIENS À COUPER IMMÉDIATEMENT ET DE MANIÈRE IRRÉVERSIBLE",
        en="LINKS TO BE CUT IMMEDIATELY AND IRREVERSIBLY",
    ),
}
_EXITS = {
    Status.APPROVED: ExitCode.CONFORMANT,
    Status.AUTHORISED: ExitCode.CONFORMANT,
    Status.NOT_AUTHORISED: ExitCode.NON_CONFORMANT,
    Status.UNDETERMINED: ExitCode.UNDETERMINED,
    Status.TO_CUT: ExitCode.NON_CONFORMANT,
}


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(
        target: Path,
        bundle: Path | None,
        trust: Path | None,
        on: datetime | None,
        renewal: bool,
        format_: str,
    ) -> ExitCode:
        orientation = load_orientation(locations.profiles())
        manifest = load_target(target).target
        decision = decide(
            orientation,
            system=manifest.system,
            condition_1=manifest.condition_1,
            bundle=None if bundle is None else on_record(bundle, trust),
            on=date.today() if on is None else on.date(),
            renewal=renewal,
        )
        if format_ == "json":
            click.echo(json.dumps(TypeAdapter(Decision).dump_python(decision, mode="json")))
            return _EXITS[decision.status]
        for step in decision.steps:
            passage = orientation.passages[step.passage]
            click.echo(f"• {speak.say(step.text)}\n    « {speak.say(passage)} »")
        click.echo(f"\n{speak.say(_STATUSES[decision.status])}")
        return _EXITS[decision.status]

    return click.Command(
        "decide",
        callback=callback,
        help=speak(
            fr="Dit ce que l'orientation décide de ce SI : les deux conditions, dans leur ordre.\n\n"
            "\b\nExemples :\n  tgv decide cible.yaml\n  tgv decide cible.yaml essai.tgv.zip --trust cles/",
            en="Says what the orientation decides of this system: the two conditions, in order.\n\n"
            "\b\nExamples:\n  tgv decide target.yaml\n  tgv decide target.yaml run.tgv.zip --trust keys/",
        ),
        params=[
            click.Argument(["target"], type=click.Path(path_type=Path)),
            click.Argument(["bundle"], type=click.Path(path_type=Path), required=False),
            click.Option(
                ["--trust"],
                type=click.Path(path_type=Path),
                metavar="DIR",
                help=speak(
                    fr="Le dossier des clés publiques auxquelles on se fie.",
                    en="The folder of the public keys that are trusted.",
                ),
            ),
            click.Option(
                ["--on"],
                type=click.DateTime(["%Y-%m-%d"]),
                help=speak(
                    fr="Le jour de la décision ; aujourd'hui sinon.",
                    en="The day of the decision; else today.",
                ),
            ),
            click.Option(
                ["--renewal"],
                is_flag=True,
                help=speak(
                    fr="Dans le renouvellement de la certification d'un DMÉ.",
                    en="Within the renewal of an EMR's certification.",
                ),
            ),
            options.output_format(speak),
        ],
    )


def on_record(bundle: Path, trust: Path | None) -> BundleOnRecord:
    """What is known of a run's evidence, once it is verified and judged again."""
    checked = check(bundle, trust, again=True)
    with opened_bundle(bundle) as folder:
        recorded = read_bundle(folder)
        results = recorded.results
    return BundleOnRecord(
        sound=checked.intact,
        trusted=checked.verification.trusted,
        role=results.run.mode,
        system=results.si.name,
        version=results.si.version,
        category=results.si.category,
        profile_category=recorded.profile.category,
        conclusion=results.conclusion,
        ended=datetime.fromisoformat(results.run.ended).date(),
    )

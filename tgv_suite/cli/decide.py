"""``tgv decide``: what the orientation says of a system, the two conditions in order."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime
from pathlib import Path

import click

from tgv_suite import locations
from tgv_suite.bundle import Bundle, read_bundle
from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.orientation import load_orientation
from tgv_suite.load.target import load_recorded_target
from tgv_suite.model.catalogue import Level
from tgv_suite.model.orientation import BundleOnRecord, Decision, Orientation, Paper, Status, Step
from tgv_suite.orientation import decide
from tgv_suite.report.visible import visible
from tgv_suite.text import Text
from tgv_suite.verification import check

_STATUSES = {
    Status.APPROVED: Text(fr="APPROUVÉE ET DÉJÀ EN VIGUEUR", en="APPROVED AND ALREADY IN FORCE"),
    Status.AUTHORISED: Text(fr="ÉCHANGE AUTORISABLE", en="EXCHANGE MAY BE AUTHORISED"),
    Status.NOT_AUTHORISED: Text(fr="ÉCHANGE NON AUTORISÉ", en="EXCHANGE NOT AUTHORISED"),
    Status.CUT_VERIFIED: Text(fr="COUPURE VÉRIFIÉE", en="CUT VERIFIED"),
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
    Status.CUT_VERIFIED: ExitCode.CONFORMANT,
}


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(
        target: Path,
        bundle: Path | None,
        trust: Path | None,
        on: datetime | None,
        renewal: bool,
        validity_days: int | None,
        format_: str,
    ) -> ExitCode:
        orientation = load_orientation(locations.profiles())
        if validity_days is not None:
            orientation = dataclasses.replace(orientation, validity_days=validity_days)
        # A decision may come long after the authorisation to test has run out.
        manifest = load_recorded_target(target)
        decision = decide(
            orientation,
            system=manifest.system,
            condition_1=manifest.condition_1,
            bundle=None if bundle is None else on_record(bundle, trust),
            on=date.today() if on is None else on.date(),
            renewal=renewal,
        )
        if format_ == "json":
            click.echo(json.dumps(_data(decision, orientation), ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join(_lines(decision, orientation, speak)))
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
            click.Option(
                ["--validity-days"],
                type=click.IntRange(1, 36500),
                metavar="N",
                help=speak(
                    fr="Combien de jours une vérification vaut ; sinon ce que dit l'orientation.",
                    en="For how many days a verification counts; else what the orientation says.",
                ),
            ),
            options.output_format(speak),
        ],
    )


def _lines(decision: Decision, orientation: Orientation, speak: Speaker) -> list[str]:
    """The reasoning, line by line, each with its passage; then the decision."""
    lines = []
    for step in decision.steps:
        lines += [f"• {speak.say(step.text)}", f"    {_quoted(step, orientation, speak)}"]
    status, because = speak.say(_STATUSES[decision.status]), decision.because
    why = speak(fr=" parce que : ", en=" because: ")
    lines += ["", status if because is None else f"{status}{why}{speak.say(because)}"]
    watch = speak.say(orientation.passages["watch"])
    edition = speak(fr=f"{orientation.id} ; « {watch} »", en=f"{orientation.id}; “{watch}”")
    return [visible(line) for line in [*lines, edition]]


def _quoted(step: Step, orientation: Orientation, speak: Speaker) -> str:
    passage = orientation.passages[step.passage]
    return speak(fr=f"« {passage.fr} »", en=f"“{passage.en}”")


def _data(decision: Decision, orientation: Orientation) -> dict[str, object]:
    def both(text: Text | None) -> dict[str, str] | None:
        return None if text is None else {"fr": text.fr, "en": text.en}

    return {
        "orientation": orientation.id,
        "status": decision.status.value,
        "because": both(decision.because),
        "steps": [
            {
                "text": both(step.text),
                "passage": {"id": step.passage, **(both(orientation.passages[step.passage]) or {})},
            }
            for step in decision.steps
        ],
    }


def on_record(bundle: Path, trust: Path | None) -> BundleOnRecord:
    """What is known of a run's evidence, once it is verified and judged again."""
    checked = check(bundle, trust, again=True)
    checked.require_told()
    with opened_bundle(bundle) as folder:
        recorded = read_bundle(folder)
        results = recorded.results
    return BundleOnRecord(
        sound=checked.intact,
        rederived=not checked.untold,
        trusted=checked.verification.trusted,
        role=results.run.mode,
        rehearsal=results.run.rehearsal or recorded.target.condition_1 is None,
        system=results.si.name,
        version=results.si.version,
        category=results.si.category,
        profile=recorded.profile.id,
        profile_version=recorded.profile.version,
        profile_category=recorded.profile.category,
        papers=_papers(recorded),
        conclusion=results.conclusion,
        ended=datetime.fromisoformat(results.run.ended).date(),
    )


def _papers(recorded: Bundle) -> tuple[Paper, ...]:
    """What people signed and the conclusion rests on."""
    binding = [r for r in recorded.results.requirements if r.level is Level.MUST]
    attested = [
        Paper(requirement=r.id, is_waiver=False, expiry=r.attestation.expiry)
        for r in binding
        if r.attestation is not None
    ]
    waived = [
        Paper(requirement=r.id, is_waiver=True, expiry=waiver.expiry)
        for r in binding
        for waiver in r.waivers
    ]
    return (*attested, *waived)

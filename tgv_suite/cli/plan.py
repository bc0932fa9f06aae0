"""``tgv plan``: what would be tried, and what can't be and why. Sends nothing."""

from __future__ import annotations

import json
from pathlib import Path

import click
from pydantic import JsonValue, TypeAdapter

from tgv_suite import offered
from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.estimate import Cost, Estimate, added, estimate
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.target import load_target
from tgv_suite.plan import Plan, PlannedRequirement
from tgv_suite.session import Order, planned

_COST = TypeAdapter(Cost)


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(target: Path, profile: str, format_: str) -> ExitCode:
        catalogue, loaded = offered.catalogue(), load_target(target)
        asked = offered.profile(profile, catalogue)
        plan, checks = planned(Order(target=loaded, profile=asked, catalogue=catalogue))
        sent = estimate(plan, checks, loaded.target, asked.parameters)
        if format_ == "json":
            click.echo(json.dumps(_data(plan, sent)))
            return ExitCode.CONFORMANT
        for requirement in plan.requirements:
            for line in _lines(requirement, sent, speak):
                click.echo(line)
        click.echo(_total(sent, speak))
        return ExitCode.CONFORMANT

    return click.Command(
        "plan",
        callback=callback,
        help=speak(
            fr="Dit ce qui serait éprouvé, au nom de qui, en combien de requêtes environ, et ce qui ne peut "
            "l'être et pourquoi. N'envoie rien.\n\n"
            "\b\nExemple :\n  tgv plan cible.yaml --profile rendez-vous",
            en="Says what would be tried, in whose name, in about how many requests, and what can't be "
            "and why. Sends nothing.\n\n"
            "\b\nExample:\n  tgv plan target.yaml --profile rendez-vous",
        ),
        params=[
            click.Argument(["target"], type=click.Path(path_type=Path)),
            click.Option(
                ["--profile"], required=True, help=speak(fr="Le profil.", en="The profile.")
            ),
            options.output_format(speak),
        ],
    )


def _lines(requirement: PlannedRequirement, sent: Estimate, speak: Speaker) -> list[str]:
    cases = len(requirement.cases)
    said = speak(fr=f"{cases} vérification(s)", en=f"{cases} case(s)")
    costs = [sent.cases[case.id] for case in requirement.cases]
    about = f", {_about(added(costs), speak)}" if costs else ""
    lines = [f"{requirement.id}  {requirement.level}  {requirement.safety}  {said}{about}"]
    lines += [
        f"    {case.check} [{case.subject}]  {_about(cost, speak)}{_names(cost)}"
        for case, cost in zip(requirement.cases, costs, strict=True)
    ]
    return lines + [
        f"    – {settled.id} : {speak.say(settled.reason)}" for settled in requirement.settled
    ]


def _about(cost: Cost, speak: Speaker) -> str:
    """About how much is sent, in words."""
    requests, connections = cost.requests, cost.tls_connections
    counted = [speak(fr=f"{requests} requête(s)", en=f"{requests} request(s)")]
    if connections:
        tls = speak(fr=f"{connections} connexion(s) TLS", en=f"{connections} TLS connection(s)")
        counted = [*counted, tls] if requests else [tls]
    return "≈ " + " + ".join(counted)


def _names(cost: Cost) -> str:
    return f" : {', '.join(cost.actors)}" if cost.actors else ""


def _total(sent: Estimate, speak: Speaker) -> str:
    total, shared = sent.total, _about(sent.shared, speak)
    said = speak(
        fr=f"En tout : {_about(total, speak)}, dont {shared} pour les jetons, les métadonnées, "
        f"les certificats et les requêtes générées, au nom de {', '.join(total.actors) or '—'}.",
        en=f"In all: {_about(total, speak)}, of which {shared} for tokens, metadata, "
        f"certificates and generated requests, in the names of {', '.join(total.actors) or '—'}.",
    )
    more = sum(not cost.whole for cost in sent.cases.values())
    if not more:
        return said
    return said + speak(
        fr=f" {more} vérification(s) peuvent en envoyer davantage, selon ce que le SI répond.",
        en=f" {more} case(s) may send more, by what the system answers.",
    )


def _data(plan: Plan, sent: Estimate) -> dict[str, JsonValue]:
    """The plan, with about how much each case sends and all of them do."""
    data = TypeAdapter(Plan).dump_python(plan, mode="json")
    for requirement, planned_ in zip(data["requirements"], plan.requirements, strict=True):
        for case, of in zip(requirement["cases"], planned_.cases, strict=True):
            case.update(_COST.dump_python(sent.cases[of.id], mode="json"))
    return {**data, **_COST.dump_python(sent.total, mode="json")}

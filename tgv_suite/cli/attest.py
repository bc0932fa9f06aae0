"""``tgv attest``: a person's word on a requirement, with the digests of its documents."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from tgv_suite import offered
from tgv_suite.cli.language import Speaker
from tgv_suite.errors import UserError
from tgv_suite.exit_code import ExitCode
from tgv_suite.load.papers import Asked, document_of, load_attestations, save_attestations
from tgv_suite.model.papers import Attestation, AttestationFile, Signatory
from tgv_suite.report.visible import visible
from tgv_suite.text import Text


class NotAttested(UserError):
    """What was asked for can't be recorded."""


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(
        requirement: str,
        document: tuple[Path, ...],
        signatory: str,
        role: str | None,
        organisation: str,
        on: datetime | None,
        until: datetime,
        note: str | None,
        output: Path,
        replace: bool,
    ) -> ExitCode:
        today = datetime.now(UTC).date()
        signed = today if on is None else on.date()
        _refuse_future(signed, today)
        attestation = Attestation(
            requirement=requirement,
            signatory=Signatory(name=signatory, role=role, organisation=organisation),
            documents=tuple(document_of(path, output.parent) for path in document),
            date=signed,
            expiry=until.date(),
            note=note,
        )
        before = load_attestations(output).attestations if output.exists() else ()
        others = tuple(each for each in before if each.requirement != requirement)
        if len(others) < len(before) and not replace:
            raise _already(requirement, output)
        catalogue = offered.catalogue()
        methods = {name: known.method for name, known in catalogue.requirements.items()}
        file = AttestationFile(attestations=(*others, attestation))
        save_attestations(output, file, Asked(methods=methods, checks={}))
        for kept in attestation.documents:
            click.echo(visible(f"{requirement}  {kept.sha256}  {kept.size}  {kept.name}"))
        click.echo(str(output), err=True)
        return ExitCode.CONFORMANT

    return click.Command(
        "attest",
        callback=callback,
        help=speak(
            fr="Consigne ce qu'une personne atteste : qui, quand, sur quels documents, jusqu'à quand.\n\n"
            "Des documents, seuls le nom, la taille et l'empreinte SHA-256 sont retenus.\n\n"
            "\b\nExemple :\n  tgv attest DOC-01 --document efvp.pdf --signatory 'Alix Lavoie' \\\n"
            "    --organisation 'Boréal Santé' --on 2026-11-01 --until 2027-11-01 -o attestations.yaml",
            en="Records what a person attests: who, when, on which documents, until when.\n\n"
            "Of the documents, only the name, the size and the SHA-256 digest are kept.\n\n"
            "\b\nExample:\n  tgv attest DOC-01 --document pia.pdf --signatory 'Alix Lavoie' \\\n"
            "    --organisation 'Boréal Santé' --on 2026-11-01 --until 2027-11-01 -o attestations.yaml",
        ),
        params=[
            click.Argument(["requirement"]),
            click.Option(
                ["--document"],
                type=click.Path(path_type=Path),
                multiple=True,
                required=True,
                metavar="FILE",
                help=speak(
                    fr="Une pièce à l'appui (répétable).", en="A supporting document (repeatable)."
                ),
            ),
            click.Option(
                ["--signatory"],
                required=True,
                metavar="NAME",
                help=speak(fr="La personne qui signe.", en="The person who signs."),
            ),
            click.Option(
                ["--role"],
                metavar="ROLE",
                help=speak(fr="À quel titre.", en="In which capacity."),
            ),
            click.Option(
                ["--organisation"],
                required=True,
                metavar="NAME",
                help=speak(fr="Pour quelle organisation.", en="For which organisation."),
            ),
            click.Option(
                ["--on"],
                type=click.DateTime(["%Y-%m-%d"]),
                help=speak(
                    fr="Le jour de la signature ; aujourd'hui sinon.",
                    en="The day of the signature; else today.",
                ),
            ),
            click.Option(
                ["--until"],
                type=click.DateTime(["%Y-%m-%d"]),
                required=True,
                help=speak(
                    fr="Le dernier jour où elle vaut.", en="The last day on which it counts."
                ),
            ),
            click.Option(
                ["--note"],
                metavar="TEXT",
                help=speak(fr="Une précision.", en="A remark."),
            ),
            click.Option(
                ["-o", "--output"],
                type=click.Path(path_type=Path, dir_okay=False),
                default=Path("attestations.yaml"),
                show_default=True,
                help=speak(fr="Le fichier, créé ou complété.", en="The file, created or added to."),
            ),
            click.Option(
                ["--replace"],
                is_flag=True,
                help=speak(
                    fr="Remplacer l'attestation de la même exigence.",
                    en="Replace the attestation of the same requirement.",
                ),
            ),
        ],
    )


def _refuse_future(signed: date, today: date) -> None:
    if signed > today:
        raise NotAttested(
            message=Text(
                fr=f"une signature ne peut être datée de l'avenir ({signed})",
                en=f"a signature can't be dated in the future ({signed})",
            ),
            remedy=Text(fr="donnez le jour où elle a été faite", en="give the day it was made"),
        )


def _already(requirement: str, output: Path) -> NotAttested:
    return NotAttested(
        message=Text(
            fr=f"« {requirement} » y est déjà attestée",
            en=f"“{requirement}” is already attested there",
        ),
        remedy=Text(fr="ajoutez --replace pour la remplacer", en="add --replace to replace it"),
        place=str(output),
    )

"""``tgv report``: a bundle rendered again, in either language."""

from __future__ import annotations

from pathlib import Path

import click

from tgv_suite.bundle import read_bundle
from tgv_suite.cli import options
from tgv_suite.cli.language import Speaker
from tgv_suite.evidence.archive import opened_bundle
from tgv_suite.exit_code import ExitCode
from tgv_suite.output import empty_folder, write_files
from tgv_suite.rendering import FOLDERS, FORMATS, allure_files, view
from tgv_suite.verification import check


def command(speak: Speaker) -> click.Command:
    """The command, in one language."""

    def callback(bundle: Path, format_: str, output: Path | None) -> ExitCode:
        into = _folder(output, speak) if format_ in FOLDERS else None
        checked = check(bundle, None, again=False)
        checked.require_intact(bundle)
        signer = checked.verification.signer
        with opened_bundle(bundle) as folder:
            recorded = read_bundle(folder)
            if into is not None:
                files = allure_files(
                    folder,
                    results=recorded.results,
                    catalogue=recorded.catalogue,
                    language=speak.language,
                )
                write_files(into, files)
                return ExitCode.CONFORMANT
            seen = view(
                folder,
                results=recorded.results,
                catalogue=recorded.catalogue,
                target=recorded.target,
                key_id=signer.key_id if signer else None,
            )
        text = FORMATS[format_](seen, speak.language)
        if output is None:
            click.echo(text, nl=False)
        else:
            options.write(output, text)
        return ExitCode.CONFORMANT

    return click.Command(
        "report",
        callback=callback,
        help=speak(
            fr="Rend de nouveau un dossier de preuves, dans l'une ou l'autre langue.\n\n"
            "\b\nExemples :\n  tgv report essai.tgv.zip --format md\n  tgv --lang en report essai -o report.html\n"
            "  tgv report essai.tgv.zip --format allure -o resultats && allure generate resultats",
            en="Renders a bundle again, in either language.\n\n"
            "\b\nExamples:\n  tgv report run.tgv.zip --format md\n  tgv --lang fr report run -o rapport.html\n"
            "  tgv report run.tgv.zip --format allure -o results && allure generate results",
        ),
        params=[
            click.Argument(["bundle"], type=click.Path(path_type=Path)),
            click.Option(
                ["--format", "format_"],
                type=click.Choice([*FORMATS, *FOLDERS]),
                default="html",
                show_default=True,
                help=speak(fr="Le format.", en="The format."),
            ),
            click.Option(
                ["-o", "--output"],
                type=click.Path(path_type=Path),
                help=speak(
                    fr="Où l'écrire ; sinon sur la sortie. Pour « allure » : un dossier, créé, "
                    "refusé s'il n'est pas vide.",
                    en="Where to write it; else on stdout. For “allure”: a folder, created, "
                    "refused when it isn't empty.",
                ),
            ),
        ],
    )


def _folder(output: Path | None, speak: Speaker) -> Path:
    """The folder that a format made of several files needs.

    Raises
    ------
    click.UsageError
        When none was given.
    """
    if output is None:
        raise click.UsageError(
            speak(
                fr="ce format est un dossier : donnez-le avec -o DOSSIER",
                en="this format is a folder: name it with -o FOLDER",
            )
        )
    return empty_folder(output)

"""The ``tgv`` command: parse, call one function, return an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tgv_suite import __version__
from tgv_suite.cli import (
    attest,
    catalogue,
    decide,
    demo,
    doctor,
    keys,
    plan,
    prove,
    reference_si,
    replay,
    report,
    run,
    verify,
)
from tgv_suite.cli.language import Speaker, choose, teach_click
from tgv_suite.cli.streams import forgive
from tgv_suite.errors import UserError
from tgv_suite.exit_code import ExitCode


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``tgv`` and leave with one of its exit codes.

    Parameters
    ----------
    arguments:
        The words after ``tgv``; those of the process by default.
    """
    forgive()
    sys.exit(int(code_of(sys.argv[1:] if arguments is None else arguments)))


def code_of(arguments: Sequence[str]) -> ExitCode:
    """Run ``tgv`` and say how it ended; a fault of ours never tells what it was holding."""
    speak = Speaker(language=choose(arguments, os.environ))
    teach_click(speak.language)
    try:
        code = group(speak).main(list(arguments), "tgv", standalone_mode=False)
        return code if isinstance(code, ExitCode) else ExitCode.CONFORMANT
    except UserError as error:
        click.echo("\n".join(error.lines(speak.language)), err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
    except (KeyboardInterrupt, click.Abort):
        click.echo(speak(fr="Interrompu.", en="Interrupted."), err=True)
        return ExitCode.UNDETERMINED
    except SystemExit:  # a library leaving on its own; its code isn't one of ours
        return ExitCode.HARNESS_FAULT
    except Exception as fault:
        said = _place(fault)
        click.echo(speak(fr=f"Défaut de tgv : {said}", en=f"Fault of tgv: {said}"), err=True)
        return ExitCode.HARNESS_FAULT
    return ExitCode.BAD_USAGE


def group(speak: Speaker) -> click.Group:
    """The command with all of its subcommands, in one language."""
    tgv = click.Group(
        "tgv",
        callback=lambda lang: None,
        no_args_is_help=True,
        help=speak(
            fr="Banc d'essai de conformité pour la certification TGV des systèmes d'information "
            "qui échangent avec les DMÉ.\n\n"
            "\b\nExemples :\n  tgv demo\n  tgv run cible.yaml --profile rendez-vous\n"
            "  tgv verify essai.tgv.zip",
            en="Conformance harness for the TGV certification of the information systems that "
            "exchange with EMRs.\n\n"
            "\b\nExamples:\n  tgv demo\n  tgv run target.yaml --profile rendez-vous\n"
            "  tgv verify run.tgv.zip",
        ),
        params=[
            click.Option(
                ["--lang"],
                type=click.Choice(["fr", "en"]),
                help=speak(
                    fr="La langue ; sinon celle du système.", en="The language; else the system's."
                ),
            )
        ],
    )
    tgv = click.version_option(__version__, "--version", prog_name="tgv")(tgv)
    for module in (
        demo,
        run,
        plan,
        verify,
        report,
        replay,
        doctor,
        decide,
        attest,
        prove,
        reference_si,
        keys,
    ):
        tgv.add_command(module.command(speak))
    for command in catalogue.commands(speak):
        tgv.add_command(command)
    return tgv


def _place(fault: BaseException) -> str:
    """The class of a fault and where it arose; its text might hold a secret."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code if trace else None
    where = f"{Path(code.co_filename).name}:{trace.tb_lineno}" if code and trace else "?"
    return f"{type(fault).__name__} ({where})"

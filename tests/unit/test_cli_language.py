"""The command line speaks French or English, click's own words included."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tgv_suite.cli.language import Speaker, choose
from tgv_suite.cli.main import group

LOCALE = Path(__file__).parents[2] / "tgv_suite" / "cli" / "locale" / "fr" / "LC_MESSAGES"
COMMANDS = sorted(group(Speaker(language="en")).commands)
_ENGLISH = ("Usage:", "Error", "Missing", "No such", "Show this message", "Try '", "Examples:")
_FRENCH = ("Emploi :", "Erreur", "manque", "Montre cette aide", "Essayez", "Exemple")


def tgv(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tgv_suite.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=dict(os.environ)
    )


def test_the_compiled_words_are_those_of_the_catalogue() -> None:
    compiled = io.BytesIO()
    with (LOCALE / "messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale="fr"))
    assert (LOCALE / "messages.mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_is_in_the_language_asked_for_and_has_an_example(
    command: str,
) -> None:
    french, english = tgv("--lang", "fr", command, "--help"), tgv("--lang", "en", command, "--help")
    assert french.returncode == english.returncode == 0
    assert "Exemple" in french.stdout
    assert "Example" in english.stdout
    assert f"tgv {command}" in french.stdout
    assert not [word for word in _ENGLISH if word in french.stdout]
    assert not [word for word in _FRENCH if word in english.stdout]


@pytest.mark.parametrize(
    "arguments", [["run"], ["nosuch"], ["run", "x.yaml", "--nosuch"], ["demo", "--jobs", "x"]]
)
def test_a_bad_command_is_told_in_french_and_exits_with_two(arguments: list[str]) -> None:
    done = tgv("--lang", "fr", *arguments)
    assert done.returncode == 2
    assert "Erreur" in done.stderr
    assert not [word for word in _ENGLISH if word in done.stderr]


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "fr"),
        ([], {"LANG": "C.UTF-8"}, "fr"),
        ([], {"LANG": "en_CA.UTF-8"}, "en"),
        ([], {"LANG": "en_CA.UTF-8", "LC_ALL": "fr_CA.UTF-8"}, "fr"),
        (["--lang", "en", "demo"], {"LANG": "fr_CA.UTF-8"}, "en"),
        (["--lang=fr", "demo"], {"LANG": "en_CA.UTF-8"}, "fr"),
    ],
)
def test_the_language_is_asked_for_or_the_locales_or_french(
    arguments: list[str], environment: dict[str, str], language: str
) -> None:
    assert choose(arguments, environment) == language

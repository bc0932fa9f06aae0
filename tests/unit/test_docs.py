"""What the pages tell people to type exists: each command, with its options and its arguments."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from pydantic import TypeAdapter

from tests.pages import CHECKOUT, blocks
from tgv_suite.cli.language import Speaker
from tgv_suite.cli.main import group
from tgv_suite.model.target import Actor

_HISTORY = "CHANGELOG.md"  # it may name what is gone
PAGES = sorted(
    path for path in (*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md")) if path.name != _HISTORY
)
_FENCED = re.compile(r"^ *(?:\$ )?(?:\.venv/bin/)?tgv (.+)$", re.MULTILINE)
_INLINE = re.compile(r"`(?:\.venv/bin/)?tgv ([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#:]+\.md)\)")


def commands(path: Path) -> Iterator[tuple[str, bool]]:
    """Each quoted command, and whether it must be whole; one inside a sentence may be a part."""
    text = path.read_text(encoding="utf-8")
    for _, block in blocks(text):
        yield from ((line, True) for line in _FENCED.findall(block))
    yield from ((line, False) for line in _INLINE.findall(text))


QUOTED = [(page.name, line, whole) for page in PAGES for line, whole in commands(page)]


def parse(line: str, *, whole: bool) -> None:
    """Parse a command line as ``tgv`` would, without running it.

    Raises
    ------
    click.UsageError
        When ``tgv`` would refuse it.
    """
    command: click.Command = group(Speaker(language="en"))
    words = shlex.split(line, comments=True)
    if words[:1] == ["--lang"]:
        words = words[2:]
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        if name not in command.commands:
            raise click.UsageError(f"tgv {line}: there is no {name}")
        command = command.commands[name]
    if words in (["--help"], ["--version"]) or not (words or whole):
        return
    try:
        command.make_context(command.name, words)
    except (click.MissingParameter, click.BadOptionUsage):
        if whole:
            raise


def test_the_pages_quote_commands() -> None:
    assert {name for name, _, _ in QUOTED} >= {
        "README.md",
        "LISEZMOI.md",
        "check-author.en.md",
        "check-author.fr.md",
        "vendor.en.md",
        "vendor.fr.md",
    }


@pytest.mark.parametrize(("name", "line", "whole"), QUOTED)
def test_each_command_that_a_page_quotes_exists(name: str, line: str, whole: bool) -> None:
    try:
        parse(line, whole=whole)
    except click.UsageError as error:
        pytest.fail(f"{name}: “tgv {line}”: {error.format_message()}")


@pytest.mark.parametrize(
    "line",
    [
        "rum target.yaml",
        "run target.yaml",
        "run target.yaml --profile p --no-such-option",
        "report trial --format docx",
        "replay target.yaml trial",
    ],
)
def test_a_command_that_does_not_exist_would_be_seen(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line, whole=True)


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_each_page_that_another_links_to_exists(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / link).is_file(), f"{page.name} links to {link}"


def test_each_page_for_people_exists_in_both_languages() -> None:
    names = {path.name for path in CHECKOUT.glob("docs/*.md")}
    assert {name.replace(".fr.", ".en.") for name in names if ".fr." in name} == {
        name for name in names if ".en." in name
    }


VENDORS = sorted(CHECKOUT.glob("docs/vendor.*.md"))


@pytest.mark.parametrize("page", VENDORS, ids=lambda path: path.name)
def test_what_the_vendor_s_page_has_people_declare_is_valid(page: Path) -> None:
    declared = [text for kind, text in blocks(page.read_text(encoding="utf-8")) if kind == "yaml"]
    assert declared
    for text in declared:
        actors = yaml.safe_load(text)["actors"]
        assert TypeAdapter(dict[str, Actor]).validate_json(json.dumps(actors), strict=True)

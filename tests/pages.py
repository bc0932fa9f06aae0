"""What the pages for people quote: commands, what they print, and extracts of files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tgv_suite.noun import noun

CHECKOUT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"   # (\d)$")


@noun
class Step:
    """A command of a page, its exit code, and the lines that the page says it prints."""

    command: tuple[str, ...]
    exit_code: int
    said: tuple[str, ...]


def page(name: str) -> str:
    """A page of the documentation."""
    return (CHECKOUT / "docs" / name).read_text(encoding="utf-8")


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page: their language, their content."""
    return _BLOCK.findall(text)


def steps(text: str) -> Iterator[Step]:
    """The commands of a page's ``console`` blocks, in order."""
    for kind, block in blocks(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:] if kind == "console" else ():
            line, *said = part.splitlines()
            code = _EXIT.search(line)
            command = tuple(shlex.split(_EXIT.sub("", line)))
            yield Step(command=command, exit_code=int(code[1]) if code else 0, said=tuple(said))


def check_said(step: Step, exit_code: int, said: str) -> None:
    """Hold a command to what its page says; « … » there is anything."""
    assert exit_code == step.exit_code, f"{step.command}: {exit_code}\n{said}"
    for line in step.said:
        pattern = ".*".join(re.escape(part) for part in line.split("…"))
        found = re.search(f"^{pattern}", said, re.MULTILINE)
        assert found, f"{step.command} doesn't say {line!r}:\n{said}"

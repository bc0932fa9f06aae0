"""The architecture is a promise: a forbidden import breaks the build and is named."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = (sys.executable, "-c", "from importlinter.cli import lint_imports_command as l; l()")
LINT_DOTTED = (sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251")


def outcome(command: tuple[str, ...], *arguments: str, cwd: Path) -> tuple[int, str]:
    """Exit status and output of a linter run in ``cwd``, on whose modules it then looks."""
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "200", "PYTHONPATH": str(cwd)}
    done = subprocess.run(
        [*command, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its rules, to break."""
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "tgv_suite", tmp_path / "tgv_suite", ignore=ignored)
    return tmp_path


def test_every_import_obeys_the_contracts() -> None:
    status, output = outcome(LINT_IMPORTS, "--no-cache", cwd=CHECKOUT)

    assert status == 0, output


def test_no_module_outside_probes_names_a_network_submodule() -> None:
    status, output = outcome(LINT_DOTTED, "tgv_suite", cwd=CHECKOUT)

    assert status == 0, output


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("text.py", "import tgv_suite.cli", "Imports point down"),
        ("stray.py", "", "Imports point down"),
        ("report/stray.py", "import socket", "Only probes opens sockets"),
        ("checks/stray.py", "from ssl import SSLContext", "Only probes opens sockets"),
        ("evidence/stray.py", "import requests", "Only probes opens sockets"),
        ("probes/stray.py", "import yaml", "Only load reads YAML"),
        ("report/stray.py", "import pytest", "import pytest"),
        ("model/stray.py", "import tgv_suite.errors", "The nouns and the words"),
    ],
)
def test_a_forbidden_import_is_caught_and_named(
    copy: Path, module: str, line: str, contract: str
) -> None:
    with (copy / "tgv_suite" / module).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")

    status, output = outcome(LINT_IMPORTS, "--no-cache", cwd=copy)

    assert status != 0, f"the import went unseen: {output}"
    broken = re.findall(r"^(.*) BROKEN", output, re.MULTILINE)
    assert any(contract in name for name in broken), f"{broken} broken, expected {contract}"


@pytest.mark.parametrize("line", ["import http.client", "from urllib.request import urlopen"])
def test_a_network_submodule_is_caught_outside_probes(copy: Path, line: str) -> None:
    (copy / "tgv_suite" / "stray.py").write_text(f"{line}\n", encoding="utf-8")

    status, output = outcome(LINT_DOTTED, "tgv_suite", cwd=copy)

    assert status != 0, "the import went unseen"
    assert "only tgv_suite.probes opens sockets" in output, output

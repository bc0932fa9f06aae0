"""The verdicts don't depend on where the harness runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.conftest import judged, run
from tgv_suite.reference import ReferenceSystem

_HOSTILE = """
import pytest
def pytest_pyfunc_call(pyfuncitem):
    return True
def pytest_collection_modifyitems(items):
    items.clear()
@pytest.fixture(autouse=True)
def pretend(monkeypatch):
    yield
"""


@pytest.mark.parametrize(
    ("environment", "python"),
    [
        ({}, ("-O",)),
        ({"PYTEST_ADDOPTS": "--assert=plain -k nothing --collect-only"}, ()),
        ({"PYTEST_PLUGINS": "conftest", "PYTHONPATH": "."}, ()),
        (
            {
                "HTTPS_PROXY": "http://127.0.0.1:9",
                "ALL_PROXY": "socks5://127.0.0.1:9",
                "REQUESTS_CA_BUNDLE": "/dev/null",
                "SSL_CERT_FILE": "/dev/null",
            },
            (),
        ),
    ],
    ids=["optimised", "addopts", "plugins", "proxy"],
)
def test_a_hostile_environment_changes_no_verdict(
    environment: dict[str, str],
    python: tuple[str, ...],
    system: ReferenceSystem,
    failing: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "conftest.py").write_text(_HOSTILE)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    root = str(Path(__file__).parents[2])
    path = {"PYTHONPATH": os.pathsep.join([root, environment.pop("PYTHONPATH", root)])}
    system.plant(["search-total-counts-everything"])
    done = run(
        system,
        tmp_path / "bundle",
        environment={**environment, **path},
        folder=tmp_path,
        python=python,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert judged(tmp_path / "bundle") == judged(failing)


def _pytest(system: ReferenceSystem, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--pyargs", "tgv_suite.checks", "-q"]
    command += ["-p", "no:cacheprovider", "--tgv-target", str(system.manifest), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_pytest_plugin_judges_as_the_command_does(system: ReferenceSystem) -> None:
    system.plant([])
    assert _pytest(system).returncode == 0
    system.plant(["search-total-counts-everything"])
    done = _pytest(system)
    assert done.returncode == 1
    assert "a_search_does_not_count_another_clinics_records" in done.stdout


def test_the_pytest_plugin_never_exits_with_zero_on_a_part_of_the_checks(
    system: ReferenceSystem,
) -> None:
    system.plant([])
    assert _pytest(system, "-k", "tls").returncode == 3
    assert _pytest(system, "-k", "nothing_at_all").returncode == 3

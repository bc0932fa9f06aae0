"""What is installed from the wheel works without the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.outside import CHECKOUT, build, environment_with, run


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build("wheel", CHECKOUT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of an environment in which the wheel is installed."""
    return environment_with(wheel, tmp_path_factory.mktemp("outside") / "venv")


def names_in(archive: Path) -> set[str]:
    """Names of the files in a wheel."""
    with zipfile.ZipFile(archive) as opened:
        return set(opened.namelist())


def test_the_wheel_carries_every_data_file_but_the_example_pack(wheel: Path) -> None:
    carried = names_in(wheel)

    for folder in ("profiles", "fixtures", "reports"):
        files = [
            path.relative_to(CHECKOUT).as_posix()
            for path in (CHECKOUT / folder).rglob("*")
            if path.is_file() and not {"__pycache__", "example_pack"} & set(path.parts)
        ]
        assert files, f"the checkout's {folder} folder is empty"
        lacking = [file for file in files if f"tgv_suite/bundled/{file}" not in carried]
        assert not lacking, f"the wheel lacks {lacking}"


def test_the_wheel_carries_neither_caches_nor_tests_nor_the_example_pack(wheel: Path) -> None:
    strays = [
        name
        for name in names_in(wheel)
        if "__pycache__" in name or "example_pack" in name or name.startswith(("tests/", "bench/"))
    ]

    assert not strays, f"the wheel carries {strays}"


def test_the_sdist_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", CHECKOUT, tmp_path / "sdist")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
    options = ["--no-build-isolation", "--wheel-dir", str(tmp_path / "rebuilt")]

    subprocess.run([*pip, *options, str(sdist)], check=True, capture_output=True)

    (rebuilt,) = (tmp_path / "rebuilt").iterdir()

    assert rebuilt.name == wheel.name
    assert rebuilt.read_bytes() == wheel.read_bytes(), names_in(rebuilt) ^ names_in(wheel)


def test_the_installed_package_is_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    show = (
        "import tgv_suite.locations as l; "
        "print(l.__file__, l.profiles(), l.fixtures(), l.reports(), sep='\\n')"
    )

    answer = run(installed, "python", "-c", show, cwd=tmp_path)

    assert answer.returncode == 0, answer.stderr
    module, *folders = (Path(line) for line in answer.stdout.splitlines())
    environment = installed.parent.resolve()
    assert module.resolve().is_relative_to(environment), f"{module} is not the wheel's"
    bundled = module.resolve().parent / "bundled"
    assert folders == [bundled / name for name in ("profiles", "fixtures", "reports")]


def test_the_installed_command_explains_itself(installed: Path, tmp_path: Path) -> None:
    answer = run(installed, "tgv", "--help", cwd=tmp_path)

    assert answer.returncode == 0, answer.stderr
    assert "demo" in answer.stdout, answer.stdout


def test_the_installed_plugin_is_loaded_by_pytest(installed: Path, tmp_path: Path) -> None:
    answer = run(installed, "python", "-m", "pytest", "--help", cwd=tmp_path)

    assert answer.returncode == 0, answer.stderr
    assert "--tgv-target" in answer.stdout


def test_the_demo_runs_from_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"

    answer = run(installed, "tgv", "demo", "--out", str(out), cwd=tmp_path)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert (out / "results.json").is_file()
    assert out.with_name("bundle.tgv.zip").is_file()

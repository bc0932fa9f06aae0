"""The example pack beside the wheel: the pages for authors of checks, followed word for word."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.outside import CHECKOUT, build, environment_with, pip, run
from tests.pages import blocks, check_said, page, steps
from tgv_suite.reference import running

PACK = CHECKOUT / "fixtures" / "example_pack"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", CHECKOUT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def binaries(wheel: Path, tmp_path: Path) -> Path:
    """An environment with tgv alone."""
    return environment_with(wheel, tmp_path / "venv")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the example pack, outside the checkout."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PACK, tmp_path / "pack", ignore=ignored))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_whoever_follows_the_page_gets_a_proven_check(
    language: str, binaries: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", f"{language}_CA.UTF-8")
    followed = list(steps(page(f"check-author.{language}.md")))
    assert len(followed) == 12

    for step in followed:
        if step.command[0] == "pip":
            pip(binaries, *step.command[1:], cwd=pack)
            continue
        done = run(binaries, *step.command, cwd=pack)
        check_said(step, done.returncode, done.stdout + done.stderr)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_extract_of_the_page_stands_in_the_example_pack(language: str) -> None:
    suffixes = {"python": ".py", "toml": ".toml", "yaml": ".yaml"}
    extracts = [
        found for found in blocks(page(f"check-author.{language}.md")) if found[0] in suffixes
    ]

    assert len(extracts) == 6
    for kind, extract in extracts:
        files = [path.read_text("utf-8") for path in PACK.rglob(f"*{suffixes[kind]}")]
        assert any(extract in text for text in files), f"nowhere in the pack:\n{extract}"


def test_the_seal_names_the_pack_that_judged_and_its_sources(
    binaries: Path, pack: Path, tmp_path: Path
) -> None:
    pip(binaries, "install", str(pack))
    out = tmp_path / "bundle"

    done = run(binaries, "tgv", "demo", "--profile", "exemple", "--out", str(out), cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    (identity,) = json.loads((out / "results.json").read_text("utf-8"))["harness"]["packs"]
    assert (identity["name"], identity["version"]) == ("tgv-example-pack", "0.1.0")
    ((module, digest),) = identity["checks"]
    source = PACK / "src" / "tgv_example_pack" / "checks" / "test_headers.py"
    assert module == "tgv_example_pack.checks.test_headers"
    assert digest == hashlib.sha256(source.read_bytes()).hexdigest()


def test_another_version_of_the_pack_is_told_and_decides_nothing(
    binaries: Path, pack: Path, tmp_path: Path
) -> None:
    pip(binaries, "install", str(pack))
    out = tmp_path / "bundle"
    run(binaries, "tgv", "demo", "--profile", "exemple", "--out", str(out), cwd=tmp_path)

    for name, old, new in (
        ("pyproject.toml", '"0.1.0"', '"0.2.0"'),
        ("src/tgv_example_pack/checks/test_headers.py", '== "nosniff", Text', '== "sniff", Text'),
    ):
        text = (pack / name).read_text("utf-8")
        (pack / name).write_text(text.replace(old, new), encoding="utf-8")
    pip(binaries, "install", str(pack))
    done = run(binaries, "tgv", "--lang", "en", "verify", str(out), "--rejudge", cwd=tmp_path)

    assert done.returncode == 3, done.stdout
    assert "tgv-example-pack 0.1.0 judged; 0.2.0 is installed here" in done.stdout
    assert "tgv_example_pack.checks.test_headers: this isn't the code that judged" in done.stdout
    assert "✗" not in done.stdout
    with running(tmp_path / "si") as system:
        manifest = str(system.manifest)
    decided = run(binaries, "tgv", "--lang", "en", "decide", manifest, str(out), cwd=tmp_path)
    assert decided.returncode == 3, decided.stdout
    assert "install what judged: tgv-example-pack==0.1.0" in decided.stderr


@pytest.mark.parametrize(("defect", "code"), [([], 0), (["record-type-guessed"], 1)])
def test_plain_pytest_collects_the_packs_checks_to_the_same_conclusion(
    binaries: Path, pack: Path, tmp_path: Path, defect: list[str], code: int
) -> None:
    pip(binaries, "install", str(pack))
    reference = [
        str(binaries / "tgv"),
        "reference-si",
        *(w for d in defect for w in ("--defect", d)),
    ]
    command = ["python", "-m", "pytest", "-q", "--pyargs", "tgv_suite.checks"]
    with subprocess.Popen(reference, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as served:
        try:
            assert served.stdout is not None
            manifest = served.stdout.readline().strip()
            options = ["--tgv-target", manifest, "--tgv-profile", "exemple"]
            done = run(binaries, *command, *options, cwd=tmp_path)
        finally:
            served.terminate()

    assert done.returncode == code, done.stdout + done.stderr
    failed = set(re.findall(r"^FAILED \S*?(test_\w+\.py)", done.stdout, re.MULTILINE))
    assert failed == ({"test_headers.py"} if defect else set())

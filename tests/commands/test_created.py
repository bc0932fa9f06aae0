"""What the checks create in a system is removed, or told of as left: to whoever reads anything of the run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tgv_suite.load.target import load_target
from tgv_suite.model.catalogue import Parameters
from tgv_suite.model.files import permitted_file
from tgv_suite.model.results import CreatedObject, Fate
from tgv_suite.reference import ReferenceSystem, running
from tgv_suite.session import probing
from tgv_suite.subjects.creations import every_creation
from tgv_suite.subjects.subject import Creating
from tgv_suite.system import System
from tgv_suite.text import Text
from tgv_suite.witness import LiveWitness

FILE = permitted_file("text/plain")


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceSystem]:
    with running(tmp_path_factory.mktemp("si")) as system:
        yield system


def run(manifest: Path, out: Path) -> tuple[str, list[dict[str, str]], str]:
    """What a run of all that creates says, lists in its results, and shows in its report."""
    command = [sys.executable, "-m", "tgv_suite.cli", "--lang", "en", "run", str(manifest)]
    command += ["--profile", "rendez-vous", "--out", str(out)]
    command += [word for id_ in ("ENT-08", "LIM-03", "WHK-05") for word in ("--only", id_)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return done.stdout, results["created"], (out / "report.en.html").read_text(encoding="utf-8")


def test_what_was_created_is_listed_and_gone(reference: ReferenceSystem, tmp_path: Path) -> None:
    said, created, report = run(reference.manifest, tmp_path / "bundle")

    assert created
    assert {each["fate"] for each in created} == {"removed"}
    by = {each["operation"] for each in created}
    assert by == {"attachment-add", "export-start", "subscription-add"}
    assert "Created and not removed" not in said
    assert all(each["identifier"] in report for each in created)
    assert "Not all that the run created was removed" not in report


def test_what_could_not_be_removed_is_told_loudly(
    reference: ReferenceSystem, tmp_path: Path
) -> None:
    text = reference.manifest.read_text(encoding="utf-8")
    one = "/appointments/{object}/attachments/{created}"
    kept, removed = text.rsplit(one, 1)
    broken = reference.manifest.with_name("without-removal.yaml")
    broken.write_text(f"{kept}/appointments/{{object}}/nowhere/{{created}}{removed}", "utf-8")

    said, created, report = run(broken, tmp_path / "bundle")

    left = [each for each in created if each["fate"] == "left"]
    assert left
    for each in left:
        assert f"Created and not removed: attachment-add {each['identifier']}" in said
        assert each["identifier"] in report
    assert "Not all that the run created was removed" in report
    assert "a person has to remove it from the system" in said


def _create_and_stop(si: System, upload: Creating, stopping: Callable[[Text], None] | None) -> None:
    with si.creating(upload, file=FILE):
        if stopping is not None:
            stopping(Text(fr="arrêté", en="stopped"))
        raise KeyboardInterrupt


@contextmanager
def interrupted(reference: ReferenceSystem, *, halted: bool) -> Iterator[tuple[CreatedObject, ...]]:
    """What a check created when the user stopped it, or the run stopped by itself besides."""
    loaded = load_target(reference.manifest)
    with probing(loaded, jobs=1) as open_:
        witness = LiveWitness(open_.probes, open_.recorder.redactor.strings)
        si = System(loaded.target, Parameters(), witness)
        upload = next(
            each for each in every_creation(loaded.target) if each.create.operation.upload
        )
        stopping = open_.recorder.halt if halted else None
        with pytest.raises(KeyboardInterrupt):
            _create_and_stop(si, upload, stopping)
        yield open_.probes.created


def test_a_check_that_is_interrupted_removes_what_it_created(reference: ReferenceSystem) -> None:
    with interrupted(reference, halted=False) as created:
        assert [each.fate for each in created] == [Fate.REMOVED]


def test_a_run_that_stopped_tells_what_it_left(reference: ReferenceSystem) -> None:
    with interrupted(reference, halted=True) as created:
        assert [each.fate for each in created] == [Fate.LEFT]
        assert created[0].identifier

"""``tgv demo``: what a newcomer sees first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.acceptance.conftest import judged, results_of, tgv
from tgv_suite import offered
from tgv_suite.model.catalogue import Method


def test_the_demo_is_conformant_and_names_what_to_try_next(tmp_path: Path) -> None:
    done = tgv("demo", "--out", tmp_path / "bundle")
    assert done.returncode == 0, done.stderr
    selected = _selected()
    attested = sum(method is not Method.TEST for method in selected.values())
    said = f"{attested} attested, {len(selected) - attested} pass"
    assert f"CONFORMANT — {len(selected)} requirements: {said}" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].strip().startswith("tgv ")
    results = results_of(tmp_path / "bundle")
    names = [requirement["id"] for requirement in results["requirements"]]
    assert names == list(selected)


def _selected() -> dict[str, Method]:
    """How each requirement of the booking profile is settled."""
    catalogue = offered.catalogue()
    profile = offered.profile("rendez-vous", catalogue)
    return {each.id: catalogue.requirements[each.id].method for each in profile.requirements}


def test_a_defect_of_a_must_requirement_exits_with_one_and_fails_that_requirement(
    tmp_path: Path,
) -> None:
    done = tgv("demo", "--defect", "anonymous-read", "--out", tmp_path / "bundle")
    assert done.returncode == 1
    failed = {
        r["id"] for r in results_of(tmp_path / "bundle")["requirements"] if r["verdict"] == "fail"
    }
    assert failed == {"AUT-01"}


def test_a_defect_of_a_should_requirement_is_shown_and_does_not_decide(tmp_path: Path) -> None:
    done = tgv("demo", "--defect", "certificate-rsa-1024", "--out", tmp_path / "bundle")
    assert done.returncode == 0
    failed = {
        r["id"] for r in results_of(tmp_path / "bundle")["requirements"] if r["verdict"] == "fail"
    }
    assert failed == {"TLS-05"}


def test_an_unknown_defect_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    done = tgv("demo", "--defect", "anonymous-reed", "--out", tmp_path / "bundle")
    assert done.returncode == 2
    assert "did you mean “anonymous-read”" in done.stderr
    assert not (tmp_path / "bundle").exists()


def test_two_demos_with_one_seed_and_one_with_eight_jobs_judge_alike(tmp_path: Path) -> None:
    demos = [("1", tmp_path / "first"), ("1", tmp_path / "second"), ("8", tmp_path / "third")]

    def demo(jobs: str, out: Path) -> int:
        return tgv("demo", "--seed", "7", "--jobs", jobs, "--out", out).returncode

    with (
        ThreadPoolExecutor() as side_by_side
    ):  # each has a reference SI of its own, and waits often
        assert list(side_by_side.map(demo, *zip(*demos, strict=True))) == [0, 0, 0]
    first, second, third = (judged(out) for _, out in demos)
    assert first == second == third


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = tgv("demo", "--out", tmp_path)
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

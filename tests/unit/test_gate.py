"""The gate: a file in which something still stands is withheld, with its requirement only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tgv_suite import locations
from tgv_suite.evidence.gate import withheld_result, withhold
from tgv_suite.evidence.keys import ephemeral
from tgv_suite.evidence.observations import folder_of
from tgv_suite.evidence.verify import verify
from tgv_suite.judge import Judged
from tgv_suite.load.catalogue import load_catalogue, load_profile
from tgv_suite.load.target import load_target
from tgv_suite.model.results import Cause, CheckResult, Verdict
from tgv_suite.plan import PlannedCase
from tgv_suite.probes.redaction import Redactor
from tgv_suite.reference import running
from tgv_suite.run import Finished, run
from tgv_suite.session import Order, planned
from tgv_suite.text import Text


def redactor() -> Redactor:
    made = Redactor(["ZZTA85031492"])
    made.learn("s3cret-token")
    return made


def test_only_the_file_that_leaks_is_withheld(tmp_path: Path) -> None:
    leaking = {
        "a.txt": "Bearer s3cret-token",
        "deep/b.json": '{"who": "jean@exemple.com"}',
        "c.har": "TEST 5412 2813",
    }
    clean = {"d.txt": "ZZTA85031492 [secret:0123456789ab]", "deep/e.txt": "403 Refusé"}
    for name, text in (leaking | clean).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    names = withhold(tmp_path, redactor().leaks)

    assert set(names) == {"a.txt", "b.json", "c.har"}
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert left == set(clean)


def test_bytes_that_are_no_text_are_looked_through_too(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xff\xfes3cret-token\x00")

    assert withhold(tmp_path, redactor().leaks) == ("a.bin",)


def test_what_the_recorder_kept_passes_the_gate(tmp_path: Path) -> None:
    same = redactor()
    body = '{"family": "Untel", "x": "s3cret-token jean@exemple.com TEST54122813 514-555-0199"}'
    (tmp_path / "a.txt").write_text(same.body(body), encoding="utf-8")

    assert withhold(tmp_path, same.leaks) == ()


def test_a_withheld_result_is_our_fault_and_repeats_nothing_but_names() -> None:
    result = CheckResult(
        id="m.c",
        subject="s",
        verdict=Verdict.PASS,
        cause=None,
        observations=("observations/a.txt",),
        reason=Text(fr="s3cret-token", en="s3cret-token"),
        elapsed_s=0.1,
    )

    kept = withheld_result(result, ("a.txt",))

    assert (kept.verdict, kept.cause) == (Verdict.INCONCLUSIVE, Cause.HARNESS_ERROR)
    assert (kept.id, kept.subject, kept.observations) == ("m.c", "s", ())
    assert kept.reason is not None
    assert "a.txt" in kept.reason.fr
    assert "s3cret" not in repr(kept)


@pytest.fixture(scope="module")
def leaked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Finished, PlannedCase]:
    """A whole run, in which a stranger's address is put into one case's evidence by mistake."""
    folder = tmp_path_factory.mktemp("run")
    with running(folder / "si") as reference:
        catalogue = load_catalogue(locations.profiles())
        order = Order(
            target=load_target(reference.manifest),
            profile=load_profile("rendez-vous", locations.profiles(), catalogue),
            catalogue=catalogue,
            only=("AUT-03", "AUT-06"),
        )
        (case, *_) = next(r for r in planned(order)[0].requirements if r.id == "AUT-03").cases

        def leak(told: PlannedCase, judged: Judged | None) -> None:
            if judged is not None and told == case:
                place = folder / "bundle" / folder_of(case) / "zz-leak.txt"
                place.write_text("jean@exemple.com", encoding="utf-8")

        finished = run(order, out=folder / "bundle", key=ephemeral(), on_case=leak)
    return finished, case


def test_a_leak_in_a_run_withholds_that_file_and_is_the_fault_of_its_requirement_alone(
    leaked: tuple[Finished, PlannedCase],
) -> None:
    finished, case = leaked
    place = finished.folder / folder_of(case)

    assert not (place / "zz-leak.txt").exists()
    assert (place / "facts.json").exists()
    verdicts = {r.id: (r.verdict, r.cause) for r in finished.results.requirements}
    assert verdicts["AUT-03"] == (Verdict.INCONCLUSIVE, Cause.HARNESS_ERROR)
    assert verdicts["AUT-06"] == (Verdict.PASS, None)


def test_what_is_left_after_a_leak_is_sealed_and_holds_no_trace_of_it(
    leaked: tuple[Finished, PlannedCase],
) -> None:
    finished, _ = leaked

    assert verify(finished.folder, trust=None).sound
    for path in finished.folder.rglob("*"):
        assert path.is_dir() or b"jean@exemple.com" not in path.read_bytes(), path

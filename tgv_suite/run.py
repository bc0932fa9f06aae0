"""A run from order to sealed bundle: plan, pytest, verdicts, evidence, reports."""

from __future__ import annotations

import os
import platform
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tgv_suite import __version__, papers, verdict
from tgv_suite.bundle import (
    ATTESTATIONS_FILE,
    DOCUMENTS,
    DOCUMENTS_FILE,
    PLAN,
    RESULTS,
    WAIVERS_FILE,
)
from tgv_suite.errors import RunRefused
from tgv_suite.evidence.archive import SUFFIX, write_archive
from tgv_suite.evidence.gate import withheld_result, withhold
from tgv_suite.evidence.keys import SigningKey
from tgv_suite.evidence.manifest import build_manifest
from tgv_suite.evidence.observations import folder_of, write_case, write_session
from tgv_suite.evidence.seal import Claim, seal
from tgv_suite.exit_code import ExitCode
from tgv_suite.judge import Judged, requirement_results
from tgv_suite.load.dump import dump
from tgv_suite.model.catalogue import Catalogue, Profile
from tgv_suite.model.papers import AttestationFile, Papers, WaiverFile
from tgv_suite.model.results import (
    CheckResult,
    Conclusion,
    HarnessIdentity,
    PackIdentity,
    Results,
    RunIdentity,
)
from tgv_suite.noun import noun
from tgv_suite.packs import Pack
from tgv_suite.plan import PlannedCase
from tgv_suite.plugin import EXIT_CODES, SessionPlugin
from tgv_suite.rendering import view
from tgv_suite.report.build import View
from tgv_suite.report.matrix import Matrix
from tgv_suite.report.render import render
from tgv_suite.session import (
    OnCase,
    Order,
    Session,
    opened,
    profile_identity,
    system_under_test,
)
from tgv_suite.text import LANGUAGES, Text

_NOT_RUN = Text(fr="l'essai s'est arrêté avant", en="the run stopped before it")


@noun
class Finished:
    """What a run leaves.

    Parameters
    ----------
    results:
        What may be claimed.
    folder, archive:
        The bundle, and the same zipped.
    exit_code:
        What the shell is told.
    faults:
        What went wrong on our side, by case, for the developers.
    matrix:
        What was seen of the access policy.
    """

    results: Results
    folder: Path
    archive: Path
    exit_code: ExitCode
    faults: tuple[tuple[str, str], ...]
    matrix: Matrix


def run(order: Order, *, out: Path, key: SigningKey, on_case: OnCase) -> Finished:
    """Run a profile against a system and seal the evidence.

    Parameters
    ----------
    order:
        What is asked.
    out:
        The bundle's folder; it is created, and must be empty.
    key:
        What the bundle is sealed with.
    on_case:
        Told of each case's beginning and end.

    Raises
    ------
    RunRefused
        When the folder isn't empty.
    SecretUnavailable
        When a secret of the manifest can't be read.
    """
    prepare(out)
    started = _now()
    writer = _Writer(out, on_case)
    with opened(order, writer.on_case) as session:
        before = session.fingerprints()
        interrupted, collected = _pytest(session)
        after = {} if interrupted else session.fingerprints()
        write_session(out, session.session_exchanges)
        withhold(out / "observations" / "session", session.redactor.leaks)
        checks = writer.gated(session)
        results = _results(session, checks, started=started, interrupted=interrupted)
        seen = _seen(out, order, results, key)
        _write(out, session, results, seen)
        _seal(out, results, key, before=before, after=after)
    archive = archive_of(out)
    write_archive(out, archive)
    incomplete = not interrupted and results.run.halted is None and not collected
    code = ExitCode.HARNESS_FAULT if incomplete else EXIT_CODES[results.conclusion]
    if interrupted:
        code = ExitCode.UNDETERMINED
    return Finished(
        results=results,
        folder=out,
        archive=archive,
        exit_code=code,
        faults=writer.faults(),
        matrix=seen.matrix,
    )


def prepare(out: Path) -> None:
    """Create a bundle's folder.

    Raises
    ------
    RunRefused
        When it holds anything, or an archive stands beside it, so that nothing is ever mixed or
        lost; or when it can't be created.
    """
    archive = archive_of(out)
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise _refused(
                out, "le dossier de sortie n'est pas vide", "the output folder isn't empty"
            )
        if archive.exists():
            raise _refused(
                archive, "l'archive d'un autre essai est déjà là", "another run's archive is there"
            )
        out.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise _refused(
            out, "le dossier de sortie ne peut être créé", "the output folder can't be created"
        ) from None


def archive_of(out: Path) -> Path:
    """Where the archive of a bundle's folder stands: beside it."""
    return out.with_name(out.name + SUFFIX)


def _refused(place: Path, fr: str, en: str) -> RunRefused:
    return RunRefused(
        message=Text(fr=fr, en=en),
        remedy=Text(fr="donnez-en un nouveau avec --out", en="give a new one with --out"),
        place=str(place),
    )


class _Writer:
    """Writes each case's observations as soon as it is judged, so that nothing is lost."""

    def __init__(self, out: Path, on_case: OnCase) -> None:
        self._out = out
        self._tell = on_case
        self._written: dict[str, Judged] = {}
        self._lock = threading.Lock()

    def on_case(self, case: PlannedCase, judged: Judged | None) -> None:
        """Write a judged case, then tell whoever asked."""
        if judged is not None:
            paths = write_case(self._out, judged)
            kept = replace(judged, result=replace(judged.result, observations=paths))
            with self._lock:
                self._written[case.id] = kept
        self._tell(case, judged)

    def gated(self, session: Session) -> Mapping[str, CheckResult]:
        """Every result, after the gate looked at its evidence."""
        results = {}
        for case_id, judged in self._written.items():
            names = withhold(self._out / folder_of(judged.case), session.redactor.leaks)
            results[case_id] = withheld_result(judged.result, names) if names else judged.result
        return results

    def faults(self) -> tuple[tuple[str, str], ...]:
        """What went wrong on our side: the exception's class and place, never its text."""
        return tuple(
            (case_id, _place(judged.fault))
            for case_id, judged in sorted(self._written.items())
            if judged.fault is not None
        )


def _place(fault: BaseException) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(fault).__name__} ({where})"


def _pytest(session: Session) -> tuple[bool, bool]:
    """Run the checks under our own configuration; say whether it was stopped, and whether whole."""
    plugin = SessionPlugin(session)
    package = Path(__file__).parent / "checks"
    modules = sorted({str(check.path) for check in session.checks.values()})
    arguments = ["-c", str(package / "pytest.ini"), "--rootdir", str(package), "--noconftest"]
    arguments += ["--disable-plugin-autoload", "--import-mode=importlib"]
    arguments += [
        word for name in ("terminal", "cacheprovider", "tgv") for word in ("-p", f"no:{name}")
    ]
    with _clean_environment():
        pytest.main([*arguments, *modules], plugins=[plugin])
    planned = {case.id for case in session.plan.cases}
    return plugin.interrupted, planned == set(session.judged)


@contextmanager
def _clean_environment() -> Iterator[None]:
    """Hide the variables by which the environment would change how pytest runs."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _results(
    session: Session, checks: Mapping[str, CheckResult], *, started: str, interrupted: bool
) -> Results:
    order, plan = session.order, session.plan
    judged = requirement_results(plan, checks, session.halted or _NOT_RUN)
    requirements = papers.settle(judged, order.papers, papers.day(started))
    unused = papers.unused(requirements, order.papers)
    concluded = verdict.conclude(requirements, unused=unused)
    return Results(
        run=RunIdentity(
            id=secrets.token_hex(8),
            mode=order.mode,
            seed=order.seed,
            jobs=order.jobs,
            started=started,
            ended=_now(),
            interrupted=interrupted,
            exchanges=session.exchanges,
            halted=session.halted,
            scope_violations=session.scope_violations,
            rehearsal=order.rehearsal,
        ),
        si=system_under_test(order),
        profile=profile_identity(order),
        harness=harness_identity(session),
        conclusion=Conclusion.UNDETERMINED if interrupted else concluded,
        requirements=requirements,
        unused_waivers=unused,
        created=session.created,
    )


def harness_identity(session: Session) -> HarnessIdentity:
    """The harness's version and the packs that the profile calls for, with their sources' digests."""
    asked = {requirement.id for requirement in session.plan.requirements}
    digests: dict[Pack, dict[str, str]] = {}
    for check in session.checks.values():
        if check.pack.own or check.binding.requirement in asked:
            digests.setdefault(check.pack, {})[check.module] = check.source_sha256
    checks = {pack: tuple(sorted(modules.items())) for pack, modules in digests.items()}
    return HarnessIdentity(
        version=__version__,
        python=platform.python_version(),
        checks=next((of for pack, of in checks.items() if pack.own), ()),
        packs=tuple(
            PackIdentity(name=pack.name, version=pack.version, checks=of)
            for pack, of in checks.items()
            if not pack.own
        ),
    )


def _write(out: Path, session: Session, results: Results, seen: View) -> None:
    """Write everything but the observations; a last redaction covers what the manifest says."""
    order = session.order
    files = {
        "results.json": RESULTS.dump_json(results, indent=1).decode(),
        "plan.json": PLAN.dump_json(session.plan, indent=1).decode(),
        "target.yaml": dump(order.target.target),
        "profile.yaml": dump(order.profile),
        "requirements.yaml": dump(_selected(order.profile, order.catalogue)),
        **_signed(order.papers),
        **{f"report.{language}.html": render(seen, language) for language in LANGUAGES},
    }
    for name, text in files.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(session.redactor.text(text), encoding="utf-8")


def _signed(signed: Papers) -> Mapping[str, str]:
    """The files of what people signed, when they signed anything."""
    files = {}
    if signed.attestations:
        files[ATTESTATIONS_FILE] = dump(AttestationFile(attestations=signed.attestations))
        files[DOCUMENTS_FILE] = DOCUMENTS.dump_json(signed.documents, indent=1).decode()
    if signed.waivers:
        files[WAIVERS_FILE] = dump(WaiverFile(waivers=signed.waivers))
    return files


def _selected(profile: Profile, catalogue: Catalogue) -> Catalogue:
    """What a profile selects of a catalogue."""
    selected = {chosen.id: catalogue.requirements[chosen.id] for chosen in profile.requirements}
    families = dict.fromkeys(requirement.family for requirement in selected.values())
    titles = {family: catalogue.families[family] for family in families}
    return Catalogue(requirements=selected, families=titles)


def _seen(out: Path, order: Order, results: Results, key: SigningKey) -> View:
    return view(
        out,
        results=results,
        catalogue=order.catalogue,
        target=order.target.target,
        key_id=key.key_id,
    )


def _seal(
    out: Path,
    results: Results,
    key: SigningKey,
    *,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> None:
    nonce = secrets.token_hex(16)
    manifest = build_manifest(
        out,
        run_id=results.run.id,
        nonce=nonce,
        started=results.run.started,
        ended=results.run.ended,
        fingerprints={"start": dict(before), "end": dict(after)},
    )
    claim = Claim(
        run_id=results.run.id,
        nonce=nonce,
        role=results.run.mode.value,
        conclusion=results.conclusion.value,
        harness=__version__,
        system=results.si.name,
        version=results.si.version,
    )
    seal(out, manifest, key, claim)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

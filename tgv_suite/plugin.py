"""The pytest plugin: bind the checks to a session, wait for each judgement, record; no decisions.

``pytest --pyargs tgv_suite.checks --tgv-target T --tgv-profile P`` runs the same checks to the same
verdicts as ``tgv run``. Without ``--tgv-target`` the plugin does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import pytest

from tgv_suite import offered, papers, verdict
from tgv_suite.allure_session import allure_files, gated
from tgv_suite.errors import UserError
from tgv_suite.exit_code import ExitCode
from tgv_suite.judge import Judged, requirement_results, subject_of
from tgv_suite.load.target import load_target
from tgv_suite.model.results import Conclusion, Verdict
from tgv_suite.output import empty_folder, write_files
from tgv_suite.plan import Plan, PlannedCase
from tgv_suite.registry import Check
from tgv_suite.session import Order, opened, signed
from tgv_suite.text import LANGUAGES, Text

EXIT_CODES = {
    Conclusion.CONFORMANT: ExitCode.CONFORMANT,
    Conclusion.CONFORMANT_WITH_WAIVERS: ExitCode.CONFORMANT_WITH_WAIVERS,
    Conclusion.NON_CONFORMANT: ExitCode.NON_CONFORMANT,
    Conclusion.UNDETERMINED: ExitCode.UNDETERMINED,
}
# The name that allure-pytest gives it, so that there is one place to read whoever declared it.
_ALLURE_FOLDER = "allure_report_dir"
_NOT_RUN = Text(fr="l'essai ne l'a pas atteinte", en="the run didn't reach it")


_OURS = "tgv_suite.checks"


class JudgingSession(Protocol):
    """What the plugin needs of a session."""

    plan: Plan
    checks: Any
    order: Order
    judged: dict[str, Judged]

    def begin(self, cases: list[PlannedCase]) -> None:
        """Start every case that may run beside others."""

    def result(self, case: PlannedCase) -> Judged:
        """The judgement of a case."""

    def interrupt(self) -> None:
        """Send nothing more."""


class SessionPlugin:
    """Runs a session's cases as pytest items.

    Parameters
    ----------
    session:
        The open session.
    """

    def __init__(self, session: JudgingSession) -> None:
        self.interrupted = False
        self._session = session
        self._cases = {case.id: case for case in session.plan.cases}
        self._checks: dict[Any, Check] = {
            check.function: check for check in session.checks.values()
        }

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each check over the subjects that the plan gives it."""
        check = self._checks.get(metafunc.function)
        if check is None:
            return
        target = self._session.order.target.target
        cases = [case for case in self._cases.values() if case.check == check.id]
        metafunc.parametrize(
            check.binding.argument,
            [subject_of(case, check, target) for case in cases],
            ids=[case.subject for case in cases],
        )

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the planned cases, in the plan's order: those that run alone come last."""
        found = {case.id: item for item in items if (case := self._case(item)) is not None}
        kept = [found[case_id] for case_id in self._cases if case_id in found]
        dropped = [item for item in items if item not in kept]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
        items[:] = kept

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Start what may run side by side before pytest asks for the first result."""
        cases = [case for item in session.items if (case := self._case(item)) is not None]
        self._session.begin(cases)

    @pytest.fixture
    def si(self) -> None:
        """The system under test; the session gives each check its own."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Wait for the judgement instead of calling the check: the session has called it."""
        case = self._case(pyfuncitem)
        if case is None:
            return None
        result = self._session.result(case).result
        pyfuncitem.user_properties.append(("verdict", result.verdict.value))
        if result.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
            cause = f"/{result.cause}" if result.cause else ""
            pytest.fail(f"{result.verdict}{cause}: {result.reason.en}", pytrace=False)
        return True

    def pytest_keyboard_interrupt(self) -> None:
        """Keep what was judged."""
        self.interrupted = True
        self._session.interrupt()

    def _case(self, item: pytest.Item) -> PlannedCase | None:
        check = self._checks.get(getattr(item, "obj", None))
        callspec = getattr(item, "callspec", None)
        return (
            None
            if check is None or callspec is None
            else self._cases.get(f"{check.id}[{callspec.id}]")
        )


class ExitStatus:
    """Opens a session for a plain ``pytest`` command, and makes its exit status the conclusion's.

    Parameters
    ----------
    order:
        What is asked.
    config:
        Pytest's.
    allure:
        The folder for Allure results, when they are asked for.
    """

    def __init__(self, order: Order, config: pytest.Config, *, allure: Path | None) -> None:
        self._allure = allure
        self._language = config.getoption("--tgv-lang")
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self._stack = ExitStack()
        self._evidence = Path(self._stack.enter_context(TemporaryDirectory(prefix="tgv-")))
        self._session = self._stack.enter_context(opened(order))
        self._plugin = SessionPlugin(self._session)
        config.pluginmanager.register(self._plugin, "tgv-session")

    @property
    def modules_of_packs(self) -> list[str]:
        """The files of the check modules that other packages bring."""
        checks: Iterable[Check] = self._session.checks.values()
        return sorted({str(check.path) for check in checks if not check.pack.own})

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Iterator[None]:
        """Conclude from every requirement of the profile, tried or not."""
        beside = self._session.order.papers
        today = datetime.now(UTC).date()
        judged = gated(self._session, self._evidence)
        results = papers.settle(
            requirement_results(self._session.plan, judged, _NOT_RUN), beside, today
        )
        conclusion = verdict.conclude(results, unused=papers.unused(results, beside))
        code = EXIT_CODES[conclusion]
        if exitstatus in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            code = ExitCode.HARNESS_FAULT
        elif self._plugin.interrupted:
            code, conclusion = ExitCode.UNDETERMINED, Conclusion.UNDETERMINED
        if self._allure is not None:
            files = allure_files(
                self._session,
                self._evidence,
                results,
                conclusion,
                started=self._started,
                language=self._language,
            )
            write_files(self._allure, files)
        session.exitstatus = int(code)
        self._stack.close()
        return (yield)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that make a plain ``pytest`` command a run."""
    group = parser.getgroup("tgv", "TGV conformance / conformité TGV")
    group.addoption("--tgv-target", metavar="FILE", help="target manifest / manifeste de la cible")
    group.addoption("--tgv-profile", metavar="P", default="rendez-vous", help="profile / profil")
    group.addoption("--tgv-attestations", metavar="FILE", help="attestations")
    group.addoption("--tgv-waivers", metavar="FILE", help="waivers / dérogations")
    group.addoption(
        "--tgv-jobs", type=int, default=1, help="exchanges in flight / échanges de front"
    )
    group.addoption("--tgv-lang", choices=LANGUAGES, default="fr", help="language / langue")


def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> None:
    """Declare ``--alluredir`` once every plug-in is loaded, unless allure-pytest is one of them."""
    if not _allure_pytest_is_here(early_config):
        parser.getgroup("tgv").addoption(
            "--alluredir",
            dest=_ALLURE_FOLDER,
            metavar="DIR",
            help="folder for Allure results / dossier de résultats Allure",
        )


def _allure_pytest_is_here(config: pytest.Config) -> bool:
    names = (getattr(plugin, "__name__", "") for plugin in config.pluginmanager.get_plugins())
    return any(name.partition(".")[0] == "allure_pytest" for name in names)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Open a session when a target is given, before allure-pytest takes its own option up."""
    path = config.getoption("--tgv-target", None)
    allure = getattr(config.option, _ALLURE_FOLDER, None)
    if path is None:
        if allure is not None and not _allure_pytest_is_here(config):
            raise pytest.UsageError(
                "--alluredir needs --tgv-target (or allure-pytest) / "
                "--alluredir demande --tgv-target (ou allure-pytest)"
            )
        return
    # One writer: allure-pytest knows neither what the plan settled nor what is inconclusive.
    setattr(config.option, _ALLURE_FOLDER, None)
    if getattr(config.option, "numprocesses", None):
        raise pytest.UsageError(
            "-n: rate caps, marks and tokens are one process's; use --tgv-jobs / "
            "les débits, marques et jetons sont d'un seul processus ; utilisez --tgv-jobs"
        )
    try:
        catalogue = offered.catalogue()
        target = load_target(Path(path))
        profile = offered.profile(config.getoption("--tgv-profile"), catalogue)
        order = Order(
            target=target,
            profile=profile,
            catalogue=catalogue,
            jobs=config.getoption("--tgv-jobs"),
            papers=signed(
                target,
                profile,
                catalogue,
                attestations=_path(config.getoption("--tgv-attestations")),
                waivers=_path(config.getoption("--tgv-waivers")),
            ),
        )
        folder = None if allure is None else empty_folder(Path(allure))
        status = ExitStatus(order, config, allure=folder)
        config.pluginmanager.register(status, "tgv-exit-status")
        if _OURS in config.args:
            config.args += status.modules_of_packs
    except UserError as error:
        raise pytest.UsageError("\n".join(error.lines("en"))) from None


def _path(given: str | None) -> Path | None:
    return None if given is None else Path(given)

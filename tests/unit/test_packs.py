"""Packs of other packages: found by entry point, told whose they are, never left out silently."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tgv_suite import locations, offered
from tgv_suite.cli.main import code_of
from tgv_suite.exit_code import ExitCode
from tgv_suite.packs import PackFault, packs
from tgv_suite.reference import defects
from tgv_suite.registry import discover, family_of, refuse_unbound

CHECK = """
from tgv_suite.check import Text, every_tls_endpoint, requirement

@requirement("{requirement}", endpoint=every_tls_endpoint)
def test_something_is_so(si, endpoint):
    assert si.hello(endpoint, "1.3").accepted, Text(fr="non", en="no")
"""
DEFECT = """
from tgv_suite.reference import Defect
from tgv_suite.text import Text

DEFECTS = [Defect(id="{id}", requirement="PCK-01", title=Text(fr="x", en="x"), caught_by=())]
"""
REQUIREMENT = """
schema: tgv-requirements/1
family: {family}
title: {{fr: x, en: x}}
requirements:
  - id: {family}-01
    role: client
    safety: active
    severity: high
    title: {{fr: x, en: x}}
    statement: {{fr: x, en: x}}
    why: {{fr: x, en: x}}
    remedy: {{fr: x, en: x}}
    limits: {{fr: x, en: x}}
    sources: [{{name: RFC 9110}}]
"""
_NUMBERS = itertools.count()

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a distribution of one package on the path, as an installer leaves it."""

    def install(distribution: str, files: Mapping[str, str], *, version: str = "1.0") -> str:
        package = f"pack_of_a_test_{next(_NUMBERS)}"
        site = tmp_path / package
        for name, content in files.items():
            file = site / package / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        (site / package / "__init__.py").touch()
        metadata = site / f"{package}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Name: {distribution}\nVersion: {version}\n")
        folders = {name.partition("/")[0].removesuffix(".py") for name in files}
        groups = [
            f"[tgv_suite.{group}]\nx = {package}.{group}"
            for group in ("checks", "profiles", "defects")
            if group in folders
        ]
        (metadata / "entry_points.txt").write_text("\n".join(groups))
        monkeypatch.syspath_prepend(site)
        return package

    return install


def with_check(requirement: str) -> dict[str, str]:
    """The files of a pack with one check."""
    return {
        "checks/__init__.py": "",
        "checks/test_things.py": CHECK.format(requirement=requirement),
    }


def requirements_of(family: str) -> dict[str, str]:
    """The files of a pack with one requirement."""
    return {
        "profiles/__init__.py": "",
        f"profiles/requirements/{family}.yaml": REQUIREMENT.format(family=family),
    }


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """What a command that must end with 2 says on stderr."""
    assert code_of(["--lang", "en", *command]) is ExitCode.BAD_USAGE
    return capsys.readouterr().err


def test_without_another_package_there_is_our_own_pack_only() -> None:
    assert [str(pack) for pack in packs() if pack.own] == ["tgv-suite 0.1.0"]
    assert {check.pack.name for check in discover()} == {pack.name for pack in packs()}


def test_another_packages_check_bears_its_name(install: Install) -> None:
    package = install("Tgv_Things", with_check("PCK-01"))

    check = discover()[-1]

    assert check.id == "tgv-things.things.something_is_so"
    assert (check.pack.name, check.pack.version) == ("tgv-things", "1.0")
    assert family_of(f"{package}.checks.test_things", "tgv-things") == "tgv-things.things"


def test_lists_say_where_each_thing_comes_from(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    booking = (locations.profiles() / "rendez-vous.yaml").read_text(encoding="utf-8")
    mine = booking.replace("id: rendez-vous", "id: pck")
    files = with_check("PCK-01") | requirements_of("PCK") | {"profiles/pck.yaml": mine}
    install("tgv-things", files, version="2.1")

    for listed in ("checks", "requirements", "profiles"):
        assert code_of([listed, "list"]) is ExitCode.CONFORMANT
        line = capsys.readouterr().out.splitlines()[-1]
        assert line.endswith("[tgv-things 2.1]"), line
        assert code_of([listed, "list", "--format", "json"]) is ExitCode.CONFORMANT
        assert json.loads(capsys.readouterr().out)[-1]["pack"] == "tgv-things"


def test_the_catalogue_holds_the_requirements_of_every_pack(install: Install) -> None:
    ours = set(offered.catalogue().requirements)
    install("tgv-things", requirements_of("PCK"))

    assert set(offered.catalogue().requirements) == ours | {"PCK-01"}


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("import nothing_such", "ModuleNotFoundError"),
        ("def test_x(si): pass", "is bound to no requirement"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("assert True", "a check's assert needs a Text"),
    ],
)
def test_a_broken_pack_is_named_and_never_left_out(
    install: Install, capsys: pytest.CaptureFixture[str], broken: str, told: str
) -> None:
    install("tgv-broken", {"checks/__init__.py": "", "checks/test_x.py": broken}, version="3.2")

    error = said(capsys, "checks", "list")

    assert "tgv-broken 3.2" in error
    assert told in error
    assert "pip uninstall tgv-broken" in error


def test_a_package_of_checks_that_does_not_exist_is_named(
    install: Install, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    package = install("tgv-absent", {"checks/test_x.py": "import nothing_such"})
    (tmp_path / package / package / "checks" / "test_x.py").unlink()
    (tmp_path / package / package / "checks").rmdir()

    assert "tgv-absent 1.0" in said(capsys, "checks", "list")


def test_checks_imported_before_their_asserts_could_be_compiled_are_refused(
    install: Install,
) -> None:
    package = install("tgv-hasty", with_check("PCK-01"))
    __import__(f"{package}.checks.test_things")

    with pytest.raises(PackFault, match="ne peut être chargé"):
        discover()

    assert f"{package}.checks.test_things" in sys.modules


def test_a_faulty_file_of_a_pack_is_told_with_its_place_and_its_pack(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    files = requirements_of("PCK")
    name = "profiles/requirements/PCK.yaml"
    install("tgv-faulty", files | {name: files[name].replace("severity", "sevirity")})

    error = said(capsys, "requirements", "list")

    assert "PCK.yaml:9:5" in error
    assert "tgv-faulty 1.0" in error


def test_two_packs_that_define_the_same_requirement_are_both_named(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("tgv-things", requirements_of("TLS"))

    error = said(capsys, "requirements", "list")

    assert "“TLS-01” is defined by tgv-suite and by tgv-things" in error


def test_two_packs_with_a_profile_of_the_same_name_are_both_named(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    booking = (locations.profiles() / "rendez-vous.yaml").read_text(encoding="utf-8")
    install("tgv-things", {"profiles/__init__.py": "", "profiles/rendez-vous.yaml": booking})

    error = said(capsys, "profiles", "list")

    assert "“rendez-vous” is defined by tgv-suite and by tgv-things" in error


def test_two_packs_with_a_defect_of_the_same_name_are_both_named(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("tgv-a", {"defects.py": DEFECT.format(id="same")})
    assert "same" in [defect.id for defect in defects()]
    install("tgv-b", {"defects.py": DEFECT.format(id="same")})

    error = said(capsys, "defects", "list")

    assert "“same” is defined by tgv-a and by tgv-b" in error


def test_a_check_of_a_requirement_that_nothing_defines_is_refused(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("tgv-things", with_check("PCK-99"))

    with pytest.raises(PackFault):
        refuse_unbound(discover(), offered.catalogue().requirements)

    assert "tests “PCK-99”, which no pack defines" in said(capsys, "checks", "list")

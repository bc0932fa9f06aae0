"""Where the data folders are: at the top of a checkout, or bundled inside an installed wheel."""

from __future__ import annotations

import importlib
import sys
import tomllib
from pathlib import Path
from types import ModuleType

from tgv_suite.text import Text

_PACKAGE = Path(__file__).resolve().parent
_DISTRIBUTION = "tgv-suite"


def profiles() -> Path:
    """The folder of the requirements and of the profiles.

    Raises
    ------
    RuntimeError
        The installation is incomplete.
    """
    return _folder("profiles")


def fixtures() -> Path:
    """The folder of the reference SI, its planted defects and its synthetic people.

    Raises
    ------
    RuntimeError
        The installation is incomplete.
    """
    return _folder("fixtures")


def reports() -> Path:
    """The folder of the templates and words of the reports.

    Raises
    ------
    RuntimeError
        The installation is incomplete.
    """
    return _folder("reports")


def import_fixture(name: str) -> ModuleType:
    """Import a module that lives in the fixtures folder.

    Parameters
    ----------
    name:
        Its dotted name from that folder, such as ``"reference_si.defects"``.

    Raises
    ------
    RuntimeError
        The installation is incomplete.
    ModuleNotFoundError
        The fixtures folder has no such module.
    """
    folder = str(fixtures())
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)


def _folder(name: str) -> Path:
    top = _PACKAGE.parent
    folder = (top if _is_checkout(top) else _PACKAGE / "bundled") / name
    if folder.is_dir():
        return folder
    raise RuntimeError(
        Text(
            fr=f"Il manque le dossier « {folder} » : l'installation de {_DISTRIBUTION} est "
            "incomplète, réinstallez-la.",
            en=f'The folder "{folder}" is missing: the installation of {_DISTRIBUTION} is '
            "incomplete, install it again.",
        )
    )


def _is_checkout(top: Path) -> bool:
    try:
        project = tomllib.loads((top / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(project.get("project", {}).get("name") == _DISTRIBUTION)

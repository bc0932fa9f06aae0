"""Reading the orientation's data."""

from __future__ import annotations

from pathlib import Path

from tgv_suite.load.document import load_document
from tgv_suite.model.orientation import Orientation

SCHEMA = "tgv-orientation/1"
CURRENT = "orientation-2019-05"


def load_orientation(folder: Path, name: str = CURRENT) -> Orientation:
    """Read one edition of the orientation.

    Parameters
    ----------
    folder:
        The profiles' folder.
    name:
        The edition.

    Raises
    ------
    InputFaults
        With every fault of the file.
    """
    return load_document(folder / f"{name}.yaml", Orientation, schema=SCHEMA).content

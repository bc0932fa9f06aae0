"""What the benches print, in the language asked for."""

from __future__ import annotations

import shutil
import sys

ENGLISH = "en" in sys.argv


def say(fr: str, en: str) -> None:
    """Print a line at once."""
    print(en if ENGLISH else fr, flush=True)


def missing(program: str, package: str) -> bool:
    """Whether a program of others isn't installed; it is then said how to install it."""
    if shutil.which(program) is not None:
        return False
    say(
        f"!! NON MESURÉ : « {program} » n'est pas installé (Debian : apt-get install {package})",
        f"!! NOT MEASURED: “{program}” isn't installed (Debian: apt-get install {package})",
    )
    return True

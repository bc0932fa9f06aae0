"""The exit codes that scripts rely on; pytest's own never reach the shell."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller."""

    CONFORMANT = 0
    NON_CONFORMANT = 1
    BAD_USAGE = 2
    UNDETERMINED = 3
    HARNESS_FAULT = 4
    VERIFICATION_FAILED = 5
    REGRESSION = 6
    CONFORMANT_WITH_WAIVERS = 7

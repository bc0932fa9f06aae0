"""The reference SI as a process of its own, driven through its standard input and output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tgv_suite import locations
from tgv_suite.errors import UserError
from tgv_suite.noun import noun
from tgv_suite.packs import Pack, blaming, packs, twice
from tgv_suite.text import Text


class ReferenceFailed(UserError):
    """The reference SI didn't start, or didn't do what it was told."""

    def __init__(self, said: str) -> None:
        super().__init__(
            message=Text(
                fr=f"le SI de référence n'a pas répondu comme prévu : {said}",
                en=f"the reference SI didn't answer as expected: {said}",
            ),
            remedy=Text(
                fr="réinstallez avec « make clean demo » ; sinon, signalez ce défaut",
                en="install again with “make clean demo”; otherwise report this fault",
            ),
        )


@noun
class Defect:
    """A planted defect of the reference SI.

    Parameters
    ----------
    caught_by:
        The checks that must fail under it; every other one keeps its verdict.
    masks:
        Checks that it may leave without an answer.
    """

    id: str
    requirement: str
    title: Text
    caught_by: tuple[str, ...]
    masks: tuple[str, ...] = ()


def defects() -> tuple[Defect, ...]:
    """Every defect that the reference SI can plant: its own, then those of the packs.

    Raises
    ------
    PackFault
        When a pack's can't be loaded, or two packs call theirs alike.
    """
    found: dict[str, tuple[Defect, Pack]] = {}
    for pack in packs():
        with blaming(pack):
            modules = [locations.import_fixture(name) for name in pack.defects]
            planted = tuple(defect for module in modules for defect in _read(module.DEFECTS))
        for defect in planted:
            if defect.id in found:
                raise twice(defect.id, found[defect.id][1], pack)
            found[defect.id] = (defect, pack)
    return tuple(defect for defect, _ in found.values())


def _read(registry: Iterable[Any]) -> tuple[Defect, ...]:
    return tuple(
        Defect(
            id=defect.id,
            requirement=defect.requirement,
            title=defect.title,
            caught_by=tuple(defect.caught_by),
            masks=tuple(defect.masks),
        )
        for defect in registry
    )


class ReferenceSystem:
    """The running reference SI.

    Parameters
    ----------
    process:
        Its process.
    manifest:
        The target manifest that it wrote.
    """

    def __init__(self, process: subprocess.Popen[str], manifest: Path) -> None:
        self.manifest = manifest
        self._process = process

    def plant(self, defects: Sequence[str]) -> None:
        """Switch exactly these defects on, with everything back to the seed state.

        Raises
        ------
        ReferenceFailed
            When it knows no such defect.
        """
        self._tell({"defects": list(defects)})

    def degenerate(self, behaviour: str | None) -> None:
        """Answer everything alike, or really when None.

        Parameters
        ----------
        behaviour:
            ``not-found``, ``forbidden``, ``empty``, ``page`` (the same page with status 200) or
            ``open`` (whoever asks is served).
        """
        self._tell({"degenerate": behaviour})

    def lock_after(self, requests: int | None) -> int:
        """Lock every actor out once so many requests were admitted; None never does.

        Returns how many were admitted since the last time.
        """
        admitted = self._tell({"lock_after": requests}).get("admitted")
        return admitted if isinstance(admitted, int) else 0

    def consulted(self) -> frozenset[str]:
        """The defects whose switch was asked about since the last time."""
        said = self._tell({"consulted": True}).get("consulted")
        return frozenset(map(str, said)) if isinstance(said, list) else frozenset()

    def stop(self) -> None:
        """End the process now."""
        self._process.kill()
        self._process.wait()

    def _tell(self, order: dict[str, object]) -> dict[str, object]:
        stdin, stdout = _pipes(self._process)
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        said = _line(stdout)
        if said.get("ok") is not True:
            raise ReferenceFailed(str(said.get("error", said)))
        return said


@contextmanager
def running(
    folder: Path, *, defects: Sequence[str] = (), port: int = 0
) -> Iterator[ReferenceSystem]:
    """The reference SI, running for as long as the block lasts.

    Parameters
    ----------
    folder:
        Where it puts its test PKI, secrets and manifest.
    defects:
        The defects to plant.
    port:
        Its first port; 0 lets the machine choose.

    Raises
    ------
    ReferenceFailed
        When it doesn't start, or knows no such defect.
    """
    command = [sys.executable, str(locations.fixtures() / "reference_si"), "--stdio"]
    command += ["--folder", str(folder), "--port", str(port)]
    command += [word for defect in defects for word in ("--defect", defect)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            ready = _line(_pipes(process)[1])
            if "manifest" not in ready:
                raise ReferenceFailed(str(ready))
            yield ReferenceSystem(process, Path(str(ready["manifest"])))
        finally:
            process.kill()


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise ReferenceFailed("no pipe")
    return process.stdin, process.stdout


def _line(stdout: IO[str]) -> dict[str, object]:
    line = stdout.readline()
    try:
        said = json.loads(line)
    except ValueError:
        raise ReferenceFailed(line.strip()[:200] or "the process ended") from None
    return said if isinstance(said, dict) else {}

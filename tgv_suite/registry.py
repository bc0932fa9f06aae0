"""Which checks exist: found in the check packages, by the requirement that they are bound to."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType

from tgv_suite.binding import ATTRIBUTE, Binding
from tgv_suite.noun import noun

PACKAGES = ("tgv_suite.checks",)


@noun
class Check:
    """A check that exists.

    Parameters
    ----------
    id:
        ``module.name``, without the ``test_`` that pytest wants.
    function, binding:
        What runs, and what it is bound to.
    module, path, source_sha256:
        Where it stands, and the digest of that source.
    """

    id: str
    function: Callable[..., None]
    binding: Binding
    module: str
    path: Path
    source_sha256: str


def discover(packages: Iterable[str] = PACKAGES) -> tuple[Check, ...]:
    """Every check of the check packages, in the order of their modules and lines.

    Raises
    ------
    TypeError
        When a ``test_`` function of a check module is bound to no requirement.
    """
    return tuple(check for name in packages for check in _in_package(importlib.import_module(name)))


def _in_package(package: ModuleType) -> Iterator[Check]:
    for info in pkgutil.iter_modules(package.__path__):
        if info.name.startswith("test_"):
            yield from checks_in(importlib.import_module(f"{package.__name__}.{info.name}"))


def checks_in(module: ModuleType) -> Iterator[Check]:
    """The checks of one module, in the order of its lines."""
    path = Path(inspect.getfile(module))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    family = module.__name__.rpartition(".")[2].removeprefix("test_")
    for name, function in vars(module).items():
        if not name.startswith("test_") or not inspect.isfunction(function):
            continue
        binding = getattr(function, ATTRIBUTE, None)
        if not isinstance(binding, Binding):
            raise TypeError(f"{module.__name__}.{name} is bound to no requirement")
        yield Check(
            id=f"{family}.{name.removeprefix('test_')}",
            function=function,
            binding=binding,
            module=module.__name__,
            path=path,
            source_sha256=digest,
        )

"""Which checks exist: found in the check packages, by the requirement that they are bound to."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path
from types import ModuleType

from tgv_suite.binding import ATTRIBUTE, Binding
from tgv_suite.claims import ClaimsLoader, compile_package
from tgv_suite.noun import noun
from tgv_suite.packs import OWN, Pack, PackFault, blaming, packs, twice
from tgv_suite.text import Text


@noun
class Check:
    """A check that exists.

    Parameters
    ----------
    id:
        ``module.name``, without the ``test_`` that pytest wants; ``pack.module.name`` for another's.
    function, binding:
        What runs, and what it is bound to.
    module, path, source_sha256:
        Where it stands, and the digest of that source.
    pack:
        The pack that brings it.
    """

    id: str
    function: Callable[..., None]
    binding: Binding
    module: str
    path: Path
    source_sha256: str
    pack: Pack


def discover() -> tuple[Check, ...]:
    """Every check of every pack, ours first, in the order of their modules and lines.

    Raises
    ------
    PackFault
        When another's pack can't be loaded, or two checks have the same id.
    TypeError
        When a ``test_`` function of one of our modules is bound to no requirement.
    """
    found: dict[str, Check] = {}
    for pack in packs():
        with blaming(pack):
            checks = tuple(check for name in pack.checks for check in _in_package(name, pack))
        for check in checks:
            if check.id in found:
                raise twice(check.id, found[check.id].pack, pack)
            found[check.id] = check
    return tuple(found.values())


def refuse_unbound(checks: Iterable[Check], requirements: Container[str]) -> None:
    """Refuse checks that would never run, since nothing defines their requirement.

    Parameters
    ----------
    checks:
        Every check.
    requirements:
        The ids of those that are defined.

    Raises
    ------
    PackFault
        With the first such check.
    """
    for check in checks:
        asked = check.binding.requirement
        if asked not in requirements:
            message = Text(
                fr=f"{check.id} vérifie « {asked} », qu'aucun paquet ne définit",
                en=f"{check.id} tests “{asked}”, which no pack defines",
            )
            raise PackFault((check.pack,), message)


def _in_package(name: str, pack: Pack) -> Iterator[Check]:
    compile_package(name)
    package = importlib.import_module(name)
    if package.__file__ is None:
        raise ImportError(f"{name} has no __init__.py")
    for info in pkgutil.iter_modules(package.__path__):
        if info.name.startswith("test_"):
            yield from checks_in(importlib.import_module(f"{name}.{info.name}"), pack)


def family_of(module: str, pack: str) -> str:
    """What the ids of a module's checks begin with; another pack's name comes first.

    Parameters
    ----------
    module:
        The check module's full name.
    pack:
        Its pack's name.
    """
    name = module.rpartition(".")[2].removeprefix("test_")
    return name if pack == OWN else f"{pack}.{name}"


def checks_in(module: ModuleType, pack: Pack) -> Iterator[Check]:
    """The checks of one module, in the order of its lines."""
    if not isinstance(module.__loader__, ClaimsLoader):
        raise ImportError(f"{module.__name__} was imported before its asserts could be compiled")
    path = Path(inspect.getfile(module))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    family = family_of(module.__name__, pack.name)
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
            pack=pack,
        )

"""How a check claims: its ``assert`` statements, compiled so that nothing can silence them.

``python -O`` drops ``assert``, pytest's ``--assert=plain`` changes what it raises, and pytest's own
rewriting adds the compared values to the message. A check's module is therefore compiled here:
``assert condition, message`` raises :class:`Violation` with that message, and nothing else.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from tgv_suite.model.results import Cause
from tgv_suite.text import Text

_RAISE = "__tgv_violation__"


class Violation(Exception):
    """The system was seen to break the requirement; only a check's ``assert`` raises it.

    Parameters
    ----------
    reason:
        What was seen, then what was expected.
    """

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class CannotTell(Exception):
    """The check can't conclude.

    Parameters
    ----------
    cause:
        Why, in one of the model's words.
    reason:
        Why, in words for people.
    """

    def __init__(self, cause: Cause, reason: Text) -> None:
        super().__init__(reason.en)
        self.cause = cause
        self.reason = reason


class AskPerson(Exception):
    """What was observed needs a person's judgement: the most that a heuristic may lead to.

    Parameters
    ----------
    reason:
        What was seen, and what the person has to decide.
    """

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class NotApplicable(Exception):
    """What was observed shows that the requirement doesn't bind this system."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class AssertCompiler(ast.NodeTransformer):
    """Turns each ``assert`` into a test that raises :class:`Violation`.

    Parameters
    ----------
    without:
        The line of an ``assert`` to leave out, to see whether its defect then survives.
    """

    def __init__(self, without: int | None = None) -> None:
        self.without = without

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        """Replace one ``assert``; a message is mandatory, since it is the verdict's reason."""
        if node.msg is None:
            raise SyntaxError(
                f"line {node.lineno}: a check's assert needs a Text that says what was seen"
            )
        if node.lineno == self.without:
            return ast.copy_location(ast.Expr(value=node.test), node)
        violation = ast.Call(func=ast.Name(id=_RAISE, ctx=ast.Load()), args=[node.msg], keywords=[])
        raising = ast.Raise(exc=violation, cause=None)
        negated = ast.UnaryOp(op=ast.Not(), operand=node.test)
        return ast.copy_location(ast.If(test=negated, body=[raising], orelse=[]), node)


def compile_claims(source: bytes | str, path: str, *, without: int | None = None) -> CodeType:
    """Compile a check module's source.

    Parameters
    ----------
    source, path:
        The source, and the file it came from.
    without:
        The line of an ``assert`` to leave out.

    Raises
    ------
    SyntaxError
        When an ``assert`` has no message.
    """
    tree = AssertCompiler(without).visit(ast.parse(source, path))
    return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True, optimize=0)


class ClaimsLoader(SourceFileLoader):
    """Loads a check module with its claims compiled, never from a cached bytecode file."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile_claims(self.get_data(path), path, without=_left_out.get(fullname))

    def exec_module(self, module: ModuleType) -> None:
        setattr(module, _RAISE, Violation)
        super().exec_module(module)


class ClaimsFinder(MetaPathFinder):
    """Finds the modules of the check packages that were declared with :func:`compile_package`."""

    def __init__(self) -> None:
        self.packages: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of ``fullname`` when it is a check module."""
        package, _, name = fullname.rpartition(".")
        if package not in self.packages or not name.startswith("test_"):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = ClaimsLoader(fullname, spec.origin)
            spec.cached = None
        return spec


_finder = ClaimsFinder()
_left_out: dict[str, int] = {}


def compile_package(name: str) -> None:
    """Have every ``test_*`` module of a check package compiled by this module.

    A check package calls it in its ``__init__``, so that no other import path can load its checks.

    Parameters
    ----------
    name:
        The package's full name.
    """
    _finder.packages.add(name)
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    sys.meta_path.insert(0, _finder)


def assertion_lines(source: str) -> tuple[int, ...]:
    """The lines of the ``assert`` statements in a check module's source, in order."""
    return tuple(sorted(n.lineno for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Assert)))


@contextmanager
def left_out(module: str, line: int) -> Iterator[None]:
    """Leave the ``assert`` at ``line`` of ``module`` out of the modules loaded meanwhile."""
    _left_out[module] = line
    try:
        yield
    finally:
        del _left_out[module]

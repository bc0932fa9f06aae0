"""One reference SI for every proof."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tgv_suite.load.target import LoadedTarget, load_target
from tgv_suite.reference import ReferenceSystem, running


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceSystem]:
    with running(tmp_path_factory.mktemp("si")) as system:
        yield system


@pytest.fixture(scope="module")
def target(system: ReferenceSystem) -> LoadedTarget:
    return load_target(system.manifest)

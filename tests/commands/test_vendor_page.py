"""The page for vendors, followed word for word on the reference SI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages import check_said, page, steps
from tgv_suite.reference import running


@pytest.mark.parametrize("language", ["fr", "en"])
def test_whoever_follows_the_page_finds_the_defect_and_tries_it_again(
    language: str, tmp_path: Path
) -> None:
    text = page(f"vendor.{language}.md")
    target = "cible.yaml" if language == "fr" else "target.yaml"
    (defect,) = re.findall(r"^tgv reference-si .*--defect (\S+)$", text, re.MULTILINE)
    followed = list(steps(text))
    assert len(followed) == 7

    with running(tmp_path / "si", defects=[defect]) as system:
        for step in followed:
            assert step.command[0] == "tgv"
            words = [str(system.manifest) if word == target else word for word in step.command]
            done = subprocess.run(
                [sys.executable, "-m", "tgv_suite.cli", *words[1:]],
                cwd=tmp_path,
                env=os.environ | {"LC_ALL": f"{language}_CA.UTF-8"},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            check_said(step, done.returncode, done.stdout + done.stderr)

    assert (
        tmp_path / ("essai" if language == "fr" else "trial") / f"report.{language}.html"
    ).is_file()

"""The harness's listener stands where the manifest says, or the run is refused."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from tgv_suite.reference import running


def test_a_callback_address_that_is_taken_refuses_the_run(tmp_path: Path) -> None:
    with running(tmp_path / "si") as system, socket.create_server(("127.0.0.1", 0)) as taken:
        text = system.manifest.read_text(encoding="utf-8")
        port = taken.getsockname()[1]
        broken = system.manifest.with_name("taken.yaml")
        before = "callback:\n  host: localhost\n  port: 0\n"
        assert before in text
        broken.write_text(
            text.replace(before, before.replace("port: 0", f"port: {port}")), encoding="utf-8"
        )
        command = [sys.executable, "-m", "tgv_suite.cli", "--lang", "en", "run", str(broken)]
        command += ["--profile", "rendez-vous", "--out", str(tmp_path / "bundle")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"can't listen at the “callback” address localhost:{port}" in done.stderr

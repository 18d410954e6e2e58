"""Runs the tests that need Rasa in Rasa's environment, which has no pytest: one case a module."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from actions.supervisor import ROOT

FOLDER = Path(__file__).parent / "rasa_side"
MODULES = sorted(path.name for path in FOLDER.glob("test_*.py"))


@pytest.mark.parametrize("module", MODULES)
def test_module_passes(bot_python: str, module: str) -> None:
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [bot_python, "-m", "unittest", "discover", "-v", "-s", str(FOLDER), "-p", module]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-6000:]
    assert "Ran 0 tests" not in done.stderr, "no test was found"

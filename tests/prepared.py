"""What `make test` prepares before the tests run, and what happens where it is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from actions.supervisor import BOT_PYTHON, ROOT
from knowledge.bundle import find_current
from knowledge.errors import BundleMissingError

MADE = ROOT / ".madoguchi"
MODEL = MADE / "dialogue" / "model.tar.gz"
CHROMIUM = Path("/usr/bin/chromium")  # Debian's


def demand_bot_python() -> str:
    """Rasa's Python; without it the test is skipped."""
    if not BOT_PYTHON.exists():
        _give_up("there is no .venv-rasa")
    return str(BOT_PYTHON)


def demand_model() -> None:
    """The trained dialogue model; without it the test is skipped."""
    if not MODEL.exists():
        _give_up("the dialogue model is not trained")


def demand_index() -> None:
    """The built index; without it the test is skipped."""
    try:
        built = (MADE / "knowledge" / find_current(MADE / "knowledge") / "manifest.json").exists()
    except BundleMissingError:
        built = False
    if not built:
        _give_up("the index is not built")


def demand_chromium() -> str:
    """The browser; without it the test is skipped, but fails where every service is demanded."""
    if not CHROMIUM.exists():
        if os.environ.get("MADOGUCHI_REQUIRE_SERVICES") == "1":
            pytest.fail(f"there is no {CHROMIUM}, and MADOGUCHI_REQUIRE_SERVICES=1 asks for everything")
        pytest.skip(f"there is no {CHROMIUM}: `apt-get install chromium fonts-noto-cjk`")
    return str(CHROMIUM)


def _give_up(reason: str) -> None:
    """Skip what cannot run here, but fail where everything has to run."""
    if os.environ.get("MADOGUCHI_REQUIRE_INDEX") == "1":
        pytest.fail(f"{reason}, and MADOGUCHI_REQUIRE_INDEX=1 asks for everything")
    pytest.skip(f"{reason}: `make test` does that first")

"""Rasa-side code runs in Rasa's environment only: its modules are run there by `test_rasa_side`, not collected here."""

from __future__ import annotations

import pytest

from tests.prepared import demand_bot_python

collect_ignore = ["rasa_side"]


@pytest.fixture(scope="session")
def bot_python() -> str:
    """Rasa's Python."""
    return demand_bot_python()

"""Officers at the desk, for attacks that aim at them."""

from __future__ import annotations

from tests.actions.web.conftest import approver, enlist, officer

__all__ = ["approver", "enlist", "officer"]

"""Officers at the desk, for faults that meet them."""

from __future__ import annotations

from tests.actions.web.conftest import approver, enlist, officer

__all__ = ["approver", "enlist", "officer"]

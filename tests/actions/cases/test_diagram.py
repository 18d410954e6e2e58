"""The picture of the workflow is that of the table, and the one in docs/ is current."""

from __future__ import annotations

from pathlib import Path

from actions.cases.diagram import draw_workflow
from actions.cases.workflow import list_actions, list_outcomes, list_states

ROOT = Path(__file__).parents[3]


def test_every_state_action_and_outcome_stands_in_the_picture() -> None:
    drawn = draw_workflow()
    assert [name for name in (*list_states(), *list_outcomes(), *list_actions()) if name not in drawn] == []
    assert "id_check --> on_hold: ask_documents" in drawn
    assert "on_hold --> id_check: answer" in drawn
    assert "deciding --> notifying: approve (refused" in drawn


def test_the_picture_in_docs_is_current() -> None:
    # `python -m actions diagram > docs/workflow.md`
    assert (ROOT / "docs" / "workflow.md").read_text("utf-8") == draw_workflow()

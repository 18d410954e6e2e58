"""The names under which the engine finds the actions."""

from __future__ import annotations

from actions.dialogue.registry import make_executor
from actions.services import Services


def test_the_desks_actions_are_registered_when_the_executor_is_made(services: Services) -> None:
    executor = make_executor(services)
    assert set(executor.actions) == {"action_answer", "action_reply", "validate_request_form"}


def test_executors_share_nothing_when_made_twice(services: Services) -> None:
    # Two desks in one process (as in tests) must not answer for each other.
    one, other = make_executor(services), make_executor(services)
    assert one.actions is not other.actions
    assert one.actions["action_answer"] is not other.actions["action_answer"]

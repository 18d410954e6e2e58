"""The actions Rasa may call, by the names its domain lists (held by a test)."""

from __future__ import annotations

from typing import Any

from rasa_sdk.executor import ActionExecutor

from actions.dialogue.actions import ActionAnswer, ActionReply, ValidateRequestForm
from actions.services import Services


def make_executor(services: Services) -> Any:  # noqa: ANN401  the SDK is untyped
    """rasa-sdk's executor with this desk's actions."""
    executor = ActionExecutor()
    for action in (ActionAnswer(services), ActionReply(services), ValidateRequestForm(services)):
        executor.register_action(action)
    return executor

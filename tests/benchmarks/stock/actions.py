"""The stock bot's custom actions (`python -m rasa_sdk --actions tests.benchmarks.stock.actions`): the same work."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.dialogue.answers import answer
from actions.dialogue.replies import reply
from actions.services import open_services
from actions.settings import Settings

_services = open_services(Settings())


class ActionAnswer(Action):  # type: ignore[misc]  # the SDK is untyped
    """Answers a question from the policy with the desk's own function."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:  # noqa: ARG002
        """See rasa_sdk.Action."""
        spoken = answer(_services, str(tracker.latest_message.get("text") or ""), "ja")
        for payload in spoken.as_payloads():
            dispatcher.utter_message(json_message=payload)
        return []


class ActionReply(Action):  # type: ignore[misc]  # the SDK is untyped
    """Replies to acts with the desk's own function."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_reply"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:  # noqa: ARG002
        """See rasa_sdk.Action."""
        intent = str((tracker.latest_message.get("intent") or {}).get("name") or "")
        for payload in reply(_services, intent, "ja").as_payloads():
            dispatcher.utter_message(json_message=payload)
        return []

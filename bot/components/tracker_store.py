"""A tracker store that keeps no text: Rasa's memory of a conversation without what anybody typed or was told.

Kept are intents, action names, allow-listed slots and timestamps, which is all that the rules need. The running turn
still sees the text; only the stored copy is blanked.
"""

from __future__ import annotations

import copy
from typing import Any, Iterator

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

# Slots whose values are words of this program ("given", a field's name), never of a person. Rasa's own
# `session_started_metadata` is not among them: it is the first message's metadata, and so its text.
KEPT_SLOTS = frozenset(
    {
        "requested_slot",
        "request_details",
        "request_name",
        "request_email",
        "request_phone",
        "request_confirmation",
        "request_turn",
    }
)


class MaskingTrackerStore(SQLTrackerStore):
    """`SQLTrackerStore` whose rows hold no personal data."""

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Event]:
        for event in super()._additional_events(session, tracker):
            yield mask_event(event)


def mask_event(event: Event) -> Event:
    """Copy of an event without text, entities, metadata or values of unknown slots."""
    masked = copy.copy(event)
    masked.metadata = {}
    if isinstance(masked, UserUttered):
        intent = dict(masked.intent or {})
        masked.text = ""
        masked.entities = []
        masked.intent = {"name": intent.get("name"), "confidence": intent.get("confidence")}
        masked.parse_data = {"intent": masked.intent, "entities": [], "text": "", "message_id": masked.message_id}
    elif isinstance(masked, BotUttered):
        masked.text = ""
        masked.data = {}
    elif isinstance(masked, SlotSet) and masked.key not in KEPT_SLOTS:
        masked.value = None
    return masked

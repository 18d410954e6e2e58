"""A tracker store that keeps no text: Rasa's memory of a conversation without what anybody typed or was told.

Kept are intents, action names, allow-listed slots and timestamps, and only while a request is being entered: no rule
looks back further. The running turn still sees the text; only the stored copy is blanked.
"""

from __future__ import annotations

import copy
from typing import Any, Iterator, Optional, Text

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
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
MOST_EVENTS = 120  # of a request that has not been begun anew: some ten turns


# Made once: putting Rasa's own query together, for each turn anew, takes five times as long as running it.
_ANY = (
    sa.select(SQLTrackerStore.SQLEvent.id).where(SQLTrackerStore.SQLEvent.sender_id == sa.bindparam("sender")).limit(1)
)


class MaskingTrackerStore(SQLTrackerStore):
    """`SQLTrackerStore` whose rows hold no personal data, and that has none of a conversation outside a request.

    Rasa reads all events of a conversation at each turn, and sends them all to the action: after a hundred turns a
    reply would take several times as long (docs/performance.md).
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.engine.dialect.name == "sqlite":
            self.engine.dispose()  # what was opened until now
            sa.event.listen(self.engine, "connect", _overwrite_deleted)

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """The tracker of a conversation in a request, marked as one that has rows; most conversations have none."""
        with self.engine.connect() as connection:
            if connection.execute(_ANY, {"sender": sender_id}).first() is None:
                return None
        tracker = await super().retrieve(sender_id)
        if tracker is not None:
            tracker.is_stored = True
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what is new while the form is active; else forget the conversation."""
        if tracker.active_loop_name is not None:
            if len(tracker.events) > MOST_EVENTS and tracker.latest_action_name == ACTION_LISTEN_NAME:
                begin_anew(tracker)
            await super().save(tracker)
            tracker.is_stored = True
        elif getattr(tracker, "is_stored", False):
            with self.session_scope() as session:
                own = session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == tracker.sender_id)
                own.delete(synchronize_session=False)
                session.commit()
            tracker.is_stored = False

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Event]:
        for event in super()._additional_events(session, tracker):
            yield mask_event(event)


def begin_anew(tracker: DialogueStateTracker) -> None:
    """Begin a session in which the form is active and its slots are as they are: all that is read back from now on.

    Somebody may ask a hundred questions in the middle of a request; only the rows of the last session are read.
    """
    start, loop = SessionStarted(), tracker.active_loop_name  # what is older than the start is not read: it comes first
    slots = [SlotSet(key, tracker.get_slot(key)) for key in sorted(KEPT_SLOTS) if tracker.get_slot(key) is not None]
    for event in (start, *slots, ActiveLoop(loop), ActionExecuted(ACTION_LISTEN_NAME)):
        tracker.update(event)


def _overwrite_deleted(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA secure_delete=ON")


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

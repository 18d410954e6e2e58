"""What the tracker store writes: nothing that anybody typed or was told, and all that the rules need."""

import json
import os
import sqlite3
import tempfile
import unittest
from pathlib import Path

os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"  # Rasa's own use of SQLAlchemy 1.4

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.tracker_store import KEPT_SLOTS, MOST_EVENTS, MaskingTrackerStore, mask_event

DOMAIN = Path(__file__).parents[3] / "bot" / "domain"
NAME, MAIL, DETAILS, TOLD = (
    "青空つばさ",
    "tsubasa.aozora@example.com",
    "左の靴だけ届いた件",
    "受付番号はM-0000-0000です",
)
SECRETS = (NAME, MAIL, DETAILS, TOLD)


def make_events() -> list[Event]:
    """An opening message that names its writer, the form's answer, and a name given in the form."""
    intent = {"name": "exercise_disclosure", "confidence": 0.91}
    entity = {"entity": "name", "value": NAME, "start": 0, "end": 5}
    said = f"{NAME}です。{DETAILS} {MAIL}"
    return [
        SessionStarted(metadata={"text": said}),
        SlotSet("session_started_metadata", {"language": "ja", "text": said}),  # Rasa's own: the first message's
        ActionExecuted("action_listen"),
        UserUttered(
            said,
            intent=intent,
            entities=[entity],
            parse_data={
                "text": said,
                "intent": intent,
                "intent_ranking": [intent],
                "entities": [entity],
                "metadata": {"text": said},
                "text_tokens": [(0, 5)],
            },
            input_channel="desk",
            metadata={"text": said, "language": "ja"},
        ),
        DefinePrevUserUtteredFeaturization(False),  # the rules have decided by intent
        ActionExecuted("request_form", policy="RulePolicy", confidence=1.0),
        ActiveLoop("request_form"),
        BotUttered(TOLD, {"custom": {"text": TOLD}, "buttons": [{"title": NAME}]}, {"text": TOLD}),
        SlotSet("request_details", "given"),
        SlotSet("requested_slot", "request_name"),
        SlotSet("anything_else", DETAILS),
        ActionExecuted("action_listen"),
        UserUttered(NAME, intent={"name": "greet", "confidence": 0.2}, metadata={"text": NAME}),
        DefinePrevUserUtteredFeaturization(False),
        ActionExecutionRejected("request_form", "RulePolicy", 1.0),
    ]


class TrackerStoreTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "tracker.sqlite3"
        self.domain = Domain.load(str(DOMAIN))
        self.store = MaskingTrackerStore(self.domain, host=f"sqlite:///{self.path}")
        self.addCleanup(self.store.engine.dispose)
        self.tracker = self.make_tracker()

    def make_tracker(self) -> DialogueStateTracker:
        tracker = DialogueStateTracker.from_events("c1", [], self.domain.slots)
        for event in make_events():
            tracker.update(event)
        return tracker

    def read_rows(self) -> list[dict]:
        connection = sqlite3.connect(self.path)
        rows = connection.execute("select data from events order by id").fetchall()
        connection.close()
        return [json.loads(data) for (data,) in rows]

    async def test_no_secret_is_in_the_file(self) -> None:
        await self.store.save(self.tracker)
        stored = self.path.read_bytes()
        self.assertIn(b"exercise_disclosure", stored)  # so the file is what is looked at
        for secret in SECRETS:
            for form in (secret, json.dumps(secret)[1:-1]):
                with self.subTest(form=form):
                    self.assertNotIn(form.encode(), stored)

    async def test_users_words_are_gone_from_every_place(self) -> None:
        await self.store.save(self.tracker)
        for row in self.read_rows():
            if row["event"] == "user":
                with self.subTest(intent=row["parse_data"]["intent"]["name"]):
                    self.assertEqual((row["text"], row["parse_data"]["text"]), ("", ""))
                    self.assertEqual(row["parse_data"]["entities"], [])
                    self.assertNotIn("intent_ranking", row["parse_data"])

    async def test_no_row_keeps_metadata_of_ours(self) -> None:
        await self.store.save(self.tracker)
        for row in self.read_rows():
            # Rasa adds the model's and the assistant's ids, which say nothing of a person.
            self.assertLessEqual(set(row.get("metadata", {})), {"model_id", "assistant_id"}, row["event"])

    async def test_what_was_said_is_gone(self) -> None:
        await self.store.save(self.tracker)
        said = [(row["text"], row["data"]) for row in self.read_rows() if row["event"] == "bot"]
        self.assertEqual(said, [("", {})])

    async def test_values_of_unknown_slots_are_gone_and_known_ones_kept(self) -> None:
        await self.store.save(self.tracker)
        slots = {row["name"]: row["value"] for row in self.read_rows() if row["event"] == "slot"}
        self.assertEqual(
            slots,
            {
                "request_details": "given",
                "requested_slot": "request_name",
                "anything_else": None,
                "session_started_metadata": None,
            },
        )

    async def test_rules_see_the_same_conversation_when_it_is_read_back(self) -> None:
        await self.store.save(self.tracker)
        found = await self.store.retrieve("c1")
        self.assertEqual(found.past_states(self.domain), self.tracker.past_states(self.domain))
        self.assertEqual(found.active_loop_name, "request_form")
        self.assertEqual(found.get_slot("requested_slot"), "request_name")
        self.assertEqual(found.get_slot("request_details"), "given")
        self.assertEqual(found.latest_message.intent, {"name": "greet", "confidence": 0.2})
        self.assertEqual(found.latest_action_name, self.tracker.latest_action_name)

    async def test_the_running_turn_still_sees_the_text(self) -> None:
        await self.store.save(self.tracker)
        self.assertEqual(self.tracker.latest_message.text, NAME)
        self.assertEqual(self.tracker.latest_message.metadata, {"text": NAME})
        self.assertEqual([event.text for event in self.tracker.events if isinstance(event, BotUttered)], [TOLD])

    async def test_saving_again_adds_only_what_is_new(self) -> None:
        await self.store.save(self.tracker)
        await self.store.save(self.tracker)
        before = len(self.read_rows())
        found = await self.store.retrieve("c1")
        found.update(SlotSet("request_name", "given"))
        await self.store.save(found)
        rows = self.read_rows()
        self.assertEqual((before, len(rows)), (len(make_events()), len(make_events()) + 1))
        self.assertEqual((rows[-1]["name"], rows[-1]["value"]), ("request_name", "given"))

    async def test_a_conversation_is_forgotten_when_no_request_is_being_entered(self) -> None:
        await self.store.save(self.tracker)
        other = DialogueStateTracker.from_events("c2", self.tracker.events, self.domain.slots)
        await self.store.save(other)
        found = await self.store.retrieve("c1")
        found.update(ActiveLoop(None))
        await self.store.save(found)
        self.assertIsNone(await self.store.retrieve("c1"))
        self.assertEqual(len(self.read_rows()), len(make_events()))  # the other conversation's
        self.assertNotIn(b"c1", self.path.read_bytes())
        found = DialogueStateTracker.from_events("c3", [ActionExecuted("action_listen")], self.domain.slots)
        await self.store.save(found)
        self.assertIsNone(await self.store.retrieve("c3"))

    async def test_a_long_request_is_read_back_short_and_the_same(self) -> None:
        tracker = await self.store.get_or_create_tracker("long")
        for event in [*make_events(), ActionExecuted("action_listen")]:
            tracker.update(event)
        for _ in range(MOST_EVENTS):
            tracker.update(SlotSet("request_turn", "given"))
        await self.store.save(tracker)
        back = await self.store.retrieve("long")
        self.assertLess(len(back.events), len(KEPT_SLOTS) + 5)
        self.assertEqual(back.active_loop_name, "request_form")
        self.assertEqual(back.latest_action_name, "action_listen")
        for slot in KEPT_SLOTS:
            self.assertEqual(back.get_slot(slot), tracker.get_slot(slot))
        back.update(UserUttered("x", intent={"name": "affirm", "confidence": 0.9}))
        await self.store.save(back)
        again = await self.store.retrieve("long")
        self.assertEqual(len(again.events), len(back.events))

    async def test_two_conversations_do_not_mix(self) -> None:
        await self.store.save(self.tracker)
        self.assertIsNone(await self.store.retrieve("c2"))

    def test_masking_leaves_the_event_itself_alone(self) -> None:
        for event in make_events():
            with self.subTest(event=event.type_name):
                before = json.dumps(event.as_dict(), sort_keys=True)
                mask_event(event)
                self.assertEqual(json.dumps(event.as_dict(), sort_keys=True), before)

    def test_exactly_the_forms_slots_are_kept(self) -> None:
        # A slot added to the domain must be put on the list on purpose, or its value is lost at the next turn.
        self.assertEqual({slot.name for slot in self.domain.slots} - KEPT_SLOTS, {"session_started_metadata"})
        self.assertEqual(KEPT_SLOTS - {slot.name for slot in self.domain.slots}, set())


if __name__ == "__main__":
    unittest.main()

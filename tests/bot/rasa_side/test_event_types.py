"""The table of event classes finds what Rasa's own search finds."""

import unittest

from rasa.shared.core.events import Event, SlotSet
from rasa.shared.utils.common import all_subclasses

from bot.components import event_types


class EventTypesTest(unittest.TestCase):
    def setUp(self) -> None:
        self.search = Event.resolve_by_type
        self.addCleanup(setattr, Event, "resolve_by_type", staticmethod(self.search))
        event_types.install()

    def test_each_name_leads_to_the_same_class(self) -> None:
        names = {one.type_name for one in all_subclasses(Event)}
        self.assertIn("slot", names)
        for name in names:
            for _ in range(2):  # found, then remembered
                self.assertIs(Event.resolve_by_type(name), self.search(name))

    def test_an_unknown_name_is_what_was_asked_for_or_an_error(self) -> None:
        self.assertIs(Event.resolve_by_type("none of them", SlotSet), SlotSet)
        for _ in range(2):
            with self.assertRaises(ValueError):
                Event.resolve_by_type("none of them")

    def test_a_stored_event_is_read(self) -> None:
        event = Event.from_parameters({"event": "slot", "name": "request_name", "value": "given", "timestamp": 1.0})
        self.assertEqual(event, SlotSet("request_name", "given"))


if __name__ == "__main__":
    unittest.main()

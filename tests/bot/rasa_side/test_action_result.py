"""The compiled check of action results judges as Rasa's own, and its error quotes nothing."""

import random
import unittest
from collections.abc import Callable
from typing import Any

from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig

from bot.components import action_result

UPSTREAM = RemoteAction._validate_action_result  # before `install` replaces it
SECRET = "tsubasa.aozora@example.com"
SLOT = {"event": "slot", "name": "request_name", "value": "given", "timestamp": None}

GOOD = (
    {},
    {"events": [], "responses": []},
    {"events": [SLOT]},
    {"events": [SLOT, {**SLOT, "value": None}, {**SLOT, "value": {"a": [1]}}]},
    {"responses": [{"custom": {"text": SECRET}}]},
    {"responses": [{"text": SECRET, "buttons": [], "elements": [], "custom": {}, "template": None, "image": None}]},
    {"events": [{"event": "action", "name": "action_listen", "policy": None, "confidence": 1.0}]},
    {"events": [{"event": "active_loop", "name": None, "timestamp": 1.5, "metadata": {}}]},
    {"events": [{"event": "user", "text": SECRET, "parse_data": {"intent": {"name": "greet", "confidence": 1}}}]},
    {"events": [{"event": "user", "parse_data": {"response_selector": {SECRET: {"ranking": SECRET}}}}]},
    {"events": [{"event": "session_started"}], "more": "ignored"},
)
BAD = (
    [],
    None,
    SECRET,
    7,
    {"events": None},
    {"events": {}},
    {"events": SECRET},
    {"events": [None]},
    {"events": [SECRET]},
    {"events": [{}]},
    {"events": [{"event": None}]},
    {"events": [{"event": SECRET}]},
    {"events": [{"event": "slot", "name": SECRET}]},
    {"events": [{"event": "slot", "value": SECRET}]},
    {"events": [{"event": "slot", "name": [SECRET], "value": 1}]},
    {"events": [{**SLOT, "timestamp": SECRET}]},
    {"events": [{**SLOT, "metadata": SECRET}]},
    {"events": [SLOT, SLOT, {"event": "slot", SECRET: SECRET}]},
    {"events": [{"event": "entities", "entities": [{"entity": SECRET}]}]},
    {"events": [{"event": "user", "parse_data": {"intent": {"name": 1, "why": SECRET}}}]},
    {"responses": {}},
    {"responses": SECRET},
    {"responses": [SECRET]},
    {"responses": [[]]},
)


def judge(check: Callable[[RemoteAction, Any], bool], result: Any) -> bool:
    """Whether a check lets a result pass."""
    action = RemoteAction("action_answer", EndpointConfig("http://127.0.0.1:1/webhook"))
    try:
        return check(action, result)
    except ValidationError:
        return False


def make_random(chance: random.Random, depth: int = 0) -> Any:
    """Something that may or may not be a result: the words of the schema, put together by chance."""
    leaves = [None, True, 0, 1.5, "", "slot", "user", "action", SECRET]
    if depth > 4 or chance.random() < 0.25:
        return chance.choice(leaves)
    if chance.random() < 0.3:
        return [make_random(chance, depth + 1) for _ in range(chance.randrange(3))]
    names = [
        "events",
        "responses",
        "event",
        "name",
        "value",
        "timestamp",
        "metadata",
        "parse_data",
        "intent",
        "entities",
    ]
    value = {name: make_random(chance, depth + 1) for name in chance.sample(names, chance.randrange(1, 5))}
    if depth == 2 and chance.random() < 0.7:
        value["event"] = chance.choice(["slot", "user", "bot", "entities", "action"])
    return value


class ActionResultTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        action_result.install()

    def test_good_results_pass_both(self) -> None:
        for result in GOOD:
            with self.subTest(result=result):
                self.assertTrue(judge(UPSTREAM, result))
                self.assertTrue(judge(RemoteAction._validate_action_result, result))

    def test_malformed_results_pass_neither(self) -> None:
        for result in BAD:
            with self.subTest(result=result):
                self.assertFalse(judge(UPSTREAM, result))
                self.assertFalse(judge(RemoteAction._validate_action_result, result))

    def test_verdicts_agree_on_results_made_by_chance(self) -> None:
        chance = random.Random(11)
        made = [{"events": [make_random(chance, 2)], "responses": make_random(chance, 3)} for _ in range(20)]
        made += [make_random(chance) for _ in range(20)]
        verdicts = [(judge(UPSTREAM, one), judge(RemoteAction._validate_action_result, one)) for one in made]
        self.assertEqual([ours for _, ours in verdicts], [theirs for theirs, _ in verdicts])
        self.assertEqual({ours for _, ours in verdicts}, {True, False})  # or nothing was compared

    def test_the_error_quotes_nothing_of_the_result(self) -> None:
        action = RemoteAction("action_answer", EndpointConfig("http://127.0.0.1:1/webhook"))
        for result in BAD:
            with self.subTest(result=result):
                with self.assertRaises(ValidationError) as caught:
                    action._validate_action_result(result)
                error = caught.exception
                self.assertNotIn(SECRET, f"{error} {error!r} {error.args} {error.message} {error._contents()}")
                self.assertIsNone(error.__cause__)
                self.assertIn("malformed", str(error))

    def test_the_schema_is_the_installed_rasas(self) -> None:
        judge(RemoteAction._validate_action_result, {})
        self.assertEqual(action_result._validator.schema, RemoteAction.action_response_format_spec())

    def test_it_is_what_remote_actions_use(self) -> None:
        self.assertIsNot(RemoteAction._validate_action_result, UPSTREAM)


if __name__ == "__main__":
    unittest.main()

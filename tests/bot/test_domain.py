"""The two sides share names only: every name that one of them uses is known to the other."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from actions.cases.kinds import list_kinds
from actions.cases.records import FIELDS
from actions.dialogue.actions import FORM
from actions.dialogue.messages import PAYLOADS
from actions.dialogue.registry import make_executor
from actions.supervisor import ROOT
from bot import nlu
from knowledge.wordings import GOVERNING_CLAUSES

DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "bot" / "domain" / "domain.yml").read_text("utf-8"))
RULES: list[dict[str, Any]] = yaml.safe_load((ROOT / "bot" / "data" / "rules" / "rules.yml").read_text("utf-8"))[
    "rules"
]
INTENTS = set(DOMAIN["intents"])


def list_steps(name: str) -> list[str]:
    return [step[name] for rule in RULES for step in rule["steps"] if name in step]


def test_the_domains_actions_are_the_registered_ones() -> None:
    # Registering touches no service: the names are all that is asked for.
    assert set(make_executor(None).actions) == set(DOMAIN["actions"])  # type: ignore[arg-type]


def test_every_intent_has_a_rule() -> None:
    # Without one Rasa says nothing at all. `nlu_fallback` is its own.
    assert sorted(list_steps("intent")) == sorted(INTENTS | {"nlu_fallback"})


def test_rules_call_only_known_actions() -> None:
    assert set(list_steps("action")) <= set(DOMAIN["actions"]) | set(DOMAIN["forms"]) | {"action_listen"}


def test_what_opens_the_form_is_exactly_what_opens_a_request() -> None:
    opening = {rule["steps"][0]["intent"] for rule in RULES if rule["steps"][1:2] == [{"action": FORM}]}
    assert opening == {kind.intent for kind in list_kinds().values()}


def test_the_form_asks_for_the_drafts_fields() -> None:
    assert DOMAIN["forms"][FORM]["required_slots"] == [f"request_{name}" for name in (*FIELDS, "confirmation")]


def test_no_slot_fills_itself() -> None:
    # A slot that fills from text would hold what a person typed.
    mappings = [mapping["type"] for slot in DOMAIN["slots"].values() for mapping in slot["mappings"]]
    assert set(mappings) == {"custom"}


def test_sessions_carry_nothing_over() -> None:
    assert DOMAIN["session_config"]["carry_over_slots_to_new_session"] is False


@pytest.mark.parametrize(("payload", "command"), [(payload, sent) for payload, (sent, _) in PAYLOADS.items()])
def test_every_button_fires_a_known_intent(payload: str, command: str) -> None:
    assert command.removeprefix("/") in INTENTS, payload


def test_kinds_and_governing_clauses_agree() -> None:
    assert {kind.intent: kind.clauses[0] for kind in list_kinds().values()} == GOVERNING_CLAUSES


@pytest.mark.parametrize(
    "examples",
    [nlu.collect_examples(nlu.SHOP / "wordings"), nlu.collect_development(nlu.SHOP / "development")],
    ids=["training", "development"],
)
def test_only_known_intents_are_taught_and_tested(examples: dict[str, list[str]]) -> None:
    assert set(examples) <= INTENTS


def test_every_intent_is_taught() -> None:
    assert set(nlu.collect_examples(nlu.SHOP / "wordings")) == INTENTS

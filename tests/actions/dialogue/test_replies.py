"""Small talk and hand-over: a sentence for every act, with the shop's own contact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from actions.dialogue.replies import reply
from actions.hours import TOKYO
from actions.services import Services
from actions.texts import say

ACTS = ["greet", "thanks", "goodbye", "help", "human", "status", "language", "affirm", "deny", "cancel", "change"]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("intent", [*ACTS, "nonsense", ""])
def test_one_sentence_is_said_when_an_act_is_heard(services: Services, intent: str, language: str) -> None:
    spoken = reply(services, intent, language)
    (message,) = spoken.messages
    assert message.text
    assert "{" not in message.text
    assert spoken.request is None


@pytest.mark.parametrize("intent", ["affirm", "deny", "cancel", "nonsense"])
def test_nothing_is_open_when_a_word_of_a_request_stands_alone(services: Services, intent: str) -> None:
    assert reply(services, intent, "ja").messages[0].text == say("ja", "replies.nothing_open")


@pytest.mark.parametrize("intent", ["human", "status"])
def test_the_officer_can_be_reached_when_a_person_is_wanted(services: Services, intent: str) -> None:
    shop = services.bundle.policy.shop
    text = reply(services, intent, "ja").messages[0].text
    assert shop.phone in text
    assert shop.email in text
    assert shop.hours["ja"] in text


@pytest.mark.parametrize("intent", ["greet", "help", "affirm"])
def test_the_opening_buttons_are_questions_when_shown(services: Services, intent: str) -> None:
    payloads = [button.payload for button in reply(services, intent, "en").messages[0].buttons]
    assert say("en", "questions.ask_collected") in payloads
    assert not [payload for payload in payloads if payload.startswith("/")]


def test_a_correction_is_offered_when_there_is_nothing_to_change(services: Services) -> None:
    (button,) = reply(services, "change", "ja").messages[0].buttons
    assert button.payload == "/request:correction"


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 11, 20, 12, 0, tzinfo=TOKYO), "ただいま受付時間内です"),
        (datetime(2026, 11, 20, 18, 0, tzinfo=TOKYO), "次の受付は2026-11-25の11:00から"),  # the 24th is a closing day
    ],
)
def test_it_is_told_whether_somebody_is_there_when_a_person_is_wanted(
    make_services: Callable[..., Services], monkeypatch: pytest.MonkeyPatch, moment: datetime, told: str
) -> None:
    monkeypatch.setattr("actions.dialogue.answers.now", lambda: moment)
    services = make_services(closing_days=(date(2026, 11, 24),))
    assert told in reply(services, "human", "ja").messages[0].text

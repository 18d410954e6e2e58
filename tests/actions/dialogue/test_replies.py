"""Small talk and hand-over: a sentence for every act, with the shop's own contact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from actions.cases.records import Draft
from actions.dialogue.replies import reply, reply_alone
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
        (datetime(2026, 11, 20, 18, 0, tzinfo=TOKYO), "次の受付は2026年11月25日(水)の11:00から"),  # 24: closed
    ],
)
def test_it_is_told_whether_somebody_is_there_when_a_person_is_wanted(
    make_services: Callable[..., Services], monkeypatch: pytest.MonkeyPatch, moment: datetime, told: str
) -> None:
    monkeypatch.setattr("actions.dialogue.answers.now", lambda: moment)
    services = make_services(closing_days=(date(2026, 11, 24),))
    assert told in reply(services, "human", "ja").messages[0].text


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "text", ["私の請求どうなりました?", "M-0000-0000の状況は?", "what's the status of my request?"]
)
def test_the_state_of_a_request_is_never_told_in_the_conversation(
    services: Services, make_draft: Callable[..., Draft], text: str, language: str
) -> None:
    case, _ = services.desk.file(make_draft(), "chat")
    known, unknown = reply_alone(services, f"{case.receipt} {text}", language), reply_alone(services, text, language)
    assert known is not None
    assert known == unknown  # not even whether it exists
    assert services.bundle.policy.shop.phone in known.messages[0].text


@pytest.mark.parametrize("text", ["この会話を削除して", "delete this conversation"])
def test_the_button_that_deletes_the_conversation_is_offered_when_asked_for(services: Services, text: str) -> None:
    spoken = reply_alone(services, text, "ja")
    assert spoken is not None
    assert [button.payload for button in spoken.messages[0].buttons] == ["/delete-conversation"]


@pytest.mark.parametrize("text", ["配送の状況を教えて", "アカウントを削除して", "個人情報は何に使いますか", "x" * 61])
def test_nothing_is_replied_alone_when_something_else_is_said(services: Services, text: str) -> None:
    assert reply_alone(services, text, "ja") is None

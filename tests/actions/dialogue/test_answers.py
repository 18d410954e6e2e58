"""Questions: quoted where the policy speaks, and a way on where it does not."""

from __future__ import annotations

import pytest

from actions.dialogue.answers import answer
from actions.services import Services
from actions.texts import say
from knowledge.policy import Policy


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_clause_is_quoted_when_the_policy_answers(services: Services, policy: Policy, language: str) -> None:
    (message,) = answer(services, say(language, "questions.ask_third_party"), language).messages
    assert message.status == "answered"
    assert message.text == policy.leads["third_party"][language]
    first = message.citations[0]
    assert first["clause_id"] == "third_party"
    assert first["quote"] == policy.get_unit("third_party").text
    assert ("quote_en" in first) == (language == "en")


@pytest.mark.parametrize(
    ("language", "question"),
    [("ja", "クッキーは使っていますか"), ("en", "Do you use cookies?"), ("ja", "漏れたらいくらもらえますか")],
)
def test_a_person_is_offered_when_the_policy_is_silent(services: Services, language: str, question: str) -> None:
    spoken = answer(services, question, language)
    (message,) = spoken.messages
    assert message.status == "not_covered"
    assert message.buttons[-1].payload == "/forward"
    assert services.bundle.policy.shop.phone in message.text
    assert spoken.request is None


@pytest.mark.parametrize(("language", "question"), [("ja", "注文はいつ届きますか"), ("en", "where is my order")])
def test_nothing_is_claimed_when_it_is_about_something_else(services: Services, language: str, question: str) -> None:
    spoken = answer(services, question, language)
    (message,) = spoken.messages
    assert (message.status, message.citations, message.buttons, spoken.request) == ("out_of_scope", (), (), None)


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("開示や訂正、利用停止はどうすれば請求できますか", ("disclosure",)),
        ("個人情報の苦情はどこに言えばいいですか", ("complaint",)),
        ("個人情報を第三者に提供しますか", ()),
    ],
)
def test_a_request_is_offered_when_the_clause_grants_one(
    services: Services, question: str, kinds: tuple[str, ...]
) -> None:
    spoken = answer(services, question, "ja")
    payloads = [button.payload for button in spoken.messages[0].buttons]
    assert payloads == [f"/request:{kind}" for kind in kinds]
    assert (spoken.request.kinds if spoken.request else ()) == kinds
    assert spoken.request is None or spoken.request.state == "offered"


@pytest.mark.parametrize("text", ["", "🙂", "???", "<b>", "' OR 1=1 --", "\ud800", "a" * 3000])
def test_something_is_said_when_anything_is_asked(services: Services, text: str) -> None:
    (message,) = answer(services, text, "ja").messages
    assert message.text

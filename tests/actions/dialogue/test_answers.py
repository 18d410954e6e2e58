"""Questions: quoted where the policy speaks, and a way on where it does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from actions.cases.letters import say_day
from actions.dialogue.answers import answer, describe_counter, find_answer
from actions.hours import TOKYO
from actions.services import Services
from actions.texts import say
from knowledge.answer import Status, sentence
from knowledge.conversation import Context
from knowledge.policy import Policy

CLOSING_DAYS = (date(2026, 11, 24),)
# When it is, and when the counter opens next (None while it is open).
MOMENTS = [
    (datetime(2026, 11, 20, 11, 0, tzinfo=TOKYO), None),  # Friday
    (datetime(2026, 11, 20, 17, 59, 59, tzinfo=TOKYO), None),
    (datetime(2026, 11, 20, 2, 0, tzinfo=UTC), None),  # 11:00 in Tokyo
    (datetime(2026, 11, 20, 10, 59, 59, tzinfo=TOKYO), date(2026, 11, 20)),  # today
    (datetime(2026, 11, 20, 18, 0, tzinfo=TOKYO), date(2026, 11, 25)),  # over a weekend, a holiday and a closing day
    (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), date(2026, 11, 25)),  # Saturday in Tokyo
    (datetime(2026, 11, 22, 12, 0, tzinfo=TOKYO), date(2026, 11, 25)),  # Sunday
    (datetime(2026, 11, 23, 12, 0, tzinfo=TOKYO), date(2026, 11, 25)),  # 勤労感謝の日
    (datetime(2026, 11, 24, 12, 0, tzinfo=TOKYO), date(2026, 11, 25)),  # the shop's own closing day
    (datetime(2026, 11, 25, 12, 0, tzinfo=TOKYO), None),
]
COOKIES = {"ja": "クッキーは使っていますか", "en": "Do you use cookies?"}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(("moment", "opens"), MOMENTS)
def test_it_is_told_whether_somebody_is_there_when_the_policy_is_silent(
    make_services: Callable[..., Services],
    monkeypatch: pytest.MonkeyPatch,
    moment: datetime,
    opens: date | None,
    language: str,
) -> None:
    monkeypatch.setattr("actions.dialogue.answers.now", lambda: moment)
    services = make_services(closing_days=CLOSING_DAYS)
    told = (
        say(language, "replies.closed_now", day=say_day(opens, language))
        if opens
        else say(language, "replies.open_now")
    )
    assert describe_counter(services, language) == told
    found = find_answer(services, COOKIES[language], language)
    assert found.status is Status.NOT_COVERED
    assert found.text.endswith(f" {told}")
    assert found.text.count(told) == 1
    assert services.bundle.policy.shop.phone in found.text  # where to ask, and whether now
    (message,) = answer(services, COOKIES[language], language).messages
    assert message.text == found.text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_language_of_the_question_counts_when_none_is_chosen(services: Services, language: str) -> None:
    found = find_answer(services, COOKIES[language], None)
    assert found.language == language
    assert found.text.endswith(describe_counter(services, language))


@pytest.mark.parametrize(
    ("language", "question", "status"),
    [
        ("ja", "個人情報を第三者に提供しますか", Status.ANSWERED),
        ("en", "where is my order", Status.OUT_OF_SCOPE),
        ("ja", "🙂", Status.OUT_OF_SCOPE),
        ("ja", "xyzzy", Status.NOT_COVERED),  # a question back
    ],
)
def test_nothing_is_told_of_the_counter_when_nobody_has_to_be_asked(
    services: Services, ambiguous: Any, language: str, question: str, status: Status
) -> None:
    found = find_answer(services, question, language)
    assert found.status is status
    assert bool(found.suggestions) is (question == ambiguous.question)
    assert describe_counter(services, language) not in found.text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_readings_are_offered_when_a_question_could_mean_either(
    services: Services, ambiguous: Any, language: str
) -> None:
    spoken = answer(services, ambiguous.question, language)
    (message,) = spoken.messages
    readings = ambiguous.readings(services, language)
    assert (message.status, message.text) == ("not_covered", sentence(language, "clarify"))
    assert [(button.title, button.payload) for button in message.buttons[:-1]] == [(one, one) for one in readings]
    assert message.buttons[-1].payload == "/forward"
    assert (message.question, message.clarified) == (ambiguous.question, True)
    assert [citation["clause_id"] for citation in message.citations] == list(ambiguous.clauses)
    assert spoken.request is None


def test_no_request_is_offered_when_it_is_not_known_what_is_wanted(services: Services, ambiguous: Any) -> None:
    spoken = answer(services, f"{ambiguous.question}をやめてほしい", "ja")
    assert spoken.messages[0].clarified
    assert not [button for button in spoken.messages[0].buttons if button.payload.startswith("/request")]
    assert spoken.request is None


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_nearest_is_quoted_when_a_question_back_was_asked_before(
    services: Services, ambiguous: Any, language: str
) -> None:
    before = Context("before", ("purpose",), clarified=True)
    (message,) = answer(services, ambiguous.question, language, before).messages
    assert (message.status, message.clarified) == ("not_covered", False)
    assert [button.payload for button in message.buttons] == ["/forward"]
    assert message.citations
    assert message.text.endswith(describe_counter(services, language))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("clause", ["third_party", "rights.6", "collected.3", "entrusted.1.1"])
def test_a_reading_is_answered_by_its_clause_when_chosen(services: Services, clause: str, language: str) -> None:
    reading = services.bundle.policy.guidance.readings[clause][language]
    (message,) = answer(services, reading, language, Context("before", (), clarified=True)).messages
    assert (message.status, message.clarified, message.question) == ("answered", False, reading)
    assert message.citations[0]["clause_id"] == clause


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_clause_is_quoted_when_the_policy_answers(services: Services, policy: Policy, language: str) -> None:
    (message,) = answer(services, say(language, "questions.ask_third_party"), language).messages
    assert message.status == "answered"
    assert message.text == policy.leads["third_party"][language]
    assert (message.question, message.clarified) == (say(language, "questions.ask_third_party"), False)
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

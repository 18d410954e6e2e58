"""What is kept of a turn that was not answered: its question masked, and nothing of a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.question_tables import QuestionRow
from actions.cases.questions import Questions
from actions.cases.reviews import Question
from actions.web.unanswered import is_inside_request
from knowledge.answer import Answer, Status
from tests.actions.conftest import Ambiguous

UNANSWERED = "Cookieは使っていますか"
ANSWERED = "個人情報は何に使いますか"


@pytest.fixture(autouse=True)
def _silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever holds "Cookie" is not answered, as with the whole index: the small one is not sure enough of it."""
    from actions.dialogue import answers

    answer = answers.answer_question

    def answer_or_not(bundle: Any, question: str, language: str | None, **more: Any) -> Answer:
        found = answer(bundle, question, language, **more)
        if "cookie" not in question.lower():
            return found
        near = found.citations[:1] or answer(bundle, ANSWERED, "ja").citations[:1]
        return Answer(Status.NOT_COVERED, found.language, "…", near, question=question)

    monkeypatch.setattr(answers, "answer_question", answer_or_not)


def _list(desk: Any, language: str = "ja") -> list[Question]:
    return list(desk.services.reviews.list_queue("open", language))


def _count(desk: Any) -> int:
    with desk.services.database.reading() as session:
        return int(session.scalar(sa.select(sa.func.count(QuestionRow.id))))


@pytest.mark.parametrize("is_down", [False, True])
async def test_a_question_is_kept_when_it_was_not_answered(desk: Any, is_down: bool) -> None:
    desk.engine.is_down = is_down
    reply = await desk.chat(f"hanako@example.com で買いました。{UNANSWERED}")
    (kept,) = _list(desk)
    assert kept.text == f"〔メール〕 で買いました。{UNANSWERED}"
    cited = reply["messages"][0]["citations"][0]["clause_id"]
    assert kept.clauses == (cited,)
    assert kept.section == desk.services.bundle.policy.get_unit(cited).section_id


async def test_an_answered_question_is_not_kept(desk: Any) -> None:
    reply = await desk.chat(ANSWERED)
    assert reply["messages"][0]["citations"]
    assert _count(desk) == 0


async def test_a_question_is_kept_once_when_it_is_sent_again(desk: Any) -> None:
    message_id = "00000000-0000-4000-8000-000000000001"
    first = await desk.chat(UNANSWERED, message_id=message_id)
    await desk.chat(UNANSWERED, first["conversation_id"], message_id=message_id)
    assert _count(desk) == 1


async def test_nothing_is_kept_of_a_request(desk: Any) -> None:
    conversation = (await desk.chat("/request:disclosure"))["conversation_id"]
    reply = await desk.chat(UNANSWERED, conversation)
    assert reply["request"]["state"] == "collecting"
    desk.engine.is_down = True
    await desk.chat(f"{UNANSWERED}?", conversation)
    assert _count(desk) == 0


async def test_a_clarifying_question_is_none(desk: Any, ambiguous: Ambiguous) -> None:
    reply = await desk.chat(f"{ambiguous.question}とは何ですか")
    assert reply["messages"][0]["buttons"]
    assert _count(desk) == 0


async def test_a_question_is_only_counted_when_a_person_is_in_it(desk: Any) -> None:
    await desk.chat(f"山田花子です。hanako@example.com、03-0000-0000。{UNANSWERED}")
    assert _list(desk) == []
    assert desk.services.reviews.count().counted == 1


async def test_an_english_question_is_kept_in_its_own_queue(desk: Any) -> None:
    await desk.chat("Do you use cookies on this web site of yours?")
    assert [one.text for one in _list(desk, "en")] == ["Do you use cookies on this web site of yours?"]
    assert _list(desk) == []


async def test_asking_over_http_keeps_nothing(desk: Any) -> None:
    response = await desk.client.post("/api/ask", json={"question": UNANSWERED})
    assert response.json()["status"] == "not_covered"
    assert _count(desk) == 0


async def test_the_answer_is_given_all_the_same_when_it_cannot_be_kept(
    desk: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*given: Any) -> None:
        raise RuntimeError(UNANSWERED)

    monkeypatch.setattr(Questions, "record", fail)
    reply = await desk.chat(UNANSWERED)
    assert reply["messages"][0]["text"]
    assert UNANSWERED not in "".join(capfd.readouterr())


async def test_what_was_kept_goes_when_the_conversation_is_deleted(desk: Any) -> None:
    reply = await desk.chat(UNANSWERED)
    other = await desk.chat(UNANSWERED)
    desk.client.cookies.set("madoguchi_conversation", reply["conversation_id"])
    await desk.client.post("/conversation/delete")
    assert _count(desk) == 1
    assert other["conversation_id"] != reply["conversation_id"]


@pytest.mark.parametrize(
    ("request_state", "inside"),
    [
        (None, False),
        ("offered", False),
        ("collecting", True),
        ("confirming", True),
        ("filed", True),
        ("cancelled", True),
    ],
)
def test_a_turn_is_inside_a_request_from_its_first_question_on(request_state: str | None, inside: bool) -> None:
    reply = {"request": {"state": request_state} if request_state else None}
    assert is_inside_request(json.loads(json.dumps(reply))) == inside


async def test_the_page_says_it_before_anything_is_typed(open_desk: Callable[..., Any]) -> None:
    page = await open_desk(question_days=99).client.get("/?lang=ja")
    assert "回答品質の改善のために最長99日間保存します" in page.text
    page = await open_desk(question_days=99).client.get("/?lang=en")
    assert "kept for up to 99 days" in page.text

"""Thumbs under an answer: by forms alone, changed as often as one likes, and only on one's own conversation."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from actions.cases.questions import REASONS, Vote
from actions.texts import LANGUAGES, say
from tests.actions.web.officers import PageForm, read_forms

ANSWERED = {"ja": "個人情報は何に使いますか", "en": "What do you use my personal information for?"}


async def _ask(desk: Any, language: str = "ja") -> None:
    question = say(language, "questions.ask_purpose")
    is_known = "madoguchi_conversation" in desk.client.cookies
    response = await desk.client.post("/", data={"message": question}, params={"lang": language})
    assert response.status_code == (303 if is_known else 200)  # without a cookie yet the page comes at once


async def _read(desk: Any, language: str = "ja") -> tuple[str, list[PageForm]]:
    page = (await desk.client.get(f"/?lang={language}")).text
    return html.unescape(page), [form for form in read_forms(page) if form.action.startswith("/feedback")]


async def _send(desk: Any, form: PageForm, **pressed: str) -> Any:
    return await desk.client.post(form.action, data={**form.values, **pressed})


def _votes(desk: Any) -> list[Vote]:
    conversation = desk.client.cookies["madoguchi_conversation"]
    return list(desk.services.questions.list_votes(conversation).values())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_vote_is_cast_and_changed_by_the_forms_of_the_page(desk: Any, language: str) -> None:
    await _ask(desk, language)
    page, (form,) = await _read(desk, language)
    assert form.steps == ["up", "down"]
    assert say(language, "feedback.ask") in page
    response = await _send(desk, form, verdict="down")
    anchor = f"rating-{form.values['message_id']}"
    assert (response.status_code, response.headers["location"]) == (303, f"/?lang={language}#{anchor}")
    page, (form, reasons) = await _read(desk, language)
    assert f'id="{anchor}"' in page
    assert reasons.steps == list(REASONS)
    assert say(language, "feedback.why") in page
    for reason in REASONS:
        assert say(language, f"feedback.reasons.{reason}") in page
        await _send(desk, reasons, reason=reason)
        assert _votes(desk) == [Vote("down", reason)]
    page, (form, _) = await _read(desk, language)
    assert say(language, "feedback.thanks_down") in page
    assert len(re.findall('aria-pressed="true"', page)) == 2  # the thumb and its reason
    await _send(desk, form, verdict="up")
    page, (form,) = await _read(desk, language)
    assert say(language, "feedback.thanks_up") in page
    assert _votes(desk) == [Vote("up")]


async def test_a_vote_against_puts_question_and_clauses_into_the_queue(desk: Any) -> None:
    await _ask(desk)
    _, (form,) = await _read(desk)
    await _send(desk, form, verdict="down", reason="wrong_source")
    (found,) = desk.services.reviews.list_queue("feedback", "ja")
    assert (found.text, found.reason) == (ANSWERED["ja"], "wrong_source")
    assert found.clauses[0] == "purpose"
    assert desk.services.reviews.list_queue("open", "ja") == []
    await _send(desk, form, verdict="up")
    assert desk.services.reviews.list_queue("feedback", "ja") == []


async def test_only_answers_are_rated(desk: Any) -> None:
    await desk.client.post("/", data={"message": "/request:disclosure"})
    page, forms = await _read(desk)
    assert say("ja", "intake.ask_details") in page
    assert forms == []


async def test_the_words_of_a_request_are_not_kept_when_an_answer_inside_it_is_rated(desk: Any) -> None:
    await desk.client.post("/", data={"message": "/request:disclosure"})
    desk.engine.is_down = True  # then a question inside a request is answered as one
    await desk.client.post("/", data={"message": "個人情報は何に使いますか?"})
    _, forms = await _read(desk)
    for form in forms:
        await _send(desk, form, verdict="down")
    assert forms
    assert desk.services.reviews.list_queue("feedback", "ja") == []


@pytest.mark.parametrize(
    ("data", "status", "error"),
    [
        ({"verdict": "sideways"}, 422, "malformed"),
        ({"verdict": ""}, 422, "malformed"),
        ({"verdict": "down", "reason": "hanako"}, 422, "malformed"),
        ({"verdict": "down", "message_id": "00000000-0000-4000-8000-000000000000"}, 404, "unknown_answer"),
        ({"verdict": "down", "message_id": "<script>"}, 404, "unknown_answer"),
        ({"verdict": "down", "message_id": ""}, 404, "unknown_answer"),
    ],
)
async def test_what_is_no_vote_is_said_to_be_none(desk: Any, data: dict[str, str], status: int, error: str) -> None:
    await _ask(desk)
    _, (form,) = await _read(desk)
    response = await desk.client.post("/feedback?lang=ja", data={**form.values, **data})
    assert response.status_code == status
    assert say("ja", f"errors.{error}") in response.text
    assert "<script>" not in response.text
    assert _votes(desk) == []


async def test_nobody_rates_anothers_conversation(desk: Any) -> None:
    await _ask(desk)
    _, (form,) = await _read(desk)
    mine = desk.client.cookies["madoguchi_conversation"]
    other = (await desk.chat("こんにちは"))["conversation_id"]
    for cookie in ("", "x", f"{mine}x", other):
        desk.client.cookies.set("madoguchi_conversation", cookie)
        response = await _send(desk, form, verdict="down")
        assert response.status_code == 404
    assert desk.services.questions.list_votes(mine) == {}


async def test_a_form_of_another_site_is_refused(desk: Any) -> None:
    await _ask(desk)
    _, (form,) = await _read(desk)
    headers = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example.com"}
    response = await desk.client.post(form.action, data={**form.values, "verdict": "down"}, headers=headers)
    assert response.status_code == 403
    assert _votes(desk) == []


async def test_votes_are_limited_and_messages_go_on(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate_conversation="3/minute")
    await _ask(desk)
    _, (form,) = await _read(desk)
    statuses = [(await _send(desk, form, verdict="down")).status_code for _ in range(4)]
    assert statuses == [303, 303, 303, 429]
    await _ask(desk)


async def test_the_thumbs_alone_come_back_when_the_script_votes(desk: Any) -> None:
    await _ask(desk)
    (turn,) = desk.services.conversations.list_turns(desk.client.cookies["madoguchi_conversation"])
    data = {"message_id": turn.message_id, "verdict": "down"}
    response = await desk.client.post("/feedback", data=data, headers={"x-madoguchi-part": "turn"})
    assert response.status_code == 200
    assert response.text.count('class="rating-box"') == 1
    assert 'class="rating reasons"' in response.text
    assert "composer" not in response.text


async def test_the_page_comes_back_with_the_vote_when_the_browser_keeps_no_cookies(desk: Any) -> None:
    await _ask(desk)
    conversation = desk.client.cookies["madoguchi_conversation"]
    (turn,) = desk.services.conversations.list_turns(conversation)
    desk.client.cookies.clear()
    data = {"message_id": turn.message_id, "verdict": "up", "conversation": conversation}
    response = await desk.client.post("/feedback", data=data)
    assert response.status_code == 200
    assert 'value="up" aria-pressed="true"' in response.text

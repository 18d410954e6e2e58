"""Thumbs under an answer: what somebody thinks of it, and why; changed as often as they like, without JavaScript."""

from __future__ import annotations

import uuid
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from actions.cases.questions import REASONS, VERDICTS, Vote
from actions.errors import MalformedError, UnknownAnswerError
from actions.services import Services
from actions.web.chat import PART, render_chat
from actions.web.context import Here
from actions.web.guard import demand_same_origin, find_address
from actions.web.pages import find_language, render
from actions.web.unanswered import Rating, find_answer, read_asked
from actions.web.visit import read_visit

PATH = "/feedback"

router = APIRouter(include_in_schema=False)


@router.post(PATH, dependencies=[Depends(demand_same_origin)])
async def rate_answer(
    request: Request,
    here: Here,
    message_id: Annotated[str, Form()] = "",
    verdict: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    conversation: Annotated[str, Form()] = "",
) -> Response:
    """Note a vote, and lead back to the answer, or give the page's script the thumbs as they stand now.

    Raises: MalformedError, TooManyRequestsError, UnknownAnswerError: no such answer in the browser's conversation.
    """
    vote = read_vote(verdict, reason)
    visit = read_visit(request, here, conversation)
    if not visit.is_known:
        raise UnknownAnswerError
    await here.limiter.check("address", find_address(request, here.services.settings.trusted_proxies))
    await here.limiter.check("conversation", f"feedback {visit.conversation_id}")
    found = await to_thread.run_sync(_rate, here.services, visit.conversation_id, read_message_id(message_id), vote)
    if PART in request.headers:
        return render(request, "rating_part.html", rating=Rating(found, vote), conversation=visit.field)
    if not visit.by_cookie:
        return await render_chat(request, here, visit)
    return RedirectResponse(f"/?lang={find_language(request)}#rating-{found}", status_code=303)


def read_vote(verdict: str, reason: str) -> Vote:
    """A vote as a form sends it. Raises: MalformedError; a vote for an answer needs no reason and has none."""
    if verdict not in VERDICTS or reason not in {"", *REASONS}:
        raise MalformedError
    return Vote(verdict, reason if verdict == "down" else "")


def read_message_id(text: str) -> str:
    """A message's id as it is kept. Raises: UnknownAnswerError: it is none."""
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise UnknownAnswerError from error


def _rate(services: Services, conversation_id: str, message_id: str, vote: Vote) -> str:
    turn = services.conversations.find_turn(conversation_id, message_id)
    answer = find_answer(turn.reply) if turn else None
    if turn is None or answer is None:
        raise UnknownAnswerError
    services.questions.vote(conversation_id, message_id, vote, read_asked(services, turn.reply, answer))
    return message_id

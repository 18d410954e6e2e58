"""`POST /api/ask` and `POST /api/chat`: what outside clients use (DESIGN: contracts)."""

from __future__ import annotations

from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from actions.dialogue.answers import find_answer
from actions.errors import EmptyMessageError, TooLongError
from actions.web.context import Here
from actions.web.gateway import Incoming, strip_reply
from actions.web.guard import find_address
from actions.web.schemas import ERRORS, AskReply, AskRequest, ChatReply, ChatRequest, ErrorReply
from knowledge.text import clean

router = APIRouter(prefix="/api")
# Never for a question: it is answered without being kept.
UNKEPT: dict[int | str, dict[str, Any]] = {503: {"model": ErrorReply, "description": "nothing can be kept now"}}


@router.post("/ask", response_model=AskReply, response_model_exclude_unset=True, responses=ERRORS)
async def ask(body: AskRequest, request: Request, here: Here) -> JSONResponse:
    """Answer one question from the policy; no conversation is kept."""
    settings = here.services.settings
    question = clean(body.question)
    if not question:
        raise EmptyMessageError
    if len(question) > settings.message_max_chars:
        raise TooLongError
    await here.limiter.check("address", find_address(request, settings.trusted_proxies))
    work = partial(find_answer, here.services, question, body.language)
    found = await to_thread.run_sync(work, limiter=here.answering)
    return JSONResponse(found.as_dict())  # plain values: walking through them to encode them takes longer than this


@router.post("/chat", response_model=ChatReply, response_model_exclude_unset=True, responses=ERRORS | UNKEPT)
async def chat(body: ChatRequest, request: Request, here: Here) -> JSONResponse:
    """Take a message of a conversation and reply."""
    incoming = Incoming(
        text=body.message,
        conversation_id=body.conversation_id,
        message_id=str(body.message_id) if body.message_id else None,
        language=body.language,
        address=find_address(request, here.services.settings.trusted_proxies),
        at_once=True,
    )
    return JSONResponse(strip_reply(await here.gateway.handle(incoming)))

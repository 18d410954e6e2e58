"""The chat page: server-rendered, whole without JavaScript. POST, then redirect to the conversation."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

import structlog
from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.cases.desk import STATUS_PATH
from actions.dialogue.speech import FORM_PATH, Speech
from actions.errors import ServiceError
from actions.services import Services
from actions.texts import say
from actions.web.cards import draw_cards, verify_cards
from actions.web.context import Context, find_context
from actions.web.gateway import Incoming
from actions.web.guard import demand_same_origin, find_address
from actions.web.pages import find_language, render
from actions.web.problems import word_error
from knowledge.bundle import Bundle
from knowledge.errors import QuoteError
from knowledge.text import clean

COOKIE = "madoguchi_conversation"
DELETE_PATH = "/conversation/delete"
DELETE = "/delete-conversation"  # what the button sends that asks for it
PAGES = (FORM_PATH, STATUS_PATH)  # buttons that open a page instead of sending a message

logger = structlog.get_logger()
router = APIRouter()
Here = Annotated[Context, Depends(find_context)]


@router.get("/", include_in_schema=False)
async def show_chat(request: Request, here: Here) -> HTMLResponse:
    """The conversation so far and the field for the next message. Sets no cookie."""
    return await _render_chat(request, here)


@router.post("/", include_in_schema=False, dependencies=[Depends(demand_same_origin)])
async def send_message(
    request: Request,
    here: Here,
    message: Annotated[str, Form()] = "",
    message_id: Annotated[str, Form()] = "",
) -> Response:
    """Take a message. On an error the page comes back with the text still in the field."""
    if clean(message) == DELETE:
        return RedirectResponse(f"{DELETE_PATH}?lang={find_language(request)}", status_code=303)
    settings = here.services.settings
    known = request.cookies.get(COOKIE)
    incoming = Incoming(
        text=message,
        conversation_id=known,
        message_id=_read_uuid(message_id),
        # The conversation's own language decides; the page's is only where it starts.
        language=None if here.gateway.verify(known) else find_language(request),
        address=find_address(request, settings.trusted_proxies),
    )
    try:
        reply = await here.gateway.handle(incoming)
    except ServiceError as error:
        problem = word_error(request, error)
        return await _render_chat(request, here, draft=message, problem=problem, status=error.status)
    response = RedirectResponse(f"/?lang={reply['language']}#latest", status_code=303)
    secure = settings.public_url.startswith("https://")
    response.set_cookie(COOKIE, reply["conversation_id"], httponly=True, samesite="lax", secure=secure, path="/")
    return response


@router.post("/restart", include_in_schema=False, dependencies=[Depends(demand_same_origin)])
async def restart(request: Request) -> Response:
    """Begin a new conversation; the old one is no longer shown."""
    response = RedirectResponse(f"/?lang={find_language(request)}", status_code=303)
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get(DELETE_PATH, include_in_schema=False)
async def show_deletion(request: Request, here: Here) -> HTMLResponse:
    """What would be deleted, and the button that does it."""
    conversation_id = here.gateway.verify(request.cookies.get(COOKIE))
    count = await to_thread.run_sync(here.services.conversations.count_turns, conversation_id) if conversation_id else 0
    return render(request, "delete.html", known=conversation_id is not None, count=count, deleted=False)


@router.post(DELETE_PATH, include_in_schema=False, dependencies=[Depends(demand_same_origin)])
async def delete_conversation(request: Request, here: Here) -> Response:
    """Delete the conversation, here and in the dialogue engine, and forget the browser's cookie."""
    conversation_id = here.gateway.verify(request.cookies.get(COOKIE))
    count = await to_thread.run_sync(_delete, here.services, conversation_id) if conversation_id else 0
    response = render(request, "delete.html", known=conversation_id is not None, count=count, deleted=True)
    response.delete_cookie(COOKIE, path="/")
    return response


def _delete(services: Services, conversation_id: str) -> int:
    """The words first: if the engine's memory cannot be reached, that is said, and trying again ends it."""
    count = services.conversations.delete(conversation_id)
    services.trackers.delete(conversation_id)
    return count


async def _render_chat(
    request: Request, here: Context, *, draft: str = "", problem: str = "", status: int = 200
) -> HTMLResponse:
    conversation_id = here.gateway.verify(request.cookies.get(COOKIE))
    turns = []
    if conversation_id:
        turns = await to_thread.run_sync(here.services.conversations.list_turns, conversation_id)
    language = find_language(request)
    bundle = here.services.bundle
    shown = [
        {"message": turn.message, "said": [_shown(bundle, one, language) for one in turn.reply["messages"]]}
        for turn in turns
    ]
    return render(
        request,
        "chat.html",
        status=status,
        turns=shown,
        offers=Speech(here.services, language).offers(),
        draft=draft,
        problem=problem,
        message_id=str(uuid.uuid4()),
        limit=here.services.settings.message_max_chars,
        days=here.services.settings.transcript_days,
    )


def _shown(bundle: Bundle, message: dict[str, Any], language: str) -> dict[str, Any]:
    # A message cites one version, the one that was in force when it was written.
    cited = message["citations"][0]["policy_version"] if message["citations"] else ""
    policy = bundle.find_version(cited) or bundle.policy
    try:
        verify_cards(policy, message["citations"])
    except QuoteError as error:
        logger.error("quote withheld", reason=str(error))
        return {**message, "text": say(language, "replies.withheld"), "cards": [], "links": [], "buttons": []}
    links = [one for one in message["buttons"] if one["payload"].startswith(PAGES)]
    buttons = [one for one in message["buttons"] if one not in links]
    return {**message, "cards": draw_cards(policy, message["citations"]), "links": links, "buttons": buttons}


def _read_uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None

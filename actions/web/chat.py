"""The chat page: server-rendered, whole without JavaScript.

What is sent is answered by a redirect or, to the page's own script, by the new turn alone, drawn by the same templates.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.cases.instants import now
from actions.cases.questions import Vote
from actions.cases.records import Draft, Standing, Turn
from actions.dialogue.speech import Speech
from actions.errors import ServiceError, StorageDownError
from actions.services import Services
from actions.texts import say
from actions.web.context import Context, Here
from actions.web.gateway import Incoming
from actions.web.guard import demand_same_origin, find_address
from actions.web.pages import find_language, render
from actions.web.problems import list_headers, word_error
from actions.web.transcript import DELETE_PATH
from actions.web.turns import CONTACT, STEPS, draw_progress, draw_turn
from actions.web.visit import Visit, forget, read_visit, remember
from knowledge.text import clean

DELETE = "/delete-conversation"  # what the button sends that asks for it
PART = "x-madoguchi-part"  # a request header of the page's script: the new turn is enough

router = APIRouter()
Field = Annotated[str, Form()]


@router.get("/", include_in_schema=False)
async def show_chat(request: Request, here: Here) -> HTMLResponse:
    """The conversation so far and the field for the next message. Sets no cookie."""
    return await render_chat(request, here, read_visit(request, here))


@router.post("/", include_in_schema=False, dependencies=[Depends(demand_same_origin)])
async def send_message(
    request: Request, here: Here, message: Field = "", message_id: Field = "", conversation: Field = ""
) -> Response:
    """Take a message. On an error the page comes back with the text still in the field.

    A browser that has shown no cookie yet gets the page at once instead of a redirect: it may never keep one, and would
    come back as a stranger.
    """
    if clean(message) == DELETE:
        return RedirectResponse(f"{DELETE_PATH}?lang={find_language(request)}", status_code=303)
    visit = read_visit(request, here, conversation)
    message = message or await _join_contact(request)
    try:
        reply = await here.gateway.handle(await _read_message(request, here, visit, message, message_id))
    except ServiceError as error:
        return await render_chat(request, here, visit, Outcome(draft=message, refused=error))
    if reply.get("unkept"):
        return await render_chat(
            request, here, visit, Outcome(language=reply["language"], unkept=Turn("", message, reply, now()))
        )
    if PART not in request.headers and visit.by_cookie:
        response: Response = RedirectResponse(f"/?lang={reply['language']}#latest", status_code=303)
    else:
        response = await render_chat(request, here, visit, Outcome(language=reply["language"]))
    remember(response, here, reply["conversation_id"])
    return response


@router.post("/restart", include_in_schema=False, dependencies=[Depends(demand_same_origin)])
async def restart(request: Request) -> Response:
    """Begin a new conversation; the old one is no longer shown."""
    response = RedirectResponse(f"/?lang={find_language(request)}", status_code=303)
    forget(response)
    return response


async def _read_message(request: Request, here: Context, visit: Visit, message: str, message_id: str) -> Incoming:
    """The message at the gateway's door. A conversation's own language decides; the page's is only where it starts."""
    standing = Standing()
    with suppress(StorageDownError):  # the gateway says what can be done all the same
        standing = await to_thread.run_sync(here.services.conversations.find_standing, visit.conversation_id)
    return Incoming(
        text=message,
        conversation_id=visit.conversation_id,
        message_id=_read_uuid(message_id),
        language=None if standing.language else find_language(request),
        address=find_address(request, here.services.settings.trusted_proxies),
        at_once=True,
    )


async def _join_contact(request: Request) -> str:
    """The fields of the contact card as one message, each under its name: as somebody would type them at once."""
    form, language = await request.form(), find_language(request)
    given = {name: clean(str(form.get(name, ""))) for name in CONTACT if name in form}
    if not any(given.values()):
        return ""
    given = {name: value or say(language, "pages.contact_none") for name, value in given.items()}
    return "\n".join(f"{say(language, f'fields.{name}')}: {value}" for name, value in given.items())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message: `refused` with its text as `draft`, or answered in a `language`.

    `unkept` is a turn that was answered and could not be kept: it is shown this once.
    """

    draft: str = ""
    refused: ServiceError | None = None
    language: str = ""
    unkept: Turn | None = None


async def render_chat(request: Request, here: Context, visit: Visit, outcome: Outcome = Outcome()) -> HTMLResponse:
    """The whole page, or for the page's script the last turn, unless it was refused, and what stands around it."""
    part, language = PART in request.headers, outcome.language or find_language(request)
    turns, kept, votes = await to_thread.run_sync(_read_conversation, here.services, visit.conversation_id)
    refused = outcome.refused
    turns = [*turns, outcome.unkept] if outcome.unkept else turns
    shown = turns if not part else turns[-1:] if refused is None else []
    response = render(
        request,
        "chat_part.html" if part else "chat.html",
        status=refused.status if refused else 200,
        language=language,
        turns=[draw_turn(here.services.bundle, turn, votes if turn.message_id else None) for turn in shown],
        count=len(turns),
        progress=draw_progress(kept),
        steps=STEPS,
        offers=Speech(here.services, language).offers(),
        draft=outcome.draft,
        problem=word_error(request, refused, language) if refused else "",
        message_id=str(uuid.uuid4()),
        conversation=visit.field,
        # The browser itself says that it shows the page in a frame: no address needs to carry it.
        framed=request.headers.get("sec-fetch-dest") == "iframe",
        days=here.services.settings.transcript_days,
        question_days=here.services.settings.question_days,
    )
    response.headers.update(list_headers(refused) if refused else {})
    return response


def _read_conversation(services: Services, conversation_id: str) -> tuple[list[Turn], Draft | None, dict[str, Vote]]:
    """Turns, the request being entered and votes; nothing where the database cannot be read now."""
    try:
        turns = services.conversations.list_turns(conversation_id)
        return turns, services.conversations.find_draft(conversation_id), services.questions.list_votes(conversation_id)
    except StorageDownError:
        return [], None, {}


def _read_uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None

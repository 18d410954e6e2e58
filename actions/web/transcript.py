"""The record of a conversation in its owner's hands: to print, to keep as text, to delete."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from actions.errors import NotFoundError
from actions.services import Services
from actions.web.context import Context, Here
from actions.web.guard import demand_same_origin
from actions.web.pages import find_language, render, say_here
from actions.web.turns import TurnView, draw_turn
from actions.web.visit import forget, read_visit

DELETE_PATH = "/conversation/delete"
PRINT_PATH = "/conversation/transcript"
TEXT_PATH = f"{PRINT_PATH}.txt"

router = APIRouter()
Field = Annotated[str, Form()]
FORM = [Depends(demand_same_origin)]


@router.get(PRINT_PATH, include_in_schema=False)
@router.post(PRINT_PATH, include_in_schema=False, dependencies=FORM)
async def show_transcript(request: Request, here: Here, conversation: Field = "") -> HTMLResponse:
    """The whole conversation as a page to print. Raises: NotFoundError: there is none."""
    turns = await _read_turns(request, here, conversation)
    return render(request, "transcript.html", turns=turns, conversation=read_visit(request, here, conversation).field)


@router.get(TEXT_PATH, include_in_schema=False)
@router.post(TEXT_PATH, include_in_schema=False, dependencies=FORM)
async def download_transcript(request: Request, here: Here, conversation: Field = "") -> Response:
    """The whole conversation as plain text. Raises: NotFoundError: there is none."""
    turns = await _read_turns(request, here, conversation)
    text = _write_text(request, turns)
    return PlainTextResponse(text, headers={"content-disposition": 'attachment; filename="madoguchi.txt"'})


@router.get(DELETE_PATH, include_in_schema=False)
async def show_deletion(request: Request, here: Here) -> HTMLResponse:
    """What would be deleted, and the button that does it."""
    return await _render_deletion(request, here, "")


@router.post(DELETE_PATH, include_in_schema=False, dependencies=FORM)
async def delete_conversation(request: Request, here: Here, conversation: Field = "", ask: Field = "") -> Response:
    """Delete the conversation, here and in the dialogue engine, and forget the browser's cookie.

    With `ask` it is asked first: a page whose browser keeps no cookies cannot lead there by a link.
    """
    if ask:
        return await _render_deletion(request, here, conversation)
    visit = read_visit(request, here, conversation)
    count = await to_thread.run_sync(_delete, here.services, visit.conversation_id) if visit.is_known else 0
    response = render(request, "delete.html", known=visit.is_known, count=count, deleted=True, conversation="")
    forget(response)
    return response


async def _render_deletion(request: Request, here: Context, conversation: str) -> HTMLResponse:
    visit = read_visit(request, here, conversation)
    count = await to_thread.run_sync(here.services.conversations.count_turns, visit.conversation_id)
    return render(request, "delete.html", known=visit.is_known, count=count, deleted=False, conversation=visit.field)


def _delete(services: Services, conversation_id: str) -> int:
    """The words first: if the engine's memory cannot be reached, that is said, and trying again ends it."""
    count = services.conversations.delete(conversation_id)
    services.trackers.delete(conversation_id)
    return count


async def _read_turns(request: Request, here: Context, conversation: str) -> list[TurnView]:
    visit = read_visit(request, here, conversation)
    turns = await to_thread.run_sync(here.services.conversations.list_turns, visit.conversation_id)
    if not turns:
        raise NotFoundError
    return [draw_turn(here.services.bundle, turn) for turn in turns]


def _write_text(request: Request, turns: list[TurnView]) -> str:
    """Who said what, with every quote, its place and its version."""
    language = find_language(request)
    you, desk = (say_here(request, language, f"pages.{who}") for who in ("you", "desk"))
    lines = [say_here(request, language, "pages.title"), ""]
    for turn in turns:
        lines += [f"[{you}]", turn.message, "", f"[{desk}]"]
        for said in turn.said:
            lines += [said.text, ""]
            for card in said.cards:
                version = say_here(request, language, "pages.version", version=card.version)
                lines.append(f"  {card.section} ({version})")
                lines += [f"  > {line}" for quote in card.quotes for line in quote.text.splitlines()]
                lines.append("")
    return "\n".join(lines)

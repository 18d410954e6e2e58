"""Letters to be given by hand: how a shop without a mail server works, and what becomes of mails nobody would take."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.cases.accounts import Account
from actions.cases.mailer import make_mail
from actions.cases.mailroom import BY_HAND, Mailroom, Piece, hide_secrets
from actions.cases.permissions import Right, has_right
from actions.errors import MailRefusedError, NotFoundError
from actions.services import Services
from actions.web.context import Context, find_context
from actions.web.desk import demand, draw
from actions.web.guard import demand_same_origin
from actions.web.pages import find_language

LARGEST = 2**31 - 1  # a mail's number in any database

router = APIRouter(prefix="/desk", include_in_schema=False)
Here = Annotated[Context, Depends(find_context)]
Reader = Annotated[Account, Depends(demand(Right.READ_CASES))]
Worker = Annotated[Account, Depends(demand(Right.WORK_CASES))]


@router.get("/tasks")
async def show_tasks(request: Request, here: Here, account: Worker, done: str = "") -> HTMLResponse:
    """All letters that wait for somebody's hand, oldest first."""
    pieces = await to_thread.run_sync(_list_waiting, here.services)
    said = done == "handed"
    return draw(request, "desk_tasks.html", account, pieces=pieces, done=said)


@router.get("/mails/{mail_id}")
async def show_mail(request: Request, mail_id: int, here: Here, account: Reader) -> HTMLResponse:
    """One mail, with the page that it announces: to read, to copy, to print.

    Its links and code are shown to whoever has to give it to the person by hand, and to nobody else.
    """
    piece = await to_thread.run_sync(_find, here.services, mail_id)
    if piece.mail.state not in BY_HAND or not has_right(account.role, Right.WORK_CASES):
        piece = replace(piece, mail=replace(piece.mail, text=hide_secrets(piece.mail.text)))
    return draw(request, "desk_mail.html", account, piece=piece, by_hand=BY_HAND)


@router.get("/mails/{mail_id}/file")
async def download_mail(mail_id: int, here: Here, account: Worker) -> Response:  # noqa: ARG001
    """The mail as an .eml file, for the officer's own mail program. Raises: NotFoundError: nothing to send is left."""
    piece = await to_thread.run_sync(_find, here.services, mail_id)
    if piece.mail.state not in BY_HAND:
        raise NotFoundError
    settings = here.services.settings
    try:
        content = make_mail(piece.mail, settings.mail_from or here.services.bundle.policy.shop.email).as_bytes()
    except MailRefusedError as error:
        raise NotFoundError from error
    name = f"{piece.receipt}-{piece.mail.template}.eml"
    headers = {"content-disposition": f'attachment; filename="{quote(name)}"'}
    return Response(content, media_type="message/rfc822", headers=headers)


@router.post("/mails/{mail_id}/handed", dependencies=[Depends(demand_same_origin)])
async def hand_mail(request: Request, mail_id: int, here: Here, account: Worker, back: str = "tasks") -> Response:
    """It was given to the person by hand. Raises: NotFoundError, ImpossibleActionError: it goes out by itself."""
    services = here.services
    piece = await to_thread.run_sync(_find, services, mail_id)
    mailroom = _open_mailroom(services)
    await to_thread.run_sync(mailroom.hand, piece.mail, account.name, services.upkeep)
    home = f"/desk/cases/{piece.receipt}" if back == "case" else "/desk/tasks"
    return RedirectResponse(f"{home}?lang={find_language(request)}&done=handed#result", status_code=303)


def _list_waiting(services: Services) -> list[Piece]:
    """All that waits; a letter to somebody without an address is its page, which has to be printed."""
    pieces = _open_mailroom(services).list_unsent()
    return [piece if piece.mail.recipient else _add_page(services, piece) for piece in pieces]


def _find(services: Services, mail_id: int) -> Piece:
    if not 0 < mail_id <= LARGEST:
        raise NotFoundError
    mail = services.outbox.get(mail_id)
    return _add_page(services, Piece(_open_mailroom(services).find_receipt(mail), mail))


def _add_page(services: Services, piece: Piece) -> Piece:
    """The piece with its page, which stands in the case's thread."""
    if piece.mail.audience != "customer":
        return piece
    words = services.cases.get(piece.receipt).words
    found = _open_mailroom(services).list_for_receipt(piece.receipt, words)
    page = next((one.page for one in found if one.mail.id == piece.mail.id), "")
    return replace(piece, page=page)


def _open_mailroom(services: Services) -> Mailroom:
    return Mailroom(services.database, services.outbox, services.audit)

"""Letters to be given by hand: how a shop without a mail server works, and what becomes of mails nobody would take.

A mail holds the person's own key to the request. It is seen only by who opens it to send it, which the chain tells.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.cases.accounts import Account
from actions.cases.mailer import make_mail
from actions.cases.mailroom import BY_HAND, SENDABLE, Mailroom, Piece, hide_secrets
from actions.cases.masks import mask, mask_text
from actions.cases.permissions import Right
from actions.errors import MailRefusedError, NotFoundError
from actions.services import Services
from actions.web.context import Here
from actions.web.desk import demand, draw, find_token
from actions.web.desk_case import open_sightings
from actions.web.guard import demand_same_origin
from actions.web.pages import find_language

LARGEST = 2**31 - 1  # a mail's number in any database

router = APIRouter(prefix="/desk", include_in_schema=False)
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
    """One mail, with the page that it announces, without its links and code."""
    piece = await to_thread.run_sync(_find, here.services, mail_id)
    piece = await to_thread.run_sync(_hide, here.services, piece, find_token(request))
    return _draw(request, account, piece)


@router.post("/mails/{mail_id}/open", dependencies=[Depends(demand_same_origin)])
async def open_mail(request: Request, mail_id: int, here: Here, account: Worker) -> HTMLResponse:
    """All of a mail, to copy or print. Raises: NotFoundError, ImpossibleActionError: it is not to be sent by hand."""
    piece = await to_thread.run_sync(_find, here.services, mail_id)
    await to_thread.run_sync(_open_mailroom(here.services).open, piece.mail, account.name)
    return _draw(request, account, piece)


@router.get("/mails/{mail_id}/open")
async def show_mail_instead(request: Request, mail_id: int, account: Reader) -> Response:  # noqa: ARG001
    """Who comes back to an opened mail finds it closed."""
    return RedirectResponse(f"/desk/mails/{mail_id}?lang={find_language(request)}", status_code=303)


@router.get("/mails/{mail_id}/file")
async def download_mail(mail_id: int, here: Here, account: Worker) -> Response:
    """The mail as an .eml file, for the officer's own mail program. Raises: NotFoundError: nothing to send is left."""
    piece = await to_thread.run_sync(_find, here.services, mail_id)
    if piece.mail.state not in SENDABLE:
        raise NotFoundError
    settings = here.services.settings
    try:
        content = make_mail(piece.mail, settings.mail_from or here.services.bundle.policy.shop.email).as_bytes()
    except MailRefusedError as error:
        raise NotFoundError from error
    await to_thread.run_sync(_open_mailroom(here.services).open, piece.mail, account.name)
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


def _draw(request: Request, account: Account, piece: Piece) -> HTMLResponse:
    place = f"/desk/mails/{piece.mail.id}"
    return draw(request, "desk_mail.html", account, place=place, piece=piece, by_hand=BY_HAND, sendable=SENDABLE)


def _list_waiting(services: Services) -> list[Piece]:
    """All that waits, with masked addresses: who is concerned is seen where one of them is opened."""
    pieces = _open_mailroom(services).list_unsent()
    return [replace(one, mail=replace(one.mail, recipient=mask("email", one.mail.recipient))) for one in pieces]


def _hide(services: Services, piece: Piece, token: str) -> Piece:
    """A mail without what could be used to act as the person, and until somebody asks without who it is."""
    mail = replace(piece.mail, text=hide_secrets(piece.mail.text))
    if mail.audience == "customer" and not open_sightings(services).is_shown(token, piece.receipt):
        case = services.cases.get(piece.receipt)
        values = {**case.fields, "represented": case.represented}
        mail = replace(mail, text=mask_text(mail.text, values), recipient=mask("email", mail.recipient))
        piece = replace(piece, page=mask_text(piece.page, values))
    return replace(piece, mail=mail, is_whole=False)


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

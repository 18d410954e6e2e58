"""The person's own pages of a request: confirming the mail address, and the status page behind an unguessable link.

Looking changes nothing: mail scanners and browsers look by themselves. A link that leads nowhere looks the same
whatever the reason.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from actions.cases import guards
from actions.cases.desk import STATUS_PATH
from actions.cases.identity import DIGITS
from actions.cases.records import Case
from actions.cases.sealed import hash_token
from actions.errors import (
    ConditionError,
    ExpiredCodeError,
    ImpossibleActionError,
    NotFoundError,
    ServiceError,
    StaleCaseError,
    StorageDownError,
    TooLongError,
    TooManyRequestsError,
    WrongCodeError,
)
from actions.services import Services
from actions.web.context import Context, Here
from actions.web.guard import demand_same_origin, find_address
from actions.web.pages import find_chosen_language, find_language, render, say_here
from actions.web.problems import list_headers, word_error
from actions.web.progress import draw_items
from actions.web.schemas import StatusForm
from knowledge.text import clean

# What was done → the key of the sentence that says so, under `status`.
DONE = {
    "confirm": "done_confirm",
    "send_code": "done_send_code",
    "write": "done_write",
    "withdraw": "done_withdraw",
    "accept_fee": "done_accept_fee",
    "decline_fee": "done_decline_fee",
}

_VERSION = re.compile("[0-9]{1,9}")

router = APIRouter(include_in_schema=False)


@router.get("/confirm/{link:path}")
async def show_confirmation(request: Request, link: str, here: Here) -> Response:
    """One button; the link stays good until it is pressed."""
    await _check_visitor(request, here)
    language = await to_thread.run_sync(here.services.status.find_language, link)
    if not language:
        return _refuse_link(request)
    return render(request, "confirm.html", language=find_chosen_language(request) or language)


@router.post("/confirm/{link:path}", dependencies=[Depends(demand_same_origin)])
async def confirm(request: Request, link: str, here: Here) -> Response:
    """Confirm the address, and lead to the status page by its new link."""
    await _check_visitor(request, here)
    try:
        path = await to_thread.run_sync(here.services.status.confirm_by_link, link)
    except (ExpiredCodeError, ImpossibleActionError, NotFoundError):
        return _refuse_link(request)
    return _redirect(request, path, "confirm")


@router.get("/status/{token:path}")
async def show_status(request: Request, token: str, here: Here, done: str = "") -> Response:
    """Where the request stands."""
    await _check_visitor(request, here)
    return await _render(request, here, token, done=DONE.get(done, ""))


@router.post("/status/{token:path}", dependencies=[Depends(demand_same_origin)])
async def act(request: Request, token: str, here: Here, form: Annotated[StatusForm, Form()]) -> Response:
    """Do what one of the page's forms asks for. On an error the page comes back with what was typed."""
    try:
        await _check_visitor(request, here)
    except TooManyRequestsError as error:
        return _refuse(request, error, word_error(request, error), kept=form.text)
    try:
        await _check_code_limits(request, here, token, form.action)
        limit = here.services.settings.message_max_chars
        path = await to_thread.run_sync(_carry_out, here.services, token, form, limit)
    except ServiceError as error:
        with suppress(StorageDownError):  # then the case cannot be shown either; what was typed can
            return await _render(request, here, token, form=form, error=error)
        return _refuse(request, error, word_error(request, error), kept=form.text)
    return _redirect(request, path, form.action)


async def _check_visitor(request: Request, here: Context) -> None:
    await here.limiter.check("status", find_address(request, here.services.settings.trusted_proxies))


async def _check_code_limits(request: Request, here: Context, token: str, action: str) -> None:
    """Count a try of a code, or a mail with a new one: by visitor, and by case or mail address."""
    visitor = find_address(request, here.services.settings.trusted_proxies)
    if action == "confirm":
        await here.limiter.check("try", visitor)
        await here.limiter.check("try", hash_token(token))
        mailbox = await to_thread.run_sync(here.services.status.find_address_key, token)
        if mailbox:  # however many requests were filed for it
            await here.limiter.check("try", mailbox)
    if action == "send_code":
        await here.limiter.check("code", visitor)
        mailbox = await to_thread.run_sync(here.services.status.find_address_key, token)
        if mailbox:
            await here.limiter.check("code", mailbox)


def _carry_out(services: Services, token: str, form: StatusForm, limit: int) -> str:
    """Do it → the path that leads to the case afterwards. Raises: ServiceError."""
    if form.action == "confirm":
        return services.status.confirm_by_code(token, _read_code(form.code))
    if form.action == "send_code":
        services.status.send_code(token)
    elif form.action == "withdraw" and not form.sure:
        raise ConditionError("needs_sure")
    elif len(form.text) > limit:
        raise TooLongError
    else:
        _act(services, token, form)
    return f"{STATUS_PATH}{token}"


def _act(services: Services, token: str, form: StatusForm) -> None:
    """Act on the case. The same form sent twice is done once; words are taken however the case has moved on."""
    text = clean(form.text).replace("\r\n", "\n")
    version = int(form.version) if _VERSION.fullmatch(form.version) else None
    ask = partial(services.status.act, token, form.action, guards.Form(text=text), form.kind)
    try:
        ask(version)
    except (StaleCaseError, ImpossibleActionError, ConditionError) as error:
        case = services.status.find(token)
        if case is None:
            raise NotFoundError from error
        if _is_done(case, form, text):
            return
        if form.action != "write" or not isinstance(error, StaleCaseError):
            raise
        ask(None)


def _is_done(case: Case, form: StatusForm, text: str) -> bool:
    """Whether the case is already as the form wants it."""
    items = [item for item in case.items if form.kind in {"", item.kind}]
    if form.action == "write":
        own = [word.body for word in case.words if word.author == guards.CUSTOMER.name]
        return bool(text) and own[-1:] == [text]
    if form.action == "accept_fee":
        return bool(items) and all(item.fee_accepted_at for item in items)
    wanted = {"withdraw": "withdrawn", "decline_fee": "withdrawn_fee"}.get(form.action)
    return bool(items) and all(item.outcome == wanted for item in items)


def _read_code(text: str) -> str:
    """The six digits, however wide and wherever divided. Raises: WrongCodeError: there are not six."""
    digits = "".join(char for char in unicodedata.normalize("NFKC", text) if char.isascii() and char.isdigit())
    if len(digits) != DIGITS:
        raise WrongCodeError
    return digits


def _redirect(request: Request, path: str, done: str) -> RedirectResponse:
    query = {"done": done, "lang": find_chosen_language(request)}
    kept = urlencode({name: value for name, value in query.items() if value})
    return RedirectResponse(f"{path}?{kept}#done", status_code=303)


async def _render(
    request: Request,
    here: Context,
    token: str,
    *,
    done: str = "",
    form: StatusForm | None = None,
    error: ServiceError | None = None,
) -> Response:
    """The page of a case; of an unknown link the page that all of them get, with what was typed on it."""
    typed = form or StatusForm()
    case = await to_thread.run_sync(here.services.status.find, token)
    if case is None:
        return _refuse(
            request, NotFoundError(), say_here(request, find_language(request), "status.unknown"), kept=typed.text
        )
    language = find_chosen_language(request) or case.language
    items = () if case.readdressed_at else draw_items(case)  # the new mailbox may be a stranger's
    page = render(
        request,
        "status.html",
        status=error.status if error else 200,
        language=language,
        case=case,
        items=items,
        asked=[item for item in items if item.awaits_answer],
        withdrawable=[item for item in items if "withdraw" in item.actions],
        words=[word for word in case.words if word.shared] if case.confirmed_at and not case.readdressed_at else [],
        typed=typed,
        problem=word_error(request, error, language) if error else "",
        done=done,
        minutes=here.services.settings.code_minutes,
    )
    page.headers.update(list_headers(error) if error else {})
    return page


def _refuse(request: Request, error: ServiceError, message: str, kept: str = "") -> Response:
    """A page with nothing of any case; `kept` is what was typed, so that it is not lost."""
    page = render(request, "error.html", status=error.status, message=message, kept=kept)
    page.headers.update(list_headers(error))
    return page


def _refuse_link(request: Request) -> Response:
    return _refuse(request, ExpiredCodeError(), say_here(request, find_language(request), "status.link_dead"))

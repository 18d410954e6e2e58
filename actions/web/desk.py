"""The door of the desk: sign in and out, and one right demanded for every page behind it; what has none is closed.

A page or action names its right with `demand`. Somebody signed in without it is told so; nobody signed in is led to the
page to sign in. What a role may do is data (`actions/cases/permissions.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import Annotated, Any
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.cases.accounts import Account
from actions.cases.permissions import Right, has_right
from actions.dialogue.masking import blank_out
from actions.errors import NotPermittedError, ServiceError, SignInError
from actions.web.context import Context, Here, find_context
from actions.web.desk_words import describe_failure, describe_moment
from actions.web.guard import demand_same_origin, find_address
from actions.web.pages import find_language, render
from actions.web.problems import word_error

COOKIES = {"madoguchi_desk": "/desk", "madoguchi_staff": "/staff"}  # the session, for each place that needs it
INBOX, HOME = "/desk", "/desk/role"

router = APIRouter(prefix="/desk", include_in_schema=False)
Door = Callable[[Request, Context], Awaitable[Account]]
_RIGHTS: dict[object, Right] = {}
_PLACE = re.compile(r"(?:/desk(?:/[\w-][\w.-]*)*|/staff)(?:\?[\w=&%.+~-]*)?", re.ASCII)
KEPT_FROM = 10  # characters of a form's value from which it is somebody's text and not a choice


class SignInNeededError(SignInError):
    """Nobody is signed in: the page to sign in is shown instead."""


@lru_cache(maxsize=len(Right))
def demand(right: Right) -> Door:
    """A dependency that gives whoever is signed in and has the right. Raises: SignInNeededError, NotPermittedError."""

    async def demand_right(request: Request, here: Here) -> Account:
        token = find_token(request)
        account = await to_thread.run_sync(here.services.accounts.find_by_token, token) if token else None
        if account is None:
            raise SignInNeededError
        if not has_right(account.role, right):
            raise NotPermittedError
        return account

    _RIGHTS[demand_right] = right
    return demand_right


def find_token(request: Request) -> str:
    """The token of the session that a request belongs to, "" for none."""
    return next((request.cookies[name] for name in COOKIES if request.cookies.get(name)), "")


def find_right(dependency: object) -> Right | None:
    """The right that a dependency demands, or None if it is none of `demand`'s."""
    return _RIGHTS.get(dependency)


def draw(request: Request, template: str, account: Account, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """Render a page of the desk for who is signed in: `may(right)` says what to offer; filters stay in the address.

    Templates also get `moment(at)`, Japan's clock, and `failure(code)`, why a mail could not be sent.
    `place` among the values is the page that a change of language leads to, where the address is not one to open.
    """
    place = values.pop("place", None) or request.url.path
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in {"lang", "done"}]
    switched = urlencode([*kept, ("lang", "en" if find_language(request) == "ja" else "ja")])
    return render(
        request,
        template,
        status=status,
        account=account,
        may=lambda right: has_right(account.role, Right(right)),
        moment=describe_moment,
        failure=partial(describe_failure, language=find_language(request)),
        switch_link=f"{place}?{switched}",
        **values,
    )


def check_place(wanted: str) -> str:
    """A path of desk or lookup to go to after signing in; "" for anything else: nobody is led away from here."""
    return wanted if _PLACE.fullmatch(wanted) else ""


async def lead_to_sign_in(request: Request, error: Exception) -> Response:  # noqa: ARG001  the handler's signature
    """Nobody is signed in: to the page for it, and back afterwards. What was being sent is shown: it is not lost."""
    language = find_language(request)
    if request.method == "GET":
        services, given = find_context(request).services, request.query_params.multi_items()
        kept = [(name, blank_out(services, value) if name == "q" else value) for name, value in given]
        wanted = f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path
        query = {"lang": language} | ({"wanted": wanted} if check_place(wanted) else {})
        return RedirectResponse(f"/desk/sign-in?{urlencode(query)}", status_code=303)
    typed = [value for value in (await request.form()).values() if isinstance(value, str) and len(value) >= KEPT_FROM]
    if not typed:
        return RedirectResponse(f"/desk/sign-in?lang={language}", status_code=303)
    return render(request, "desk_over.html", status=403, kept="\n\n".join(typed))


@router.get("/sign-in")
async def show_sign_in(request: Request, wanted: str = "") -> HTMLResponse:
    """The page to sign in; `wanted` is where somebody was going."""
    return render(request, "desk_sign_in.html", problem="", name="", wanted=check_place(wanted))


@router.post("/sign-in", dependencies=[Depends(demand_same_origin)])
async def sign_in(
    request: Request,
    here: Here,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form()] = "",
) -> Response:
    """Open a session; a new one each time, so that nobody can plant theirs. It leads to the page that was `wanted`."""
    settings, accounts = here.services.settings, here.services.accounts
    await here.limiter.check("sign_in", find_address(request, settings.trusted_proxies))
    try:
        token = await to_thread.run_sync(accounts.sign_in, name, password, settings.session_hours)
    except ServiceError as error:
        page = {"problem": word_error(request, error), "name": name[:64], "wanted": check_place(wanted)}
        return render(request, "desk_sign_in.html", status=error.status, **page)
    account = await to_thread.run_sync(accounts.find_by_token, token)
    home = INBOX if account and has_right(account.role, Right.READ_CASES) else HOME
    response = RedirectResponse(check_place(wanted) or f"{home}?lang={find_language(request)}", status_code=303)
    secure = settings.public_url.startswith("https://")
    for cookie, path in COOKIES.items():
        response.set_cookie(cookie, token, httponly=True, samesite="lax", secure=secure, path=path)
    return response


@router.post("/sign-out", dependencies=[Depends(demand_same_origin)])
async def sign_out(request: Request, here: Here) -> Response:
    """End the session."""
    token = find_token(request)
    await to_thread.run_sync(here.services.accounts.sign_out, token)
    response = RedirectResponse(f"/desk/sign-in?lang={find_language(request)}", status_code=303)
    for cookie, path in COOKIES.items():
        response.delete_cookie(cookie, path=path)
    return response


@router.get("/role")
async def show_role(request: Request, account: Annotated[Account, Depends(demand(Right.READ_CLAUSES))]) -> HTMLResponse:
    """What the role of whoever is signed in may do: the first page of those who work no cases."""
    return draw(request, "desk_role.html", account, rights=[right for right in Right if has_right(account.role, right)])

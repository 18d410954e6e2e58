"""The officer's desk: sign in, see what has arrived, read a case. Everything here needs a session."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.cases.accounts import Account
from actions.cases.kinds import list_kinds
from actions.errors import ServiceError, SignInError
from actions.web.context import Context, find_context
from actions.web.guard import demand_same_origin, find_address
from actions.web.pages import find_language, render
from actions.web.problems import word_error

COOKIE = "madoguchi_desk"
READERS = {"officer", "approver", "administrator"}  # who may read personal data; staff look up clauses only

router = APIRouter(prefix="/desk", include_in_schema=False)
Here = Annotated[Context, Depends(find_context)]


class SignInNeededError(SignInError):
    """Nobody is signed in: the page to sign in is shown instead."""


async def demand_officer(request: Request, here: Here) -> Account:
    """The signed-in officer. Raises: SignInNeededError."""
    token = request.cookies.get(COOKIE, "")
    account = await to_thread.run_sync(here.services.accounts.find_by_token, token) if token else None
    if account is None or account.role not in READERS:
        raise SignInNeededError
    return account


Officer = Annotated[Account, Depends(demand_officer)]


@router.get("/sign-in")
async def show_sign_in(request: Request) -> HTMLResponse:
    """The page to sign in."""
    return render(request, "desk_sign_in.html", problem="", name="")


@router.post("/sign-in", dependencies=[Depends(demand_same_origin)])
async def sign_in(
    request: Request, here: Here, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """Open a session; a new one each time, so that nobody can plant theirs."""
    settings = here.services.settings
    await here.limiter.check("sign_in", find_address(request, settings.trusted_proxies))
    try:
        token = await to_thread.run_sync(here.services.accounts.sign_in, name, password, settings.session_hours)
    except ServiceError as error:
        page = {"problem": word_error(request, error), "name": name[:64]}
        return render(request, "desk_sign_in.html", status=error.status, **page)
    response = RedirectResponse(f"/desk?lang={find_language(request)}", status_code=303)
    secure = settings.public_url.startswith("https://")
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/desk")
    return response


@router.post("/sign-out", dependencies=[Depends(demand_same_origin)])
async def sign_out(request: Request, here: Here) -> Response:
    """End the session."""
    token = request.cookies.get(COOKIE, "")
    await to_thread.run_sync(here.services.accounts.sign_out, token)
    response = RedirectResponse(f"/desk/sign-in?lang={find_language(request)}", status_code=303)
    response.delete_cookie(COOKIE, path="/desk")
    return response


@router.get("")
async def show_cases(request: Request, here: Here, officer: Officer) -> HTMLResponse:
    """What has arrived, newest first."""
    cases = await to_thread.run_sync(here.services.cases.list_all)
    return render(request, "desk_cases.html", cases=cases, officer_account=officer)


@router.get("/cases/{receipt}")
async def show_case(request: Request, receipt: str, here: Here, officer: Officer) -> HTMLResponse:
    """One case: the person's words, the governing clauses, what happened."""
    case = await to_thread.run_sync(here.services.cases.get, receipt)
    # The clauses of the version that was in force when the case was filed, as far as that version has them.
    bundle = here.services.bundle
    policy = bundle.find_version(case.policy_version) or bundle.policy
    governing = {name: [one for one in list_kinds()[name].clauses if policy.find_unit(one)] for name in case.kinds}
    return render(request, "desk_case.html", case=case, officer_account=officer, governing=governing, policy=policy)

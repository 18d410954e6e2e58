"""Acting on a case: one address an action, each behind the right of who may do it, as the table of transitions says.

What goes out or cannot be undone is shown before it is done. Whatever stands in the way, nothing typed is lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from actions.cases import guards
from actions.cases.accounts import Account
from actions.cases.grounds import get_ground
from actions.cases.mailroom import hide_secrets
from actions.cases.masks import mask_text
from actions.cases.permissions import Right
from actions.cases.records import Case
from actions.cases.workflow import list_transitions
from actions.dialogue.fields import read_email, read_phone
from actions.dialogue.names import read_name
from actions.errors import ConditionError, ImpossibleActionError, ServiceError, StaleCaseError, StorageDownError
from actions.texts import has_sentence, say
from actions.web.context import Context, Here
from actions.web.desk import Door, demand, draw, find_token
from actions.web.desk_case import draw_case, open_sightings
from actions.web.desk_forms import LONGEST, Typed, is_previewed, list_offered
from actions.web.desk_words import describe_value
from actions.web.guard import demand_same_origin
from actions.web.pages import find_language
from actions.web.problems import word_error

PATH = "/desk/cases/{receipt}/"
KEPT = (
    ConditionError,
    ImpossibleActionError,
    StaleCaseError,
    StorageDownError,
)  # what is answered on the case's own page

router = APIRouter(include_in_schema=False)
Reader = Annotated[Account, Depends(demand(Right.READ_CASES))]


class ActionInput(BaseModel):
    """Any action's form as it was filled in. `step` is "preview", "run" or "edit" (back from the preview)."""

    step: str = ""
    version: str = ""
    kind: str = ""
    text: str = ""
    note: str = ""
    outcome: str = ""
    ground: str = ""
    document: str = ""
    subject: str = ""
    result: str = ""
    method: str = ""
    original: str = ""
    assignee: str = ""
    contact: str = ""
    value: str = ""
    date: str = ""

    def list_values(self, action: str) -> dict[str, str]:
        """What an action asks for, by name; line ends as they are kept."""
        given = {name: str(getattr(self, name)) for name in list_inputs(action)}
        return {name: value.replace("\r\n", "\n").replace("\0", "") for name, value in given.items()}


def find_right_for(action: str) -> Right:
    """Whose right an action is: a reviewer's where the table lets reviewers do it, else that of who works cases."""
    parties = {party for row in list_transitions().values() if row.action == action for party in row.by}
    return Right.REVIEW_CASES if "reviewer" in parties else Right.WORK_CASES


def list_inputs(action: str) -> tuple[str, ...]:
    """What an action asks for."""
    rows = (row for row in list_transitions().values() if row.action == action)
    return tuple(dict.fromkeys(name for row in rows for name in row.inputs))


def _make_route(action: str, door: Door) -> Callable[..., Awaitable[Response]]:
    async def act(
        request: Request,
        receipt: str,
        here: Here,
        account: Account = Depends(door),  # noqa: B008  FastAPI's way: each action has a door of its own
        form: ActionInput = Form(),  # noqa: B008
    ) -> Response:
        return await _act(request, here, account, receipt, action, form)

    return act


for _action in list_offered():
    router.add_api_route(
        f"{PATH}{_action}",
        _make_route(_action, demand(find_right_for(_action))),
        methods=["POST"],
        name=_action,
        dependencies=[Depends(demand_same_origin)],
    )


@router.get(f"{PATH}{{action}}")
async def show_case_instead(request: Request, receipt: str, action: str, account: Reader) -> Response:  # noqa: ARG001
    """Who reloads an action's address, or comes back to it after signing in, finds the case."""
    return _lead(request, receipt)


async def _act(
    request: Request, here: Context, account: Account, receipt: str, action: str, given: ActionInput
) -> Response:
    values = given.list_values(action)
    typed = Typed(action, given.kind, values)
    if given.step == "edit":
        return await draw_case(request, here, account, receipt, typed=typed)
    try:
        if any(len(value) > LONGEST for value in values.values()):
            raise _TooMuchError
        form = _read_form(action, values)
        if is_previewed(action) and given.step != "run":
            return await _preview(request, here, account, receipt, typed, given.version, form)
        version = _read_version(given.version)
        desk = here.services.desk
        await to_thread.run_sync(lambda: desk.act(receipt, action, account, form, kind=given.kind, version=version))
    except (*KEPT, _TooMuchError) as error:
        problem = _word_problem(request, error)
        typed = Typed(action, given.kind, values, problem)
        return await draw_case(request, here, account, receipt, typed=typed, status=error.status)
    return _lead(request, receipt, action)


async def _preview(  # noqa: PLR0913, PLR0917
    request: Request,
    here: Context,
    account: Account,
    receipt: str,
    typed: Typed,
    version: str,
    form: guards.Form,
) -> Response:
    """What would happen: the letters as they would be sent, and what was filled in."""
    desk, cases = here.services.desk, here.services.cases
    action, kind = typed.action, typed.kind
    case = await to_thread.run_sync(cases.get, receipt)
    if _read_version(version) != case.version:
        raise StaleCaseError
    previews = await to_thread.run_sync(lambda: desk.preview(receipt, action, account, form, kind=kind))
    letters = [replace(one, text=hide_secrets(one.text)) for one in previews]
    if not await to_thread.run_sync(open_sightings(here.services).is_shown, find_token(request), receipt):
        values = {**case.fields, "represented": case.represented}
        letters = [replace(one, text=mask_text(one.text, values), page=mask_text(one.page, values)) for one in letters]
    return draw(
        request,
        "desk_preview.html",
        account,
        place=f"/desk/cases/{receipt}",
        case=case,
        typed=typed,
        given=list_given(case, typed, find_language(request)),
        cautions=[say(find_language(request), "desk.not_in_policy")] if _is_beyond_policy(case, typed) else [],
        version=version,
        letters=letters,
    )


def list_given(case: Case, typed: Typed, language: str) -> list[tuple[str, str]]:
    """What was filled in, or for an approval what was proposed, each with its label."""
    item = case.find_item(typed.kind)
    if typed.action == "approve" and item:
        given = {"outcome": item.outcome, "ground": item.decision.get("ground", "")}
        given |= {"propose_text": item.decision.get("reason", "")}
    else:
        given = {name: value.strip() for name, value in typed.values.items()}
    kept = [(name, value) for name, value in given.items() if value]
    return [(_label(typed.action, name, language), describe_value(name, value, language)) for name, value in kept]


def _label(action: str, name: str, language: str) -> str:
    special = f"desk.inputs.{action}_{name}"
    return say(language, special if has_sentence(language, special) else f"desk.inputs.{name}")


def _is_beyond_policy(case: Case, typed: Typed) -> bool:
    """Whether a request would be declined on a ground that the policy does not name (alert A2)."""
    item = case.find_item(typed.kind)
    proposed = item.decision.get("ground", "") if item and typed.action == "approve" else ""
    ground = proposed or typed.values.get("ground", "")
    return bool(ground) and not get_ground(ground).in_policy


class _TooMuchError(ServiceError):
    """More was written than a letter or note holds."""

    status = 422


def _word_problem(request: Request, error: ServiceError) -> str:
    if isinstance(error, _TooMuchError):
        return say(find_language(request), "desk.too_much", limit=LONGEST)
    return word_error(request, error)


def _read_form(action: str, values: dict[str, str]) -> guards.Form:
    """The inputs as the casework wants them; a date that is none is not given.

    Raises: ConditionError: a contact that cannot be read.
    """
    words = {name: value.strip() for name, value in values.items() if name != "date"}
    if words.get("value"):
        words["value"] = _read_contact("email" if action == "correct_address" else words["contact"], words["value"])
    return guards.Form(**words, date=_read_date(values.get("date", "")))


def _read_contact(name: str, text: str) -> str:
    """A name, address or number as the intake keeps it."""
    readers: dict[str, Callable[[str], str | None]] = {"email": read_email, "phone": read_phone}
    value = readers.get(name, partial(read_name, asked=True))(text)
    if not value:
        raise ConditionError("value_unreadable")
    return value


def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _read_version(text: str) -> int:
    """The version that the page showed. Without one nobody has seen what the action would change: it is stale."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _lead(request: Request, receipt: str, action: str = "") -> RedirectResponse:
    """To the case; after an action to the message that says it is done."""
    query = {"lang": find_language(request)} | ({"done": action} if action else {})
    address = f"/desk/cases/{receipt}?{urlencode(query)}{'#result' if action else ''}"
    return RedirectResponse(address, status_code=303)

"""Every page and action of the desk by every role: open to whom the matrix says, and to nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from actions.cases.instants import now
from actions.cases.permissions import Right, has_right, list_roles
from actions.cases.questions import Asked
from actions.cases.tables import MailRow, SessionRow
from actions.cases.workflow import list_actions, list_transitions
from actions.texts import say
from actions.web.desk import find_right
from actions.web.desk_forms import list_offered
from tests.actions.web.officers import Officer

SIGN_IN = "/desk/sign-in?lang=ja"
OPEN = {("GET", "/desk/sign-in"), ("POST", "/desk/sign-in"), ("POST", "/desk/sign-out")}
# The whole matrix once more, by hand: a change of permissions.toml must be meant.
MATRIX = {
    "staff": {Right.READ_CLAUSES},
    "officer": set(Right) - {Right.READ_ACCOUNTS},
    "approver": {Right.READ_CLAUSES, Right.READ_CASES, Right.REVIEW_CASES, Right.READ_AUDIT, Right.READ_ALERTS},
    "administrator": {Right.READ_CLAUSES, Right.READ_AUDIT, Right.READ_ALERTS, Right.READ_ACCOUNTS},
}
PAGES = {
    ("GET", "/desk"): Right.READ_CASES,
    ("GET", "/desk/role"): Right.READ_CLAUSES,
    ("GET", "/desk/cases/new"): Right.ENTER_CASES,
    ("POST", "/desk/cases/new"): Right.ENTER_CASES,
    ("GET", "/desk/cases/{receipt}"): Right.READ_CASES,
    ("GET", "/desk/cases/{receipt}/{action}"): Right.READ_CASES,
    ("POST", "/desk/cases/{receipt}/contact"): Right.READ_CASES,
    ("GET", "/desk/tasks"): Right.WORK_CASES,
    ("GET", "/desk/mails/{mail_id}"): Right.READ_CASES,
    ("POST", "/desk/mails/{mail_id}/open"): Right.WORK_CASES,
    ("GET", "/desk/mails/{mail_id}/open"): Right.READ_CASES,
    ("GET", "/desk/mails/{mail_id}/file"): Right.WORK_CASES,
    ("POST", "/desk/mails/{mail_id}/handed"): Right.WORK_CASES,
    ("GET", "/desk/questions"): Right.REVIEW_QUESTIONS,
    ("GET", "/desk/questions/{question_id}"): Right.REVIEW_QUESTIONS,
    ("POST", "/desk/questions/{question_id}"): Right.REVIEW_QUESTIONS,
    ("GET", "/desk/measures"): Right.READ_CASES,
    ("GET", "/desk/alerts"): Right.READ_ALERTS,
    ("GET", "/desk/audit"): Right.READ_AUDIT,
    ("GET", "/desk/audit/verify"): Right.READ_AUDIT,
    ("POST", "/desk/audit/verify"): Right.READ_AUDIT,
    ("GET", "/desk/export.csv"): Right.EXPORT_CASES,
    ("GET", "/staff"): Right.READ_CLAUSES,
    ("POST", "/staff"): Right.READ_CLAUSES,
}


@dataclass(frozen=True)
class Route:
    """A route of the desk or the lookup and the rights that it demands."""

    method: str
    path: str
    rights: tuple[Right, ...]


def _list_dependencies(dependant: Dependant) -> Iterator[object]:
    for one in dependant.dependencies:
        yield one.call
        yield from _list_dependencies(one)


def _list_routes(desk: Any) -> list[Route]:
    found = []
    for route in iter_route_contexts(desk.app.routes):
        if not route.path.startswith(("/desk", "/staff")):
            continue
        demanded = [find_right(one) for one in _list_dependencies(route.dependant)]
        rights = tuple(right for right in demanded if right)
        found += [Route(method, route.path, rights) for method in sorted(route.methods or ())]
    return found


def _expect(method: str, path: str) -> Right:
    """Which right a route should demand."""
    action = path.rpartition("/")[2]
    if (method, path) in PAGES:
        return PAGES[method, path]
    assert (method, path) == ("POST", f"/desk/cases/{{receipt}}/{action}")
    return Right.REVIEW_CASES if action in {"approve", "return", "note"} else Right.WORK_CASES


def test_the_matrix_is_the_one_that_is_meant_when_read() -> None:
    assert set(MATRIX) == set(list_roles())
    for role, rights in MATRIX.items():
        assert {right for right in Right if has_right(role, right)} == rights
    assert not any(has_right("visitor", right) for right in Right)


def test_every_route_demands_one_right_but_the_door(desk: Any) -> None:
    routes = _list_routes(desk)
    assert {(one.method, one.path) for one in routes if not one.rights} == OPEN
    for one in routes:
        if (one.method, one.path) not in OPEN:
            assert one.rights == (_expect(one.method, one.path),), one
    pages = {(one.method, one.path) for one in routes} - OPEN
    assert {path for method, path in pages - set(PAGES)} == {f"/desk/cases/{{receipt}}/{one}" for one in list_offered()}
    assert set(PAGES) <= pages


def test_every_action_of_the_desk_has_a_route_and_no_other() -> None:
    ours = {row.action for row in list_transitions().values() if {"officer", "reviewer"} & set(row.by)}
    assert set(list_offered()) == ours - {"enter"}  # which has a page of its own
    assert set(list_offered()) < set(list_actions())


def _fill(path: str, receipt: str, mail_id: int, question_id: str) -> str:
    path = path.replace("{receipt}", receipt).replace("{mail_id}", str(mail_id)).replace("{action}", "start")
    return path.replace("{question_id}", question_id)


@pytest.fixture
def case(desk: Any, make_draft: Callable[..., Any]) -> tuple[str, int, str]:
    """A case with a letter to be given by hand, and an unanswered question: receipt, the mail's number, its id."""
    filed, _ = desk.services.desk.file(make_draft(), "form")
    with desk.services.database.transaction() as session:
        session.execute(sa.update(MailRow).values(state="written"))
        found = session.scalar(sa.select(MailRow.id).where(MailRow.audience == "customer"))
    desk.services.conversations.open("c1", "ja")
    desk.services.questions.record("c1", "m1", Asked("ja", "not_covered", "1-0", text="貝殻の名簿は作りますか"))
    (question,) = desk.services.reviews.list_queue("open", "ja")
    return filed.receipt, found, question.id


@pytest.mark.parametrize("role", list_roles())
async def test_a_route_is_open_to_a_role_as_the_matrix_says(
    desk: Any, enlist: Callable[..., Awaitable[Officer]], case: tuple[str, int, str], role: str
) -> None:
    somebody = await enlist(role)
    before = desk.services.cases.get(case[0])
    for one in _list_routes(desk):
        if (one.method, one.path) in OPEN:
            continue
        response = await somebody.client.request(one.method, _fill(one.path, *case))
        if _expect(one.method, one.path) not in MATRIX[role]:
            assert response.status_code == 403, (role, one)
            assert say("ja", "errors.not_permitted") in response.text
            assert "山田" not in response.text
            continue
        # An action without its inputs, or in this state, is refused by the casework: the door was open.
        shown = {200} if one.method == "GET" else {200, 303, 409, 422}
        shown |= {303} if one.path.endswith(("{action}", "/open")) else set()
        assert response.status_code in shown, (role, one)
        assert not response.headers.get("location", "").startswith("/desk/sign-in")
    after = desk.services.cases.get(case[0])
    assert (after.state, after.version) == (before.state, before.version)  # nothing was done without its version


@pytest.mark.parametrize("cookie", ["", "madoguchi_desk=x", "madoguchi_desk=' OR 1=1 --", "madoguchi_desk=é"])
async def test_nobody_is_led_anywhere_but_to_sign_in(desk: Any, case: tuple[str, int, str], cookie: str) -> None:
    for one in _list_routes(desk):
        if (one.method, one.path) in OPEN:
            continue
        response = await desk.client.request(one.method, _fill(one.path, *case), headers={"cookie": cookie.encode()})
        assert (response.status_code, response.headers["location"].partition("&wanted=")[0]) == (303, SIGN_IN), one
        assert case[0] not in response.text


@pytest.mark.parametrize("role", list_roles())
async def test_a_session_that_is_over_opens_nothing(
    desk: Any, enlist: Callable[..., Awaitable[Officer]], case: tuple[str, int, str], role: str
) -> None:
    somebody = await enlist(role)
    with desk.services.database.transaction() as session:
        session.execute(sa.update(SessionRow).values(expires_at=now() - timedelta(seconds=1)))
    for one in _list_routes(desk):
        if (one.method, one.path) in OPEN:
            continue
        response = await somebody.client.request(one.method, _fill(one.path, *case))
        assert (response.status_code, response.headers["location"].partition("&wanted=")[0]) == (303, SIGN_IN), one


async def test_a_role_counts_from_the_next_click_when_it_was_changed(
    desk: Any, enlist: Callable[..., Awaitable[Officer]], case: tuple[str, int, str]
) -> None:
    officer = await enlist()
    desk.services.accounts.create("hanako", "staff")  # a new role is a new password, and ends the sessions
    response = await officer.client.get(f"/desk/cases/{case[0]}")
    assert (response.status_code, response.headers["location"].partition("&wanted=")[0]) == (303, SIGN_IN)


async def test_an_approver_does_nothing_that_is_the_officers(
    enlist: Callable[..., Awaitable[Officer]], officer: Officer
) -> None:
    approver = await enlist("approver")
    receipt = officer.office.open("correction").receipt
    form = await officer.find_form(receipt, "start")
    response = await approver.client.post(form.action, data={**form.values, "step": "run"})
    assert response.status_code == 403
    assert officer.office.get(receipt).state == "received"
    page = await approver.open(f"/desk/cases/{receipt}")
    offered = [one for one in list_offered() if f"/desk/cases/{receipt}/{one}?" in page]
    assert offered == ["note"]

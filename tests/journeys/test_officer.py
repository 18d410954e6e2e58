"""The officer's way: an account from the command line, signing in, what has arrived, one case."""

from __future__ import annotations

import re

import httpx
import pytest

from actions.cases.inbox import PAGE
from tests.journeys.desk import Desk, Talk

pytestmark = pytest.mark.journey

DETAILS = "<b>太字</b> '; DROP TABLE cases; --"
FIELDS = {"details": DETAILS, "name": "月島あおい", "email": "aoi@example.com", "phone": "03-0000-0002"}


@pytest.fixture(scope="module")
def password(desk: Desk) -> str:
    """The password of an officer called hanako."""
    return desk.run_command("account", "hanako", "--role", "officer").strip()


@pytest.fixture
def officer(http: httpx.Client, password: str) -> httpx.Client:
    """A browser that is signed in."""
    sign_in(http, "hanako", password)
    return http


def sign_in(http: httpx.Client, name: str, password: str, home: str = "/desk") -> None:
    answer = http.post("/desk/sign-in", data={"name": name, "password": password})
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, home)


def file_case(desk: Desk) -> str:
    with desk.open_http() as customer:
        talk = Talk(customer)
        return str(talk.say_all("/request:disclosure", *FIELDS.values(), "はい")["request"]["receipt"])


def test_the_officer_sees_what_has_arrived(desk: Desk, officer: httpx.Client) -> None:
    receipt = file_case(desk)
    listed = officer.get("/desk?tab=all").text
    assert re.findall(r"/desk/cases/(M-[0-9A-Z-]+)", listed) == list(desk.list_cases())[:PAGE]  # newest first
    assert receipt in listed
    masked = officer.get(f"/desk/cases/{receipt}").text
    assert not [name for name in ("name", "email", "phone") if FIELDS[name] in masked]
    assert officer.post(f"/desk/cases/{receipt}/contact").status_code == 303
    page = officer.get(f"/desk/cases/{receipt}")
    assert page.status_code == 200
    assert all(FIELDS[name] in page.text for name in ("name", "email", "phone"))
    assert "<b>太字</b>" not in page.text  # the person's words are text, whatever they look like
    assert "&lt;b&gt;太字&lt;/b&gt;" in page.text
    assert f'/policy/{desk.list_cases()[receipt].policy_version}#rights.1"' in page.text


@pytest.mark.parametrize("path", ["/desk", "/desk/cases/M-0000-0000"])
def test_nobody_else_sees_anything(http: httpx.Client, path: str) -> None:
    refused = http.get(path)
    assert (refused.status_code, refused.headers["location"].split("?")[0]) == (303, "/desk/sign-in")


def test_a_case_that_does_not_exist(officer: httpx.Client) -> None:
    assert officer.get("/desk/cases/M-0000-0000").status_code == 404


@pytest.mark.parametrize("name", ["hanako", "nobody", ""])
def test_a_wrong_password_opens_nothing(http: httpx.Client, password: str, name: str) -> None:
    refused = http.post("/desk/sign-in", data={"name": name, "password": f"{password}x"})
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


def test_signing_out_ends_the_session(officer: httpx.Client) -> None:
    cookie = f"madoguchi_desk={officer.cookies['madoguchi_desk']}"
    assert officer.get("/desk").status_code == 200
    assert officer.post("/desk/sign-out").status_code == 303
    assert officer.get("/desk", headers={"cookie": cookie}).status_code == 303  # a copy of the cookie opens nothing


def test_a_new_password_ends_the_old_ones_sessions(desk: Desk, http: httpx.Client) -> None:
    old = desk.run_command("account", "saki").strip()
    sign_in(http, "saki", old)
    assert http.get("/desk").status_code == 200
    new = desk.run_command("account", "saki").strip()
    assert new != old
    assert http.get("/desk").status_code == 303
    assert http.post("/desk/sign-in", data={"name": "saki", "password": old}).status_code == 403


def test_staff_without_the_right_to_read_cases_see_none(desk: Desk, http: httpx.Client) -> None:
    password = desk.run_command("account", "jiro", "--role", "staff").strip()
    sign_in(http, "jiro", password, "/desk/role")
    for path in ("/desk", "/desk/tasks", "/desk/export.csv"):
        assert http.get(path).status_code == 403
    assert http.get("/desk/role").status_code == 200

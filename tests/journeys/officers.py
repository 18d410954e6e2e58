"""The officer's desk over real HTTP: signed in, filling in the forms that the pages offer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from tests.actions.web.officers import PageForm, find_form, read_forms
from tests.journeys.desk import Desk


@dataclass(frozen=True)
class Officer:
    """Somebody at the desk. `name` is the account's."""

    http: httpx.Client
    name: str

    def find_form(self, receipt: str, action: str, kind: str = "") -> PageForm:
        """The form for an action on the case's page."""
        page = self.http.get(f"/desk/cases/{receipt}")
        assert page.status_code == 200, page.status_code
        offered = re.findall(rf'action="/desk/cases/{receipt}/(\w+)', page.text)
        assert action in offered, f"{action} is not among {offered}"
        return find_form(page.text, receipt, action, kind)

    def send(self, form: PageForm, **filled: str) -> httpx.Response:
        """Send a form as a browser would."""
        assert set(filled) <= {*form.names, "step"}, "the page offers no such field"
        step = {"step": form.steps[0]} if form.steps else {}
        return self.http.post(form.action, data={**form.values, **step, **filled})

    def act(self, receipt: str, action: str, kind: str = "", **filled: str) -> httpx.Response:
        """Open the case, fill a form in, send it, and on the page that shows what will happen send it again."""
        response = self.send(self.find_form(receipt, action, kind), **filled)
        if response.status_code == 200:
            response = self.send(find_form(response.text, receipt, action), step="run")
        return response

    def carry_out(self, receipt: str, *steps: tuple[str, dict[str, str]]) -> None:
        """Several actions, each of which must be done."""
        for action, filled in steps:
            response = self.act(receipt, action, **filled)
            assert response.status_code == 303, f"{action}: {response.status_code} {response.text}"


# What an officer does with a request whose person shows a licence and two facts of an order.
IDENTIFY: tuple[tuple[str, dict[str, str]], ...] = (
    ("start", {}),
    ("record_document", {"document": "order_facts", "subject": "person", "result": "accepted"}),
    ("record_document", {"document": "driving_licence", "subject": "person", "result": "accepted"}),
    ("confirm_identity", {}),
)


def enlist(desk: Desk, http: httpx.Client, name: str, role: str = "officer") -> Officer:
    """A new account, signed in with this browser."""
    password = desk.run_command("account", name, "--role", role).strip()
    answer = http.post("/desk/sign-in", data={"name": name, "password": password})
    assert answer.status_code == 303, answer.status_code
    http.headers["accept-language"] = "ja"
    return Officer(http, name)


def read_code(text: str) -> str:
    """The six digits of a mail."""
    (code,) = set(re.findall(r"(?<!\d)\d{6}(?!\d)", text))
    return str(code)


def read_path(text: str, beginning: str) -> str:
    """The path, with its query, of the address in a mail that begins so ("/confirm/", "/status/")."""
    (address,) = {found for found in re.findall(r"https?://\S+", text) if urlsplit(found).path.startswith(beginning)}
    parts = urlsplit(str(address))
    return f"{parts.path}?{parts.query}"


__all__ = ["IDENTIFY", "Officer", "PageForm", "enlist", "find_form", "read_code", "read_forms", "read_path"]

"""The desk as somebody behind it uses it: signed in, filling in the forms that the pages offer, led where they lead."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.actions.cases.conftest import HANAKO, JIRO, Office


@dataclass
class PageForm:
    """A form of a page: what a browser would send of it untouched, what may be chosen, and its buttons' steps."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._text = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PageForm(given["action"], given.get("method", "get"))
            self.forms.append(self._form)
        if self._form is None:
            return
        if tag == "input":
            self._read_input(self._form, given)
        elif tag == "button" and "name" in given:
            self._form.steps.append(given["value"])
        elif tag in {"textarea", "select"} and "name" in given:
            self._note(self._form, given["name"])
            self._text, self._select = (given["name"], "") if tag == "textarea" else ("", given["name"])
            self._form.values.setdefault(given["name"], "")
        elif tag == "option" and self._select:
            self._form.choices.setdefault(self._select, []).append(given["value"])
            if "selected" in given or len(self._form.choices[self._select]) == 1:
                self._form.values[self._select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in {"textarea", "select"}:
            self._text = self._select = ""

    def handle_data(self, data: str) -> None:
        if self._form and self._text:
            self._form.values[self._text] += data.removeprefix("\n")

    def _read_input(self, form: PageForm, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        self._note(form, name)
        if given.get("type") in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.values[name] = value
        else:
            form.values[name] = value

    def _note(self, form: PageForm, name: str) -> None:
        if name not in form.names:
            form.names.append(name)


def read_forms(page: str) -> list[PageForm]:
    """All forms of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


@dataclass
class Officer:
    """Somebody signed in, and the back office behind the pages."""

    desk: Any
    office: Office
    client: httpx.AsyncClient

    async def open(self, path: str, status: int = 200) -> str:
        """A page as it is read: entities resolved."""
        response = await self.client.get(path)
        assert response.status_code == status, response.text
        return html.unescape(response.text)

    async def find_form(self, receipt: str, action: str, kind: str = "") -> PageForm:
        """The form for an action on the case's page."""
        page = (await self.client.get(f"/desk/cases/{receipt}")).text
        return find_form(page, receipt, action, kind)

    async def act(self, receipt: str, action: str, kind: str = "", **filled: str) -> httpx.Response:
        """Open the case, fill a form in, send it, and on the page that shows what will happen send it again."""
        response = await self.send(await self.find_form(receipt, action, kind), **filled)
        if response.status_code == 200:
            response = await self.send(find_form(response.text, receipt, action), step="run")
        return response

    async def show_contact(self, receipt: str) -> httpx.Response:
        """Press the button that shows whose case it is."""
        page = (await self.client.get(f"/desk/cases/{receipt}")).text
        form = next(form for form in read_forms(page) if form.action.startswith(f"/desk/cases/{receipt}/contact?"))
        return await self.send(form)

    async def send(self, form: PageForm, **filled: str) -> httpx.Response:
        """Send a form as a browser would."""
        assert set(filled) <= {*form.names, "step"}, "the page offers no such field"
        for name, value in filled.items():
            assert value in form.choices.get(name, [value]), f"the page does not offer {value}"
        step = {"step": form.steps[0]} if form.steps else {}
        sent = {**form.values, **step, **filled}
        return await self.client.request(form.method, form.action, data=sent)


def find_form(page: str, receipt: str, action: str, kind: str = "") -> PageForm:
    """The form for an action among those of a page."""
    address = f"/desk/cases/{receipt}/{action}?"
    found = [form for form in read_forms(page) if form.action.startswith(address)]
    return next(form for form in found if kind in {"", form.values["kind"]})


async def sign_in(desk: Any, role: str = "officer", name: str = "") -> httpx.AsyncClient:
    """A new account, signed in with a browser of its own."""
    name = name or {"officer": HANAKO.name, "approver": JIRO.name}.get(role, role)
    password = desk.services.accounts.create(name, role)
    client = httpx.AsyncClient(transport=desk.client._transport, base_url=desk.client.base_url, trust_env=False)
    response = await client.post("/desk/sign-in", data={"name": name, "password": password})
    assert response.status_code == 303, response.text
    client.headers["accept-language"] = "ja"
    return client

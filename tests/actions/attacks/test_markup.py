"""What people type is text everywhere: no markup on a page or in a mail, no header, no formula, no file name."""

from __future__ import annotations

import csv
import email
import email.policy
import html
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from actions.cases.inbox import Filter
from actions.cases.instants import now
from actions.cases.mailer import FolderMailer
from actions.web.desk_export import write_table
from tests.actions.web.officers import Officer

MARK = "zqx"
NASTY = [
    f"<script>{MARK}()</script>",
    f"<img src=x onerror={MARK}()>",
    f'"><svg onload={MARK}()>',
    f"'-{MARK}()-'",
    f"</textarea><script>{MARK}()</script>",
    f"</title><script>{MARK}()</script>",
    f"{{{{ {MARK} }}}}{{% {MARK} %}}",
    f"javascript:{MARK}()",
    f"<a href=//{MARK}.example>",
    f"<!--{MARK}-->",
]
DETAILS = "\n".join(NASTY)
TAGS = {"script", "img", "svg", "iframe", "object", "embed", "math", "template"}
LINES = ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x0c", "\x85", "\0"]
FORMULAE = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", " =1"]


class _Reader(HTMLParser):
    """Which elements and attributes a page really has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def assert_inert(page: str) -> None:
    """Nothing typed has become an element, an attribute or a comment."""
    reader = _Reader()
    reader.feed(page)
    for tag, attributes in reader.found:
        own = tag == "script" and attributes.get("src", "").startswith("/static/")
        assert own or tag not in TAGS, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("src", "style", "class", "id"):
            assert MARK not in attributes.get(name, ""), (tag, attributes)
        for name in ("href", "action"):  # an own path may hold what was asked for
            assert MARK not in attributes.get(name, "") or re.match(r"/(?![/\\])", attributes[name]), attributes
    assert not [comment for comment in reader.comments if MARK in comment]


def test_the_reader_would_find_it() -> None:
    for nasty in (*NASTY[:3], *NASTY[4:6], *NASTY[8:10]):
        page = f"<html><title>{nasty}</title><p>{nasty}</p></html>"
        with pytest.raises(AssertionError):
            assert_inert(page)


@pytest.fixture
def receipt(officer: Officer) -> str:
    """A case that is worked to its letter with markup in everything that anybody types."""
    office = officer.office
    case = office.open("complaint", fields={**_fields(), "details": DETAILS}, represented="", told=DETAILS)
    office.answer(case.receipt, "write", text=DETAILS)
    office.act(case.receipt, "note", note=DETAILS, text=DETAILS)
    office.act(case.receipt, "start")
    office.act(case.receipt, "respond", outcome="explained", text=DETAILS)
    return case.receipt


def _fields() -> dict[str, str]:
    return {"name": f"<b>{MARK}</b>", "email": "hanako@example.com", "phone": "03-0000-0000"}


async def test_markup_is_text_on_every_page(officer: Officer, receipt: str) -> None:
    office, client = officer.office, officer.client
    mails = [f"/desk/mails/{mail.id}" for mail in office.list_mails(receipt)]
    seen = 0
    pages = [
        "/desk",
        "/desk?tab=all",
        f"/desk?q={MARK}<script>",
        f"/desk/cases/{receipt}",
        "/desk/tasks",
        "/desk/audit",
    ]
    pages += [*mails, f"/status/{office.token(receipt)}", f"/?lang=<script>{MARK}", f"/desk/cases/<script>{MARK}"]
    pages += [f"/policy/<script>{MARK}", f"/status/<script>{MARK}", f'/requests/new?kind=<script>{MARK}&lang="><b>']
    for path in pages:
        page = await client.get(path)
        assert page.status_code in {200, 303, 404}, path
        assert_inert(page.text)
        seen += MARK in html.unescape(page.text)
    assert seen >= 3  # it was there to be found


async def test_markup_is_text_in_the_conversation_and_where_a_form_comes_back(desk: Any) -> None:
    for nasty in NASTY:
        page = await desk.client.post("/", data={"message": nasty}, follow_redirects=True)
        assert page.status_code == 200
        assert_inert(page.text)
        form = await desk.client.post(
            "/requests/new", data={"details": nasty, "name": nasty, "email": nasty, "kind": nasty}
        )
        assert form.status_code == 422
        assert_inert(form.text)
        signed = await desk.client.post("/desk/sign-in", data={"name": nasty, "password": "x", "wanted": nasty})
        assert_inert(signed.text)
    page = await desk.client.post("/", data={"message": DETAILS + "a" * 3000})
    assert page.status_code == 413
    assert_inert(page.text)
    assert MARK in page.text


async def test_markup_is_text_in_every_mail(officer: Officer, receipt: str) -> None:
    for audience in ("customer", "officer"):
        for mail in officer.office.list_mails(receipt, audience):
            assert_inert(mail.html)
            assert "\n" not in mail.subject


@pytest.mark.parametrize("line", LINES, ids=ascii)
async def test_no_header_is_smuggled_into_a_mail(officer: Officer, tmp_path: Path, line: str) -> None:
    """Line ends in a name, however they got there: by the form, by the chat, or past both."""
    office, desk = officer.office, officer.desk
    evil = f"山田{line}Bcc: all@example.com{line}{line}<b>にせ</b>"
    office.open(fields={"details": "x", "name": evil, "email": "hanako@example.com", "phone": ""})
    form = {
        "kind": "complaint",
        "details": "登録した住所です",
        "name": evil,
        "email": f"a@example.com{line}Bcc: b@example.com",
    }
    refused = await desk.client.post("/requests/new", data={**form, "phone": "", "filing_key": ""})
    assert refused.status_code in {303, 422}
    mailer = FolderMailer(tmp_path, "desk@example.com")
    for case in desk.services.cases.list_all():
        assert not set("\r\n\0") & set(case.fields["email"])
        for mail in [*office.list_mails(case.receipt), *office.list_mails(case.receipt, "officer")]:
            await mailer.send(replace(mail, recipient=mail.recipient or "officer@example.com"))
    files = sorted(tmp_path.glob("*.eml"))
    assert files
    for path in files:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert (message["Bcc"], message["Cc"], len(message.get_all("To") or [])) == (None, None, 1)
        assert re.fullmatch(r"[\w.@-]+\.eml", path.name)
        assert message.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "nasty", ['x"; filename="evil.exe', "x\r\nset-cookie: a=b", "../../etc/passwd", "<script>", "\u202e"]
)
async def test_no_header_is_smuggled_into_a_download(officer: Officer, nasty: str) -> None:
    officer.office.open()
    for path in ("/desk/export.csv", "/desk/mails/1/file"):
        page = await officer.client.get(path, params={"tab": nasty, "q": nasty, "lang": nasty, "name": nasty})
        assert page.status_code in {200, 404}
        disposition = page.headers.get("content-disposition", 'attachment; filename="x"')
        assert re.fullmatch(r'attachment; filename="[\w.%@-]+"', disposition)
        assert "set-cookie" not in page.headers


def test_no_cell_is_a_formula_whatever_is_in_the_row(officer: Officer) -> None:
    officer.office.open()
    (row,) = officer.office.services.cases.iterate_rows(Filter("all"), now())
    for formula in FORMULAE:
        table = write_table([replace(row, receipt=formula, assignee=formula)], "ja")
        for line in csv.reader(io.StringIO(table)):
            for cell in line:
                assert not cell or cell[0] not in "=+-@\t\r\n＝＋－＠", cell

"""Guessing: who exists, whose case it is, which code is right. The work done and the words said tell nobody."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from argon2 import PasswordHasher

from actions.cases.identity import Identity
from actions.texts import LANGUAGES, say
from tests.actions.web.officers import Officer

TOKEN = "A" * 43


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords were compared with."""
    seen: list[str] = []
    real = PasswordHasher.verify

    def verify(self: PasswordHasher, known: str, password: str) -> bool:
        seen.append(known)
        return bool(real(self, known, password))

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    return seen


async def test_a_sign_in_costs_the_same_whoever_it_is(desk: Any, verified: list[str]) -> None:
    """One verification with the same parameters, for an account that exists, one that does not, and no name at all."""
    desk.services.accounts.create("hanako", "officer")
    told = set()
    for name in ("hanako", "mallory", "", "hanako\0", "x" * 200, "' OR 1=1 --"):
        before = len(verified)
        response = await desk.client.post("/desk/sign-in?lang=ja", data={"name": name, "password": "wrong"})
        assert len(verified) == before + 1, name
        told.add((response.status_code, re.sub(r'name="name"[^>]*', "", response.text)))
    assert len(told) == 1
    assert len({known.rpartition("$")[0].rpartition("$")[0] for known in verified}) == 1  # the same parameters


async def test_a_removed_account_looks_like_one_that_never_was(desk: Any, verified: list[str]) -> None:
    password = desk.services.accounts.create("hanako", "officer")
    desk.services.accounts.remove("hanako")
    for name in ("hanako", "mallory"):
        response = await desk.client.post("/desk/sign-in", data={"name": name, "password": password})
        assert response.status_code == 403
    assert len(verified) == 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_dead_status_link_says_what_an_unknown_one_says(officer: Officer, language: str) -> None:
    office, client = officer.office, officer.desk.client
    first = office.file()
    replaced = office.token(first.receipt)
    office.services.status.confirm_by_code(replaced, office.find_code(first.receipt))
    pages = Counter[str]()
    for token in (replaced, TOKEN, first.receipt):
        page = await client.get(f"/status/{token}?lang={language}")
        assert page.status_code == 404
        pages[re.sub(r'href="/status/[^"]*"', "", page.text)] += 1
    assert list(pages.values()) == [3]


async def test_a_case_is_nobodys_by_its_number(officer: Officer) -> None:
    """IDOR: a receipt number, a row's number, or another case's words in the right place open nothing."""
    office, client = officer.office, officer.desk.client
    mine, other = office.open("complaint"), office.open("correction")
    for address in (
        f"/status/{other.receipt}",
        "/status/1",
        f"/requests/filed/{other.receipt}",
        f"/confirm/{other.receipt}",
        f"/desk/cases/{other.receipt}",
        "/desk/mails/1",
        "/desk/export.csv",
    ):
        page = await client.get(address)
        assert page.status_code in {303, 404, 410}, address
        assert other.receipt not in page.text.replace(address, "")
    before = office.get(other.receipt)
    # An item of another case, named on the own page; the own token with the other's version.
    forms = [
        {"action": "withdraw", "kind": "correction", "sure": "yes"},
        {"action": "write", "text": "x", "receipt": other.receipt},
    ]
    for form in forms:
        await client.post(f"/status/{office.token(mine.receipt)}", data=form)
    assert office.get(other.receipt) == before
    assert office.get(mine.receipt).items[0].outcome != "withdrawn"


async def test_a_case_of_another_is_the_officers_too_but_nobody_elses(
    officer: Officer, enlist: Callable[..., Any]
) -> None:
    case = officer.office.open()
    for role in ("staff", "administrator"):
        somebody = await enlist(role, role)
        for path in (
            f"/desk/cases/{case.receipt}",
            f"/desk/cases/{case.receipt}/note",
            "/desk/mails/1",
            "/desk?tab=all",
        ):
            page = await somebody.client.get(path)
            assert page.status_code == 403, (role, path)
            assert "hanako@example.com" not in html.unescape(page.text)


async def test_an_unknown_number_looks_like_one_of_another_state(officer: Officer) -> None:
    pages = set()
    for receipt in ("M-0000-0000", "M-ZZZZ-ZZZZ", "1", "x" * 300, "%00"):
        page = await officer.client.get(f"/desk/cases/{receipt}?lang=ja")
        assert page.status_code == 404
        pages.add(re.sub(r'href="/desk/cases/[^"]*"', "", page.text))
    assert len(pages) == 1


async def test_a_code_is_compared_whole_and_worded_alike(officer: Officer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong in one digit or in all: the same comparison, the same words; then no more tries, even for the right one."""
    office, client = officer.office, officer.desk.client
    case = office.file()
    code, path = office.find_code(case.receipt), f"/status/{office.token(case.receipt)}?lang=ja"
    near = code[:5] + str((int(code[5]) + 1) % 10)
    far = "".join(str((int(digit) + 5) % 10) for digit in code)
    checked: list[str] = []
    real = Identity._hash_code

    def note(self: Identity, row: Any, given: str) -> str:
        checked.append(given)
        return real(self, row, given)

    monkeypatch.setattr(Identity, "_hash_code", note)
    told = set()
    for tried in (near, far, near, far, near):
        page = await client.post(path, data={"action": "confirm", "code": tried})
        assert page.status_code == 422
        told.add(say("ja", "errors.wrong_code") in html.unescape(page.text))
    assert told == {True}
    assert checked == [near, far, near, far, near]
    page = await client.post(path, data={"action": "confirm", "code": code})
    assert page.status_code == 410
    assert say("ja", "errors.expired_code") in html.unescape(page.text)
    assert office.get(case.receipt).confirmed_at is None


@pytest.mark.parametrize("surface", ["chat", "page", "ask", "form", "status", "sign-in"])
async def test_who_has_to_wait_is_told_how_long_and_blocks_nobody(open_desk: Callable[..., Any], surface: str) -> None:
    import httpx

    limits = {f"rate_{name}": "1/minute" for name in ("address", "status", "sign_in")}
    desk = open_desk(**limits)
    greedy, other = (
        httpx.AsyncClient(
            transport=httpx.ASGITransport(desk.app, client=(address, 1)),
            base_url="http://d.example.com",
            trust_env=False,
        )
        for address in ("192.0.2.1", "192.0.2.2")
    )
    calls: dict[str, dict[str, Any]] = {
        "chat": {"url": "/api/chat", "json": {"message": "x1"}},
        "page": {"url": "/?lang=ja", "data": {"message": "お待ちください。"}},
        "ask": {"url": "/api/ask", "json": {"question": "x1", "language": "ja"}},
        "form": {"url": "/requests/new?lang=ja", "data": {"details": "お待ちください。"}},
        "status": {"url": f"/status/{TOKEN}?lang=ja", "data": {"action": "write", "text": "お待ちください。"}},
        "sign-in": {"url": "/desk/sign-in?lang=ja", "data": {"name": "officer", "password": "x"}},
    }
    async with greedy, other:
        first = await greedy.post(**calls[surface])
        refused = await greedy.post(**calls[surface])
        assert first.status_code != 429
        assert refused.status_code == 429
        seconds = re.search(r"(\d+)秒", html.unescape(refused.text))
        assert seconds is not None
        assert 1 <= int(seconds.group(1)) <= 60
        if "data" in calls[surface] and surface != "sign-in":
            assert "お待ちください。" in html.unescape(refused.text)  # nothing typed is lost
        assert (await other.post(**calls[surface])).status_code == first.status_code

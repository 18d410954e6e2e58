"""The audit chain at the desk: newest first, page by page, and any tampering found by a button."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from actions.cases.audit import Entry
from actions.cases.tables import AuditRow
from actions.texts import LANGUAGES, say
from actions.web.desk_audit import PAGE
from tests.actions.web.officers import Officer, read_forms


def _list_numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<td class="figure">(\d+)</td>', page)]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_entries_are_told_newest_first_with_their_case(officer: Officer, language: str) -> None:
    receipt = officer.office.open("correction").receipt
    officer.office.act(receipt, "start")
    page = await officer.open(f"/desk/audit?lang={language}")
    assert _list_numbers(page) == [3, 2, 1]
    assert page.count(f'href="/desk/cases/{receipt}?lang={language}"') == 3
    for action in ("submit", "confirm_mail", "start"):
        assert say(language, f"desk.actions.{action}") in page
    for word in ("山田", "hanako@example.com"):
        assert word not in page


async def test_who_may_not_read_cases_sees_the_number_alone(
    officer: Officer, enlist: Callable[..., Awaitable[Officer]]
) -> None:
    receipt = officer.office.file().receipt
    administrator = await enlist("administrator")
    page = await administrator.open("/desk/audit")
    assert receipt in page
    assert "/desk/cases/" not in page


async def test_pages_go_on_to_the_first_entry(officer: Officer) -> None:
    audit = officer.office.services.audit
    for number in range(PAGE + 5):
        audit.record(Entry("hanako", "export", detail={"rows": number}))
    page = await officer.open("/desk/audit")
    assert _list_numbers(page) == list(range(PAGE + 5, 5, -1))
    following = re.findall(r'href="(/desk/audit\?before=\d+&lang=ja)" rel="next"', page)
    page = await officer.open(following[0])
    assert _list_numbers(page) == [5, 4, 3, 2, 1]
    assert 'rel="next"' not in page
    for odd in ("x", "-1", "9" * 40, ""):
        assert _list_numbers(await officer.open(f"/desk/audit?before={odd}"))[0] == PAGE + 5
    assert say("ja", "desk.audit_none") in await officer.open("/desk/audit?before=0")


async def test_the_chain_is_whole_when_nothing_was_touched(officer: Officer) -> None:
    officer.office.file()
    form = next(one for one in read_forms(await officer.open("/desk/audit")) if "verify" in one.action)
    response = await officer.send(form)
    assert response.status_code == 200
    assert say("ja", "desk.audit_whole", count=1) in response.text
    assert officer.office.services.audit.verify().head in response.text


async def test_a_change_is_found_when_an_entry_was_tampered_with(officer: Officer) -> None:
    for _ in range(3):
        officer.office.file()
    with officer.office.services.database.transaction() as session:
        for (name,) in session.execute(sa.text("select name from sqlite_master where type = 'trigger'")).all():
            session.execute(sa.text(f"drop trigger {name}"))
        session.execute(sa.update(AuditRow).where(AuditRow.seq == 2).values(actor="nobody"))
    response = await officer.client.post("/desk/audit/verify")
    assert response.status_code == 200
    assert say("ja", "desk.audit_broken", count=3) in response.text
    assert "entry 2 was changed" in response.text


async def test_a_check_is_asked_for_by_its_button_alone(officer: Officer) -> None:
    officer.office.file()
    page = await officer.open("/desk/audit/verify")
    assert say("ja", "desk.audit_whole", count=1) not in page
    response = await officer.client.post("/desk/audit/verify", headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403

"""The inbox: the most urgent first, filtered by the address alone, and nothing personal in it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from starlette.datastructures import QueryParams

from actions.cases.inbox import Filter
from actions.cases.instants import now
from actions.cases.tables import CaseRow, MailRow
from actions.texts import LANGUAGES, say
from actions.web.desk_inbox import read_filter, write_query
from tests.actions.cases.conftest import Office
from tests.actions.web.officers import Officer, read_forms


def _list_receipts(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/desk/cases/(M-[0-9A-Z-]+)\?', page)


def _set(office: Office, receipt: str, **values: object) -> None:
    with office.services.database.transaction() as session:
        session.execute(sa.update(CaseRow).where(CaseRow.receipt == receipt).values(**values))


async def test_what_is_due_first_stands_first(officer: Officer) -> None:
    office, moment = officer.office, now()
    late, soon, far, paused = (office.investigate("correction").receipt for _ in range(4))
    for receipt, due in ((far, 9), (late, -2), (soon, 1)):
        _set(office, receipt, due_at=moment + timedelta(days=due))
    _set(office, paused, due_at=None)
    page = await officer.open("/desk")
    assert _list_receipts(page) == [late, soon, far, paused]
    assert say("ja", "desk.due.over", days=2) in page
    assert say("ja", "desk.due.paused") in page
    assert f"<title>(4) {say('ja', 'desk.tabs.todo')}" in page
    assert page.count("山＊＊＊") == 4  # enough to tell one from another
    for word in ("山田", "hanako@example.com", "開示してください"):
        assert word not in page  # the list needs no names


async def test_each_tab_holds_its_cases_and_says_how_many(officer: Officer) -> None:
    office = officer.office
    unconfirmed = office.file().receipt
    todo, waiting, closed = (office.investigate("correction").receipt for _ in range(3))
    office.act(waiting, "ask_more", text="どの住所でしょうか。")
    office.act(closed, "record_withdrawal", note="電話あり")
    office.deliver()
    expected = {"todo": [todo], "unconfirmed": [unconfirmed], "waiting": [waiting], "closed": [closed]}
    for tab, receipts in expected.items():
        page = await officer.open(f"/desk?tab={tab}")
        assert _list_receipts(page) == receipts, tab
        assert f'aria-current="page">{say("ja", f"desk.tabs.{tab}")}' in page
    page = await officer.open("/desk?tab=all")
    assert set(_list_receipts(page)) == {unconfirmed, todo, waiting, closed}
    assert re.findall(r'<span class="number">(\d+)</span>', page) == ["1", "1", "1", "1", "4"]
    assert say("ja", "outcomes.withdrawn") in await officer.open("/desk?tab=closed")


async def test_an_unconfirmed_request_is_nothing_to_do(officer: Officer) -> None:
    # Anybody can type requests under anybody's address: they must not bury what is to be done.
    for _ in range(3):
        officer.office.file()
    officer.office.deliver()
    assert say("ja", "desk.nothing") in await officer.open("/desk")


async def test_letters_that_nobody_got_and_unread_words_are_marked(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("correction").receipt
    assert say("ja", "desk.unread") not in await officer.open("/desk")
    office.answer(receipt, text="追加です")
    with office.services.database.transaction() as session:
        session.execute(sa.update(MailRow).where(MailRow.template == "acknowledgement").values(state="dead"))
    page = await officer.open("/desk")
    assert say("ja", "desk.unread") in page
    assert say("ja", "desk.unsent", count=1) in page


@pytest.mark.parametrize(("passed", "shown"), [(5, ""), (12, "legal_left"), (20, "legal_over")])
async def test_the_two_weeks_of_the_law_are_told_of_when_they_are_near(
    officer: Officer, passed: int, shown: str
) -> None:
    receipt = officer.office.investigate("correction").receipt
    _set(officer.office, receipt, arrived_at=now() - timedelta(days=passed))
    page = await officer.open("/desk")
    for key in ("legal_left", "legal_over"):
        days = 14 - passed if key == "legal_left" else passed - 14
        assert (say("ja", f"desk.due.{key}", days=days) in page) == (key == shown)


async def test_the_filters_of_the_address_are_the_ones_that_are_shown(officer: Officer) -> None:
    office = officer.office
    mine, other = office.investigate("correction").receipt, office.open("suspension").receipt
    _set(office, mine, due_at=now() - timedelta(days=1))
    for query, receipts in (
        ("kind=suspension", [other]),
        ("state=investigating", [mine]),
        ("channel=form", [mine, other]),
        ("channel=telephone", []),
        ("assignee=hanako", [mine]),
        ("assignee=-", [other]),
        ("overdue=1", [mine]),
        ("kind=correction&state=received", []),
        ("kind=none&state=%00&channel=x&assignee=nobody&overdue=yes&tab=odd", [mine, other]),
    ):
        page = await officer.open(f"/desk?{query}")
        assert _list_receipts(page) == receipts, query
    form = next(one for one in read_forms(await officer.open("/desk?kind=suspension&overdue=1")) if one.method == "get")
    assert form.values == {
        "lang": "ja", "tab": "todo", "kind": "suspension", "state": "", "channel": "", "assignee": "", "overdue": "1"
    }  # fmt: skip


async def test_pages_are_of_fifty_and_keep_the_filter(officer: Officer) -> None:
    for _ in range(51):
        officer.office.file()
    page = await officer.open("/desk?tab=unconfirmed&kind=disclosure&lang=en")
    assert len(_list_receipts(page)) == 50
    assert 'href="/desk?tab=unconfirmed&kind=disclosure&page=2&lang=en" rel="next"' in page
    second = await officer.open("/desk?tab=unconfirmed&kind=disclosure&page=2&lang=en")
    assert len(_list_receipts(second)) == 1
    assert not set(_list_receipts(page)) & set(_list_receipts(second))
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second
    for odd in ("0", "-1", "x", "99999", "9" * 40, "٢", "1e3"):  # one that is not there is the first, or the last
        found = _list_receipts(await officer.open(f"/desk?tab=unconfirmed&page={odd}"))
        assert found == _list_receipts(second if odd == "99999" else page), odd


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_listed_when_nothing_has_arrived(officer: Officer, language: str) -> None:
    page = await officer.open(f"/desk?lang={language}")
    assert say(language, "desk.nothing") in page
    assert f"<title>(0) {say(language, 'desk.tabs.todo')}" in page
    assert "export.csv" not in page


@pytest.mark.parametrize(
    "chosen",
    [
        Filter(),
        Filter("all", "correction", "id_check", "telephone", "hanako", overdue=True, page=3),
        Filter("closed", assignee="-"),
    ],
)
def test_a_filter_is_the_same_when_it_was_written_and_read(chosen: Filter) -> None:
    assert read_filter(QueryParams(write_query(chosen)), ("hanako",)) == chosen

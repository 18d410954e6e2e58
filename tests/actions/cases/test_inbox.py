"""How the inbox asks: both databases read it from its index, in its order, and numbers agree with pages."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from actions.cases.inbox import PAGE, TABS, Filter, InboxPage, count_all, filter_cases, sort_cases
from actions.cases.instants import now
from actions.cases.tables import CaseRow
from tests.actions.cases.conftest import Office

FILTERS = [
    *(Filter(tab) for tab in TABS),
    Filter("todo", page=5),
    Filter("todo", kind="correction"),
    Filter("all", state="deciding"),
    Filter("waiting", channel="form"),
    Filter("closed", kind="disclosure", state="closed"),
]


def explain(path: Path, query: sa.Select[Any]) -> list[str]:
    """SQLite's plan for a query, a line a step."""
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with closing(sqlite3.connect(path)) as connection:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {compiled}")]


def list_page(chosen: Filter) -> sa.Select[Any]:
    """The query for the ids of a page."""
    return sort_cases(filter_cases(sa.select(CaseRow.id), chosen, now()), chosen).limit(PAGE)


@pytest.mark.parametrize("chosen", [one for one in FILTERS if one.tab in {"todo", "unconfirmed", "waiting"}])
def test_a_page_by_urgency_is_found_in_the_order_of_its_index(blank_database: Path, chosen: Filter) -> None:
    plan = explain(blank_database, list_page(chosen))
    assert "SCAN cases USING COVERING INDEX ix_cases_inbox" in plan
    assert not any("TEMP B-TREE" in step for step in plan)


@pytest.mark.parametrize("chosen", FILTERS)
def test_no_row_is_read_to_count_when_a_filter_is_chosen(blank_database: Path, chosen: Filter) -> None:
    query = filter_cases(sa.select(CaseRow.id), chosen, now())
    plan = explain(blank_database, sa.select(sa.func.count()).select_from(query.subquery()))
    assert [step for step in plan if step.startswith(("SCAN", "SEARCH")) and "COVERING INDEX" not in step] == []


def test_a_filter_asks_for_items_once_and_not_for_each_case(blank_database: Path) -> None:
    for chosen in FILTERS:
        assert not any("CORRELATED" in step for step in explain(blank_database, list_page(chosen)))


def test_no_tab_is_counted_by_looking_at_all_cases(blank_database: Path) -> None:
    plan = explain(blank_database, count_all())
    scans = [step for step in plan if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"]
    assert len(scans) == 1  # all there are, for the tab of all
    assert "COVERING INDEX" in scans[0]


def test_numbers_agree_with_pages_whatever_makes_a_case_to_be_done(office: Office) -> None:
    ours, told, unread = office.open().receipt, office.open().receipt, office.open().receipt
    office.file()
    for receipt in (told, unread):
        office.answer(receipt, "withdraw")
        office.act(receipt, "mark_read")
        office.deliver()
    office.answer(unread, text="まだ届きません")
    office.deliver()
    with office.services.database.transaction() as session:  # one of each reason, and one case for all three
        for receipt in (told, ours):
            mail = office.list_mails(receipt)[-1]
            session.execute(sa.text("UPDATE outbox SET state = 'dead' WHERE id = :id"), {"id": mail.id})
    with office.services.database.reading() as session:
        counts = dict(zip(TABS, session.execute(count_all()).one(), strict=True))
    pages = {tab: office.services.cases.list_inbox(Filter(tab), now()) for tab in TABS}
    assert counts == {"todo": 3, "unconfirmed": 1, "waiting": 0, "closed": 2, "all": 4}
    assert counts == {tab: len(page.rows) for tab, page in pages.items()}
    assert counts == {tab: page.total for tab, page in pages.items()}
    assert {row.receipt for row in pages["todo"].rows} == {ours, told, unread}


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (PAGE, 1), (PAGE + 1, 2)])
def test_there_is_always_a_page(total: int, pages: int) -> None:
    assert InboxPage((), total, 1).pages == pages

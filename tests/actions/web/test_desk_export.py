"""The export: what the filter shows, nothing personal, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from actions.cases.inbox import Filter
from actions.cases.instants import now
from actions.texts import LANGUAGES, say
from actions.web.desk_export import COLUMNS, guard_cell, write_table
from tests.actions.web.officers import Officer


async def _export(officer: Officer, query: str = "tab=all") -> list[dict[str, str]]:
    response = await officer.client.get(f"/desk/export.csv?{query}")
    assert response.status_code == 200
    rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    next(rows)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


async def test_a_table_is_what_a_spreadsheet_reads(officer: Officer) -> None:
    officer.office.file()
    response = await officer.client.get("/desk/export.csv?tab=all")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith('attachment; filename="cases-20')
    assert response.headers["cache-control"] == "no-store"
    assert response.content.startswith(b"\xef\xbb\xbf")  # else the characters are garbled
    assert response.content.count(b"\r\n") == 2


async def test_a_row_says_where_a_case_stands_and_nothing_personal(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("correction", "complaint").receipt
    office.act(receipt, "respond", outcome="explained", text="ご説明します。")
    (row,) = await _export(officer)
    assert row["receipt"] == receipt
    assert row["kinds"] == "訂正・追加・削除 / 苦情・相談"
    assert row["states"] == f"{say('ja', 'states.investigating')} / {say('ja', 'states.notifying')}"
    assert row["outcomes"] == f"– / {say('ja', 'outcomes.explained')}"
    assert (row["channel"], row["agent"], row["assignee"], row["closed"]) == ("フォーム", "", "hanako", "")
    for name in ("arrived", "confirmed", "acknowledged", "due"):
        assert datetime.strptime(row[name], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    content = (await officer.client.get("/desk/export.csv?tab=all")).content.decode("utf-8")
    for word in ("山田", "hanako@example.com", "03-0000-0000", "開示してください", "ご説明します"):
        assert word not in content


async def test_only_what_the_filter_shows_is_taken_away(officer: Officer) -> None:
    office = officer.office
    mine, other = office.investigate("correction").receipt, office.file("suspension").receipt
    for query, receipts in (
        ("tab=all", {mine, other}),
        ("tab=todo", {mine}),
        ("tab=all&kind=suspension", {other}),
        ("tab=closed", set()),
        ("", {mine}),
    ):
        assert {row["receipt"] for row in await _export(officer, query)} == receipts, query


async def test_all_pages_are_exported_at_once(officer: Officer) -> None:
    for _ in range(52):
        officer.office.file()
    assert len(await _export(officer, "tab=all&page=2")) == 52


async def test_that_somebody_took_cases_away_stands_in_the_chain(officer: Officer) -> None:
    officer.office.file()
    await _export(officer)
    (event,) = officer.office.services.audit.list_latest(1)
    assert (event.actor, event.action, event.detail) == ("hanako", "export", {"rows": 1})
    assert officer.office.services.audit.verify().problems == ()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "＝1+1", "＋1", "－1", "＠x"])
def test_a_formula_is_a_word_when_it_stands_in_a_cell(text: str) -> None:
    assert guard_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "M-0000-0000", "2026-11-28 12:00", "a=b", "– / x", "山田"])
def test_a_word_stays_as_it_is(text: str) -> None:
    assert guard_cell(text) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_accounts_name_cannot_run_anything(officer: Officer, language: str) -> None:
    officer.office.file()
    (row,) = officer.office.services.cases.iterate_rows(Filter("all"), now())
    nasty = '=HYPERLINK("https://evil.example","x")'
    table = list(csv.reader(io.StringIO(write_table([replace(row, assignee=nasty)], language))))
    assert table[0] == [say(language, f"desk.columns.{name}") for name in COLUMNS]
    assert table[1][-1] == f"'{nasty}"

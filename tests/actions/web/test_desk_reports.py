"""Pages that only tell: numbers as counted, alerts as data have them, plainly no advice."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from actions.cases.alerts import list_alerts
from actions.cases.instants import now
from actions.cases.tables import CaseRow
from actions.texts import LANGUAGES, say
from tests.actions.web.officers import Officer


def _read_facts(page: str) -> list[str]:
    return re.findall(r"<dd>(\d+)</dd>", page)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_numbers_are_those_of_the_cases(officer: Officer, language: str) -> None:
    office = officer.office
    office.file()
    late, closed = office.investigate("correction").receipt, office.open("complaint").receipt
    with office.services.database.transaction() as session:
        row = sa.update(CaseRow).where(CaseRow.receipt == late)
        long_ago = {"arrived_at": now() - timedelta(days=30), "confirmed_at": now() - timedelta(days=29)}
        session.execute(row.values(due_at=now() - timedelta(days=1), **long_ago))
    office.act(closed, "record_withdrawal", note="電話あり")
    page = await officer.open(f"/desk/measures?lang={language}")
    assert _read_facts(page) == ["2", "1", "1", "1", "1", "1"]  # open, unconfirmed, overdue, beyond law, late, closed
    row = re.findall(r'<tr><th scope="row">([^<]+)</th><td>([^<]*)</td><td class="figure">(\d+)</td>', page)
    assert row == [(say(language, "desk.kinds.complaint"), say(language, "outcomes.withdrawn"), "1")]
    assert f"{datetime.now(UTC) + timedelta(hours=9):%Y-%m}" in page
    for word in ("山田", "hanako@example.com", late):
        assert word not in page


async def test_there_is_nothing_to_count_when_nothing_has_arrived(officer: Officer) -> None:
    page = await officer.open("/desk/measures")
    assert _read_facts(page) == ["0"] * 6
    assert page.count(say("ja", "desk.measure_nothing")) == 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_alert_is_shown_with_its_day_and_no_advice(officer: Officer, language: str) -> None:
    page = await officer.open(f"/desk/alerts?lang={language}")
    assert say(language, "desk.alert_warning") in page
    assert len(list_alerts()) == 17
    for alert in list_alerts():
        assert f'id="{alert.code}"' in page
        for text in (alert.title[language], alert.about[language], alert.desk[language]):
            assert text in page
    assert page.count(say(language, "desk.alert_checked", date="2026-11-22")) == 17
    uncertain = sum(not alert.certain for alert in list_alerts())
    assert uncertain
    assert page.count(say(language, "desk.alert_uncertain")) == uncertain


async def test_the_clauses_of_an_alert_lead_to_the_policy(officer: Officer) -> None:
    page = await officer.open("/desk/alerts")
    version = officer.office.services.bundle.policy.version
    for clause in {clause for alert in list_alerts() for clause in alert.clauses}:
        assert f'href="/policy/{version}#{clause}"' in page

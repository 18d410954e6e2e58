"""What the benchmark measures is a desk as it would be: a whole chain, values that open, mixed states and ages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.tables import CaseRow, ItemRow, MailRow
from actions.cases.workflow import list_states
from actions.services import Services, open_services
from actions.settings import Settings
from tests.benchmarks.copies import AGES, copy_desk, fill
from tests.journeys.desk import make_state
from tests.prepared import demand_index, demand_model

COUNT = 300


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A filled desk."""
    demand_index()
    demand_model()
    opened = open_services(Settings(state=make_state(tmp_path_factory.mktemp("bench")), fee_disclosure_yen=300))
    fill(opened, COUNT)
    yield opened
    opened.database.close()


def test_the_filled_desk_is_whole(services: Services) -> None:
    assert services.audit.verify().problems == ()
    cases = services.cases.list_all()  # opens every sealed value
    assert len(cases) == COUNT
    assert len({case.receipt for case in cases}) == COUNT
    assert len({case.fields["name"] for case in cases}) > 20
    assert all(services.outbox.list_for_case(one) for one in list_ids(services))


def test_states_and_ages_are_mixed(services: Services) -> None:
    counts = services.cases.count_tabs()
    assert counts["all"] == COUNT
    assert counts["closed"] > counts["todo"] > counts["waiting"] > counts["unconfirmed"] > 0
    with services.database.reading() as session:
        states = Counter(session.scalars(sa.select(ItemRow.state)))
        oldest = session.scalars(sa.select(sa.func.min(CaseRow.created_at))).one()
    assert set(states) == set(list_states())
    assert now() - oldest > timedelta(days=AGES["closed"] / 2)


def test_nothing_waits_to_be_done_while_it_is_measured(services: Services) -> None:
    due = services.upkeep.purge(dry=True)
    assert (due.reminded, due.lapsed, due.trimmed, due.erased, due.deleted, due.mails) == (0, 0, 0, 0, 0, 0)
    assert services.outbox.lease(1, now()) == []
    with services.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(MailRow.id)).where(MailRow.state == "dead"))


def test_a_status_link_leads_to_its_case(services: Services) -> None:
    for receipt in [case.receipt for case in services.cases.list_all()][:20]:
        found = services.status.find(services.cases.find_status_token(receipt))
        assert found is not None
        assert found.receipt == receipt


def test_a_copied_desk_is_the_same(services: Services, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    other.migrate()
    copy_desk(services.database, other)
    with services.database.reading() as here, other.reading() as there:
        for table in (CaseRow, ItemRow, MailRow):
            query = sa.select(table.__table__).order_by(table.id)
            assert here.execute(query).all() == there.execute(query).all()
    other.close()


def list_ids(services: Services) -> list[str]:
    with services.database.reading() as session:
        return list(session.scalars(sa.select(CaseRow.id)))

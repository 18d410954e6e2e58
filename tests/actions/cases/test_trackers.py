"""The dialogue engine's memory: forgotten by conversation and by age, and nothing breaks where there is none yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.trackers import Trackers

# As Rasa's SQLTrackerStore makes it.
_MAKE = """create table events (
    id integer primary key, sender_id varchar(255) not null, type_name varchar(255) not null, timestamp float,
    intent_name varchar(255), action_name varchar(255), data text
)"""


class Memory:
    """A tracker store's table and what stands in it."""

    def __init__(self, engine: sa.Engine, url: str) -> None:
        self.engine, self.url, self._last = engine, url, 0

    def add(self, sender: str, *days_ago: float) -> None:
        """Events of a conversation, so many days old."""
        insert = sa.text("insert into events values (:id, :sender, 'user', :at, null, null, '{}')")
        with self.engine.begin() as connection:
            for days in days_ago:
                self._last += 1
                at = (now() - timedelta(days=days)).timestamp()
                connection.execute(insert, {"id": self._last, "sender": sender, "at": at})

    def count(self) -> dict[str, int]:
        """Events by conversation."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.text("select sender_id, count(*) as number from events group by sender_id"))
            return {row.sender_id: row.number for row in rows}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Memory]:
    """An engine's store on either kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'tracker.sqlite3'}"
        engine = sa.create_engine(url)
    else:
        database: Database = request.getfixturevalue("postgres")
        engine = database.engine
        # As it is set for the engine: without this environment's driver.
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(sa.text(_MAKE))
    yield Memory(engine, url)
    with engine.begin() as connection:
        connection.execute(sa.text("drop table events"))
    if request.param == "sqlite":
        engine.dispose()


def test_one_conversation_is_forgotten_when_deleted(memory: Memory) -> None:
    memory.add("c1.x", 0, 0, 1)
    memory.add("c2.x", 0)
    trackers = Trackers(memory.url)
    assert trackers.delete("c1.x") == 3
    assert memory.count() == {"c2.x": 1}
    assert trackers.delete("c1.x") == 0


@pytest.mark.parametrize("sender", ["", "%", "c_.x", "' or 1=1 --", "C1.X"])
def test_nothing_is_forgotten_when_no_conversation_has_that_name(memory: Memory, sender: str) -> None:
    memory.add("c1.x", 0)
    assert Trackers(memory.url).delete(sender) == 0
    assert memory.count() == {"c1.x": 1}


def test_silent_conversations_are_forgotten_whole_when_purged(memory: Memory) -> None:
    memory.add("silent", 40, 31)
    memory.add("running", 40, 29)  # its beginning is older than that, but it goes on
    memory.add("new", 0)
    assert Trackers(memory.url).purge(30) == 2
    assert memory.count() == {"running": 2, "new": 1}


def test_nothing_happens_when_there_is_no_file_yet(tmp_path: Path) -> None:
    trackers = Trackers(f"sqlite:///{tmp_path / 'none' / 'tracker.sqlite3'}")
    assert (trackers.delete("c1.x"), trackers.purge(1)) == (0, 0)
    assert list(tmp_path.iterdir()) == []


def test_nothing_happens_when_there_is_no_table_yet(tmp_path: Path) -> None:
    path = tmp_path / "tracker.sqlite3"
    path.touch()
    trackers = Trackers(f"sqlite:///{path}")
    assert (trackers.delete("c1.x"), trackers.purge(1)) == (0, 0)


def test_deleted_means_overwritten_when_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tracker.sqlite3"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(sa.text(_MAKE))
    Memory(engine, "").add("c-distinctive-sender", 0)
    engine.dispose()
    assert b"c-distinctive-sender" in path.read_bytes()
    Trackers(f"sqlite:///{path}").delete("c-distinctive-sender")
    assert b"c-distinctive-sender" not in path.read_bytes()


def test_the_failure_is_raised_when_the_database_does_not_answer(tmp_path: Path) -> None:
    path = tmp_path / "tracker.sqlite3"
    path.write_bytes(b"not a database at all, but long enough to be read as one" * 20)
    with pytest.raises(sa.exc.SQLAlchemyError) as caught:
        Trackers(f"sqlite:///{path}").delete("c-distinctive-sender")
    assert "distinctive" not in str(caught.value)

"""One turn of a conversation at a time: within a process, between processes, and after one was killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from actions.cases.database import Database
from actions.cases.locks import ConversationLocks, _make_key
from actions.errors import BusyError
from actions.supervisor import ROOT
from tests.stores import POSTGRES

HOLDER = """
import asyncio, sys
from actions.cases.database import Database
from actions.cases.locks import ConversationLocks

async def hold():
    async with ConversationLocks(Database(sys.argv[1]), 5.0).hold("c1"):
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""


@pytest.fixture
def other(postgres: Database) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the conversation "c1"."""
    command = [sys.executable, "-c", HOLDER, POSTGRES]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


async def test_turns_of_one_conversation_follow_each_other_when_sent_at_once(database: Database) -> None:
    locks, running, seen = ConversationLocks(database, 5.0), 0, []

    async def take_turn(number: int) -> None:
        nonlocal running
        async with locks.hold("c1"):
            running += 1
            seen.append((number, running))
            await asyncio.sleep(0.01)
            running -= 1

    await asyncio.gather(*(take_turn(number) for number in range(5)))
    assert seen == [(number, 1) for number in range(5)]  # in order, one at a time


async def test_turns_of_two_conversations_run_together_when_sent_at_once(database: Database) -> None:
    locks, both = ConversationLocks(database, 5.0), asyncio.Barrier(2)

    async def take_turn(conversation: str) -> None:
        async with locks.hold(conversation), asyncio.timeout(30):
            await both.wait()

    await asyncio.gather(take_turn("c1"), take_turn("c2"))


@pytest.mark.services
async def test_two_processes_exclude_each_other_when_they_share_postgresql(postgres: Database) -> None:
    first, second = (ConversationLocks(postgres, 0.2) for _ in range(2))
    async with first.hold("c1"):
        with pytest.raises(BusyError):
            async with second.hold("c1"):
                pytest.fail("both hold it")
        async with second.hold("c2"):
            pass
    async with second.hold("c1"):
        pass


@pytest.mark.services
async def test_a_conversation_is_free_when_the_process_that_held_it_is_killed(
    postgres: Database, other: subprocess.Popen[str]
) -> None:
    locks = ConversationLocks(postgres, 0.2)
    with pytest.raises(BusyError):
        async with locks.hold("c1"):
            pytest.fail("both hold it")
    other.kill()
    other.wait()
    async with ConversationLocks(postgres, 30.0).hold("c1"):
        pass


@pytest.mark.services
@pytest.mark.parametrize("fails", [False, True])
async def test_nothing_is_left_when_the_last_turn_is_over(postgres: Database, fails: bool) -> None:
    locks = ConversationLocks(postgres, 5.0)
    before = postgres.engine.pool.checkedout()  # type: ignore[attr-defined]  # of QueuePool
    try:
        async with locks.hold("c1"), locks.hold("c2"):
            assert postgres.engine.pool.checkedout() == before + 1  # type: ignore[attr-defined]
            if fails:
                raise ValueError
    except ValueError:
        pass
    assert postgres.engine.pool.checkedout() == before  # type: ignore[attr-defined]
    with postgres.engine.connect() as connection:
        number = _make_key("c1") & 0xFFFFFFFF
        held = sa.text("select count(*) from pg_locks where locktype = 'advisory' and objid = :number")
        assert connection.scalar(held, {"number": number}) == 0


@pytest.mark.services
async def test_a_turn_goes_on_when_its_connection_is_cut(postgres: Database) -> None:
    locks = ConversationLocks(postgres, 5.0)
    async with locks.hold("c1"):
        with postgres.engine.connect() as connection:
            held = sa.text("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = :n")
            assert connection.scalar(held, {"n": _make_key("c1") & 0xFFFFFFFF})
        async with locks.hold("c2"):  # on a new connection
            pass
    async with ConversationLocks(postgres, 5.0).hold("c1"):
        pass

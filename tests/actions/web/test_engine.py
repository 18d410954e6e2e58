"""The engine's client with several workers: a conversation keeps to one, and nothing is sent twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

import pytest

from actions.errors import DialogueDownError
from actions.web.engine import Engine, rank_workers

SAID = [{"custom": {"text": "はい"}}]
NOWHERE = "http://127.0.0.1:1"


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listen(handler: Handler) -> AsyncIterator[str]:
    """A server on loopback → its address; at its end every conversation with it is over and closed.

    (Until Python 3.12 `wait_closed` waits for no handler: what is still open then is left to the garbage collector.)
    """
    handled: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handled.append(cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            await handler(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.wait_for(asyncio.gather(*handled), 5)


@asynccontextmanager
async def run_worker(answer: Callable[[], bytes | None]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A worker → its address, and what it was sent; `answer` None hangs up without a word."""
    received: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        said = answer()
        if said is not None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(said), said))
            await writer.drain()

    async with listen(handle) as address:
        yield address, received


def test_conversations_spread_over_the_workers_and_keep_to_theirs_when_one_leaves() -> None:
    workers = ("http://one:5005", "http://two:5005", "http://three:5005")
    senders = [f"c{number}" for number in range(300)]
    first = {sender: rank_workers(workers, sender)[0] for sender in senders}
    assert min(Counter(first.values()).values()) > 60
    assert first == {sender: rank_workers(workers[::-1], sender)[0] for sender in senders}
    for sender in senders:
        if first[sender] != workers[0]:
            assert rank_workers(workers[1:], sender)[0] == first[sender]


async def test_the_next_worker_is_asked_when_one_cannot_be_connected_to() -> None:
    async with run_worker(lambda: json.dumps(SAID).encode()) as (address, received):
        engine = Engine((NOWHERE, address), 5.0)
        for number in range(8):  # whichever of the two is the conversation's own
            assert await engine.send(f"c{number}", "はい", {}) == [SAID[0]["custom"]]
        assert len(received) == 8
        assert await engine.count_ready() == 1
        await engine.close()


async def test_nothing_is_sent_again_when_a_worker_took_it_and_said_nothing() -> None:
    async with run_worker(lambda: None) as (one, first), run_worker(lambda: None) as (two, second):
        engine = Engine((one, two), 5.0)
        with pytest.raises(DialogueDownError):
            await engine.send("c1", "はい", {})
        assert len(first) + len(second) == 1
        await engine.close()


async def test_nothing_is_sent_again_when_a_worker_is_too_slow() -> None:
    taken = []

    async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        taken.append(await reader.readuntil(b"\r\n\r\n"))
        await reader.read()

    async with listen(hang) as one, listen(hang) as two:
        engine = Engine((one, two), 0.2)
        with pytest.raises(DialogueDownError):
            await engine.send("c1", "はい", {})
        await engine.close()
    assert len(taken) == 1


async def test_the_engine_is_down_when_no_worker_is_there() -> None:
    engine = Engine((NOWHERE, "http://127.0.0.1:2"), 0.5)
    with pytest.raises(DialogueDownError):
        await engine.send("c1", "はい", {})
    await engine.close()

"""The engine's client with several workers: a conversation keeps to one, and nothing is sent twice."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from actions.errors import DialogueDownError
from actions.web.engine import Engine, rank_workers

SAID = [{"custom": {"text": "はい"}}]
NOWHERE = "http://127.0.0.1:1"


@asynccontextmanager
async def run_worker(answer: Callable[[], bytes | None]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A worker on loopback → its address, and what it was sent; `answer` None hangs up without a word."""
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        said = answer()
        if said is not None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(said), said))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", received


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

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(await reader.readuntil(b"\r\n\r\n"))
        await reader.read()
        writer.close()

    servers = [await asyncio.start_server(hang, "127.0.0.1", 0) for _ in range(2)]
    engine = Engine(tuple(f"http://127.0.0.1:{one.sockets[0].getsockname()[1]}" for one in servers), 0.2)
    with pytest.raises(DialogueDownError):
        await engine.send("c1", "はい", {})
    await engine.close()
    for server in servers:
        server.close()
        await server.wait_closed()
    assert len(taken) == 1


async def test_the_engine_is_down_when_no_worker_is_there() -> None:
    engine = Engine((NOWHERE, "http://127.0.0.1:2"), 0.5)
    with pytest.raises(DialogueDownError):
        await engine.send("c1", "はい", {})
    await engine.close()

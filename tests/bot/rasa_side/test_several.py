"""Several workers and several apps: locks in Redis that end by themselves, and the next webhook where one is away."""

import asyncio
import json
import os
import unittest
import uuid
from collections.abc import Awaitable, Callable
from unittest import mock

os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"  # Rasa's own use of SQLAlchemy 1.4

import aiohttp
import redis
from rasa.core.actions.action import RemoteAction
from rasa.core.lock_store import InMemoryLockStore, LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from bot import __main__ as launcher
from bot.components import action_endpoint
from bot.components.action_endpoint import ActionEndpoint
from bot.components.lock_store import SharedLockStore

REDIS = os.environ.get("MADOGUCHI_TEST_REDIS", "redis://127.0.0.1:6379") + "/9"
NOWHERE = "http://127.0.0.1:1/webhook"


def is_there() -> bool:
    """Whether Redis answers; where everything must be there its absence is a failure of the tests."""
    try:
        return bool(redis.StrictRedis.from_url(REDIS, socket_connect_timeout=3).ping())
    except redis.exceptions.RedisError:
        return os.environ.get("MADOGUCHI_REQUIRE_SERVICES") == "1"


@unittest.skipUnless(is_there(), "no Redis answers")
class LockTest(unittest.TestCase):
    def setUp(self) -> None:
        self.stores = [SharedLockStore(EndpointConfig(url=REDIS)) for _ in range(2)]
        self.conversation = f"test-{uuid.uuid4().hex}"
        self.addCleanup(self.stores[0].delete_lock, self.conversation)

    def test_two_workers_take_turns(self) -> None:
        running = []

        async def take_turn(store: LockStore) -> None:
            async with store.lock(self.conversation, wait_time_in_seconds=0.02):
                running.append(1)
                self.assertEqual(len(running), 1)
                await asyncio.sleep(0.05)
                running.pop()

        async def take_all() -> None:
            first = asyncio.ensure_future(take_turn(self.stores[0]))
            await asyncio.sleep(0.01)
            await asyncio.gather(first, take_turn(self.stores[1]))

        asyncio.run(take_all())
        self.assertIsNone(self.stores[0].get_lock(self.conversation))

    def test_a_killed_workers_lock_ends_by_itself(self) -> None:
        self.stores[0].issue_ticket(self.conversation, lock_lifetime=0.2)  # and nothing more is heard of it

        async def take_turn() -> None:
            async with self.stores[1].lock(self.conversation, wait_time_in_seconds=0.05):
                pass

        asyncio.run(take_turn())

    def test_what_is_left_in_redis_goes(self) -> None:
        self.stores[0].issue_ticket(self.conversation)
        key = f"{self.stores[0].key_prefix}{self.conversation}"
        self.assertGreater(self.stores[0].red.ttl(key), 0)

    def test_an_absent_redis_is_an_error_that_the_gateway_sees(self) -> None:
        store = SharedLockStore(EndpointConfig(url="redis://127.0.0.1:1/0"))
        with self.assertRaises(LockError):
            store.issue_ticket(self.conversation)


class ChoiceTest(unittest.TestCase):
    def choose(self, **environment: str) -> LockStore:
        given = {"MADOGUCHI_TRACKER_URL": "x", "MADOGUCHI_WEBHOOK_URL": "x", "MADOGUCHI_WEBHOOK_SECRET": "x"}
        with mock.patch.dict(os.environ, {**given, **environment}):
            launcher.choose_lock_store()
            self.lifetime = os.environ["TICKET_LOCK_LIFETIME"]
            from rasa.core.utils import AvailableEndpoints

            endpoints = AvailableEndpoints.read_endpoints(str(launcher.ROOT / "bot/endpoints.yml"))
            return LockStore.create(endpoints.lock_store)

    def test_locks_are_in_redis_where_there_is_one(self) -> None:
        self.assertIsInstance(self.choose(MADOGUCHI_REDIS_URL=REDIS), SharedLockStore)
        self.assertIsInstance(self.choose(MADOGUCHI_REDIS_URL=""), InMemoryLockStore)

    def test_a_lock_outlives_an_action_and_not_by_much(self) -> None:
        self.choose(MADOGUCHI_REDIS_URL="", MADOGUCHI_ACTION_TIMEOUT_SECONDS="12.5")
        self.assertEqual(self.lifetime, "20")


class EndpointTest(unittest.TestCase):
    def run_with(self, answer: bytes, test: Callable[[str, list], Awaitable[None]]) -> None:
        """Run a test with a webhook on loopback; an empty answer hangs up without a word."""

        async def run() -> None:
            received = []

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                received.append(await reader.readuntil(b"\r\n\r\n"))
                if answer:
                    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
                    writer.write(head + b"content-length: %d\r\n\r\n%s" % (len(answer), answer))
                    await writer.drain()
                writer.close()

            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            async with server:
                await test(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhook", received)

        asyncio.run(run())

    def test_the_next_webhook_is_called_where_one_is_away(self) -> None:
        async def test(url: str, received: list) -> None:
            endpoint = ActionEndpoint(url=f"{NOWHERE} {url}", headers={"X-Madoguchi-Webhook": "known"})
            for _ in range(8):  # in whichever order
                self.assertEqual(await endpoint.request(json={"a": 1}, method="post"), {"events": []})
            self.assertEqual(len(received), 8)
            self.assertTrue(all(b"X-Madoguchi-Webhook: known" in one for one in received))

        self.run_with(json.dumps({"events": []}).encode(), test)

    def test_nothing_is_called_twice_where_it_was_taken(self) -> None:
        async def test(url: str, received: list) -> None:
            endpoint = ActionEndpoint(url=f"{url} {url}?again")
            with self.assertRaises(aiohttp.ClientError):
                await endpoint.request(json={"a": 1}, method="post")
            self.assertEqual(len(received), 1)

        self.run_with(b"", test)

    def test_every_action_of_rasa_has_such_an_endpoint(self) -> None:
        original = RemoteAction.__init__
        self.addCleanup(setattr, RemoteAction, "__init__", original)
        action_endpoint.install()
        given = EndpointConfig(url=NOWHERE, headers={"a": "b"}, enable_selective_domain=True)
        action = RemoteAction("action_answer", given)
        self.assertIsInstance(action.action_endpoint, ActionEndpoint)
        self.assertEqual(action.action_endpoint, given)
        self.assertEqual(action.action_endpoint.kwargs, given.kwargs)
        self.assertIsNone(RemoteAction("action_answer", None).action_endpoint)


if __name__ == "__main__":
    unittest.main()

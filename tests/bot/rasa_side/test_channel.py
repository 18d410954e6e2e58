"""The desk's channel over real HTTP: it hands a message on, and never writes one down."""

import io
import logging
import socket
import unittest
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import aiohttp
import structlog
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from bot.components.channel import DeskInput

SECRET = "左の靴だけ届いた件 tsubasa.aozora@example.com"
MESSAGE = {"sender": "c1.signature", "message": SECRET, "metadata": {"language": "ja", "text": SECRET}}


class ChannelTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.taken = []
        self.failure = None
        Sanic.test_mode = True
        app = Sanic(f"channel_{id(self)}")
        app.blueprint(DeskInput().blueprint(self.take), url_prefix="/webhooks/desk")
        self.written = io.StringIO()
        self.handler = logging.StreamHandler(self.written)
        logging.getLogger().addHandler(self.handler)
        logging.getLogger().setLevel(logging.DEBUG)
        listener = socket.socket()  # Sanic takes port 0 for its default one
        listener.bind(("127.0.0.1", 0))
        self.server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=True)
        await self.server.startup()
        self.http = aiohttp.ClientSession(f"http://127.0.0.1:{listener.getsockname()[1]}")

    async def asyncTearDown(self) -> None:
        await self.http.close()
        self.server.close()
        logging.getLogger().removeHandler(self.handler)

    async def take(self, message: UserMessage) -> None:
        self.taken.append(message)
        if self.failure:
            raise self.failure
        await message.output_channel.send_custom_json(message.sender_id, {"text": "said"})

    async def send(self, body: Any) -> tuple[int, object, str]:
        """Send a body. Returns: status, answer, and everything written meanwhile."""
        out, events = io.StringIO(), []
        structlog.configure(processors=[lambda _, __, event: events.append(event) or ""])
        with redirect_stdout(out), redirect_stderr(out):
            async with self.http.post("/webhooks/desk/webhook", json=body) as response:
                answer = await response.json(content_type=None)
        structlog.reset_defaults()
        return response.status, answer, out.getvalue() + self.written.getvalue() + repr(events)

    async def test_a_message_reaches_the_engine_whole(self) -> None:
        status, answer, _ = await self.send(MESSAGE)
        self.assertEqual(status, 200)
        self.assertEqual(answer, [{"recipient_id": "c1.signature", "custom": {"text": "said"}}])
        (taken,) = self.taken
        self.assertEqual(
            (taken.text, taken.sender_id, taken.metadata, taken.input_channel),
            (SECRET, "c1.signature", MESSAGE["metadata"], "desk"),
        )

    async def test_a_good_turn_writes_nothing_of_it(self) -> None:
        _, _, written = await self.send(MESSAGE)
        self.assertNotIn("tsubasa", written)
        self.assertNotIn("左の靴", written)

    async def test_a_failing_turn_is_500_and_writes_only_the_kind_of_failure(self) -> None:
        for failure in (RuntimeError(SECRET), ValueError(SECRET), KeyError(SECRET), TimeoutError(SECRET)):
            with self.subTest(failure=type(failure).__name__):
                self.failure = failure
                status, answer, written = await self.send(MESSAGE)
                self.assertEqual((status, answer), (500, {"error": "failed"}))
                self.assertNotIn("tsubasa", written)
                self.assertNotIn("左の靴", written)
                self.assertIn(type(failure).__name__, written)

    async def test_a_body_that_is_no_message_is_an_error_that_quotes_nothing(self) -> None:
        for body in ({}, {"message": SECRET}, {"sender": SECRET}, [SECRET], SECRET):
            with self.subTest(body=body):
                status, _, written = await self.send(body)
                self.assertGreaterEqual(status, 400)
                self.assertEqual(self.taken, [])
                self.assertIn("Error", written)  # it was told of
                self.assertNotIn("tsubasa", written)

    async def test_health(self) -> None:
        async with self.http.get("/webhooks/desk/") as response:
            self.assertEqual((response.status, await response.json()), (200, {"status": "ok"}))

    def test_its_name_is_its_address(self) -> None:
        self.assertEqual(DeskInput.name(), "desk")


if __name__ == "__main__":
    unittest.main()

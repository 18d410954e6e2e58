"""The only way into Rasa: a REST channel for the desk's gateway that never logs a message.

Rasa's own REST channel writes the text into the log at ERROR when it fails.
"""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Text

import structlog
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = structlog.get_logger()


class DeskInput(RestInput):
    """`POST /webhooks/desk/webhook` with `sender`, `message` and `metadata`; answers with the list of messages."""

    @classmethod
    def name(cls) -> Text:
        """The channel's name in its address."""
        return "desk"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Routes of the channel."""
        blueprint = Blueprint("desk_webhook")

        @blueprint.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            body = request.json
            collector = CollectingOutputChannel()
            message = UserMessage(
                body["message"],
                collector,
                body["sender"],
                input_channel=self.name(),
                metadata=body.get("metadata"),
            )
            try:
                await on_new_message(message)
            except Exception as error:  # noqa: BLE001  the text must not reach Rasa's own error log
                logger.error("desk.message.failed", kind=type(error).__name__)
                return response.json({"error": "failed"}, status=500)
            return response.json(collector.messages)

        return blueprint

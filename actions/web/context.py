"""What a request handler works with, found on the application."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request

from actions.services import Services
from actions.web.engine import Engine
from actions.web.gateway import Gateway
from actions.web.guard import Limiter


@dataclass(frozen=True, slots=True)
class Context:
    """The desk's parts and the doors to them.

    `answering` lets as many answers be computed at once as there are processors. More would only take turns with the
    interpreter, and who asked first would wait for who asked last.
    """

    services: Services
    engine: Engine
    limiter: Limiter
    gateway: Gateway
    answering: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(os.cpu_count() or 1))


def make_context(services: Services) -> Context:
    """Put the doors around the services."""
    settings = services.settings
    engine = Engine(settings.dialogue_workers, settings.dialogue_timeout_seconds)
    limiter = Limiter(settings)
    return Context(services, engine, limiter, Gateway(services, engine, limiter))


def find_context(request: Request) -> Context:
    """The application's context."""
    return cast(Context, request.app.state.context)


async def _depend(request: Request) -> Context:
    return find_context(request)


# A page's dependency; a coroutine, for what is none FastAPI runs on a thread of its own.
Here = Annotated[Context, Depends(_depend)]

"""What a request handler works with, found on the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from actions.services import Services
from actions.web.engine import Engine
from actions.web.gateway import Gateway
from actions.web.guard import Limiter


@dataclass(frozen=True, slots=True)
class Context:
    """The desk's parts and the doors to them."""

    services: Services
    engine: Engine
    limiter: Limiter
    gateway: Gateway


def make_context(services: Services) -> Context:
    """Put the doors around the services."""
    settings = services.settings
    engine = Engine(settings.dialogue_workers, settings.dialogue_timeout_seconds)
    limiter = Limiter(settings)
    return Context(services, engine, limiter, Gateway(services, engine, limiter))


def find_context(request: Request) -> Context:
    """The application's context (a FastAPI dependency)."""
    return cast(Context, request.app.state.context)

"""The two applications in one process: the public one and, on the internal port, Rasa's webhook."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from actions.dialogue.registry import make_executor
from actions.services import Services
from actions.web import (
    api,
    chat,
    desk,
    desk_act,
    desk_audit,
    desk_case,
    desk_entry,
    desk_export,
    desk_inbox,
    desk_mails,
    desk_questions,
    desk_reports,
    feedback,
    health,
    intake,
    policy,
    staff,
    status,
    transcript,
)
from actions.web.context import Context, make_context
from actions.web.files import KeptFiles
from actions.web.guard import BodyLimitMiddleware, HeadersMiddleware
from actions.web.housekeeping import Housekeeping
from actions.web.pages import STATIC_FOLDER
from actions.web.problems import install_handlers
from actions.web.webhook import make_internal_app

# `desk_entry` before `desk_case`: "new" is no receipt number.
CASES = (desk, desk_inbox, desk_entry, desk_case, desk_act, desk_mails)
DESK = (*CASES, desk_questions, desk_reports, desk_audit, desk_export)


def make_app(services: Services) -> FastAPI:
    """The public application."""
    context = make_context(services)
    app = FastAPI(title="Madoguchi", version="1", docs_url=None, redoc_url=None, lifespan=_live)
    app.state.context = context
    for part in (api, chat, feedback, transcript, policy, intake, status, staff, *DESK, health):
        app.include_router(part.router)
    app.mount("/static", KeptFiles(directory=STATIC_FOLDER), name="static")
    app.add_middleware(BodyLimitMiddleware)
    app.add_middleware(HeadersMiddleware, frame_ancestors=services.settings.frame_ancestors)
    install_handlers(app)
    app.add_exception_handler(desk.SignInNeededError, desk.lead_to_sign_in)
    return app


@asynccontextmanager
async def _live(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    async with Housekeeping(context.services).run():
        yield
    await context.engine.close()
    context.services.database.close()


class PortSwitch:
    """Sends a connection to the application of the port it came in by; a Host header changes nothing."""

    def __init__(self, public: ASGIApp, internal: ASGIApp, internal_port: int) -> None:
        self._public = public
        self._internal = internal
        self._internal_port = internal_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose by the socket's own port; lifespan events are the public application's."""
        server = scope.get("server")
        inside = scope["type"] != "lifespan" and server is not None and server[1] == self._internal_port
        await (self._internal if inside else self._public)(scope, receive, send)


def make_switch(services: Services, internal_port: int) -> PortSwitch:
    """Both applications behind one switch."""
    internal = make_internal_app(services, make_executor(services))
    return PortSwitch(make_app(services), internal, internal_port)

"""The public application: all pages and APIs (Rasa's webhook is the other one, `actions.web.webhook`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

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

# `desk_entry` before `desk_case`: "new" is no receipt number.
CASES = (desk, desk_inbox, desk_entry, desk_case, desk_act, desk_mails)
DESK = (*CASES, desk_questions, desk_reports, desk_audit, desk_export)

# Whatever the environment sets up: a trace would carry addresses, and who knows a status page's address can open it.
UNTRACED: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


def make_app(services: Services) -> FastAPI:
    """The public application."""
    context = make_context(services)
    app = FastAPI(title="Madoguchi", version="1", docs_url=None, redoc_url=None, lifespan=_live, telemetry=UNTRACED)
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

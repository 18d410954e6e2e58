"""What the process does besides answering: mails go out, old things go, a new index comes in.

Each kind of work has its own pace and its own failure: one that fails is told by name and tried again next time, and
holds up none of the others. Several workers may do the same work at the same time: it is done once all the same
(leases, guards).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime

import structlog
from anyio import to_thread

from actions.cases.instants import now
from actions.cases.mailer import open_mailer
from actions.cases.postman import Postman
from actions.hours import TOKYO
from actions.services import Services
from knowledge.errors import KnowledgeError

NIGHT_HOUR = 3  # o'clock in Japan, after which a day's purge runs: nobody is at the counter

logger = structlog.get_logger()


@dataclass
class Housekeeping:
    """The desk's own work. `post_seconds` between looks at the outbox, `tidy_seconds` between the rest."""

    services: Services
    post_seconds: float = 2.0
    tidy_seconds: float = 60.0
    grace_seconds: float = 5.0
    purged_on: date | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        settings, services = self.services.settings, self.services
        sender = settings.mail_from or services.bundle.policy.shop.email
        mailer = open_mailer(settings.smtp_url.get_secret_value(), sender, settings.mails)
        self._sending = asyncio.Lock()
        self._postman = Postman(services.outbox, mailer, services.upkeep.on_sent, services.upkeep.on_dead)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Work until the block ends. A mail just being sent has `grace_seconds` to arrive; then it is put back."""
        loops = ((self.post, self.post_seconds), (self.tidy, self.tidy_seconds))
        posting, tidying = (asyncio.create_task(_repeat(work, seconds)) for work, seconds in loops)
        yield
        self._postman.close()
        tidying.cancel()
        if self._sending.locked():
            with suppress(TimeoutError):
                async with asyncio.timeout(self.grace_seconds), self._sending:
                    pass
        posting.cancel()
        for task in (posting, tidying):
            with suppress(asyncio.CancelledError):
                await task

    async def post(self) -> None:
        """Send what is due."""
        async with self._sending:
            await self._postman.deliver_due()

    async def tidy(self) -> None:
        """Follow a new index, remind, and delete what has outlived its retention."""
        await _attempt("index", self._reload)
        await _attempt("conversations", self._purge_conversations)
        await _attempt("reminders", self._remind)
        await _attempt("night", self._purge_at_night)

    async def _reload(self) -> None:
        try:
            if await to_thread.run_sync(self.services.library.reload):
                logger.info("index swapped", version=self.services.bundle.policy.version)
        except KnowledgeError as error:
            logger.error("index refused; the last good one goes on serving", kind=type(error).__name__)

    async def _purge_conversations(self) -> None:
        settings, purge = self.services.settings, self.services.conversations.purge
        gone = await to_thread.run_sync(purge, settings.draft_hours, settings.transcript_days)
        if gone:
            logger.info("purged", count=gone)

    async def _remind(self) -> None:
        count = await to_thread.run_sync(self.services.upkeep.remind)
        if count:
            logger.info("reminded", count=count)

    async def _purge_at_night(self) -> None:
        today = find_night(now())
        if today == self.purged_on:
            return
        settings = self.services.settings
        await to_thread.run_sync(self.services.questions.purge, settings.transcript_days, settings.question_days)
        done = await to_thread.run_sync(self.services.upkeep.purge)
        await to_thread.run_sync(self.services.trackers.purge, settings.transcript_days)
        self.purged_on = today
        logger.info("night's purge", count=done.trimmed + done.erased + done.deleted + done.lapsed)


def find_night(moment: datetime) -> date:
    """The night a moment belongs to: Japan's day, which begins at `NIGHT_HOUR` here."""
    local = moment.astimezone(TOKYO)
    return date.fromordinal(local.toordinal() - (local.hour < NIGHT_HOUR))


async def _repeat(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        await _attempt(work.__name__, work)
        await asyncio.sleep(seconds)


async def _attempt(name: str, work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception as error:  # noqa: BLE001  housekeeping must not end because it failed once
        logger.error("housekeeping failed", name=name, kind=type(error).__name__)

"""The postman: takes what is due from the outbox, sends it, and tells what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from anyio import to_thread

from actions.cases.instants import now
from actions.cases.mailer import Mailer
from actions.cases.outbox import Mail, Outbox
from actions.errors import MailRefusedError
from actions.metrics import MAILS

logger = structlog.get_logger()


class Postman:
    """Delivers mails one after the other, each leased for itself: no lease runs out while others are sent.

    `on_sent` and `on_dead` run in a worker thread and open transactions of their own. `on_sent` marks the mail sent in
    the same transaction as what follows from it: if it fails, or the process is killed before, the same mail is sent
    again. `on_dead` is told of a mail that is dead already.
    """

    def __init__(
        self, outbox: Outbox, mailer: Mailer, on_sent: Callable[[Mail], None], on_dead: Callable[[Mail], None]
    ) -> None:
        self._outbox = outbox
        self._mailer = mailer
        self._on_sent = on_sent
        self._on_dead = on_dead
        self._is_closing = False

    def close(self) -> None:
        """Take no more mails; the one on its way is brought there."""
        self._is_closing = True

    async def deliver_due(self, limit: int = 20) -> int:
        """Send what is due, at most `limit` mails. Returns: how many left, or were written as files.

        One that fails is put back for later, and stops none of the others.
        """
        delivered = failed = 0
        for _ in range(limit):
            if self._is_closing:
                break
            leased = await to_thread.run_sync(self._outbox.lease, 1, now())
            if not leased:
                break
            if await self._deliver(leased[0]):
                delivered += 1
            else:
                failed += 1
        if delivered or failed:
            logger.info("mails delivered", count=delivered, outcome=f"{failed} failed")
        return delivered

    async def _deliver(self, mail: Mail) -> bool:
        try:
            delivery = await self._mailer.send(mail)
        except asyncio.CancelledError:
            # The process ends in the middle of it. It may have arrived: sent again it is the same mail.
            self._outbox.release(mail, now())
            raise
        except MailRefusedError as error:
            await self._put_back(mail, error)
            return False
        except Exception as error:  # noqa: BLE001  a library's surprise with one mail must not hold up the others
            logger.error("mail failed unexpectedly", name=mail.template, reason=type(error).__name__)
            await self._put_back(mail, MailRefusedError("unexpected"))
            return False
        MAILS.labels(delivery).inc()
        if delivery == "written":
            await to_thread.run_sync(self._outbox.put_aside, mail, now())
            return True
        await self._tell(self._on_sent, mail)
        return True

    async def _put_back(self, mail: Mail, error: MailRefusedError) -> None:
        def put_back() -> bool:
            return self._outbox.put_back(mail, now(), error.reason, permanent=error.permanent)

        is_dead = await to_thread.run_sync(put_back)
        MAILS.labels("dead" if is_dead else "failed").inc()
        logger.warning("mail not sent", name=mail.template, reason=error.reason, state="dead" if is_dead else "pending")
        if is_dead:
            await self._tell(self._on_dead, mail)

    async def _tell(self, listener: Callable[[Mail], None], mail: Mail) -> None:
        try:
            await to_thread.run_sync(listener, mail)
        except Exception as error:  # noqa: BLE001  the desk's trouble with one mail must not hold up the others
            logger.error("mail not settled", name=mail.template, reason=type(error).__name__)

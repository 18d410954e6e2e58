"""How a mail leaves: by SMTP, or, without a server, as an .eml file that the officer sends.

The same mail is the same bytes each time, with the same Message-ID and date: whoever gets it twice can tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.policy
import os
import re
import secrets
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTP
from anyio import to_thread

from actions.cases.outbox import Mail, find_domain
from actions.errors import MailRefusedError
from actions.settings import is_loopback

STEP_SECONDS = 20.0  # for each answer of the server
LONGEST_SEND_SECONDS = 45.0  # for the whole of it: shorter than an outbox lease, or two workers might be at one mail
_QUIT_SECONDS = 2.0
_PORTS = {"smtp": 587, "smtps": 465}
_FILE_NAME = re.compile(r"<([0-9A-Za-z.-]+@[0-9A-Za-z.-]+)>")

Delivery = Literal["sent", "written"]


class Mailer(Protocol):
    """Brings a mail on its way."""

    async def send(self, mail: Mail) -> Delivery:
        """Send it, or write it down for the officer to send. Raises: MailRefusedError."""
        ...


class SmtpMailer:
    """Sends by a server: `smtp://user:password@host:587` (STARTTLS; needed off loopback) or `smtps://…:465` (TLS).

    `sender` is an address or "Name <address>". Bounces go to it.
    """

    def __init__(
        self, url: str, sender: str, *, step_seconds: float = STEP_SECONDS, context: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._is_tls = parts.scheme == "smtps"
        self._is_near = is_loopback(self._host)
        self._sender = sender
        self._step_seconds = step_seconds
        self._context = context

    async def send(self, mail: Mail) -> Delivery:
        """Hand it to the server. Raises: MailRefusedError."""
        message = make_mail(mail, self._sender)
        client = self._make_client()
        try:
            async with asyncio.timeout(LONGEST_SEND_SECONDS):
                await client.connect()
                recipient = _to_ascii_domain(mail.recipient)
                await client.send_message(
                    message, sender=_to_ascii_domain(parseaddr(self._sender)[1]), recipients=[recipient]
                )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # Not `from error`: what the server says may quote the recipient.
            raise _judge(error) from None
        finally:
            await _part(client)
        return "sent"

    async def check(self) -> None:
        """Greet the server, encrypt and sign in as for a mail, and leave. Raises: MailRefusedError."""
        client = self._make_client()
        try:
            async with asyncio.timeout(LONGEST_SEND_SECONDS):
                await client.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise _judge(error) from None
        finally:
            await _part(client)

    def _make_client(self) -> SMTP:
        # On loopback there is nobody in between: a server's own certificate is as good as any.
        return SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            local_hostname=find_domain(parseaddr(self._sender)[1]),
            timeout=self._step_seconds,
            use_tls=self._is_tls,
            start_tls=None if self._is_near or self._is_tls else True,
            validate_certs=not self._is_near,
            tls_context=self._context,
        )


class FolderMailer:
    """Writes each mail as `<message-id>.eml`, for the owner's eyes alone; the same mail again is the same file."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> Delivery:
        """Write the file, whole or not at all. Raises: MailRefusedError: the disk is full, or the folder not ours."""
        content = make_mail(mail, self._sender).as_bytes()
        try:
            await to_thread.run_sync(_write, find_file(self._folder, mail.message_id), content)
        except OSError:
            raise MailRefusedError("unwritable") from None
        return "written"


def open_mailer(url: str, sender: str, folder: Path) -> Mailer:
    """The mailer of the settings: by SMTP where there is an address of a server, else into the folder."""
    return SmtpMailer(url, sender) if url else FolderMailer(folder, sender)


def find_file(folder: Path, message_id: str) -> Path:
    """Where a mail's file is. Raises: ValueError: not a Message-ID of ours."""
    name = _FILE_NAME.fullmatch(message_id)
    if name is None:
        raise ValueError("not a Message-ID of ours")
    return folder / f"{name[1]}.eml"


def make_mail(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it is sent or downloaded: plain text and HTML. Raises: MailRefusedError: not a mail address."""
    message = EmailMessage(policy=email.policy.SMTP)
    try:
        message["From"] = _make_address(sender)
        message["To"] = _make_address(mail.recipient)
        if parseaddr(mail.recipient)[1] != mail.recipient:
            raise ValueError("more than one bare address")
    except (ValueError, IndexError):
        raise MailRefusedError("address", permanent=True) from None
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = mail.created_at
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notice answers it
    # base64: no server on the way breaks lines or spaces of it
    message.set_content(mail.text, cte="base64")
    message.add_alternative(mail.html, subtype="html", cte="base64")
    message["Content-Language"] = mail.language  # set before, it would go with the plain part
    message.set_boundary(f"=_{mail.message_id.strip('<>').partition('@')[0]}")
    return message


def _make_address(text: str) -> Address:
    name, bare = parseaddr(text)
    local, at, domain = _to_ascii_domain(bare).rpartition("@")
    if not (local and at and domain) or not text.isprintable():
        raise ValueError("not a mail address")
    return Address(name, local, domain)


def _to_ascii_domain(address: str) -> str:
    """Servers that speak no SMTPUTF8 take an international domain in this form."""
    local, at, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}{at}{domain.encode('idna').decode()}"


def _judge(error: Exception) -> MailRefusedError:
    """What a failure means, in one word of ours; for good only if the server said so of recipient or content."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        refused = error.recipients[0].code
        return MailRefusedError("recipient", permanent=refused >= 500)
    if isinstance(error, aiosmtplib.SMTPDataError):
        return MailRefusedError("content", permanent=error.code >= 500)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return MailRefusedError("address", permanent=True)
    words: list[tuple[type[Exception] | tuple[type[Exception], ...], str]] = [
        (aiosmtplib.SMTPAuthenticationError, "sign_in"),
        (aiosmtplib.SMTPSenderRefused, "sender"),
        ((aiosmtplib.SMTPTimeoutError, TimeoutError), "timeout"),
        (ssl.SSLError, "tls"),
        ((aiosmtplib.SMTPConnectError, aiosmtplib.SMTPServerDisconnected, OSError), "unreachable"),
        (ValueError, "address"),
    ]
    word = next((word for kinds, word in words if isinstance(error, kinds)), "refused")
    return MailRefusedError(word, permanent=word == "address")


async def _part(client: SMTP) -> None:
    """Say goodbye. What was taken stays taken, whatever the server makes of it."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        if client.is_connected:
            await client.quit(timeout=_QUIT_SECONDS)
    client.close()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)

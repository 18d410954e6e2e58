"""A real mail server on loopback (aiosmtpd, in a thread of its own) that can be told to refuse, wait or hang up."""

from __future__ import annotations

import asyncio
import datetime
import email
import email.policy
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ACCEPTED = "250 2.0.0 taken"


@dataclass(frozen=True)
class Received:
    """A mail as it arrived: envelope, bytes, whether the way was encrypted, and who had signed in."""

    sender: str
    recipients: list[str]
    content: bytes
    is_encrypted: bool
    user: str
    options: list[str]

    @property
    def message(self) -> EmailMessage:
        """Parsed as a mail program would."""
        return email.message_from_bytes(self.content, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        """The plain part."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Server:
    """What the server does from now on, and what it got. Answers are SMTP reply lines; the first that fits is used up
    unless `again` is set.
    """

    port: int = 0
    received: list[Received] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # every command, for what must not be said in clear
    recipient_answers: list[str] = field(default_factory=list)
    sender_answer: str = ""
    data_answers: list[str] = field(default_factory=list)
    hang_ups: int = 0  # so many times the connection ends in the middle of the content, and nothing is taken
    lost_answers: int = 0  # so many times the mail is taken, and the connection ends before that is said
    delay_seconds: float = 0.0
    credentials: tuple[str, str] = ("", "")
    auth_answers: int = 0  # how often somebody tried to sign in

    @property
    def url(self) -> str:
        """Address for the settings."""
        return f"smtp://127.0.0.1:{self.port}"


@dataclass
class _Handler:
    server: Server

    async def handle_MAIL(self, _: Any, __: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        self.server.seen.append(f"MAIL {address}")
        if self.server.sender_answer:
            return self.server.sender_answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, __options: list[str]) -> str:  # noqa: N802
        self.server.seen.append(f"RCPT {address}")
        await asyncio.sleep(self.server.delay_seconds)
        if self.server.recipient_answers:
            return self.server.recipient_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, connection: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.server.hang_ups:
            self.server.hang_ups -= 1
            connection.transport.abort()
            return ACCEPTED
        if self.server.data_answers:
            return self.server.data_answers.pop(0)
        user = session.auth_data.login.decode() if session.auth_data else ""
        self.server.received.append(
            Received(
                sender=envelope.mail_from,
                recipients=list(envelope.rcpt_tos),
                content=envelope.content,
                is_encrypted=session.ssl is not None,
                user=user,
                options=list(envelope.mail_options),
            )
        )
        if self.server.lost_answers:
            self.server.lost_answers -= 1
            connection.transport.abort()
        return ACCEPTED


@contextmanager
def run_server(port: int = 0, **options: Any) -> Iterator[Server]:
    """A mail server for as long as the block lasts; `port` 0 is a free one, options are those of aiosmtpd's `SMTP`."""
    server = Server(port=port or find_free_port())

    def authenticate(_: Any, session: Any, __: Any, ___: str, data: Any) -> AuthResult:
        server.auth_answers += 1
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == server.credentials, handled=False, auth_data=data)

    if options.get("auth_required"):
        options["authenticator"] = authenticate
    controller = Controller(_Handler(server), hostname="127.0.0.1", port=server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def find_free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def make_certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for 127.0.0.1 signed by itself: the server's context, and that of a client who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path)
    return serving, ssl.create_default_context(cafile=str(path))

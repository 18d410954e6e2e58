"""What is right and wrong with a desk's surroundings, each in a line, and what to do about it in a sentence."""

from __future__ import annotations

import asyncio
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from actions.cases.audit import Audit
from actions.cases.backup import check_keys
from actions.cases.crypto import MASTER, Sealer, read_master
from actions.cases.database import Database, find_newest_revision, is_missing
from actions.cases.figures import read_figures
from actions.cases.mailer import SmtpMailer
from actions.errors import MailRefusedError, SealError
from actions.settings import Settings, is_loopback
from actions.supervisor import BOT_PYTHON, hash_dialogue
from knowledge.bundle import Library
from knowledge.errors import KnowledgeError
from knowledge.sources import hash_sources

Level = Literal["ok", "caution", "wrong"]
LOW_BYTES, FULL_BYTES = 500 * 1024**2, 20 * 1024**2
_WAY = {
    "sign_in": "check user and password in MADOGUCHI_SMTP_URL",
    "tls": "the server's certificate or its STARTTLS is not as it must be: use its full name, or smtps://",
    "timeout": "the server does not answer in time: check host, port and firewall",
    "unreachable": "nobody answers there: check host, port and firewall",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `advice` is "" when nothing is to be done."""

    name: str
    level: Level
    found: str
    advice: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order in which things depend on each other. Changes nothing, and sends no mail."""
    parts: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _examine_settings,
        _examine_keys,
        _examine_database,
        _examine_index,
        _examine_dialogue,
        _examine_ports,
        _examine_mail,
        _examine_redis,
        _examine_time,
        _examine_disk,
        _examine_address,
    )
    return [finding for part in parts for finding in part(settings)]


def word_setting(problem: Mapping[str, Any]) -> Finding:
    """A setting that pydantic refused."""
    name = "_".join(str(part) for part in problem["loc"]).upper()
    return Finding("settings", "wrong", f"{f'MADOGUCHI_{name}: ' if name else ''}{problem['msg']}", "change it")


def _examine_settings(settings: Settings) -> Iterator[Finding]:
    yield Finding("settings", "ok", f"{len(settings.model_fields_set)} given, the rest as they come")


def _examine_keys(settings: Settings) -> Iterator[Finding]:
    path = settings.keys / MASTER
    try:
        sealer = read_master(settings.keys)
    except FileNotFoundError:
        yield Finding(
            "keys", "caution", f"none in {settings.keys}", "the first start makes them; then back them up apart"
        )
        return
    except (OSError, ValueError, KeyError):
        yield Finding("keys", "wrong", f"{path} cannot be read", "put the backed-up keys in its place")
        return
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding("keys", "wrong", f"others may read {path}", f"chmod 600 {path}")
        return
    yield Finding("keys", "ok", f"{len(sealer.keys)}, for the owner alone")


def _examine_database(settings: Settings) -> Iterator[Finding]:
    if is_missing(settings.database):
        yield Finding("database", "caution", "sqlite, not there yet", "the first start makes it")
        return
    database = Database(settings.database)
    kind = database.engine.dialect.name
    try:
        revision = database.find_revision()
        if revision is None:
            yield Finding("database", "caution", f"{kind}, empty", "the first start makes its tables")
            return
        if revision != find_newest_revision():
            yield Finding("database", "caution", f"{kind}, schema {revision}", "the next start brings it up to date")
            return
        database.check()
        yield Finding("database", "ok", f"{kind}, schema {revision}, takes changes")
        yield from _examine_content(database, settings)
    except SQLAlchemyError as error:
        advice = "check that it runs and that MADOGUCHI_DATABASE_URL is right, and that its disk has room"
        yield Finding("database", "wrong", f"{kind} does not take changes ({type(error).__name__})", advice)
    finally:
        database.close()


def _examine_content(database: Database, settings: Settings) -> Iterator[Finding]:
    try:
        sealer = read_master(settings.keys)
        has_cases = check_keys(database, sealer)
    except (OSError, ValueError, KeyError):
        yield Finding(
            "keys fit", "wrong", "there is a database, but no keys for it", "restore the keys it was made with"
        )
        return
    except SealError:
        yield Finding("keys fit", "wrong", "they do not open the cases", "restore the keys it was made with")
        return
    yield Finding("keys fit", "ok", "they open the cases" if has_cases else "no case yet")
    figures = read_figures(database, datetime.now(UTC))
    dead, late = figures.mails["dead"], figures.cases["overdue"]
    if dead or late:
        yield Finding("work", "caution", f"{late} cases overdue, {dead} mails not delivered", "see the officer's desk")
    yield _examine_clock(database, sealer)


def _examine_clock(database: Database, sealer: Sealer) -> Finding:
    """A clock that stands before what was already written down is wrong, or was."""
    latest = Audit(database, sealer).list_latest(1)
    moment = datetime.now(UTC)
    if latest and latest[0].at > moment + timedelta(minutes=5):
        found = f"{moment:%Y-%m-%d %H:%M} UTC, before the newest audit entry ({latest[0].at:%Y-%m-%d %H:%M})"
        return Finding("clock", "wrong", found, "set the clock (NTP): deadlines are counted by it")
    return Finding("clock", "ok", f"{moment:%Y-%m-%d %H:%M} UTC")


def _examine_index(settings: Settings) -> Iterator[Finding]:
    try:
        bundle = Library(settings.index).bundle
    except KnowledgeError as error:
        yield Finding("index", "wrong", str(error), "python -m actions prepare")
        return
    if bundle.built_from != hash_sources(settings.shop, settings.encoder):
        found = f"edition {bundle.policy.version}, built from other policy or wordings than are there now"
        yield Finding("index", "caution", found, "python -m actions prepare; a running desk takes it up by itself")
        return
    yield Finding("index", "ok", f"edition {bundle.policy.version}, as policy and wordings are now")


def _examine_dialogue(settings: Settings) -> Iterator[Finding]:
    if settings.dialogue_urls:
        for address in settings.dialogue_workers:
            is_there = _answers(f"{address}/webhooks/desk/")
            advice = "" if is_there else "start it, or take it out of MADOGUCHI_DIALOGUE_URLS"
            yield Finding(
                "dialogue", "ok" if is_there else "caution", f"{address} {'answers' if is_there else 'is away'}", advice
            )
        return
    if not BOT_PYTHON.exists():
        yield Finding("dialogue", "wrong", "its environment is missing", "make environments")
        return
    folder = settings.state / "dialogue"
    stamp = folder / "trained"
    if not (folder / "model.tar.gz").exists():
        yield Finding("dialogue", "wrong", "no model is trained", "python -m actions prepare")
    elif not stamp.exists() or stamp.read_text("utf-8") != hash_dialogue(settings.shop):
        yield Finding(
            "dialogue", "caution", "the model is of other data than are there now", "python -m actions prepare"
        )
    else:
        yield Finding("dialogue", "ok", "model as the conversation data are now")


def _examine_ports(settings: Settings) -> Iterator[Finding]:
    inside = settings.internal_host
    ports = [
        ("PORT", settings.host, settings.port, "/healthz"),
        ("WEBHOOK_PORT", inside, settings.webhook_port, "/health"),
    ]
    if not settings.dialogue_urls:
        ports.append(("DIALOGUE_PORT", inside, settings.dialogue_port, "/webhooks/desk/"))
    for name, host, port, path in ports:
        where = f"[{host}]" if ":" in host else host
        try:
            socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
            yield Finding("port", "ok", f"{port} is free")
        except OSError:
            if _answers(f"http://{where.replace('0.0.0.0', '127.0.0.1')}:{port}{path}"):  # noqa: S104  compared only
                yield Finding("port", "ok", f"{port} is the running desk's")
            else:
                advice = f"end what listens there, or set MADOGUCHI_{name}"
                yield Finding("port", "wrong", f"{port} cannot be used, and it is not this desk that has it", advice)


def _examine_mail(settings: Settings) -> Iterator[Finding]:
    url = settings.smtp_url.get_secret_value()
    if not url:
        yield Finding("mail", "ok", f"letters are written to {settings.mails}, and sent by hand")
        return
    parts = urlsplit(url)
    where = f"{parts.hostname}:{parts.port or '587 or 465'}"
    try:
        asyncio.run(SmtpMailer(url, settings.mail_from or "desk@localhost", step_seconds=10.0).check())
    except MailRefusedError as error:
        advice = _WAY.get(error.reason, "see the mail server's own log")
        yield Finding("mail", "wrong", f"{where} does not take mail ({error.reason})", advice)
        return
    yield Finding("mail", "ok", f"{where} greets, encrypts and signs in as set")
    if not settings.mail_from:
        yield Finding(
            "mail", "caution", "letters come from the shop's address", "set MADOGUCHI_MAIL_FROM if it is another"
        )


def _examine_redis(settings: Settings) -> Iterator[Finding]:
    url = settings.redis_url.get_secret_value()
    is_alone = settings.database.startswith("sqlite")
    if not url:
        level: Level = "ok" if is_alone else "caution"
        advice = "" if is_alone else "several app processes need MADOGUCHI_REDIS_URL for their limits"
        yield Finding("redis", level, "none: limits are counted in memory", advice)
        return
    client = Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
    try:
        client.ping()
        yield Finding("redis", "ok", "answers")
    except RedisError as error:
        advice = "start it, or check MADOGUCHI_REDIS_URL; until then each process counts for itself"
        yield Finding("redis", "wrong", f"does not answer ({type(error).__name__})", advice)
    finally:
        client.close()


def _examine_time(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001  all parts are called alike
    try:
        offset = ZoneInfo("Asia/Tokyo").utcoffset(datetime.now(UTC).replace(tzinfo=None))
    except ZoneInfoNotFoundError:
        yield Finding("time zone", "wrong", "Asia/Tokyo is not known here", "install the system's tzdata")
        return
    is_right = offset == timedelta(hours=9)
    advice = "" if is_right else "install the system's tzdata anew"
    yield Finding(
        "time zone", "ok" if is_right else "wrong", f"Asia/Tokyo is UTC+{offset}; here it is {time.tzname[0]}", advice
    )


def _examine_disk(settings: Settings) -> Iterator[Finding]:
    folder = next(one for one in (settings.state, *settings.state.absolute().parents) if one.exists())
    free = shutil.disk_usage(folder).free
    level: Level = "ok" if free >= LOW_BYTES else "caution" if free >= FULL_BYTES else "wrong"
    advice = "" if level == "ok" else "make room: a full disk takes no request"
    yield Finding("disk", level, f"{free / 1024**3:.1f} GiB free at {settings.state}", advice)


def _examine_address(settings: Settings) -> Iterator[Finding]:
    if not settings.public_url:
        level: Level = "ok" if is_loopback(settings.host) else "caution"
        advice = "" if level == "ok" else "set MADOGUCHI_PUBLIC_URL: links in letters begin with it"
        yield Finding("address", level, "none: links in letters lead to this machine", advice)
    elif urlsplit(settings.public_url).scheme != "https":
        yield Finding(
            "address", "wrong", "MADOGUCHI_PUBLIC_URL is not https", "put a proxy with a certificate in front"
        )
    else:
        yield Finding("address", "ok", settings.public_url)
    bad = [origin for origin in settings.frame_ancestors.split() if urlsplit(origin).scheme != "https" or "*" in origin]
    if bad:
        yield Finding("embedding", "caution", f"{' '.join(bad)} may embed the chat", "name https origins, without *")
    elif settings.host != "127.0.0.1" and settings.trusted_proxies == 0 and settings.public_url:
        advice = "behind a proxy set MADOGUCHI_TRUSTED_PROXIES=1, else all visitors count as one"
        yield Finding("proxy", "caution", "X-Forwarded-For is not believed", advice)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False

"""All settings in one place: the only reader of the environment. Prefix `MADOGUCHI_`.

Each field is typed, bounded and described with its unit; the program refuses to start on an unsafe value.
"""

from __future__ import annotations

import ipaddress
from datetime import date
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from limits import parse
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """The desk's settings; `python -m actions settings` prints them with their descriptions."""

    model_config = SettingsConfigDict(
        env_prefix="MADOGUCHI_",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # an address may hold a password
    )

    state: Path = Field(Path(".madoguchi"), description="folder of database, keys, index, model and mails")
    host: str = Field("127.0.0.1", description="address the public port listens on")
    port: int = Field(8000, ge=0, le=65535, description="public port; 0 takes a free one")
    internal_host: str = Field("127.0.0.1", description="address of the action webhook and the dialogue engine")
    webhook_port: int = Field(5055, ge=0, le=65535, description="port of the action webhook")
    dialogue_port: int = Field(5005, ge=1, le=65535, description="port of the dialogue engine")
    dialogue_urls: str = Field(
        "", description="addresses of the dialogue workers, separated by blanks; empty: one, on the internal host"
    )
    webhook_secret: SecretStr = Field(SecretStr(""), description="header the webhook demands; needed off loopback")
    public_url: str = Field("", description="address customers use, https://…; empty: the one they came by")
    frame_ancestors: str = Field("", description="origins that may embed the chat, separated by blanks")
    database_url: SecretStr = Field(SecretStr(""), description="SQLAlchemy address; empty: SQLite in `state`")
    redis_url: SecretStr = Field(
        SecretStr(""), description="Redis for limits and locks of several workers; empty: memory"
    )
    tracker_url: SecretStr = Field(SecretStr(""), description="the dialogue engine's own database; empty: SQLite")
    encoder: str = Field("", description="a sentence-transformers model or folder; empty: the project's own encoder")
    shop: Path = Field(Path("knowledge/policies/coverchord"), description="the shop's policy and wordings")

    dialogue_timeout_seconds: float = Field(5.0, gt=0, le=30, description="wait for the dialogue engine, seconds")
    action_timeout_seconds: float = Field(3.0, gt=0, le=20, description="an action's own limit, seconds")
    message_max_chars: int = Field(2000, ge=200, le=20000, description="longest message read, characters")
    rate_conversation: str = Field("60/minute", description="messages a conversation may send")
    rate_address: str = Field("300/minute", description="messages an address may send (loopback is not counted)")
    rate_sign_in: str = Field("10/minute", description="sign-in attempts an address may make")
    trusted_proxies: int = Field(0, ge=0, le=5, description="proxies in front whose X-Forwarded-For is believed")

    draft_hours: int = Field(24, ge=1, le=24 * 14, description="hours an unfinished request is kept")
    transcript_days: int = Field(30, ge=1, le=365, description="days a conversation is kept")
    question_days: int = Field(
        180, ge=1, le=730, description="days a masked question that was not answered, or was rated, is kept"
    )
    unconfirmed_days: int = Field(7, ge=1, le=30, description="days a request waits for its address to be confirmed")
    thread_days: int = Field(
        180, ge=30, le=3650, description="days after closing that a case's letters and words are kept"
    )
    contact_days: int = Field(365, ge=30, le=3650, description="days after closing until all personal data is erased")
    skeleton_days: int = Field(1825, ge=30, le=7300, description="days after closing until the bare case is deleted")
    mail_days: int = Field(30, ge=1, le=365, description="days a mail's text, or its .eml file, is kept after sending")
    session_hours: int = Field(12, ge=1, le=24 * 7, description="hours an officer stays signed in")

    code_minutes: int = Field(10, ge=5, le=60, description="minutes a confirmation code or link is valid")
    code_tries: int = Field(5, ge=3, le=10, description="wrong codes after which a new one is needed")
    rate_filing: str = Field("30/hour", description="requests an address may file (loopback is not counted)")
    rate_code: str = Field("5/hour", description="confirmation codes an address or a visitor may ask for")
    confirmations_per_hour: int = Field(
        30, ge=5, le=1000, description="confirmation mails one address gets within an hour, whoever files for it"
    )
    rate_try: str = Field("30/hour", description="confirmation codes a visitor may try")
    rate_status: str = Field("120/minute", description="status pages a visitor may open")
    acknowledge_days: int = Field(1, ge=1, le=5, description="business days until a request is acknowledged")
    target_days: int = Field(10, ge=1, le=60, description="business days in which a request is to be settled")
    review_alone_hours: int = Field(
        24, ge=0, le=168, description="hours until a single officer may review the own proposal; 0: never"
    )
    fee_disclosure_yen: int = Field(0, ge=0, le=10000, description="published fee for a disclosure, yen; 0: none")
    fee_purpose_notice_yen: int = Field(
        0, ge=0, le=10000, description="published fee for a purpose notice, yen; 0: none"
    )
    complaints_in_chat: bool = Field(True, description="take complaints by chat and form, besides letter and mail")

    smtp_url: SecretStr = Field(
        SecretStr(""), description="smtp://user:password@host:587; empty: letters are written as .eml files"
    )
    mail_from: str = Field("", description="sender of letters; empty: the shop's address")
    officer_mail: str = Field("", description="where the officer is told of new cases; empty: the shop's address")

    contact_page_url: str = Field("", description="the shop's contact page (お問い合わせページ)")
    registration_page_url: str = Field("", description="the shop's page for registered information")
    closing_days: Annotated[tuple[date, ...], NoDecode] = Field(
        (), description="days closed besides holidays, comma-separated"
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="least severe log level")

    @field_validator("closing_days", mode="before")
    @classmethod
    def _split_days(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(date.fromisoformat(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator(
        "rate_conversation", "rate_address", "rate_sign_in", "rate_filing", "rate_code", "rate_try", "rate_status"
    )
    @classmethod
    def _check_rate(cls, value: str) -> str:
        if parse(value).amount < 1:
            raise ValueError("a rate of nothing lets nobody in")
        return value

    @field_validator("dialogue_urls")
    @classmethod
    def _check_workers(cls, value: str) -> str:
        if not all(_is_worker(url) for url in value.split()):
            raise ValueError("a dialogue worker is http://host:5005, and several are separated by blanks")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _check_smtp(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _is_mail_server(value.get_secret_value()):
            raise ValueError("a mail server is smtp://user:password@host:587 or smtps://user:password@host:465")
        return value

    @field_validator("mail_from", "officer_mail")
    @classmethod
    def _check_mail(cls, value: str) -> str:
        try:
            return validate_email(value, check_deliverability=False).normalized if value else ""
        except EmailNotValidError:
            raise ValueError("not a mail address, which is name@shop.example.com and no more") from None

    @model_validator(mode="after")
    def _refuse_open_webhook(self) -> Settings:
        if not is_loopback(self.internal_host) and len(self.webhook_secret.get_secret_value()) < 24:
            raise ValueError("MADOGUCHI_INTERNAL_HOST off loopback needs MADOGUCHI_WEBHOOK_SECRET of 24 characters")
        return self

    @model_validator(mode="after")
    def _refuse_retention_out_of_order(self) -> Settings:
        if not self.thread_days <= self.contact_days <= self.skeleton_days:
            raise ValueError("THREAD_DAYS, CONTACT_DAYS and SKELETON_DAYS must not shrink in this order")
        return self

    @property
    def fees(self) -> dict[str, int]:
        """Published fees in yen by kind; no other may be charged (Art. 38, rights.1 and rights.2)."""
        known = {"disclosure": self.fee_disclosure_yen, "purpose_notice": self.fee_purpose_notice_yen}
        return {kind: yen for kind, yen in known.items() if yen}

    @property
    def database(self) -> str:
        """SQLAlchemy address of cases and transcripts."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.state / 'madoguchi.sqlite3'}"

    @property
    def tracker(self) -> str:
        """SQLAlchemy address of the dialogue engine's tracker store, which keeps no text."""
        return self.tracker_url.get_secret_value() or f"sqlite:///{(self.state / 'tracker.sqlite3').absolute()}"

    @property
    def index(self) -> Path:
        """Where the knowledge bundles are."""
        return self.state / "knowledge"

    @property
    def keys(self) -> Path:
        """Where the encryption keys are; never part of a backup."""
        return self.state / "keys"

    @property
    def mails(self) -> Path:
        """Where letters are written as files while there is no mail server."""
        return self.state / "mails"

    @property
    def base_url(self) -> str:
        """What links in letters begin with."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def dialogue_url(self) -> str:
        """Address of the dialogue engine that `make run` starts."""
        host = self.internal_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.dialogue_port}"

    @property
    def longest_turn_seconds(self) -> float:
        """No turn of a conversation takes longer: one attempt at the engine, and the desk's own work around it."""
        return self.dialogue_timeout_seconds + 5.0

    @property
    def dialogue_workers(self) -> tuple[str, ...]:
        """Addresses of all dialogue workers, one at least."""
        return tuple(url.rstrip("/") for url in self.dialogue_urls.split()) or (self.dialogue_url,)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_worker(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    is_bare = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and is_bare


def _is_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its text would quote a part of the password
        return False
    is_whole = bool(parts.hostname) and port != 0 and bool(parts.username) == bool(parts.password)
    return (
        parts.scheme in {"smtp", "smtps"} and is_whole and not (parts.path.strip("/") or parts.query or parts.fragment)
    )

"""Settings: from the environment alone, typed and bounded, and a refusal that a person can read."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from actions import __main__ as command
from actions.settings import Settings

SECRET = "x" * 24


def test_everything_stays_on_this_machine_when_nothing_is_set() -> None:
    settings = Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.internal_host, settings.webhook_port) == ("127.0.0.1", 5055)
    assert settings.dialogue_url == "http://127.0.0.1:5005"
    assert settings.database == "sqlite:///.madoguchi/madoguchi.sqlite3"
    assert settings.redis_url.get_secret_value() == ""
    assert settings.trusted_proxies == 0


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("MADOGUCHI_PORT", "8080", "port", 8080),
        ("MADOGUCHI_STATE", "/srv/desk", "state", Path("/srv/desk")),
        ("MADOGUCHI_DRAFT_HOURS", "48", "draft_hours", 48),
        ("MADOGUCHI_ACTION_TIMEOUT_SECONDS", "0.5", "action_timeout_seconds", 0.5),
        ("MADOGUCHI_LOG_LEVEL", "WARNING", "log_level", "WARNING"),
        ("MADOGUCHI_RATE_ADDRESS", "5 per 2 minutes", "rate_address", "5 per 2 minutes"),
        ("MADOGUCHI_CLOSING_DAYS", "2026-12-29, 2026-12-30,", "closing_days", (date(2026, 12, 29), date(2026, 12, 30))),
        ("MADOGUCHI_CLOSING_DAYS", "", "closing_days", ()),
    ],
)
def test_a_setting_is_taken_when_the_environment_has_it(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, field: str, value: object
) -> None:
    monkeypatch.setenv(name, text)
    assert getattr(Settings(), field) == value


def test_nothing_is_taken_when_the_prefix_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9999")
    monkeypatch.setenv("MADOGUCHI_NO_SUCH_SETTING", "x")  # ignored: the dialogue process has settings of its own
    assert Settings().port == 8000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("port", "-1"),
        ("port", "65536"),
        ("port", "http"),
        ("webhook_port", "70000"),
        ("dialogue_port", "0"),
        ("dialogue_timeout_seconds", "0"),
        ("dialogue_timeout_seconds", "31"),
        ("dialogue_timeout_seconds", "nan"),
        ("action_timeout_seconds", "-1"),
        ("action_timeout_seconds", "21"),
        ("message_max_chars", "199"),
        ("message_max_chars", "20001"),
        ("rate_conversation", "often"),
        ("rate_address", "30"),
        ("rate_sign_in", ""),
        ("rate_sign_in", "0/minute"),
        ("trusted_proxies", "-1"),
        ("trusted_proxies", "6"),
        ("draft_hours", "0"),
        ("draft_hours", "337"),
        ("transcript_days", "0"),
        ("transcript_days", "366"),
        ("session_hours", "0"),
        ("session_hours", "169"),
        ("closing_days", "soon"),
        ("closing_days", "2026-02-30"),
        ("smtp_url", "mail.example.com"),
        ("smtp_url", "http://mail.example.com"),
        ("smtp_url", "smtp://"),
        ("smtp_url", "smtp://desk:se#cret@mail.example.com"),
        ("smtp_url", "smtp://desk:secret@mail.example.com:0"),
        ("smtp_url", "smtp://desk:secret@mail.example.com:secret"),
        ("smtp_url", "smtp://desk@mail.example.com"),
        ("smtp_url", "smtp://mail.example.com/inbox"),
        ("smtp_url", "smtp://mail.example.com?tls=no"),
        ("mail_from", "desk"),
        ("mail_from", "COVERCHORD <desk@example.com>"),
        ("mail_from", "desk@example.com\nBcc: all@example.com"),
        ("officer_mail", "officer@example.com, other@example.com"),
        ("log_level", "LOUD"),
        ("log_level", "info"),
    ],
)
def test_the_setting_is_named_when_its_value_is_unsafe(monkeypatch: pytest.MonkeyPatch, field: str, value: str) -> None:
    monkeypatch.setenv(f"MADOGUCHI_{field.upper()}", value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert [error["loc"] for error in caught.value.errors()] == [(field,)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("smtp_url", "smtp://desk:secret@mail.example.com:587"),
        ("smtp_url", "smtps://desk%40example.com:se%23cret@mail.example.com"),
        ("smtp_url", "smtp://127.0.0.1:2525/"),
        ("smtp_url", "smtp://[::1]:2525"),
        ("mail_from", "desk@example.com"),
        ("officer_mail", ""),
    ],
)
def test_mail_settings_are_kept_when_they_are_whole(field: str, value: str) -> None:
    kept = getattr(Settings(**{field: value}), field)
    assert (kept if field != "smtp_url" else kept.get_secret_value()) == value


@pytest.mark.parametrize("url", ["smtp://desk:hidden@mail:587/x", "smtp://desk:hidden@mail:hidden", "hidden"])
def test_no_password_shows_when_a_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(smtp_url=url)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_no_secret_is_needed_when_the_webhook_is_on_loopback(host: str) -> None:
    assert Settings(internal_host=host).internal_host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "app", "localhost.example.com", ""])
@pytest.mark.parametrize("secret", ["", "short", "x" * 23])
def test_a_secret_is_demanded_when_the_webhook_is_off_loopback(host: str, secret: str) -> None:
    with pytest.raises(ValidationError, match="MADOGUCHI_WEBHOOK_SECRET"):
        Settings(internal_host=host, webhook_secret=secret)
    assert Settings(internal_host=host, webhook_secret=SECRET).internal_host == host


def test_no_secret_shows_when_settings_are_printed() -> None:
    settings = Settings(
        webhook_secret=SECRET,
        database_url="postgresql+psycopg://desk:hidden@db/desk",
        redis_url="redis://:hidden@cache",
        tracker_url="postgresql://desk:hidden@db/tracker",
        smtp_url="smtp://desk:hidden@mail.example.com",
    )
    assert "hidden" not in f"{settings!r} {settings}"
    assert SECRET not in f"{settings!r} {settings}"


def test_settings_stay_as_they_are_when_somebody_tries_to_change_them() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "name", "wanted"),
    [
        ({"state": "/srv"}, "index", Path("/srv/knowledge")),
        ({"state": "/srv"}, "keys", Path("/srv/keys")),
        ({"state": "/srv"}, "mails", Path("/srv/mails")),
        ({"port": 8080}, "base_url", "http://127.0.0.1:8080"),
        ({"host": "::1"}, "base_url", "http://[::1]:8000"),
        ({"public_url": "https://desk.example.com/"}, "base_url", "https://desk.example.com"),
        ({"state": "/srv"}, "database", "sqlite:////srv/madoguchi.sqlite3"),
        ({"state": "/srv"}, "tracker", "sqlite:////srv/tracker.sqlite3"),
        ({"database_url": "postgresql+psycopg://db/desk"}, "database", "postgresql+psycopg://db/desk"),
        ({"tracker_url": "postgresql://db/tracker"}, "tracker", "postgresql://db/tracker"),
        ({"dialogue_port": 5105}, "dialogue_workers", ("http://127.0.0.1:5105",)),
        (
            {"dialogue_urls": "http://one:5005/ http://two:5005"},
            "dialogue_workers",
            ("http://one:5005", "http://two:5005"),
        ),
        ({"internal_host": "127.0.0.2"}, "dialogue_url", "http://127.0.0.2:5005"),
        ({"internal_host": "::1"}, "dialogue_url", "http://[::1]:5005"),
    ],
)
def test_addresses_follow_when_settings_are_given(values: dict[str, object], name: str, wanted: object) -> None:
    assert getattr(Settings(**values), name) == wanted


def test_the_command_says_which_setting_is_wrong_when_it_cannot_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["actions", "cases"])
    monkeypatch.setenv("MADOGUCHI_PORT", "99999")
    monkeypatch.setenv("MADOGUCHI_INTERNAL_HOST", "0.0.0.0")
    with pytest.raises(SystemExit) as caught:
        command.main()
    told = capsys.readouterr().err
    assert caught.value.code == 2
    assert "setting MADOGUCHI_PORT: " in told
    assert "Traceback" not in told


def test_the_command_lists_every_setting_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["actions", "settings"])
    monkeypatch.setenv("COLUMNS", "300")
    with pytest.raises(SystemExit) as caught:
        command.main()
    listed = capsys.readouterr().out
    assert caught.value.code == 0
    assert not [name for name in Settings.model_fields if f"MADOGUCHI_{name.upper()} " not in listed]

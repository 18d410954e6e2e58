"""The doctor: each thing that can be wrong is found and told with what to do, and looking changes nothing."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from actions import doctor
from actions.cases.audit import Audit, Entry
from actions.cases.crypto import load_master
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.records import Draft
from actions.doctor import Finding, examine, word_setting
from actions.services import Services
from actions.settings import Settings
from tests.journeys.desk import find_free_ports
from tests.smtp import run_server


@pytest.fixture
def ports() -> dict[str, int]:
    """Ports that nobody listens on."""
    return dict(zip(("port", "webhook_port", "dialogue_port"), find_free_ports(3), strict=True))


@pytest.fixture
def make_desk(make_services: Callable[..., Services], index: Path, ports: dict[str, int]) -> Callable[..., Settings]:
    """Settings of a whole desk with an audit entry; keywords are settings."""

    def make(**values: Any) -> Settings:
        services = make_services(**{**ports, **values})
        services.audit.adopt()
        (services.settings.state / "knowledge").symlink_to(index)
        return services.settings

    return make


def find(settings: Settings, name: str) -> Finding:
    """The finding of that name."""
    (found,) = [one for one in examine(settings) if one.name == name]
    return found


def test_a_desk_that_never_ran_is_left_as_it_is(tmp_path: Path, ports: dict[str, int]) -> None:
    settings = Settings(state=tmp_path / "new", **ports)
    levels = {one.name: one.level for one in examine(settings)}
    assert (levels["keys"], levels["database"], levels["index"]) == ("caution", "caution", "wrong")
    assert not settings.state.exists()


def test_whatever_is_not_ok_says_what_to_do(make_desk: Callable[..., Settings], tmp_path: Path) -> None:
    everything = [*examine(make_desk()), *examine(Settings(state=tmp_path / "new"))]
    assert {one.level for one in everything} == {"ok", "caution", "wrong"}
    assert [one for one in everything if (one.level != "ok") != bool(one.advice)] == []


@pytest.mark.parametrize(
    "name", ["keys", "database", "keys fit", "clock", "mail", "redis", "time zone", "disk", "address"]
)
def test_a_good_desk_is_ok(make_desk: Callable[..., Settings], name: str) -> None:
    assert find(make_desk(), name).level == "ok"


def _let_others_read(settings: Settings) -> None:
    (settings.keys / "master.json").chmod(0o644)


def _lose_keys(settings: Settings) -> None:
    shutil.rmtree(settings.keys)


def _change_keys(settings: Settings) -> None:
    shutil.rmtree(settings.keys)
    load_master(settings.keys)


def _spoil_keys(settings: Settings) -> None:
    (settings.keys / "master.json").write_text("{", "utf-8")


@pytest.mark.parametrize(
    ("spoil", "name", "level"),
    [
        (_let_others_read, "keys", "wrong"),
        (_spoil_keys, "keys", "wrong"),
        (_lose_keys, "keys fit", "wrong"),
        (_change_keys, "keys fit", "wrong"),
    ],
)
def test_keys_that_are_not_as_they_must_be_are_found(
    make_services: Callable[..., Services],
    make_draft: Callable[..., Draft],
    ports: dict[str, int],
    spoil: Callable[[Settings], None],
    name: str,
    level: str,
) -> None:
    services = make_services(**ports)
    services.desk.file(make_draft(), "form")
    spoil(services.settings)
    assert find(services.settings, name).level == level


def test_a_clock_that_was_set_back_is_found(
    make_desk: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("actions.cases.audit.now", lambda: now() + timedelta(days=1))
        settings = make_desk()
        database = Database(settings.database)
        Audit(database, load_master(settings.keys)).record(Entry("administrator", "make_account"))
        database.close()
    assert find(settings, "clock").level == "wrong"


def test_a_former_schema_and_a_database_that_is_away_are_told_apart(
    make_desk: Callable[..., Settings], ports: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_newest_revision", lambda: "9999")
    assert find(make_desk(), "database").level == "caution"
    away = Settings(state=tmp_path, database_url="postgresql+psycopg://x:hidden@127.0.0.1:1/x", **ports)
    found = find(away, "database")
    assert found.level == "wrong"
    assert "hidden" not in found.found + found.advice


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which a stranger listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_of_a_stranger_is_found(make_desk: Callable[..., Settings], taken: int) -> None:
    wrong = [one for one in examine(make_desk(webhook_port=taken)) if one.name == "port" and one.level == "wrong"]
    assert [str(taken) in one.found and "MADOGUCHI_WEBHOOK_PORT" in one.advice for one in wrong] == [True]


def test_a_mail_server_is_greeted_and_gets_no_mail(make_desk: Callable[..., Settings]) -> None:
    with run_server() as server:
        found = [one for one in examine(make_desk(smtp_url=server.url)) if one.name == "mail"]
        assert found[0].level == "ok"
        assert server.received == []
    assert find(make_desk(smtp_url=server.url, mail_from="desk@shop.example.com"), "mail").level == "wrong"


@pytest.mark.services
def test_redis_is_asked(make_desk: Callable[..., Settings], redis_url: str) -> None:
    assert find(make_desk(redis_url=redis_url), "redis").level == "ok"
    assert find(make_desk(redis_url="redis://:hidden@127.0.0.1:1"), "redis").level == "wrong"


@pytest.mark.parametrize(("free", "level"), [(doctor.LOW_BYTES - 1, "caution"), (doctor.FULL_BYTES - 1, "wrong")])
def test_a_disk_that_fills_is_found(
    make_desk: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    settings = make_desk()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, free))
    assert find(settings, "disk").level == level


@pytest.mark.parametrize(
    ("values", "name", "level"),
    [
        ({"public_url": "http://desk.example.com"}, "address", "wrong"),
        ({"public_url": "https://desk.example.com"}, "address", "ok"),
        ({"host": "0.0.0.0"}, "address", "caution"),
        ({"frame_ancestors": "https://*.example.com"}, "embedding", "caution"),
        ({"frame_ancestors": "http://shop.example.com"}, "embedding", "caution"),
        ({"dialogue_urls": "http://127.0.0.1:1"}, "dialogue", "caution"),
    ],
)
def test_settings_that_lead_nowhere_good_are_found(
    make_desk: Callable[..., Settings], values: dict[str, str], name: str, level: str
) -> None:
    assert find(make_desk(**values), name).level == level


def test_a_refused_setting_is_a_line() -> None:
    found = word_setting({"loc": ("port",), "msg": "too large"})
    assert (found.level, "MADOGUCHI_PORT" in found.found) == ("wrong", True)

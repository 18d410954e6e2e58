"""compose.yaml says what the program understands: its settings, its commands, its addresses, two of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.settings import Settings

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
SECRETS = {"POSTGRES_PASSWORD": "word", "MADOGUCHI_WEBHOOK_SECRET": "a-secret-of-24-characters"}


def fill(text: str) -> str:
    """A value as Compose would fill it in, with both secrets given."""

    def replace(found: re.Match[str]) -> str:
        name, _, default = found[1].partition(":")
        return SECRETS.get(name, default.removeprefix("-") if default.startswith("-") else "")

    return re.sub(r"\$\{([^}]*)\}", replace, str(text))


def list_of(kind: str) -> list[str]:
    return [name for name in SERVICES if name.startswith(f"{kind}-")]


def read_settings(name: str) -> dict[str, str]:
    return {key: fill(value) for key, value in SERVICES[name]["environment"].items()}


def test_there_are_two_of_each_and_one_of_what_they_share_when_counted() -> None:
    assert (len(list_of("app")), len(list_of("dialogue"))) == (2, 2)
    assert set(SERVICES) == {*list_of("app"), *list_of("dialogue"), "postgres", "redis"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_over_and_comes_back_when_it_ends(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout"} <= set(check)
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", [*list_of("app"), *list_of("dialogue")])
def test_the_desks_services_wait_for_what_they_share_when_started(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {
        shared: {"condition": "service_healthy"} for shared in ("postgres", "redis")
    }


@pytest.mark.parametrize("name", list_of("app"))
def test_the_settings_are_the_programs_own_when_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {f"MADOGUCHI_{field.upper()}" for field in Settings.model_fields}
    given = read_settings(name)
    assert set(given) <= known
    for key, value in given.items():
        monkeypatch.setenv(key, value)
    settings = Settings()
    hosts = [f"http://{worker}:5005" for worker in list_of("dialogue")]
    assert list(settings.dialogue_workers) == hosts
    assert settings.database.startswith("postgresql+psycopg://")
    assert settings.redis_url.get_secret_value()


@pytest.mark.parametrize("name", list_of("dialogue"))
def test_each_worker_knows_every_app_when_it_calls_an_action(name: str) -> None:
    wanted = [f"http://{app}:5055/webhook" for app in list_of("app")]
    assert read_settings(name)["MADOGUCHI_WEBHOOK_URL"].split() == wanted


def test_no_secret_is_written_down_when_read() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    for name in SECRETS:
        assert f"${{{name}:?" in text  # it does not start without
    assert not re.search(r"(?i)(password|secret): (?!\$\{)", text)


def test_only_apps_are_reached_from_outside_and_over_a_proxy_when_published() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == set(list_of("app"))
    ports = [port for one in published.values() for port in one]
    assert all(port.startswith("127.0.0.1:") and port.endswith(":8000") for port in ports)
    assert len(set(ports)) == len(ports)


def test_the_apps_share_their_keys_when_started() -> None:
    keys = {volume for name in list_of("app") for volume in SERVICES[name]["volumes"] if "/keys" in volume}
    assert keys == {"keys:/srv/madoguchi/.madoguchi/keys"}
    assert {volume.partition(":")[0] for name in list_of("app") for volume in SERVICES[name]["volumes"]} <= set(
        COMPOSE["volumes"]
    )

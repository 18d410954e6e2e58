"""`backup`, `restore` and `doctor` as they are typed: what they say, what they return, and what they leave alone."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from actions.__main__ import app
from actions.cases.records import Draft
from actions.services import Services
from tests.journeys.desk import find_free_ports

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Types a command; keywords are settings, as the environment has them."""
    for name, port in zip(("PORT", "WEBHOOK_PORT", "DIALOGUE_PORT"), find_free_ports(3), strict=True):
        monkeypatch.setenv(f"MADOGUCHI_{name}", str(port))

    def type_in(*words: object, **settings: object) -> Result:
        for name, value in settings.items():
            monkeypatch.setenv(f"MADOGUCHI_{name.upper()}", str(value))
        return CliRunner().invoke(app, [str(word) for word in words])

    return type_in


@pytest.fixture
def desk(make_services: Callable[..., Services], make_draft: Callable[..., Draft], index: Path) -> Services:
    """A desk with one case and an index."""
    services = make_services()
    services.audit.adopt()
    services.desk.file(make_draft(), "form")
    (services.settings.state / "knowledge").symlink_to(index)
    return services


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    """A file with the passphrase of the keys."""
    path = tmp_path / "passphrase"
    path.write_text(f"{PASSPHRASE}\n", "utf-8")
    return path


def _list_receipts(services: Services) -> list[str]:
    return [case.receipt for case in services.cases.list_all()]


def test_a_desk_is_put_back_from_its_backup_and_its_keys(
    command: Callable[..., Result], desk: Services, tmp_path: Path, passphrase: Path, index: Path
) -> None:
    copy, keys, state = tmp_path / "copy", tmp_path / "elsewhere" / "keys.sealed", tmp_path / "new"
    keys.parent.mkdir()
    made = command("backup", copy, "--keys", keys, "--passphrase-file", passphrase, state=desk.settings.state)
    assert (made.exit_code, "1 cases" in made.stderr) == (0, True)
    state.mkdir()
    (state / "knowledge").symlink_to(index)
    put = command("restore", copy, "--keys", keys, "--passphrase-file", passphrase, state=state)
    assert (put.exit_code, "1 cases" in put.stderr) == (0, True)
    listed = command("cases", "--json", state=state)
    assert [one["receipt"] for one in json.loads(listed.stdout)] == _list_receipts(desk)


def test_keys_do_not_go_where_the_copy_goes(
    command: Callable[..., Result], desk: Services, tmp_path: Path, passphrase: Path
) -> None:
    copy = tmp_path / "copy"
    made = command("backup", copy, "--keys", copy / "keys", "--passphrase-file", passphrase, state=desk.settings.state)
    assert made.exit_code == 2
    assert not copy.exists()


def test_a_wrong_passphrase_puts_nothing_back(
    command: Callable[..., Result], desk: Services, tmp_path: Path, passphrase: Path
) -> None:
    copy, keys, state = tmp_path / "copy", tmp_path / "keys.sealed", tmp_path / "new"
    command("backup", copy, "--keys", keys, "--passphrase-file", passphrase, state=desk.settings.state)
    passphrase.write_text("another one altogether", "utf-8")
    put = command("restore", copy, "--keys", keys, "--passphrase-file", passphrase, state=state)
    assert put.exit_code == 1
    assert "madoguchi: " in put.stderr
    assert not (state / "madoguchi.sqlite3").exists()


def test_a_folder_that_is_there_is_not_written_over(
    command: Callable[..., Result], desk: Services, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "something").write_text("of mine", "utf-8")
    assert command("backup", copy, state=desk.settings.state).exit_code == 1
    assert [path.name for path in copy.iterdir()] == ["something"]


def test_nothing_is_put_back_under_a_running_desk(
    command: Callable[..., Result], desk: Services, tmp_path: Path
) -> None:
    command("backup", tmp_path / "copy", state=desk.settings.state)
    before = _list_receipts(desk)
    with socket.create_server(("127.0.0.1", 0)) as server:
        put = command("restore", tmp_path / "copy", "--force", webhook_port=server.getsockname()[1])
    assert (put.exit_code, "stop it first" in put.stderr) == (1, True)
    assert _list_receipts(desk) == before


def test_the_doctor_tells_people_and_programs(command: Callable[..., Result], tmp_path: Path) -> None:
    told = command("doctor", state=tmp_path / "new")
    findings: list[dict[str, Any]] = json.loads(command("doctor", "--json", state=tmp_path / "new").stdout)
    assert told.exit_code == 1  # there is no index
    assert {one["name"] for one in findings if one["level"] == "wrong"} >= {"index"}
    for one in findings:
        assert one["found"] in told.stdout
        assert one["level"] == "ok" or one["advice"] in told.stdout


def test_the_doctor_names_the_setting_that_cannot_be_read(command: Callable[..., Result], tmp_path: Path) -> None:
    told = command("doctor", state=tmp_path / "new", port="eighty")
    assert told.exit_code == 1
    assert "MADOGUCHI_PORT" in told.stdout
    assert "eighty" not in told.stdout  # a setting may be a secret

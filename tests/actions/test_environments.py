"""The script that makes both environments: it installs what changed, and only that, from where the machine says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from actions import environments

ROOT = Path(__file__).parents[2]
LOCKS = [ROOT / "actions/requirements.txt", ROOT / "bot/requirements.txt", ROOT / "tests/requirements.txt"]


class Commands:
    """Records commands instead of running them; makes the folders that the real ones would make."""

    def __init__(self) -> None:
        self.run: list[list[str]] = []
        self.variables: list[dict[str, str]] = []
        self.fails = ""
        self.links = ""

    def __call__(self, command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        if "config" in command:
            return subprocess.CompletedProcess(command, 0, stdout=self.links)
        self.run.append(command)
        variables = options.get("env")
        self.variables.append(variables if isinstance(variables, dict) else {})
        if self.fails and self.fails in command:
            raise subprocess.CalledProcessError(7, command)
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True, exist_ok=True)
        return subprocess.CompletedProcess(command, 0)

    def find(self, word: str) -> list[list[str]]:
        return [command for command in self.run if word in command]

    def list_installed(self) -> list[Path]:
        return [Path(command[command.index("--requirement") + 1]) for command in self.find("--requirement")]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Commands:
    """The script in an empty folder, with recorded commands."""
    found = Commands()
    locks = {name: tmp_path / f"{name}.txt" for name in ("app", "bot", "tests")}
    for path in locks.values():
        path.write_text("one==1\n")
    monkeypatch.setattr(environments, "APP", tmp_path / ".venv")
    monkeypatch.setattr(environments, "BOT", tmp_path / ".venv-rasa")
    monkeypatch.setattr(environments, "LOCKS", locks)
    monkeypatch.setattr(environments.subprocess, "run", found)
    for name in ("UV_FIND_LINKS", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    return found


def test_both_environments_are_made_when_nothing_is_there(commands: Commands) -> None:
    assert environments.main([]) == 0
    assert commands.list_installed() == [environments.LOCKS["app"], environments.LOCKS["bot"]]
    assert all("--compile-bytecode" in command for command in commands.find("--requirement"))
    assert (environments.APP / ".madoguchi-app").exists()
    assert (environments.BOT / ".madoguchi-bot").exists()


def test_nothing_is_run_when_nothing_changed(commands: Commands) -> None:
    environments.main(["app", "bot", "tests"])
    commands.run.clear()
    assert environments.main(["app", "bot", "tests"]) == 0
    assert commands.run == []


def test_only_one_environment_is_renewed_when_its_lock_changed(commands: Commands) -> None:
    environments.main(["app", "bot", "tests"])
    commands.run.clear()
    environments.LOCKS["tests"].write_text("one==2\n")
    environments.main(["app", "bot", "tests"])
    assert len(commands.run) == 1
    assert commands.list_installed() == [environments.LOCKS["tests"]]


def test_old_packages_are_gone_when_the_application_is_renewed(commands: Commands) -> None:
    environments.main(["app"])
    leftover = environments.APP / "leftover"
    leftover.touch()
    environments.LOCKS["app"].write_text("one==2\n")
    environments.main(["app"])
    assert not leftover.exists()


@pytest.mark.parametrize("failing", ["venv", "--requirement"])
def test_it_is_tried_again_when_an_installation_failed(
    commands: Commands, capsys: pytest.CaptureFixture[str], failing: str
) -> None:
    commands.fails = failing
    assert environments.main(["app"]) == 1
    assert "the installation failed (exit 7)" in capsys.readouterr().err
    assert not (environments.APP / ".madoguchi-app").exists()
    commands.fails = ""
    assert environments.main(["app"]) == 0
    assert (environments.APP / ".madoguchi-app").exists()


def test_rasa_is_installed_as_listed_when_its_metadata_excludes_this_python(commands: Commands) -> None:
    environments.main(["bot"])
    (install,) = commands.find("--requirement")
    assert "--no-deps" in install
    assert "--torch-backend" not in install


@pytest.mark.parametrize(
    ("configure", "links"),
    [
        (
            lambda patch, _: patch.setenv("UV_FIND_LINKS", "https://wheels.example.com/uv"),
            "https://wheels.example.com/uv",
        ),
        (
            lambda patch, _: patch.setenv("PIP_FIND_LINKS", "https://wheels.example.com/pip"),
            "https://wheels.example.com/pip",
        ),
        (lambda _, found: setattr(found, "links", "/a\n/b\n"), "/a /b"),  # pip's own file, one a line
    ],
    ids=["uv", "pip", "pip's file"],
)
def test_torch_comes_from_the_machines_links_when_there_are_any(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, configure: Callable[..., None], links: str
) -> None:
    configure(monkeypatch, commands)
    environments.main(["app"])
    (install,) = commands.find("--requirement")
    assert "--torch-backend" not in install
    assert commands.variables[commands.run.index(install)]["UV_FIND_LINKS"] == links


def test_the_small_torch_is_taken_when_there_are_no_links(commands: Commands) -> None:
    environments.main(["app"])
    (install,) = commands.find("--requirement")
    assert install[-2:] == ["--torch-backend", "cpu"]


@pytest.mark.parametrize("version", [(3, 10, 12), (3, 12, 0), (4, 11, 0)])
def test_another_python_is_refused_when_it_runs_the_script(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: tuple[int, ...]
) -> None:
    dotted = ".".join(map(str, version))
    other = SimpleNamespace(version_info=version, version=f"{dotted} (main)", stderr=sys.stderr)
    monkeypatch.setattr(environments, "sys", other)
    assert environments.main(["app"]) == 2
    assert f"Python 3.11 is needed, this is {dotted}" in capsys.readouterr().err
    assert commands.run == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_every_package_is_pinned_and_no_index_named_when_locked(lock: Path) -> None:
    lines = [line.split("#")[0].split(";")[0].strip() for line in lock.read_text("utf-8").splitlines()]
    unpinned = [line for line in lines if line and not re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s]+", line)]
    assert unpinned == []
    assert len(lines) > 10

"""`python -m actions run`: starts both processes, watches over them, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from actions.supervisor import ROOT
from tests.journeys.desk import ASKED, Desk, Talk, clean_environment, join, make_environment, wait_until

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Run:
    """A running supervisor and what it has said so far."""

    process: subprocess.Popen[bytes]
    output: Path
    seen: set[int] = field(default_factory=set)

    def read(self) -> str:
        return self.output.read_text("utf-8")

    def await_word(self, word: str) -> None:
        wait_until(lambda: word in self.read() or self.process.poll() is not None, f"it says {word!r}")
        assert word in self.read()

    def list_children(self) -> dict[str, int]:
        """Process ids by what they are, "actions serve" or "bot serve"."""
        found = {}
        for pid in list_descendants(self.process.pid):
            command = read_command(pid)
            for name in ("actions serve", "bot serve"):
                if name in command:
                    found[name] = pid
        self.seen.update(found.values())
        return found


@contextmanager
def run(environment: dict[str, str], output: Path) -> Iterator[Run]:
    """Start a supervisor; whatever happens, it and its children are gone afterwards."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "actions", "run"],
            cwd=ROOT,
            env=clean_environment(environment),
            stdout=file,
            stderr=file,
            start_new_session=True,
            preexec_fn=restore_hang_up,
        )
    running = Run(process, output)
    try:
        yield running
    finally:
        running.list_children()
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()
        process.wait()
        for pid in [pid for pid in running.seen if " serve" in read_command(pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def restore_hang_up() -> None:
    """Under `nohup` the tests themselves ignore it, and their children would."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def list_descendants(pid: int) -> list[int]:
    """Children, their children and so on, of a process's main thread."""
    try:
        own = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []
    return own + [grandchild for child in own for grandchild in list_descendants(child)]


def read_command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def is_there(pid: int) -> bool:
    """Whether a process exists and is not merely waiting to be buried by its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_whole_run(state: Path, tmp_path: Path) -> None:
    environment = make_environment(state)
    url = f"http://127.0.0.1:{environment['MADOGUCHI_PORT']}"
    with run(environment, tmp_path / "output") as running, httpx.Client(base_url=url, trust_env=False) as http:
        running.await_word("Ctrl-C stops everything")
        said = running.read()
        assert "index: unchanged" in said
        assert "dialogue model: unchanged" in said
        assert all(f"{url}{path}\n" in said for path in ("/", "/policy", "/requests/new", "/desk"))

        # The first account's password is told once, and opens the desk.
        (password,) = re.findall(r"name: officer  password: (\S+)", said)
        answer = http.post("/desk/sign-in", data={"name": "officer", "password": password})
        assert answer.status_code == 303

        talk = Talk(http, "ja")
        assert talk.say_all("/request:disclosure", "注文の控えが対象です。")["degraded"] is False

        # A dialogue engine that dies is started again; the conversation goes on where it was.
        first = running.list_children()
        assert set(first) == {"actions serve", "bot serve"}
        os.kill(first["bot serve"], signal.SIGKILL)
        running.await_word("dialogue ended unexpectedly; starting it again")
        wait_until(lambda: http.get("/readyz").json()["dialogue"], "Rasa is back")
        second = running.list_children()
        assert second["bot serve"] != first["bot serve"]
        assert second["actions serve"] == first["actions serve"]
        reply = talk.say("青空つばさ")
        assert reply["degraded"] is False
        assert "メールアドレス" in join(reply)
        assert running.read().count("password:") == 1

        everything = [running.process.pid, *list_descendants(running.process.pid)]
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 0
        assert running.read().rstrip().endswith("stopped")
        assert [pid for pid in everything[1:] if is_there(pid)] == []
    assert "Traceback" not in running.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_can_be_stopped_while_it_starts(state: Path, tmp_path: Path, number: signal.Signals) -> None:
    # SIGHUP: the terminal was closed.
    with run(make_environment(state), tmp_path / "output") as running:
        wait_until(lambda: len(running.list_children()) == 2, "both were started")
        children = list(running.list_children().values())
        running.process.send_signal(number)
        assert running.process.wait(60) == 0
        assert [pid for pid in children if is_there(pid)] == []
        assert "Ctrl-C stops everything" not in running.read()


@pytest.mark.parametrize("name", ["MADOGUCHI_PORT", "MADOGUCHI_WEBHOOK_PORT", "MADOGUCHI_DIALOGUE_PORT"])
def test_a_port_that_is_taken_is_told_of_and_whoever_holds_it_is_left_alone(
    desk: Desk, state: Path, tmp_path: Path, http: httpx.Client, name: str
) -> None:
    # Without a look at the port, the other desk's answers would be taken for the new one's.
    environment = {**make_environment(state), name: desk.environment[name]}
    with run(environment, tmp_path / "output") as running:
        assert running.process.wait(60) == 1
        assert f"port {desk.environment[name]} ({name})" in running.read()
        assert "Ctrl-C stops everything" not in running.read()
    assert Talk(http).say(ASKED["ja"])["degraded"] is False


def test_an_unsafe_setting_is_refused_in_a_sentence(state: Path, tmp_path: Path) -> None:
    environment = {**make_environment(state), "MADOGUCHI_INTERNAL_HOST": "0.0.0.0"}
    with run(environment, tmp_path / "output") as running:
        assert running.process.wait(60) == 2
        assert "MADOGUCHI_WEBHOOK_SECRET" in running.read()
        assert "Traceback" not in running.read()

"""A whole desk of its own for the journeys: both real processes on free ports, with a state folder made for them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from actions.cases.conversations import Conversations
from actions.cases.crypto import load_master
from actions.cases.database import Database
from actions.cases.records import Case, Draft
from actions.cases.repository import Cases
from actions.settings import Settings
from actions.supervisor import ROOT, Supervisor, hash_dialogue
from knowledge.bundle import find_current
from knowledge.sources import hash_sources
from tests.prepared import MADE, MODEL

SHOP = ROOT / "knowledge" / "policies" / "coverchord"
WAIT_SECONDS = 120.0  # the longest anything may take on a busy machine; nothing is waited for longer than it takes
ASKED = {"ja": "どんな個人情報を集めていますか", "en": "What personal information do you collect?"}

Reply = dict[str, Any]


class Desk:
    """Both processes as the supervisor would start them, and every way to look at them from outside.

    Keywords are settings: `Desk(state, smtp_url="smtp://127.0.0.1:2525")`.
    """

    made_at = 0.0  # epoch seconds

    def __init__(self, state: Path, **settings: str) -> None:
        self.state = state
        self.made_at = time.time()
        self.environment = make_environment(state) | {f"MADOGUCHI_{name.upper()}": settings[name] for name in settings}
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("MADOGUCHI_")]:
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            self.settings = Settings()
            # The supervisor's own list: the journeys run the commands that `make run` runs.
            self.app, self.dialogue = Supervisor(self.settings, print)._processes
        self.url = f"http://127.0.0.1:{self.settings.port}"

    def start(self) -> None:
        """Start both and wait until both answer."""
        for process in (self.app, self.dialogue):
            process.start()
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until both answer; a process that ended says why in its log."""
        for process in (self.app, self.dialogue):
            wait_until(lambda one=process: one.is_ready() or not one.is_running(), f"{process.name} is ready")
            assert process.is_running(), f"{process.name} ended:\n{process.log.read_text('utf-8')[-3000:]}"

    def stop(self) -> None:
        """End both."""
        for process in (self.dialogue, self.app):
            process.stop()

    def open_http(self, **options: Any) -> httpx.Client:
        """A client of the public port with cookies of its own: one visitor."""
        return httpx.Client(base_url=self.url, trust_env=False, verify=False, timeout=WAIT_SECONDS, **options)

    def run_command(self, *arguments: str) -> str:
        """`python -m actions …` with this desk's settings. Returns what it wrote to standard output."""
        done = subprocess.run(
            [sys.executable, "-m", "actions", *arguments],
            cwd=ROOT,
            env=clean_environment(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def list_cases(self) -> dict[str, Case]:
        """All cases by receipt, read from the database with the desk's own keys."""
        database = Database(self.settings.database)
        try:
            return {case.receipt: case for case in Cases(database, load_master(self.settings.keys)).list_all()}
        finally:
            database.close()

    def find_draft(self, conversation_id: str) -> Draft | None:
        """What has been entered in a conversation and not been sent."""
        database = Database(self.settings.database)
        try:
            return Conversations(database, load_master(self.settings.keys)).find_draft(conversation_id)
        finally:
            database.close()

    def find_in_clear(self, words: tuple[str, ...]) -> list[tuple[str, str]]:
        """Where a word stands readably in any file of the state folder: (path, word).

        Files that are older than the desk (the index, the model) hold nothing of it.
        """
        found = []
        files = (path for path in self.state.rglob("*") if path.is_file())
        for path in sorted(path for path in files if path.stat().st_mtime >= self.made_at):
            content = path.read_bytes()
            spoken = [word for word in words if any(form in content for form in list_written_forms(word))]
            found += [(str(path.relative_to(self.state)), word) for word in spoken]
        return found


class Talk:
    """One conversation over `POST /api/chat`."""

    def __init__(self, http: httpx.Client, language: str | None = None) -> None:
        self.http = http
        self.language = language
        self.conversation_id = ""

    def say(self, message: str, message_id: str = "") -> Reply:
        """Send a message and take the reply, which is never an error here."""
        body = {"message": message, "message_id": message_id or str(uuid.uuid4())}
        if self.conversation_id:
            body["conversation_id"] = self.conversation_id
        if self.language:
            body["language"] = self.language
        # Escaped: a lone surrogate cannot be sent otherwise.
        response = self.http.post("/api/chat", content=json.dumps(body), headers={"content-type": "application/json"})
        assert response.status_code == 200, response.text
        reply: Reply = response.json()
        self.conversation_id = reply["conversation_id"]
        return reply

    def say_all(self, *messages: str) -> Reply:
        """Send messages one after the other. Returns the last reply."""
        return [self.say(message) for message in messages][-1]


def join(reply: Reply) -> str:
    """All that was said in a turn."""
    return "\n".join(message["text"] for message in reply["messages"])


def list_buttons(reply: Reply) -> list[str]:
    """What the buttons of a turn send."""
    return [button["payload"] for message in reply["messages"] for button in message["buttons"]]


def list_citations(reply: Reply) -> list[dict[str, str]]:
    """All citations of a turn."""
    return [citation for message in reply["messages"] for citation in message["citations"]]


def list_written_forms(word: str) -> set[bytes]:
    """The bytes a word could stand in: plain, in JSON, in an address, in UTF-16."""
    plain = {word, word.lower(), json.dumps(word)[1:-1], quote(word), quote(word, safe="@")}
    return {form.encode() for form in plain} | {word.encode("utf-16-le"), word.encode("utf-16-be")}


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Poll until it is so. Fails the test after `WAIT_SECONDS`."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"waited {WAIT_SECONDS:.0f} s in vain until {what}"
        time.sleep(0.05)


def make_environment(state: Path) -> dict[str, str]:
    """The settings of a desk on ports that are free now."""
    public, webhook, dialogue = find_free_ports(3)
    return {
        "MADOGUCHI_STATE": str(state),
        "MADOGUCHI_PORT": str(public),
        "MADOGUCHI_WEBHOOK_PORT": str(webhook),
        "MADOGUCHI_DIALOGUE_PORT": str(dialogue),
        # All visitors of the journeys share one address and come faster than people.
        "MADOGUCHI_RATE_ADDRESS": "100000/minute",
        "MADOGUCHI_RATE_CONVERSATION": "1000/minute",
        "MADOGUCHI_RATE_SIGN_IN": "1000/minute",
    }


def clean_environment(own: dict[str, str]) -> dict[str, str]:
    """The environment of a command: nothing of the caller's settings, all of the desk's own."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}, **own}


def find_free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    holders = [socket.socket() for _ in range(count)]
    try:
        for holder in holders:
            holder.bind(("127.0.0.1", 0))
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()


def make_state(folder: Path) -> Path:
    """A state folder with the built index and dialogue model, up to date for `python -m actions run`.

    The index is a copy: a journey neither writes into the built one nor sees it swapped under its feet. Both are
    stamped as made from the present sources, so that no journey ever starts a build of two minutes.
    """
    name = find_current(MADE / "knowledge")
    copy = Path(shutil.copytree(MADE / "knowledge" / name, folder / "knowledge" / name))
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    (copy / "manifest.json").write_text(json.dumps({**manifest, "built_from": hash_sources(SHOP, "")}), "utf-8")
    (folder / "knowledge" / "current").write_text(name, "utf-8")
    (folder / "dialogue").mkdir()
    (folder / "dialogue" / "model.tar.gz").symlink_to(MODEL)
    (folder / "dialogue" / "trained").write_text(hash_dialogue(Settings.model_fields["shop"].default), "utf-8")
    return folder

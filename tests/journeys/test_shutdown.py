"""The desk is told to end while somebody is being answered: the answer comes, whole, and nothing new is taken in."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import httpx
import pytest

from tests.journeys.desk import Desk, Reply, Talk, wait_until

pytestmark = pytest.mark.journey


@pytest.fixture
def own_desk(state: Path) -> Desk:
    """A desk to be ended, with patience for an engine that is held up."""
    return Desk(state, dialogue_timeout_seconds="30")


def test_a_running_turn_ends_when_the_desk_is_told_to_stop(own_desk: Desk) -> None:
    desk, replies = own_desk, []
    try:
        desk.start()
        assert desk.app.child is not None
        assert desk.dialogue.child is not None
        with desk.open_http() as http:
            talk = Talk(http, "ja")
            talk.say("/request:disclosure")
            # The engine is held up in the middle of the turn; its action is called on the app's internal port after.
            os.kill(desk.dialogue.child.pid, signal.SIGSTOP)
            turn = threading.Thread(target=lambda: replies.append(talk.say("注文の控えをお願いします。")))
            turn.start()
            wait_until(lambda: is_asked(desk), "the engine has the message")
            desk.app.child.send_signal(signal.SIGTERM)
            wait_until(lambda: not is_open(desk.url), "nothing new is taken in")
            assert is_open(f"http://127.0.0.1:{desk.settings.webhook_port}")
            os.kill(desk.dialogue.child.pid, signal.SIGCONT)
            turn.join(60)
        check(desk, replies)
        assert desk.app.child.wait(60) == 0
    finally:
        if desk.dialogue.child is not None:
            os.kill(desk.dialogue.child.pid, signal.SIGCONT)
        desk.stop()
    assert "Traceback" not in desk.app.log.read_text("utf-8")


def check(desk: Desk, replies: list[Reply]) -> None:
    (reply,) = replies
    assert reply["degraded"] is False
    assert reply["request"]["state"] == "collecting"
    draft = desk.find_draft(reply["conversation_id"])
    assert draft is not None
    assert draft.fields["details"] == "注文の控えをお願いします。"


def is_open(url: str) -> bool:
    """Whether somebody takes connections there."""
    try:
        httpx.get(f"{url}/healthz", timeout=5.0, trust_env=False)
    except httpx.ConnectError:
        return False
    return True


def is_asked(desk: Desk) -> bool:
    """Whether a connection from the app to the engine has bytes that the stopped engine has not read."""
    port = f":{desk.settings.dialogue_port:04X}"
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        _, local, _, _, queues, *_ = line.split()
        if local.endswith(port) and int(queues.partition(":")[2], 16) > 0:
            return True
    return False

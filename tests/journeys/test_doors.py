"""Who can reach what: one public port; Rasa and its webhook on loopback, closed to everybody else."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.journeys.desk import Desk

pytestmark = pytest.mark.journey

CALL = {"next_action": "action_answer", "sender_id": "c1", "tracker": {"sender_id": "c1", "slots": {}, "events": []}}


def list_listening(pid: int) -> set[tuple[str, int]]:
    """Addresses (hexadecimal, as the kernel writes them) and ports on which a process listens."""
    sockets = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text("ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                address, _, port = fields[1].partition(":")
                found.add((address, int(port, 16)))
    return found


def test_both_processes_listen_on_loopback_only(desk: Desk) -> None:
    settings, loopback = desk.settings, "0100007F"
    assert desk.dialogue.child is not None
    assert desk.app.child is not None
    assert list_listening(desk.dialogue.child.pid) == {(loopback, settings.dialogue_port)}
    assert list_listening(desk.app.child.pid) == {(loopback, settings.port), (loopback, settings.webhook_port)}


@pytest.mark.parametrize("host", ["", "127.0.0.1:{webhook}", "localhost:{webhook}"])
@pytest.mark.parametrize("path", ["/webhook", "/health", "//webhook", "/webhook/", "/api/../webhook"])
def test_the_webhook_is_not_on_the_public_port(desk: Desk, http: httpx.Client, host: str, path: str) -> None:
    spoofed = host.format(webhook=desk.settings.webhook_port)
    headers = {"host": spoofed, "x-forwarded-host": spoofed, "x-forwarded-port": spoofed[-5:]} if host else {}
    # Whole addresses: the client would take a path that begins with // for another host.
    assert http.post(f"{desk.url}{path}", json=CALL, headers=headers).status_code in {404, 405}


def test_the_webhook_answers_on_its_own_port(desk: Desk) -> None:
    url = f"http://127.0.0.1:{desk.settings.webhook_port}"
    assert httpx.get(f"{url}/health", trust_env=False).status_code == 200
    unknown = httpx.post(f"{url}/webhook", json={**CALL, "next_action": "nothing"}, trust_env=False)
    assert unknown.status_code == 404


@pytest.mark.parametrize("path", ["/", "/desk", "/policy", "/api/chat", "/requests/new", "/healthz", "/openapi.json"])
def test_no_page_is_on_the_webhooks_port(desk: Desk, path: str) -> None:
    url = f"http://127.0.0.1:{desk.settings.webhook_port}{path}"
    assert httpx.get(url, headers={"host": f"127.0.0.1:{desk.settings.port}"}, trust_env=False).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/conversations/c1/tracker",
        "/conversations/c1/story",
        "/domain",
        "/status",
        "/model/parse",
        "/webhooks/rest/webhook",
        "/webhooks/callback/webhook",
        "/socket.io/",
    ],
)
def test_rasa_offers_nothing_but_the_desks_channel(desk: Desk, path: str) -> None:
    assert httpx.get(f"{desk.settings.dialogue_url}{path}", trust_env=False).status_code == 404
    assert httpx.post(f"{desk.settings.dialogue_url}{path}", json={}, trust_env=False).status_code == 404


def test_the_public_port_describes_no_interface(http: httpx.Client) -> None:
    assert [http.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]

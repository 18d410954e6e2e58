"""Two app processes and two dialogue workers on one PostgreSQL and one Redis, and people who talk to any of them.

Each message goes to either app, as behind a load balancer; whoever gets no answer sends the same message, with the same
id, to the other one.
"""

from __future__ import annotations

import random
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from actions.cases.crypto import load_master
from actions.services import Services, open_services
from actions.supervisor import _Process
from tests.journeys.conversations import find_asked
from tests.journeys.desk import Desk, Reply, find_free_ports, make_state, wait_until
from tests.stores import demand_redis, open_schema

MOST_TURNS = 60
BACK_SECONDS = 600.0


@dataclass
class Cluster:
    """Two desks that share everything but their ports and their state folders."""

    first: Desk
    second: Desk

    @property
    def urls(self) -> list[str]:
        """Both public addresses."""
        return [self.first.url, self.second.url]

    @property
    def workers(self) -> tuple[str, ...]:
        """The dialogue workers as the apps know them."""
        return self.first.settings.dialogue_workers

    def find_dialogue(self, address: str) -> _Process:
        """The process at one of `workers`."""
        return {desk.settings.dialogue_url: desk.dialogue for desk in (self.first, self.second)}[address]

    def start(self) -> None:
        """Start all four at once, as containers start, and wait until all answer."""
        for desk in (self.first, self.second):
            desk.app.start()
            desk.dialogue.start()
        for desk in (self.first, self.second):
            desk.await_ready()

    def stop(self) -> None:
        """End all four."""
        for desk in (self.first, self.second):
            desk.stop()

    @contextmanager
    def open_services(self) -> Iterator[Services]:
        """The desk's parts, to look into the database."""
        services = open_services(self.first.settings)
        try:
            yield services
        finally:
            services.database.close()


@contextmanager
def make_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster on schemas of its own, dropped at the end; nothing is started yet."""
    redis = demand_redis()
    with open_schema("cluster") as database, open_schema("cluster_tracker") as tracker:
        yield _make(folder, database, tracker, redis)


def _make(folder: Path, database: str, tracker: str, redis: str) -> Cluster:
    ports = find_free_ports(6)
    shared = {
        "database_url": database,
        "tracker_url": tracker.replace("+psycopg", ""),
        "redis_url": f"{redis}/9",
        "dialogue_urls": " ".join(f"http://127.0.0.1:{port}" for port in ports[4:]),
    }
    desks = []
    for number in range(2):
        (folder / str(number)).mkdir()
        state = make_state(folder / str(number))
        own = {"port": ports[number], "webhook_port": ports[2 + number], "dialogue_port": ports[4 + number]}
        desks.append(Desk(state, **shared, **{key: str(port) for key, port in own.items()}))
    load_master(desks[0].settings.keys)
    shutil.copytree(desks[0].settings.keys, desks[1].settings.keys)
    for desk in desks:
        webhooks = " ".join(f"http://127.0.0.1:{port}/webhook" for port in ports[2:4])
        desk.dialogue.environment["MADOGUCHI_WEBHOOK_URL"] = webhooks
    return Cluster(*desks)


@dataclass
class Sent:
    """A message, and every reply that came to it."""

    conversation_id: str
    message_id: str
    replies: list[Reply] = field(default_factory=list)


@dataclass
class Crowd:
    """What all visitors have said and seen."""

    cluster: Cluster
    sent: list[Sent] = field(default_factory=list)
    receipts: dict[str, set[str]] = field(default_factory=dict)  # by mail address
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    interrupted: int = 0  # attempts that broke off
    failures: list[Exception] = field(default_factory=list)  # what ended a visitor early
    is_over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def strike(self, process: _Process, chance: random.Random) -> None:
        """Kill a process a moment after somebody has begun to speak."""
        before = len(self.sent)
        wait_until(lambda: len(self.sent) > before or self.failures, "somebody speaks")
        assert self.failures == []
        time.sleep(chance.random() * 0.1)
        assert process.child is not None
        process.child.kill()
        process.child.wait()

    def await_back(self, *processes: _Process) -> None:
        """Wait until processes that were started again answer: while others work on the same cores, that takes long."""
        deadline = time.monotonic() + BACK_SECONDS
        while not all(process.is_ready() for process in processes):
            assert self.failures == []
            assert all(process.is_running() for process in processes)
            assert time.monotonic() < deadline, "a process never came back"
            time.sleep(0.2)

    def await_receipts(self, count: int) -> None:
        """Let the work go on until so many more requests are filed."""
        before = len(self.receipts)
        wait_until(lambda: len(self.receipts) >= before + count or self.failures, "requests are filed")
        assert self.failures == []


class Visitor(threading.Thread):
    """Files one request after the other by conversation until time is over."""

    def __init__(self, crowd: Crowd, seed: int) -> None:
        super().__init__(daemon=True)
        self.crowd = crowd
        self.chance = random.Random(seed)
        self.seed = seed

    def run(self) -> None:
        try:
            with httpx.Client(trust_env=False, timeout=120.0) as self.http:
                number = 0
                while not self.crowd.is_over.is_set():
                    number += 1
                    self._file(f"{self.seed}-{number}")
        except Exception as error:  # noqa: BLE001  told by the test, which fails for it
            self.crowd.failures.append(error)

    def _file(self, number: str) -> None:
        person = {"details": f"注文{number}の控えをお願いします。", "name": "山吹みどり"}
        person |= {"email": f"midori-{number}@example.com", "phone": "03-0000-0909"}
        with self.crowd.lock:
            self.crowd.people[person["email"]] = person
        self.conversation_id = ""
        reply = self.say("/request:disclosure")
        for _ in range(MOST_TURNS):
            request = reply["request"] or {}
            if request.get("receipt"):
                with self.crowd.lock:
                    self.crowd.receipts.setdefault(person["email"], set()).add(request["receipt"])
                return
            reply = self.say(self._answer(reply, person))
        raise AssertionError(f"no receipt after {MOST_TURNS} turns: {reply}")

    def _answer(self, reply: Reply, person: dict[str, str]) -> str:
        if not reply["request"]:
            return "/request:disclosure"  # the engine was away before there was a request
        if reply["request"]["state"] == "confirming":
            return "はい"
        # In reduced mode nothing is asked: "?" has the question said again when the engine is back.
        return person.get(find_asked(reply), "?")

    def say(self, text: str) -> Reply:
        """Send a message until it is answered, now and then once more to the other app."""
        body: dict[str, Any] = {"message": text, "message_id": str(uuid.uuid4()), "language": "ja"}
        if self.conversation_id:
            body["conversation_id"] = self.conversation_id
        sent = Sent(self.conversation_id, body["message_id"])
        with self.crowd.lock:
            self.crowd.sent.append(sent)
        time.sleep(0.2)  # people do not type without a pause
        urls = self.chance.sample(self.crowd.cluster.urls, 2)
        reply = self._send(urls, body)
        # Of a conversation that a lost reply began nobody knows: the message begins another one.
        self.conversation_id = sent.conversation_id = reply["conversation_id"]
        sent.replies.append(reply)
        if self.chance.random() < 0.2:
            sent.replies.append(self._send(urls[::-1], {**body, "conversation_id": self.conversation_id}))
        return reply

    def _send(self, urls: list[str], body: dict[str, Any]) -> Reply:
        while True:
            for url in urls:
                try:
                    response = self.http.post(f"{url}/api/chat", json=body)
                except httpx.TransportError:
                    with self.crowd.lock:
                        self.crowd.interrupted += 1
                    continue
                if response.status_code == 200:
                    reply: Reply = response.json()
                    return reply
                assert response.status_code == 503, response.text
            time.sleep(0.1)

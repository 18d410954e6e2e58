"""Visitors that cost little themselves: they share two cores with what they measure.

`http.client` on a kept connection takes a tenth of a millisecond for a request; a richer client would take one or two.
"""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from actions.supervisor import ROOT

DEVELOPMENT = ROOT / "knowledge" / "policies" / "coverchord" / "development"
IDLE_SECONDS = 3.0  # uvicorn closes a connection that nobody has used for five
TURNS = 5  # messages of a conversation: what a visitor asks before leaving

Ask = Callable[[str], Any]


def list_questions(language: str = "ja", seed: int = 1) -> list[str]:
    """Questions that nothing was trained on, in a fixed random order."""
    lines = (DEVELOPMENT / f"{language}.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["q"] for line in lines]
    random.Random(seed).shuffle(questions)
    return questions


class Client:
    """One kept connection to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._used = time.monotonic()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Send JSON and read JSON. Raises RuntimeError: another status than 200."""
        if time.monotonic() - self._used > IDLE_SECONDS:
            self._connection.close()  # the next request opens it anew
        content = json.dumps(body).encode()
        self._connection.request("POST", path, content, {"content-type": "application/json"})
        response = self._connection.getresponse()
        answer, self._used = response.read(), time.monotonic()
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}")
        return json.loads(answer)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


class DeskVisitor:
    """Talks to this desk over `POST /api/chat`, a new conversation every few messages."""

    def __init__(self, port: int, turns: int = TURNS) -> None:
        self._client, self._turns = Client(port), turns
        self._said, self._conversation = 0, ""

    def say(self, message: str) -> float:
        """Say something → milliseconds until the reply. Raises RuntimeError: no whole reply."""
        body: dict[str, Any] = {"message": message}
        if self._said % self._turns:
            body["conversation_id"] = self._conversation
        start = time.perf_counter()
        reply = self._client.post("/api/chat", body)
        taken = (time.perf_counter() - start) * 1000
        if reply["degraded"] or not reply["messages"]:
            raise RuntimeError("the dialogue engine did not answer")
        self._said, self._conversation = self._said + 1, reply["conversation_id"]
        if reply["request"] and reply["request"]["state"] == "collecting":
            # A question was taken for a wish: it is given up, untimed, so that each turn is a question's.
            self._client.post("/api/chat", {"message": "/cancel", "conversation_id": self._conversation})
        return taken


class StockVisitor:
    """Talks to stock Rasa over its REST channel, a new sender every few messages."""

    def __init__(self, port: int, turns: int = TURNS) -> None:
        self._client, self._turns = Client(port), turns
        self._said, self._name = 0, random.randbytes(6).hex()

    def say(self, message: str) -> float:
        """Say something → milliseconds until the reply. Raises RuntimeError: Rasa said nothing."""
        sender = f"{self._name}-{self._said // self._turns}"
        start = time.perf_counter()
        reply = self._client.post("/webhooks/rest/webhook", {"sender": sender, "message": message})
        taken = (time.perf_counter() - start) * 1000
        if not reply:
            raise RuntimeError("stock Rasa said nothing")
        self._said += 1
        return taken


class Asker:
    """Asks `POST /api/ask`."""

    def __init__(self, port: int) -> None:
        self._client = Client(port)

    def say(self, message: str) -> float:
        """Ask → milliseconds until the answer."""
        start = time.perf_counter()
        self._client.post("/api/ask", {"question": message})
        return (time.perf_counter() - start) * 1000


def ask_all(visitor: Any, questions: Iterator[str], count: int) -> list[float]:
    """One visitor says so many things, one after the other → milliseconds each."""
    return [visitor.say(question) for question in itertools.islice(questions, count)]


def crowd(make: Callable[[], Any], questions: list[str], clients: int, seconds: float) -> tuple[list[float], float]:
    """So many visitors talk at once, each without a pause → milliseconds of each reply, and replies a second."""
    times: list[list[float]] = [[] for _ in range(clients)]
    failures: list[Exception] = []
    end = time.perf_counter() + seconds

    def talk(number: int) -> None:
        own = itertools.cycle(questions[number::clients])
        try:
            visitor = make()
            while time.perf_counter() < end:
                times[number].append(visitor.say(next(own)))
        except Exception as error:  # noqa: BLE001  whatever it was, the measurement is void
            failures.append(error)

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(clients)]
    start = time.perf_counter()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    taken = time.perf_counter() - start
    if failures:
        raise RuntimeError("a visitor was not answered") from failures[0]
    every = [one for part in times for one in part]
    return every, len(every) / taken

"""A small bundle built once a session, a desk on a fresh database, and an engine that stands in for Rasa."""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import sqlalchemy as sa
import structlog
import yaml
from argon2 import PasswordHasher
from fastapi import FastAPI

from actions.cases.crypto import Sealer, load_master
from actions.cases.database import Database
from actions.cases.records import Draft
from actions.cases.tables import Base
from actions.dialogue.registry import make_executor
from actions.errors import DialogueDownError
from actions.services import Services, assemble
from actions.settings import Settings
from actions.texts import LANGUAGES, say
from actions.web.app import make_app
from actions.web.context import Context
from actions.web.gateway import Gateway
from actions.web.guard import Limiter
from knowledge.builder import build_retriever
from knowledge.bundle import Bundle, Library, save_bundle
from knowledge.policy import Policy, PolicyText, load_former, load_policy
from knowledge.retriever import Hit, Ranking, Retriever
from knowledge.romaji import Spelling
from knowledge.wordings import Wording, load_wordings
from tests.editions import REWORDED, add_edition, copy_policy
from tests.stores import demand_redis, open_schema

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "knowledge" / "policies" / "coverchord"
ORIGIN = "http://desk.example.com"
CHEAP = partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)
DECOY = CHEAP().hash("nobody's")

# The questions of the desk's own buttons and what answers them: what the tests ask must be known for sure.
CLAUSES = {
    "ask_collected": "collected",
    "ask_purpose": "purpose",
    "ask_third_party": "third_party",
    "rights": "rights.1",
    "complain": "rights.7",
}
ELSEWHERE = {"ja": "注文はいつ届きますか", "en": "where is my order"}  # about no personal data, for sure
SILENT = {"cookies", "leak_compensation", "retention"}
OFF_TOPIC = {"order", "delivery"}
PER_CLAUSE, PER_TOPIC = 6, 12


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own settings must not decide what is tested."""
    for name in [name for name in os.environ if name.startswith("MADOGUCHI_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose (its real parameters have a test of their own)."""
    monkeypatch.setattr("actions.cases.accounts.PasswordHasher", CHEAP)
    monkeypatch.setattr("actions.cases.accounts.DECOY", DECOY)


@pytest.fixture
def former_logging() -> Iterator[None]:
    """For tests that configure logging, which takes the root logger over; pytest wants its own handlers back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The real policy."""
    return load_policy(SHOP)


@pytest.fixture(scope="session")
def index(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small bundle as the current one.

    The encoder's fine-tuning is left out: it needs torch and half a minute, and its start already ranks well enough.
    """
    wordings = load_wordings(SHOP / "wordings", policy.clause_ids)
    folder = tmp_path_factory.mktemp("index")
    chosen = {language: _choose(wordings, language) for language in LANGUAGES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "knowledge.builder.train_encoder", lambda *given, **_: np.asarray(given[3], np.float16), raising=False
        )
        retrievers = {
            language: build_retriever(policy, chosen[language], language, encoder_name="", progress=lambda _: None)
            for language in LANGUAGES
        }
    spelling = Spelling.learn(wording.text for wording in chosen["ja"])
    save_bundle(Bundle(policy, retrievers, "small", spelling), SHOP, folder, "")
    return folder


def _choose(wordings: list[Wording], language: str) -> list[Wording]:
    asked = [
        Wording(f"{say(language, f'questions.{key}')}{ending}", language, (clause,))
        for key, clause in CLAUSES.items()
        for ending in ("", "?", "。", " !")
    ]
    asked += [Wording(f"{ELSEWHERE[language]}{ending}", language, offtopic="order") for ending in ("", "?")]
    taken: Counter[str] = Counter()
    for wording in wordings:
        wanted = bool(wording.clauses) or wording.silent in SILENT or wording.offtopic in OFF_TOPIC
        label = wording.clauses[0] if wording.clauses else wording.silent or wording.offtopic
        if wording.language == language and wanted and taken[label] < (PER_CLAUSE if wording.clauses else PER_TOPIC):
            taken[label] += 1
            asked.append(wording)
    return asked


@pytest.fixture(scope="session")
def library(index: Path) -> Library:
    """The small bundle in service."""
    return Library(index)


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("blank") / "blank.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()  # the last connection merges the write-ahead log into the file
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """PostgreSQL with a schema of this session's own, dropped at the end."""
    with open_schema("madoguchi") as address, closing(Database(address)) as database:
        database.migrate()
        yield database


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis that answers."""
    return demand_redis()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def database(request: pytest.FixtureRequest, tmp_path: Path, blank_database: Path) -> Iterator[Database]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        shutil.copyfile(blank_database, tmp_path / "madoguchi.sqlite3")
        found = Database(f"sqlite:///{tmp_path / 'madoguchi.sqlite3'}")
        yield found
        found.close()
        return
    found = request.getfixturevalue("postgres")
    yield found
    with found.transaction() as session:
        session.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER USER"))
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(sa.delete(table))
        session.execute(sa.text("ALTER TABLE audit ENABLE TRIGGER USER"))


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    """Master keys made for the test."""
    return load_master(tmp_path / "keys")


@pytest.fixture
def make_services(
    tmp_path: Path, library: Library, blank_database: Path
) -> Iterator[Callable[[], Services] | Callable[..., Services]]:
    """Opens the desk's parts on a new SQLite, or on a given database or index; keywords are settings."""
    opened = []

    def make(database: Database | None = None, shelf: Library | None = None, **values: Any) -> Services:
        state = tmp_path / f"state-{len(opened)}"
        state.mkdir()
        settings = Settings(state=state, **values)
        if database is None:
            shutil.copyfile(blank_database, state / "madoguchi.sqlite3")
            database = Database(settings.database)
            opened.append(database)
        return assemble(settings, shelf or library, database, load_master(settings.keys))

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def services(make_services: Callable[..., Services]) -> Services:
    """The desk's parts on a new SQLite."""
    return make_services()


@dataclass(frozen=True)
class Ambiguous:
    """A question that could mean either of two clauses, in both languages."""

    question: str = "xyzzy"
    clauses: tuple[str, str] = ("rights.5", "third_party")

    def readings(self, services: Services, language: str) -> tuple[str, ...]:
        """What it could mean, as it is offered to choose from."""
        return tuple(services.bundle.policy.guidance.readings[clause][language] for clause in self.clauses)


@pytest.fixture
def ambiguous(monkeypatch: pytest.MonkeyPatch) -> Ambiguous:
    """A question that retrieval takes for covered and cannot decide, in whatever words it stands."""
    made, rank = Ambiguous(), Retriever.rank

    def rank_unsurely(self: Retriever, question: str, limit: int = 5) -> Ranking:
        found = rank(self, question, limit)
        if made.question not in question:
            return found
        hits = tuple(Hit(clause, share) for clause, share in zip(made.clauses, (0.4, 0.35), strict=True))
        return replace(found, hits=hits, sure=0.4, threshold=0.5, covered=0.9, silent=0.05, elsewhere=0.05)

    monkeypatch.setattr(Retriever, "rank", rank_unsurely)
    return made


@pytest.fixture
def make_draft(policy: Policy) -> Callable[..., Draft]:
    """A complete draft of an invented person; keywords replace fields of the record."""

    def make(**values: Any) -> Draft:
        given = {"details": "登録した住所を開示してください", "name": "山田花子"}
        given |= {"email": "hanako@example.com", "phone": "03-0000-0000"}
        known = {"kinds": ("disclosure",), "language": "ja", "policy_version": policy.version}
        known |= {"filing_key": str(uuid.uuid4()), "asked": "confirmation", "fields": given}
        return Draft(**{**known, **values})

    return make


def _read_rules() -> dict[str, str]:
    """What Rasa's rules do with an intent outside a form: intent → action or form."""
    rules = yaml.safe_load((ROOT / "bot/data/rules/rules.yml").read_text("utf-8"))["rules"]
    return {rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in rules if "intent" in rule["steps"][0]}


@dataclass
class FakeEngine:
    """The interface of `actions.web.engine.Engine` with Rasa's rules but a table instead of a trained classifier.

    It runs the desk's real actions, so that only recognition is made up. `heard` says how a text is understood;
    `loses_replies` acts and then fails, as when a reply does not arrive in time.
    """

    services: Services
    heard: dict[str, tuple[str, float]] = field(default_factory=dict)
    sent: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    is_down: bool = False
    loses_replies: bool = False
    workers: tuple[str, ...] = ("http://engine.example.com",)

    def __post_init__(self) -> None:
        self._executor = make_executor(self.services)
        self._rules = _read_rules()
        self._slots: dict[str, dict[str, str | None]] = {}

    def hear(self, text: str, intent: str, confidence: float = 0.95) -> None:
        """Understand a text as an intent from now on."""
        self.heard[text] = (intent, confidence)

    async def send(self, sender: str, message: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """See Engine.send."""
        self.sent.append((sender, message, dict(metadata)))
        if self.is_down:
            raise DialogueDownError
        said = await self._act(sender, message, metadata)
        if self.loses_replies or not said:
            raise DialogueDownError
        return said

    async def count_ready(self) -> int:
        """See Engine.count_ready."""
        return int(not self.is_down)

    async def close(self) -> None:
        """See Engine.close."""

    async def _act(self, sender: str, message: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        slots = self._slots.setdefault(sender, {})
        # A name or an address in a request is nothing the classifier has seen; the rest is a question.
        unknown = ("nlu_fallback", 0.3) if slots.get("requested_slot") else ("ask_policy", 0.9)
        intent, confidence = (message[1:], 1.0) if message.startswith("/") else self.heard.get(message, unknown)
        action = self._rules[intent]
        if slots.get("requested_slot") or action == "request_form":
            action = "validate_request_form"
        heard = {"text": message, "intent": {"name": intent, "confidence": confidence}, "metadata": metadata}
        tracker = {"sender_id": sender, "slots": slots, "latest_message": heard, "events": []}
        result = await self._executor.run({"next_action": action, "tracker": tracker, "domain": {}})
        if [event["name"] for event in result.events if event["event"] == "followup"] == ["request_form"]:
            # A request that the classifier took for a question: the form is activated, which asks its validation.
            call = {"next_action": "validate_request_form", "tracker": tracker, "domain": {}}
            result = await self._executor.run(call)
        slots.update({event["name"]: event["value"] for event in result.events if event["event"] == "slot"})
        return [response["custom"] for response in result.responses]


@dataclass
class Desk:
    """The public application with a stand-in for Rasa, and a browser's view of it."""

    services: Services
    engine: FakeEngine
    app: FastAPI
    client: httpx.AsyncClient
    gateway: Gateway

    async def chat(self, message: str, conversation_id: str | None = None, **more: Any) -> dict[str, Any]:
        """One turn by the API; anything but 200 fails the test."""
        body = {"message": message, "conversation_id": conversation_id, **more}
        response = await self.client.post("/api/chat", json=body)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found


@pytest.fixture(scope="session")
def kept_apps() -> list[FastAPI]:
    """The application of the session's first desk, to be lent to others: making one takes longer than most tests."""
    return []


@pytest.fixture
async def open_desk(
    make_services: Callable[..., Services], kept_apps: list[FastAPI]
) -> AsyncIterator[Callable[..., Desk]]:
    """Opens a desk; keywords are settings, `database` or `shelf`."""
    clients: list[httpx.AsyncClient] = []

    def make(**values: Any) -> Desk:
        services = make_services(**values)
        engine, limiter = FakeEngine(services), Limiter(services.settings)
        gateway = Gateway(services, engine, limiter)
        # An application holds nothing but its context (and one setting); a test's second desk needs one of its own.
        if clients or not kept_apps:
            kept_apps.append(make_app(services))
        app = kept_apps[-1] if clients else kept_apps[0]
        app.state.context = Context(services, engine, limiter, gateway)
        # As behind uvicorn: an unexpected failure is a response, not an exception of the test.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, trust_env=False)
        clients.append(client)
        return Desk(services, engine, app, client, gateway)

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def desk(open_desk: Callable[..., Desk]) -> Desk:
    """A desk with the default settings."""
    return open_desk()


@pytest.fixture
def publishing_desk(
    open_desk: Callable[..., Desk], index: Path, tmp_path: Path
) -> tuple[Desk, Callable[[], tuple[PolicyText, Policy]]]:
    """A desk, and what publishes a second edition while it runs, one clause reworded → the old policy, the new one."""
    root = Path(shutil.copytree(index, tmp_path / "shelf"))
    desk = open_desk(shelf=Library(root))

    def publish() -> tuple[Policy, Policy]:
        shop = copy_policy(SHOP, tmp_path / "shop")
        add_edition(shop, REWORDED)
        second = replace(desk.services.bundle, policy=load_policy(shop), former=load_former(shop), built_from="second")
        save_bundle(second, shop, root, "")
        assert desk.services.library.reload()
        (former,) = second.former
        return former, second.policy

    return desk, publish

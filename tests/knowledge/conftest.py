"""The real policy, and a small bundle trained once a session: six wordings a clause are enough to see it work."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge.builder import build_retriever
from knowledge.bundle import Bundle, Library, save_bundle
from knowledge.policy import LANGUAGES, Policy, load_policy
from knowledge.romaji import Spelling
from knowledge.sources import hash_sources
from knowledge.wordings import Wording, load_wordings
from tests.editions import REWORDED, add_edition, copy_policy

ROOT = Path(__file__).parents[2]
PER_CLAUSE = 6
PER_TOPIC = 3
PER_ACT = 4
TOPICS = 30  # of 200: training time grows with the labels


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def data() -> Path:
    """Files that tests compare with."""
    return Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def shop() -> Path:
    """The real shop's folder; never written to."""
    return ROOT / "knowledge" / "policies" / "coverchord"


@pytest.fixture(scope="session")
def policy(shop: Path) -> Policy:
    return load_policy(shop)


@pytest.fixture(scope="session")
def wordings(shop: Path, policy: Policy) -> list[Wording]:
    return load_wordings(shop / "wordings", policy.clause_ids)


@pytest.fixture(scope="session")
def small_shop(shop: Path, wordings: list[Wording], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with the real policy and a few wordings of every label; its development questions are some of them."""
    folder = copy_policy(shop, tmp_path_factory.mktemp("shop"))
    (folder / "wordings").mkdir()
    (folder / "development").mkdir()
    for language in LANGUAGES:
        rows = [_as_row(wording) for wording in _choose(wordings, language)]
        _write_lines(folder / "wordings" / f"few.{language}.jsonl", rows)
        questions = [
            {"id": f"{language}-{number}", "part": "tidy", **row}
            for number, row in enumerate(rows)
            if "intent" not in row
        ]
        copy = {**questions[0], "id": f"{language}-again", "paraphrase_of": questions[0]["id"]}
        _write_lines(folder / "development" / f"{language}.jsonl", [*questions, copy])
        # The command must leave intents to Rasa's own evaluation: they have no `part`.
        _write_lines(folder / "development" / f"intents.{language}.jsonl", [{"id": "i", "q": "?", "intent": "help"}])
    return folder


@pytest.fixture(scope="session")
def small_index(small_shop: Path, policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small shop's bundle as the current one; tests that write take a copy."""
    few = load_wordings(small_shop / "wordings", policy.clause_ids)
    retrievers = {
        language: build_retriever(policy, few, language, encoder_name="", progress=lambda _: None)
        for language in LANGUAGES
    }
    index = tmp_path_factory.mktemp("index")
    spelling = Spelling.learn(one.text for one in few if one.language == "ja" and one.answerable)
    save_bundle(Bundle(policy, retrievers, hash_sources(small_shop, ""), spelling), small_shop, index, "")
    return index


@pytest.fixture(scope="session")
def bundle(small_index: Path) -> Bundle:
    """The small bundle as read back from disk."""
    return Library(small_index).bundle


@pytest.fixture
def index_copy(small_index: Path, tmp_path: Path) -> Path:
    """The small index to damage."""
    return Path(shutil.copytree(small_index, tmp_path / "index"))


@pytest.fixture
def shop_copy(small_shop: Path, tmp_path: Path) -> Path:
    """The small shop to change."""
    return Path(shutil.copytree(small_shop, tmp_path / "shop"))


@pytest.fixture
def two_editions(shop_copy: Path) -> Path:
    """The small shop after it has published a second edition, with one clause reworded."""
    add_edition(shop_copy, REWORDED)
    return shop_copy


@pytest.fixture(scope="session")
def write_lines() -> Callable[[Path, list[dict[str, Any]]], None]:
    """Writer of JSON lines."""
    return _write_lines


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _choose(wordings: list[Wording], language: str) -> list[Wording]:
    """The first few wordings in one language of every clause and act and of some silent and off-topic topics."""
    spoken = [wording for wording in wordings if wording.language == language]
    topics = dict.fromkeys(
        wording.silent or wording.offtopic for wording in spoken if wording.silent or wording.offtopic
    )
    left_out = [topic for number, topic in enumerate(sorted(topics)) if number % (len(topics) // TOPICS)]
    taken: Counter[str] = Counter(dict.fromkeys(set(left_out) - {"cookies"}, PER_TOPIC))
    chosen = []
    for wording in spoken:
        label = wording.clauses[0] if wording.clauses else wording.silent or wording.offtopic or wording.intent
        limit = PER_CLAUSE if wording.clauses else PER_TOPIC if wording.silent or wording.offtopic else PER_ACT
        if taken[label] < limit:
            taken[label] += 1
            chosen.append(wording)
    return chosen


def _as_row(wording: Wording) -> dict[str, Any]:
    row = {"q": wording.text, "clauses": list(wording.clauses)} if wording.clauses else {"q": wording.text}
    labels = {"silent": wording.silent, "offtopic": wording.offtopic, "intent": wording.intent}
    return {**row, **{key: value for key, value in labels.items() if value}}

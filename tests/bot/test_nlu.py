"""Wordings → training data: the same data always, clean lines, and nothing that is tested on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from actions.supervisor import ROOT
from bot import nlu
from knowledge.wordings import load_wordings

WORDINGS, DEVELOPMENT = nlu.SHOP / "wordings", nlu.SHOP / "development"
HASH = """
import hashlib
from bot.nlu import SHOP, collect_examples, render
print(hashlib.sha256(render(collect_examples(SHOP / "wordings")).encode()).hexdigest())
"""
# Nobody says "yes" in words of their own: what these acts are tested on is what they are taught.
STOCK_PHRASES = {"affirm", "deny", "cancel", "greet", "thanks", "goodbye", "language"}


@lru_cache(maxsize=1)
def collect() -> dict[str, list[str]]:
    return nlu.collect_examples(WORDINGS)


def count_latin(texts: list[str]) -> int:
    return sum(text.isascii() for text in texts)


def hash_in_new_process(seed: str) -> str:
    command, environment = [sys.executable, "-c", HASH], {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_same_data_gives_the_same_examples_whatever_the_hash_seed() -> None:
    # Same examples in the same order, same model: else each `make run` would train a slightly different desk.
    assert hash_in_new_process("1") == hash_in_new_process("2") != ""


def test_only_the_large_intents_are_sampled() -> None:
    taken = {intent: len(texts) for intent, texts in collect().items()}
    seen, whole = set[str](), Counter[str]()
    for wording in load_wordings(WORDINGS):
        text = nlu._as_example(wording.text)
        if text not in seen:
            seen.add(text)
            whole[nlu.intent_of(wording)] += 1
    assert taken == {intent: min(count, nlu.SAMPLE.get(intent, count)) for intent, count in whole.items()}


def test_every_sampled_text_is_one_of_the_wordings() -> None:
    known = {nlu._as_example(wording.text) for wording in load_wordings(WORDINGS)}
    assert {text for texts in collect().values() for text in texts} <= known


def test_every_clause_and_both_languages_are_in_the_sample() -> None:
    clause_of = {nlu._as_example(one.text): one.clauses[0] for one in load_wordings(WORDINGS) if one.clauses}
    asked = {one.clauses[0] for one in load_wordings(WORDINGS) if one.clauses and nlu.intent_of(one) == "ask_policy"}
    sampled = collect()["ask_policy"]
    assert {clause_of[text] for text in sampled if text in clause_of} == asked
    assert 0.3 < count_latin(sampled) / len(sampled) < 0.7


def test_no_topic_crowds_out_another() -> None:
    groups = {"large": [f"large {number}" for number in range(1000)], "small": ["a", "b"], "tiny": ["c"]}
    taken = nlu._sample(groups, 10)
    assert len(taken) == len(set(taken)) == 10
    assert {"a", "b", "c"} <= set(taken)


def test_sampling_takes_everything_without_a_size() -> None:
    assert sorted(nlu._sample({"one": ["a", "b"], "two": ["c"]}, None)) == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["[a](b)", "see [1]", "[[x]]", "a ] b"])
def test_brackets_would_mark_an_entity(text: str) -> None:
    assert not set("[]") & set(nlu._as_example(text))


def test_no_example_holds_a_bracket_or_a_line_break() -> None:
    texts = [text for intent in collect().values() for text in intent]
    assert [text for text in texts if re.search(r"[\[\]\r\n\t]", text) or not text.strip()] == []


@pytest.mark.parametrize("read", [collect, lambda: nlu.collect_development(DEVELOPMENT)], ids=["training", "tests"])
def test_yaml_holds_every_example_as_it_is(read: Callable[[], dict[str, list[str]]]) -> None:
    examples = read()
    rows = yaml.safe_load(nlu.render(examples))["nlu"]
    found = {row["intent"]: [line.removeprefix("- ") for line in row["examples"].splitlines()] for row in rows}
    assert found == examples


@pytest.mark.parametrize("text", ["# not a comment", "- a dash", "key: value", "'quoted", "%", "a  b", "&x *y !z"])
def test_yaml_survives_marks_that_mean_something_to_it(text: str) -> None:
    line = nlu._as_example(text)
    row = yaml.safe_load(nlu.render({"greet": [line]}))["nlu"][0]
    assert row["examples"] == f"- {line}\n"


def test_nothing_is_tested_on_that_was_trained_on() -> None:
    def bare(text: str) -> str:
        return re.sub(r"\W", "", text).lower()

    trained = {bare(text) for texts in collect().values() for text in texts}
    tested = nlu.collect_development(DEVELOPMENT)
    known = {intent for intent, texts in tested.items() for text in texts if bare(text) in trained}
    assert known <= STOCK_PHRASES


def test_no_text_is_taught_as_two_intents() -> None:
    taught = Counter(text for texts in collect().values() for text in texts)
    assert [text for text, count in taught.items() if count > 1] == []


def test_development_messages_are_in_both_languages() -> None:
    for language in ("ja", "en"):
        assert (Path(DEVELOPMENT) / f"intents.{language}.jsonl").exists()
    texts = [text for intent in nlu.collect_development(DEVELOPMENT).values() for text in intent]
    assert 0.3 < count_latin(texts) / len(texts) < 0.7

"""Wordings → Rasa's NLU training data.

The wordings stay the only copy: this file is made anew at each training. All requests, complaints, how-to questions,
acts and messages out of scope are taken; of the thousands of plain questions a sample, spread evenly over what they are
about (a fixed one: same data, same model).
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path

from knowledge.text import normalise
from knowledge.wordings import Wording, load_wordings

SHOP = Path(__file__).parent.parent / "knowledge" / "policies" / "coverchord"
SAMPLE = {"ask_policy": 2000}  # examples over both languages; the other intents are taken whole


def intent_of(wording: Wording) -> str:
    """The intent a wording teaches: a question the policy does not answer is a question all the same."""
    if wording.intent:
        return wording.intent
    return "out_of_scope" if wording.offtopic else "ask_policy"


def collect_examples(folder: Path) -> dict[str, list[str]]:
    """Examples by intent, each text once, in a stable order."""
    by_intent: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    seen: set[str] = set()
    for wording in load_wordings(folder):
        text = _as_example(wording.text)
        if text and text not in seen:
            seen.add(text)
            about = f"{wording.language} {wording.clauses[:1]} {wording.silent} {wording.offtopic}"
            by_intent[intent_of(wording)][about].append(text)
    return {intent: _sample(groups, SAMPLE.get(intent)) for intent, groups in sorted(by_intent.items())}


def _sample(groups: dict[str, list[str]], size: int | None) -> list[str]:
    """Take `size` texts in rounds, one of each group a round, so that no topic crowds out another."""
    chance = random.Random(11)  # noqa: S311  repeatable on purpose
    for texts in groups.values():
        chance.shuffle(texts)
    rounds = max(map(len, groups.values()))
    dealt = [texts[turn] for turn in range(rounds) for texts in groups.values() if turn < len(texts)]
    return dealt[:size]


def render(examples: dict[str, list[str]]) -> str:
    """Rasa's YAML. Every example is one line after "- "."""
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in examples.items():
        lines += [f"- intent: {intent}", "  examples: |"]
        lines += [f"    - {text}" for text in texts]
    return "\n".join(lines) + "\n"


def collect_development(folder: Path) -> dict[str, list[str]]:
    """Development messages by intent (`intents.<language>.jsonl`): never trained on."""
    by_intent: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("intents.*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            by_intent[row["intent"]].append(_as_example(row["q"]))
    return dict(by_intent)


def _as_example(text: str) -> str:
    """One line as the gateway would send it; brackets would mark an entity."""
    return normalise(text).replace("[", "(").replace("]", ")")

"""The desk's own conversation data as a stock bot's: the same examples and intents, each rule also as a story.

TED learns from stories only, and the desk has none. A request's form becomes one action: what is compared is a turn.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from bot.nlu import SHOP, collect_examples, render

ROOT = Path(__file__).resolve().parents[3]
ACTIONS = ("action_answer", "action_reply")
OPENING = "ask_policy"  # what a conversation begins with


def write_data(folder: Path) -> None:
    """Write `domain.yml` and `data/{nlu,rules,stories}.yml` into a folder."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    answers = _read_rules()
    domain = yaml.safe_load((ROOT / "bot/domain/domain.yml").read_text("utf-8"))
    _dump(folder / "domain.yml", {"version": "3.1", "intents": domain["intents"], "actions": list(ACTIONS)})
    _dump(folder / "data/rules.yml", {"version": "3.1", "rules": _make_rules(answers)})
    _dump(folder / "data/stories.yml", {"version": "3.1", "stories": _make_stories(answers)})
    (folder / "data/nlu.yml").write_text(render(collect_examples(SHOP / "wordings")), "utf-8")


def _read_rules() -> dict[str, str]:
    """The action that follows an intent."""
    rules = yaml.safe_load((ROOT / "bot/data/rules/rules.yml").read_text("utf-8"))["rules"]
    steps = [rule["steps"] for rule in rules if "intent" in rule["steps"][0]]
    return {first["intent"]: _choose_action(second["action"]) for first, second, *_ in steps}


def _choose_action(name: str) -> str:
    return name if name in ACTIONS else "action_reply"


def _make_rules(answers: dict[str, str]) -> list[dict[str, Any]]:
    return [{"rule": intent, "steps": [{"intent": intent}, {"action": action}]} for intent, action in answers.items()]


def _make_stories(answers: dict[str, str]) -> list[dict[str, Any]]:
    """Of each intent a conversation that begins with a question and goes on with it."""
    opening = [{"intent": OPENING}, {"action": answers[OPENING]}]
    return [
        {"story": f"a question, then {intent}", "steps": [*opening, {"intent": intent}, {"action": action}]}
        for intent, action in answers.items()
        if intent != "nlu_fallback"
    ]


def _dump(path: Path, content: dict[str, Any]) -> None:
    # JSON is YAML too, without the references that a dump makes of what occurs twice. But for the keys at the top: Rasa
    # looks for them, unquoted, at the beginning of a line, and takes a file without for none of its own.
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in content.items())
    path.write_text("\n".join(lines) + "\n", "utf-8")

"""Rasa's own checks: its data validation, and its NLU test on messages that were never trained on, held to floors."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from actions.supervisor import ROOT
from tests.prepared import MODEL, demand_model

FLOORS = tomllib.loads(Path(__file__).with_name("floors.toml").read_text("utf-8"))
QUESTIONS = {"ask_policy", "howto", "out_of_scope"}  # three intents, one action: retrieval decides what they are


@dataclass(frozen=True)
class Verdict:
    """A message's intent, and the one that was recognised."""

    intent: str
    recognised: str

    @property
    def requests(self) -> bool:
        return opens_request(self.intent)

    @property
    def taken_for_request(self) -> bool:
        return opens_request(self.recognised)


def opens_request(intent: str) -> bool:
    return intent.startswith("exercise_") or intent == "complaint"


def run_bot(python: str, command: str, state: Path) -> str:
    """`python -m bot <command>`. Returns all it wrote."""
    done = subprocess.run(
        [python, "-m", "bot", command, str(state)],
        cwd=ROOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", "LOG_LEVEL": "INFO"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def verdicts(bot_python: str, tmp_path_factory: pytest.TempPathFactory) -> list[Verdict]:
    """Rasa's verdict on every development message, from its reports."""
    demand_model()
    state = tmp_path_factory.mktemp("dialogue")
    (state / "model.tar.gz").symlink_to(MODEL)
    run_bot(bot_python, "test", state)
    report: dict[str, Any] = json.loads((state / "results" / "intent_report.json").read_text("utf-8"))
    # The report lists the three most frequent confusions of an intent only; the errors beside it are complete.
    errors = json.loads((state / "results" / "intent_errors.json").read_text("utf-8"))
    wrong = [Verdict(one["intent"], str(one["intent_prediction"]["name"])) for one in errors]
    right = [
        Verdict(intent, intent)
        for intent, row in report.items()
        if isinstance(row, dict) and "confused_with" in row
        for _ in range(int(row["support"]) - sum(one.intent == intent for one in wrong))
    ]
    assert len(right) == round(report["accuracy"] * len(right + wrong))  # the two reports were read as they are meant
    return right + wrong


def measure(verdicts: list[Verdict]) -> dict[str, float]:
    """The figures of `floors.toml`."""
    requests = [one for one in verdicts if one.requests]
    questions = [one for one in verdicts if one.intent in QUESTIONS]
    return {
        "accuracy": share(verdicts, lambda one: merge(one.recognised) == merge(one.intent)),
        "request_recognised": share(requests, lambda one: one.taken_for_request),
        "kind_right": share(requests, lambda one: one.recognised == one.intent),
        "question_taken_for_request": share(questions, lambda one: one.taken_for_request),
    }


def merge(intent: str) -> str:
    return "question" if intent in QUESTIONS else intent


def share(verdicts: list[Verdict], is_so: Any) -> float:
    return sum(map(is_so, verdicts)) / len(verdicts)


def test_rasas_own_validation_finds_nothing(bot_python: str, tmp_path: Path) -> None:
    said = run_bot(bot_python, "check", tmp_path)
    assert "No story structure conflicts found" in said
    assert (tmp_path / "nlu.yml").exists()  # it checked the data made from the wordings


@pytest.mark.parametrize("figure", sorted(FLOORS["floors"]))
def test_recognition_keeps_its_floor(verdicts: list[Verdict], figure: str) -> None:
    assert measure(verdicts)[figure] >= FLOORS["floors"][figure]


@pytest.mark.parametrize("figure", sorted(FLOORS["ceilings"]))
def test_recognition_keeps_below_its_ceiling(verdicts: list[Verdict], figure: str) -> None:
    assert measure(verdicts)[figure] <= FLOORS["ceilings"][figure]


def test_every_development_message_was_judged(verdicts: list[Verdict]) -> None:
    files = sorted((ROOT / "knowledge/policies/coverchord/development").glob("intents.*.jsonl"))
    assert len(verdicts) == sum(len(path.read_text("utf-8").splitlines()) for path in files) > 300

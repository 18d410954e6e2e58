"""Rasa's own checks: its data validation, and its NLU test on messages that were never trained on, held to floors."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from actions.dialogue.intake import only_asks
from actions.supervisor import ROOT
from bot import nlu
from knowledge.bundle import Bundle, Library
from tests.prepared import MADE, MODEL, demand_index, demand_model

FLOORS = tomllib.loads(Path(__file__).with_name("floors.toml").read_text("utf-8"))
QUESTIONS = {"ask_policy", "howto", "out_of_scope"}  # three intents, one action: retrieval decides what they are
DEVELOPMENT = ROOT / "knowledge/policies/coverchord/development"


@dataclass(frozen=True)
class Verdict:
    """A message's intent, the one that was recognised, and whether the desk would answer it all the same."""

    language: str
    intent: str
    recognised: str
    answered: bool

    @property
    def requests(self) -> bool:
        return opens_request(self.intent)

    @property
    def taken_for_request(self) -> bool:
        return opens_request(self.recognised) and not self.answered


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
    """What becomes of every development message: Rasa's verdict from its reports, then the desk's two guards."""
    demand_model()
    demand_index()
    state = tmp_path_factory.mktemp("dialogue")
    (state / "model.tar.gz").symlink_to(MODEL)
    run_bot(bot_python, "test", state)
    # The report lists the three most frequent confusions of an intent only; the errors beside it are complete.
    errors = json.loads((state / "results" / "intent_errors.json").read_text("utf-8"))
    wrong = {(one["text"], one["intent"]): str(one["intent_prediction"]["name"]) for one in errors}
    report: dict[str, Any] = json.loads((state / "results" / "intent_report.json").read_text("utf-8"))
    bundle = Library(MADE / "knowledge").bundle
    judged = [judge(bundle, path.stem.split(".")[-1], row, wrong) for path, row in list_messages()]
    assert sum(one.recognised == one.intent for one in judged) == round(report["accuracy"] * len(judged))
    return judged


def list_messages() -> Iterator[tuple[Path, dict[str, str]]]:
    for path in sorted(DEVELOPMENT.glob("intents.*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield path, json.loads(line)


def judge(bundle: Bundle, language: str, row: dict[str, str], wrong: dict[tuple[str, str], str]) -> Verdict:
    text, intent = row["q"], row["intent"]
    # As `open_request` decides: what only asks, or is about an order and not about data, opens nothing.
    answered = only_asks(text) or bundle.retrievers[language].rank(text).is_elsewhere
    return Verdict(language, intent, wrong.get((nlu._as_example(text), intent), intent), answered)


def measure(verdicts: list[Verdict]) -> dict[str, float]:
    """The figures of `floors.toml`."""
    requests = [one for one in verdicts if one.requests]
    recognised = [one for one in requests if one.taken_for_request]
    questions = [one for one in verdicts if one.intent in QUESTIONS]
    return {
        "accuracy": share(verdicts, lambda one: merge(one.recognised) == merge(one.intent)),
        "request_recognised": share(requests, lambda one: one.taken_for_request),
        "kind_right": share(recognised, lambda one: one.recognised == one.intent),
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


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("figure", ["accuracy", "request_recognised", "kind_right"])
def test_recognition_keeps_its_floor(verdicts: list[Verdict], language: str, figure: str) -> None:
    found = measure([one for one in verdicts if one.language == language])
    assert found[figure] >= FLOORS[language]["floors"][figure]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_questions_taken_for_a_request_keep_below_their_ceiling(verdicts: list[Verdict], language: str) -> None:
    figure = "question_taken_for_request"
    assert (
        measure([one for one in verdicts if one.language == language])[figure] <= FLOORS[language]["ceilings"][figure]
    )


def test_every_development_message_was_judged(verdicts: list[Verdict]) -> None:
    assert len(verdicts) == len(list(list_messages())) > 1000

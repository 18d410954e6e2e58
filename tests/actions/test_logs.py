"""Logs that cannot hold what a customer typed."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog

from actions.logs import KEPT, configure_logs, keep_only_safe

TYPED = "山田花子 hanako@example.com 03-0000-0000"


pytestmark = pytest.mark.usefixtures("former_logging")


@pytest.mark.parametrize("key", ["text", "message", "email", "details", "body", "question", "error", "exc_info", "url"])
def test_a_key_is_dropped_when_it_is_not_on_the_list(key: str) -> None:
    assert key not in KEPT
    assert keep_only_safe(None, "info", {"event": "turn", key: TYPED}) == {"event": "turn"}


@pytest.mark.parametrize("value", ["x" * 81, ["x"] * 40, {"text": "x" * 80}])
def test_a_value_is_dropped_when_it_is_long_enough_to_be_prose(value: Any) -> None:
    assert keep_only_safe(None, "info", {"event": "turn", "reason": value}) == {"event": "turn"}


def test_known_words_and_numbers_stay_when_logged() -> None:
    event = {"event": "turn", "language": "ja", "degraded": False, "milliseconds": 12, "kinds": ["complaint"]}
    assert keep_only_safe(None, "info", dict(event)) == event


def test_events_are_lines_on_standard_error_when_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO")
    logger = structlog.get_logger()
    logger.info("turn", language="ja", text=TYPED)
    logger.debug("unheard", count=1)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "event='turn'" in captured.err
    assert "language='ja'" in captured.err
    assert "level='info'" in captured.err


@pytest.mark.parametrize(
    ("level", "heard"),
    [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)],
    ids=["debug", "info", "warn", "error"],
)
def test_less_severe_events_are_left_out_when_a_level_is_set(
    capsys: pytest.CaptureFixture[str], level: str, heard: int
) -> None:
    configure_logs(level)
    logger = structlog.get_logger()
    for say in (logger.debug, logger.info, logger.warning, logger.error):
        say("event")
    assert len(capsys.readouterr().err.splitlines()) == heard


def _log_message() -> None:
    logging.getLogger("library").warning("cannot read %s", TYPED)


def _log_exception() -> None:
    try:
        raise ValueError(TYPED)
    except ValueError:
        logging.getLogger("library").exception("failed on %s", TYPED)


def _log_stack() -> None:
    logging.getLogger("library").error(TYPED, stack_info=True, extra={"text": TYPED})


@pytest.mark.parametrize(
    ("log", "told"), [(_log_message, "warning"), (_log_exception, "ValueError"), (_log_stack, "error")]
)
def test_only_names_are_told_when_a_library_logs(capsys: pytest.CaptureFixture[str], log: Any, told: str) -> None:
    # Libraries quote what they could not read: uvicorn and SQLAlchemy would write a customer's words to disk.
    configure_logs("INFO")
    log()
    written = capsys.readouterr().err
    assert f"library: {told} at test_logs:" in written
    assert not [word for word in TYPED.split() if word in written]
    assert written.count("\n") == 1


def test_a_library_is_not_heard_when_it_only_informs(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("DEBUG")
    logging.getLogger("library").info(TYPED)
    assert capsys.readouterr().err == ""


def test_a_line_is_lost_and_nothing_else_when_the_disk_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    configure_logs("INFO")
    with Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr("sys.stderr", full)
        for _ in range(3):
            structlog.get_logger().info("turn", language="ja")
        monkeypatch.undo()
        with suppress(OSError):  # what could not be written cannot be written at the end either
            full.close()

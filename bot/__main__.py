"""`python -m bot train | serve | check | test`: Rasa with this project's settings, in Rasa's environment.

Rasa is called through its own command line, in this process: `skops.io` imported before TensorFlow halves its start
(13 s instead of 27), and what Rasa lacks must be put in place (`bot/components`).
"""

from __future__ import annotations

import asyncio
import math
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA = ["--domain", str(ROOT / "bot/domain"), "--config", str(ROOT / "config.yml")]


def main(arguments: list[str]) -> None:
    """Run one command; the rest of the arguments is its state folder and options."""
    command, state, *rest = arguments
    os.environ.update(
        RASA_TELEMETRY_ENABLED="false",
        RASA_MAX_CACHE_SIZE="0",  # the stamp of `make run` already knows what is unchanged
        RASA_CACHE_DIRECTORY=str(Path(state) / "cache"),
        TF_CPP_MIN_LOG_LEVEL="2",
        SQLALCHEMY_SILENCE_UBER_WARNING="1",
    )
    import skops.io  # noqa: F401  before TensorFlow: see above

    nlu = Path(state) / "nlu.yml"
    if command == "serve":
        _serve(Path(state), *rest)
    elif command == "train":
        _write_nlu(nlu)
        _rasa("train", *DATA, "--data", str(ROOT / "bot/data"), str(nlu), "--out", state, "--fixed-model-name", "model")
    elif command == "test":
        _test(Path(state))
    elif command == "check":
        _write_nlu(nlu)
        _rasa("data", "validate", *DATA, "--data", str(ROOT / "bot/data"), str(nlu), "--fail-on-warnings")
    else:
        sys.exit(f"unknown command {command!r}")


def _serve(state: Path, host: str, port: str) -> None:
    # At DEBUG Rasa writes every message into its log, whoever set that level and for which program.
    os.environ.update(LOG_LEVEL="WARNING", LOG_LEVEL_LIBRARIES="ERROR")
    choose_lock_store()
    from bot.components import action_endpoint, action_result, event_types
    from bot.components.tracker_store import MaskingTrackerStore

    action_result.install()
    action_endpoint.install()
    event_types.install()
    _assert_tracker_store(MaskingTrackerStore)
    endpoints, credentials = str(ROOT / "bot/endpoints.yml"), str(ROOT / "bot/credentials.yml")
    _rasa(
        *["run", "--model", str(state / "model.tar.gz"), "--endpoints", endpoints, "--credentials", credentials],
        *["--interface", host, "--port", port],
    )


def choose_lock_store() -> None:
    """Locks in Redis where there is one, else in memory; each longer than an action may take, and not much longer.

    Rasa's own minute is how long a conversation would wait for a worker that was killed.
    """
    redis = os.environ.get("MADOGUCHI_REDIS_URL", "")
    longest = float(os.environ.get("MADOGUCHI_ACTION_TIMEOUT_SECONDS") or 3.0)
    os.environ.update(
        MADOGUCHI_LOCK_STORE="bot.components.lock_store.SharedLockStore" if redis else "in_memory",
        MADOGUCHI_REDIS_URL=redis,
        TICKET_LOCK_LIFETIME=str(math.ceil(longest) + 7),
    )


def _assert_tracker_store(wanted: type) -> None:
    """Refuse to start without the masking store: on any mistake Rasa silently takes one in memory that keeps texts.

    So it does at each turn when the database cannot be used, which it only writes into its log.
    """
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints
    from sqlalchemy.exc import SQLAlchemyError

    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "bot/endpoints.yml"))
    store = TrackerStore.create(endpoints.tracker_store)
    if not isinstance(store, wanted):
        sys.exit(f"the tracker store is {type(store).__name__}, not {wanted.__name__}: check MADOGUCHI_TRACKER_*")
    try:
        asyncio.run(store.keys())
    except SQLAlchemyError as error:
        sys.exit(f"the tracker store cannot be used ({type(error).__name__}): check MADOGUCHI_TRACKER_URL")


def _test(state: Path) -> None:
    """Rasa's own NLU test on the development messages; reports go to `<state>/results`."""
    from bot.nlu import SHOP, collect_development, render

    questions, results = state / "development.yml", str(state / "results")
    questions.write_text(render(collect_development(SHOP / "development")), "utf-8")
    model = str(state / "model.tar.gz")
    _rasa("test", "nlu", "--nlu", str(questions), "--model", model, "--out", results, "--no-plot")


def _write_nlu(path: Path) -> None:
    from bot.nlu import SHOP, collect_examples, render

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(collect_examples(SHOP / "wordings")), "utf-8")


def _rasa(*arguments: str) -> None:
    from rasa.__main__ import main as rasa_main

    sys.argv = ["rasa", *arguments]
    rasa_main()


if __name__ == "__main__":
    main(sys.argv[1:])

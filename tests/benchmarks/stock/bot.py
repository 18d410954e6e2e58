"""Stock Rasa as a pair of processes: Rasa itself and rasa-sdk's own Sanic server, with a model trained once."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from actions.supervisor import BOT_PYTHON, ROOT, _Process
from knowledge.wordings import hash_files, list_files
from tests.benchmarks.stock.conversation import SHOP, write_data
from tests.journeys.desk import clean_environment, find_free_ports, wait_until
from tests.prepared import MADE

HERE = Path(__file__).parent
FOLDER = MADE / "bench" / "stock"
MODEL, STAMP = FOLDER / "model.tar.gz", FOLDER / "trained"
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "2", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def hash_stock() -> str:
    """SHA-256 (hex) of what the model is made from."""
    own = [HERE / name for name in ("config.yml", "tokenizer.py", "conversation.py")]
    data = [ROOT / "bot/nlu.py", ROOT / "bot/domain/domain.yml", ROOT / "bot/data/rules/rules.yml"]
    return hashlib.sha256("".join(hash_files([one]) for one in [*own, *data, *_list_wordings()]).encode()).hexdigest()


def prepare_model(say: Callable[[str], None]) -> str:
    """Train the model unless there is one → what there is to say of it.

    A model of earlier wordings serves as well: how fast it is does not depend on them. Delete its folder for a new one.
    """
    if MODEL.exists():
        return "" if STAMP.exists() and STAMP.read_text("utf-8") == hash_stock() else "trained on earlier wordings"
    say("stock Rasa: training DIET and TED (ten minutes or so, once) …")
    write_data(FOLDER)
    with (FOLDER / "training.log").open("wb") as log:
        command = [str(BOT_PYTHON), "-m", "rasa", "train", "--skip-validation", "--config", str(HERE / "config.yml")]
        command += ["--domain", str(FOLDER / "domain.yml"), "--data", str(FOLDER / "data")]
        command += ["--out", str(FOLDER), "--fixed-model-name", "model"]
        environment = {**os.environ, **QUIET, "RASA_MAX_CACHE_SIZE": "0"}
        subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, env=environment, check=True)
    STAMP.write_text(hash_stock(), "utf-8")
    return ""


def _list_wordings() -> list[Path]:
    return list_files(SHOP / "wordings")


class Stock:
    """Both processes on free ports; `own` are the settings of the desk whose index the actions answer from."""

    def __init__(self, folder: Path, own: dict[str, str]) -> None:
        self.port, actions = find_free_ports(2)
        (folder / "stock").mkdir()
        endpoints, credentials = folder / "stock" / "endpoints.yml", folder / "stock" / "credentials.yml"
        endpoints.write_text(f"action_endpoint:\n  url: http://127.0.0.1:{actions}/webhook\n", "utf-8")
        credentials.write_text("rest:\n", "utf-8")
        sdk = [sys.executable, "-m", "rasa_sdk", "--actions", "tests.benchmarks.stock.actions", "--port", str(actions)]
        rasa = [str(BOT_PYTHON), "-m", "rasa", "run", "--model", str(MODEL), "--endpoints", str(endpoints)]
        rasa += ["--credentials", str(credentials), "--interface", "127.0.0.1", "--port", str(self.port)]
        environment, logs = clean_environment(own) | QUIET | {"PYTHONPATH": str(ROOT)}, folder / "stock"
        self.actions = _Process(
            "rasa_sdk", sdk, environment, f"http://127.0.0.1:{actions}/health", logs / "actions.log"
        )
        self.rasa = _Process(
            "stock rasa", rasa, environment, f"http://127.0.0.1:{self.port}/webhooks/rest/", logs / "rasa.log"
        )

    def start(self) -> None:
        """Start both and wait until both answer."""
        for process in (self.actions, self.rasa):
            process.start()
        for process in (self.actions, self.rasa):
            wait_until(lambda one=process: one.is_ready() or not one.is_running(), f"{process.name} is ready")
            if not process.is_running():
                raise RuntimeError(f"{process.name} ended:\n{process.log.read_text('utf-8', 'replace')[-3000:]}")

    def stop(self) -> None:
        """End both."""
        for process in (self.rasa, self.actions):
            process.stop()

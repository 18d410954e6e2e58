"""`make run`: prepares whatever has changed, starts both processes, watches over them, and ends them together."""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx

from actions.cases.accounts import Accounts
from actions.cases.crypto import load_master
from actions.cases.database import Database
from actions.settings import Settings
from knowledge.bundle import Library, is_current
from knowledge.errors import KnowledgeError
from knowledge.sources import hash_sources
from knowledge.wordings import hash_files, list_files

ROOT = Path(__file__).resolve().parent.parent
BOT_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
START_SECONDS = 120.0  # a process that is not ready by then has failed
RESTARTS = 5  # of one process within `RESTART_WINDOW_SECONDS`; then something is wrong for good
RESTART_WINDOW_SECONDS = 300.0

Progress = Callable[[str], None]


class StartError(Exception):
    """Something needed could not be prepared or started; its text says what to do."""


def prepare_index(settings: Settings, say: Progress) -> None:
    """Build the knowledge index if its sources changed, in a process of its own: building needs torch."""
    if is_current(settings.index, hash_sources(settings.shop, settings.encoder)):
        say("index: unchanged")
        return
    say("index: building from policy and wordings (two minutes or so) …")
    command = [sys.executable, "-m", "knowledge", "build", "--shop", str(settings.shop), "--index", str(settings.index)]
    if settings.encoder:
        command += ["--encoder", settings.encoder]
    if subprocess.run(command, cwd=ROOT, check=False).returncode == 0:
        return
    try:
        Library(settings.index)
    except KnowledgeError as error:
        raise StartError("the index could not be built; the lines above say why") from error
    say("index: could not be built; the last good one goes on serving")


def prepare_dialogue(settings: Settings, say: Progress) -> None:
    """Train the dialogue model if conversation data, wordings or components changed."""
    folder = settings.state / "dialogue"
    stamp, wanted = folder / "trained", hash_dialogue(settings.shop)
    if stamp.exists() and stamp.read_text("utf-8") == wanted and is_whole(folder / "model.tar.gz"):
        say("dialogue model: unchanged")
        return
    started = time.monotonic()
    say("dialogue model: training (a minute or so) …")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "training.log").open("wb") as log:
        command = [str(BOT_PYTHON), "-m", "bot", "train", str(folder)]
        done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, env=_bot_environment(settings), check=False)
    if done.returncode:
        raise StartError(f"training failed: see {folder / 'training.log'}")
    stamp.write_text(wanted, "utf-8")
    say(f"dialogue model: trained in {time.monotonic() - started:.0f} s")


def is_whole(model: Path) -> bool:
    """Whether a dialogue model can be read to its end: a disk that was full leaves half of one."""
    size = 0
    try:
        with gzip.open(model) as archive:
            while piece := archive.read(1 << 20):
                size += len(piece)
    except (OSError, EOFError, zlib.error):
        return False
    return size > 0


def hash_dialogue(shop: Path) -> str:
    """SHA-256 (hex) of everything the dialogue model is made from."""
    bot = [path for path in sorted((ROOT / "bot").rglob("*")) if path.suffix in {".py", ".yml", ".txt"}]
    code = [ROOT / "knowledge" / name for name in ("text.py", "wordings.py")]
    parts = [hash_files([path]) for path in [*bot, *code, ROOT / "config.yml", *list_files(shop / "wordings")]]
    return hashlib.sha256("".join(parts).encode()).hexdigest()


def prepare_database(settings: Settings, say: Progress) -> None:
    """Keys, schema, and the first officer account, whose password is shown once."""
    load_master(settings.keys)
    with closing(Database(settings.database)) as database:
        database.migrate()
        accounts = Accounts(database)
        if not accounts.count():
            password = accounts.create("officer", "officer")
            say(f"first account for {settings.host}:{settings.port}/desk — name: officer  password: {password}")
            say("(shown only now; `python -m actions account officer` makes a new one)")


@dataclass
class _Process:
    """One process under watch."""

    name: str
    command: list[str]
    environment: dict[str, str]
    ready_url: str
    log: Path
    child: subprocess.Popen[bytes] | None = None
    starts: tuple[float, ...] = ()

    def start(self) -> None:
        """Start it in a group of its own: Ctrl-C reaches only the supervisor, which ends them in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        moment = time.monotonic()
        self.starts = (*(one for one in self.starts if moment - one < RESTART_WINDOW_SECONDS), moment)

    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def is_ready(self) -> bool:
        try:
            return httpx.get(self.ready_url, timeout=1.0, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def stop(self, patience_seconds: float = 15.0) -> None:
        """Ask it to end, then make it; the whole group, so that nothing is left running."""
        if self.child is None:
            return
        if self.is_running():
            self.child.terminate()
        try:
            self.child.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()


class Supervisor:
    """Runs `app` and `dialogue` until it is told to stop."""

    def __init__(self, settings: Settings, say: Progress) -> None:
        self._settings = settings
        self._say = say
        self._stopping = False
        python = [sys.executable, "-m", "actions", "serve"]
        dialogue = [str(BOT_PYTHON), "-m", "bot", "serve", str(settings.state / "dialogue")]
        dialogue += [settings.internal_host, str(settings.dialogue_port)]
        logs = settings.state / "logs"
        public = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  only compared
        self._processes = (
            _Process("app", python, dict(os.environ), f"http://{public}:{settings.port}/healthz", logs / "app.log"),
            _Process(
                "dialogue",
                dialogue,
                _bot_environment(settings),
                f"{settings.dialogue_url}/webhooks/desk/",
                logs / "dialogue.log",
            ),
        )

    def run(self) -> int:
        """Start, watch, stop. Returns the exit code."""
        self._listen_for_signals()
        try:
            self._demand_free_ports()
            for process in self._processes:
                process.start()
            for process in self._processes:
                self._await(process)
            if not self._stopping:
                self._tell_addresses()
            while not self._stopping:
                self._watch()
                time.sleep(0.5)
        except StartError as error:
            self._say(str(error))
            return 1
        finally:
            with suppress(OSError):  # a closed terminal takes no words, and the processes must end all the same
                self._say("stopping …")
            # `app` first: its running turns end before the engine does, and whatever it is doing besides.
            for process in self._processes:
                process.stop(2 * self._settings.longest_turn_seconds + 5.0)
            with suppress(OSError):
                self._say("stopped")
        return 0

    def _listen_for_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        # Closing the terminal ends everything as well, unless `nohup` asked for the opposite.
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._ask_to_stop)

    def _demand_free_ports(self) -> None:
        """Whoever else listens on one of the ports would look like a process of ours that is ready."""
        settings, inside = self._settings, self._settings.internal_host
        ports = {
            "MADOGUCHI_PORT": (settings.host, settings.port),
            "MADOGUCHI_WEBHOOK_PORT": (inside, settings.webhook_port),
            "MADOGUCHI_DIALOGUE_PORT": (inside, settings.dialogue_port),
        }
        for name, (host, port) in ports.items():
            if not port:
                raise StartError(f"{name}=0 leaves the port open, and the two processes must know it: name one")
            try:
                socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
            except OSError as error:
                raise StartError(f"port {port} ({name}) cannot be used: {error.strerror}") from error

    def _await(self, process: _Process) -> None:
        started = time.monotonic()
        while not self._stopping and not process.is_ready():
            if not process.is_running():
                raise StartError(f"{process.name} ended at its start: see {process.log}")
            if time.monotonic() - started > START_SECONDS:
                raise StartError(f"{process.name} is not ready after {START_SECONDS:.0f} s: see {process.log}")
            time.sleep(0.2)
        if not self._stopping:
            self._say(f"{process.name}: ready after {time.monotonic() - process.starts[-1]:.1f} s")

    def _watch(self) -> None:
        for process in self._processes:
            if process.is_running():
                continue
            if len(process.starts) > RESTARTS:
                raise StartError(f"{process.name} ended {RESTARTS} times in a row: see {process.log}")
            self._say(f"{process.name} ended unexpectedly; starting it again (see {process.log})")
            process.stop()
            process.start()

    def _tell_addresses(self) -> None:
        base = self._settings.public_url or f"http://{self._settings.host}:{self._settings.port}"
        self._say(f"chat    {base}/")
        self._say(f"policy  {base}/policy")
        self._say(f"form    {base}/requests/new")
        self._say(f"desk    {base}/desk")
        self._say("Ctrl-C stops everything")

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  the handler's signature
        self._stopping = True


def _bot_environment(settings: Settings) -> dict[str, str]:
    host = f"[{settings.internal_host}]" if ":" in settings.internal_host else settings.internal_host
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "MADOGUCHI_WEBHOOK_URL": f"http://{host}:{settings.webhook_port}/webhook",
        "MADOGUCHI_WEBHOOK_SECRET": settings.webhook_secret.get_secret_value() or "none",
        "MADOGUCHI_TRACKER_URL": settings.tracker,
        "MADOGUCHI_REDIS_URL": settings.redis_url.get_secret_value(),
        "LOG_LEVEL": "WARNING",
        "LOG_LEVEL_LIBRARIES": "ERROR",
    }

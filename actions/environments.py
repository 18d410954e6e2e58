"""Makes the two Python environments. Standard library only: it runs before anything is installed.

`python3.11 actions/environments.py [app] [bot] [tests]` makes `.venv` (application), `.venv-rasa` (Rasa) and adds the
test tools. Each environment remembers the hash of its lock file; an unchanged one is left alone. Locks name versions,
never an index: the machine's own pip and uv settings decide where packages come from.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP, BOT = ROOT / ".venv", ROOT / ".venv-rasa"
LOCKS = {
    "app": ROOT / "actions" / "requirements.txt",
    "bot": ROOT / "bot" / "requirements.txt",
    "tests": ROOT / "tests" / "requirements.txt",
}
UV = "uv==0.13.9"


def main(wanted: list[str]) -> int:
    """Bring the wanted environments up to date. Returns the exit code."""
    if sys.version_info[:2] != (3, 11):
        say(f"Python 3.11 is needed, this is {sys.version.split()[0]}: make PYTHON=/path/to/python3.11 …")
        return 2
    try:
        for name in wanted or ["app", "bot"]:
            prepare(name)
    except subprocess.CalledProcessError as error:
        say(f"the installation failed (exit {error.returncode}); the lines above say why")
        return 1
    return 0


def prepare(name: str) -> None:
    """Make or renew one environment, unless its lock file is the one it was made from."""
    folder = BOT if name == "bot" else APP
    stamp = folder / f".madoguchi-{name}"
    wanted = hashlib.sha256(LOCKS[name].read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    started = time.monotonic()
    say(f"environment {name}: installing (this takes a minute the first time) …")
    stamp.unlink(missing_ok=True)
    if name == "app":
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(folder)])
        run([str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV])
    elif name == "bot":
        run([str(APP / "bin/uv"), "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
    install(folder, LOCKS[name], exact=name == "bot")
    stamp.write_text(wanted)
    say(f"environment {name}: ready in {time.monotonic() - started:.0f} s")


def install(folder: Path, lock: Path, *, exact: bool) -> None:
    """Install a lock file, byte-compiled (it halves Rasa's start).

    `exact` takes the list as it is: Rasa's own metadata excludes Python 3.11, on which it works.
    """
    command = [str(APP / "bin/uv"), "pip", "install", "--quiet", "--compile-bytecode"]
    command += ["--python", str(folder / "bin/python"), "--requirement", str(lock)]
    environment = dict(os.environ)
    links = environment.get("UV_FIND_LINKS") or environment.get("PIP_FIND_LINKS") or read_pip_links()
    if exact:
        command.append("--no-deps")
    elif links:
        environment["UV_FIND_LINKS"] = links
    else:
        # Plain torch would bring gigabytes of CUDA.
        command += ["--torch-backend", "cpu"]
    run(command, environment)


def read_pip_links() -> str:
    """The find-links of pip's own configuration, which uv does not read."""
    found = subprocess.run(
        [str(APP / "bin/python"), "-m", "pip", "config", "get", "global.find-links"],
        capture_output=True,
        text=True,
        check=False,
    )
    return " ".join(found.stdout.split())


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a command; its own messages are shown."""
    subprocess.run(command, check=True, env=environment, cwd=ROOT)


def say(message: str) -> None:
    """Tell what is being done."""
    sys.stderr.write(f"madoguchi: {message}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

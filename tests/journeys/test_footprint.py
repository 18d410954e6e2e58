"""What serving costs: no training library is loaded, and memory stays small. No time is asserted anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from actions.supervisor import ROOT
from tests.journeys.desk import ASKED, Desk, Talk, clean_environment

pytestmark = pytest.mark.journey

TRAINING_LIBRARIES = {
    "torch",
    "sklearn",
    "scipy",
    "sentence_transformers",
    "transformers",
    "pandas",
    "tensorflow",
    "rasa",
}
MOST_KIB = 200 * 1024  # measured: 127 MiB after an answer in each language
# A message in a strange language loads the identifier's table, 52 MiB more; measured after 414 conversations: 250 MiB.
MOST_KIB_OF_ALL = 270 * 1024

# All that `python -m actions serve` does but listen, and an answer in each language.
SERVE = f"""
import json, sys
import actions.__main__, actions.server
from actions.services import open_services
from actions.settings import Settings
from actions.dialogue.registry import make_executor
from actions.web.app import make_app
from actions.web.webhook import make_internal_app
from knowledge.answer import answer_question
services = open_services(Settings())
make_app(services), make_internal_app(services, make_executor(services))
found = [answer_question(services.bundle, question, None).status.value for question in {list(ASKED.values())!r}]
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
own = sum(int(status[name].split()[0]) for name in ("RssAnon", "RssShmem"))
print(json.dumps([found, sorted(sys.modules), own]))
"""


def read_status(pid: int) -> dict[str, int]:
    """Memory of a process in KiB, by the kernel's names."""
    rows = [line.split() for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines()]
    return {row[0].rstrip(":"): int(row[1]) for row in rows if row[-1] == "kB"}


def test_serving_imports_no_training_library_and_is_small(desk: Desk) -> None:
    environment = clean_environment(desk.environment)
    command = [sys.executable, "-c", SERVE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found, modules, own = json.loads(done.stdout.splitlines()[-1])
    assert found == ["answered", "answered"]
    assert {name.partition(".")[0] for name in modules} & TRAINING_LIBRARIES == set()
    assert "py3langid" not in modules  # its table is for messages in a strange language alone
    assert own < MOST_KIB


def test_the_running_process_maps_no_training_library(desk: Desk, talk: Talk) -> None:
    talk.say_all(*ASKED.values())
    assert desk.app.child is not None
    mapped = Path(f"/proc/{desk.app.child.pid}/maps").read_text("utf-8", "replace")
    assert "faiss" in mapped  # so the list is the one that is meant
    assert [name for name in TRAINING_LIBRARIES if f"/site-packages/{name}" in mapped] == []


def test_the_serving_process_is_small(desk: Desk, talk: Talk) -> None:
    talk.say_all(*ASKED.values(), "/request:disclosure", "/cancel")
    assert desk.app.child is not None
    memory = read_status(desk.app.child.pid)
    # Its own memory. Mapped files are not counted: Sudachi's dictionary (up to 190 MiB of them, as far as it was read)
    # is the system's file cache, shared with Rasa and given up whenever somebody needs the room.
    assert memory["RssAnon"] + memory["RssShmem"] < MOST_KIB_OF_ALL

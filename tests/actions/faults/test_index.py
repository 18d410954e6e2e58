"""Index and model on disk are half-written, stale or damaged: the start says what to do, a running desk goes on."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from actions.supervisor import ROOT, is_whole
from actions.web.housekeeping import Housekeeping
from knowledge.bundle import Library, is_current

QUESTION = "個人情報を第三者に提供しますか"


def _folder(root: Path) -> Path:
    return root / (root / "current").read_text("utf-8").strip()


def cut_off(root: Path) -> None:
    """A file has half of its bytes: the disk was full."""
    path = next(_folder(root).glob("ja/*.npy"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(root: Path) -> None:
    """An array has one other byte."""
    path = next(_folder(root).glob("ja/*.npy"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def half_write(root: Path) -> None:
    """A folder without its manifest: whoever wrote it was killed."""
    (_folder(root) / "manifest.json").unlink()


def lead_nowhere(root: Path) -> None:
    """The pointer names a folder that is gone."""
    (root / "current").write_text("1-00000000-gone", "utf-8")


def empty(root: Path) -> None:
    """The pointer has no name in it."""
    (root / "current").write_text("", "utf-8")


def outdate(root: Path) -> None:
    """Written by a program that had another format."""
    manifest = _folder(root) / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text("utf-8")), "format": 1}), "utf-8")


DAMAGES = [cut_off, flip, half_write, lead_nowhere, empty, outdate]
Damage = Callable[[Path], None]


@pytest.fixture
def shelf(index: Path, tmp_path: Path) -> Path:
    """An index of its own, to be damaged."""
    return Path(shutil.copytree(index, tmp_path / "knowledge"))


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_start_says_what_to_do(shelf: Path, damage: Damage) -> None:
    """The real command, in words, with an exit code, and without a trace of the program."""
    damage(shelf)
    environment = {**os.environ, "MADOGUCHI_STATE": str(shelf.parent), "MADOGUCHI_PORT": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "actions", "serve"],
        cwd=ROOT,
        env={**environment, "MADOGUCHI_WEBHOOK_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert "madoguchi: cannot start: " in done.stderr
    assert "build" in done.stderr
    assert "Traceback" not in done.stderr
    assert not is_current(shelf, "small")  # so that `make run` builds it again


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_running_desk_serves_the_old_index(open_desk: Callable[..., Any], shelf: Path, damage: Damage) -> None:
    desk = open_desk(shelf=Library(shelf))
    keeping = Housekeeping(desk.services)
    before = await desk.chat(QUESTION)
    newer = shelf / "newer"
    shutil.copytree(_folder(shelf), newer)
    (shelf / "current").write_text("newer", "utf-8")
    damage(shelf)
    with structlog.testing.capture_logs() as logs:
        await keeping.tidy()
        await keeping.tidy()
    refused = [line for line in logs if line["event"].startswith("index refused")]
    assert [line["log_level"] for line in refused] in (["error"], ["error", "error"])
    after = await desk.chat(QUESTION)
    assert after["messages"] == before["messages"]
    assert (await desk.client.get("/readyz")).status_code == 200


def test_half_a_model_is_trained_again(tmp_path: Path) -> None:
    whole, path = gzip.compress(os.urandom(50_000)), tmp_path / "model.tar.gz"
    path.write_bytes(whole)
    assert is_whole(path)
    flipped = bytearray(whole)
    flipped[25_000] ^= 0xFF
    for content in (whole[:-1], whole[:25_000], bytes(flipped), b"", b"no archive"):
        path.write_bytes(content)
        assert not is_whole(path)
    path.unlink()
    assert not is_whole(path)

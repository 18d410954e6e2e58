"""Sealing: bound to its place, useless without the key, and keys that are made once and kept private."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases.crypto import Sealer, load_master, make_data_key, open_data_key
from actions.errors import SealError

ROOT = Path(__file__).parents[3]
ONE, OTHER = open_data_key(make_data_key()), open_data_key(make_data_key())


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_a_value_is_the_same_when_sealed_and_opened(value: str, place: str) -> None:
    assert ONE.open(ONE.seal(value, place), place) == value


def test_no_clear_text_shows_when_sealed() -> None:
    assert "山田花子".encode() not in ONE.seal("山田花子", "cases.name.1")


def test_two_seals_differ_when_the_value_is_the_same() -> None:
    # Equal values must not be recognisable as equal in the database.
    assert ONE.seal("はい", "turns.message.1") != ONE.seal("はい", "turns.message.1")


@pytest.mark.parametrize("place", ["cases.name.2", "cases.email.1", "cases.name.", "", "drafts.content.1"])
def test_a_value_does_not_open_when_moved_to_another_place(place: str) -> None:
    sealed = ONE.seal("山田花子", "cases.name.1")
    with pytest.raises(SealError):
        ONE.open(sealed, place)


@pytest.mark.parametrize("at", [0, 7, 8, 19, 20, 25, -1])
def test_a_value_does_not_open_when_one_bit_is_changed(at: int) -> None:
    sealed = bytearray(ONE.seal("山田花子", "cases.name.1"))
    sealed[at] ^= 1
    with pytest.raises(SealError):
        ONE.open(bytes(sealed), "cases.name.1")


@pytest.mark.parametrize("length", [0, 1, 8, 15, 20, 30])
def test_a_value_does_not_open_when_cut_short(length: int) -> None:
    with pytest.raises(SealError):
        ONE.open(ONE.seal("山田花子", "cases.name.1")[:length], "cases.name.1")


def test_a_value_does_not_open_when_the_key_is_another() -> None:
    with pytest.raises(SealError):
        OTHER.open(ONE.seal("山田花子", "cases.name.1"), "cases.name.1")


def test_an_old_key_still_opens_when_a_new_one_is_active() -> None:
    old, new = b"old-key!", b"new-key!"
    before = Sealer(old, {old: b"a" * 32})
    after = Sealer(new, {old: b"a" * 32, new: b"b" * 32})
    assert after.open(before.seal("山田花子", "x"), "x") == "山田花子"
    assert after.seal("山田花子", "x").startswith(new)


def test_derived_keys_differ_when_their_purposes_do() -> None:
    assert ONE.derive("conversation ids") == ONE.derive("conversation ids") != ONE.derive("other")
    assert len(ONE.derive("conversation ids")) == 32


def test_no_key_shows_when_a_sealer_is_printed() -> None:
    sealer = Sealer(b"12345678", {b"12345678": b"k" * 32})
    assert "kkkk" not in repr(sealer)


def test_keys_are_private_when_made(tmp_path: Path) -> None:
    load_master(tmp_path / "state" / "keys")
    folder = tmp_path / "state" / "keys"
    assert stat.S_IMODE((folder / "master.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == ["master.json"]


def test_keys_are_the_same_when_loaded_again(tmp_path: Path) -> None:
    sealed = load_master(tmp_path).seal("山田花子", "x")
    assert load_master(tmp_path).open(sealed, "x") == "山田花子"


def test_keys_are_the_same_when_two_processes_make_them_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from actions.cases.crypto import load_master; "
        "sys.stdin.read(1); print(load_master(Path(sys.argv[1])).derive('x').hex())"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "keys")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:  # both have been started: now let both go
        assert process.stdin
        process.stdin.write("!")
        process.stdin.flush()
    made = {process.communicate(timeout=20)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0]
    assert len(made) == 1
    assert made != {""}
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_keys_are_the_same_when_threads_make_them_at_once(tmp_path: Path) -> None:
    # Two containers that share a volume may have the same process id: it must not name the temporary file.
    start = Barrier(8)

    def make(_: int) -> bytes:
        start.wait()
        return load_master(tmp_path / "keys").derive("x")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 1


def test_a_key_file_says_which_key_is_active_when_read(tmp_path: Path) -> None:
    sealer = load_master(tmp_path)
    stored = json.loads((tmp_path / "master.json").read_text("utf-8"))
    assert list(stored["keys"]) == [stored["active"]] == [sealer.active.hex()]


def test_an_index_finds_equal_values_and_tells_nothing(tmp_path: Path) -> None:
    sealer = load_master(tmp_path / "one")
    same = {
        sealer.index("email", text) for text in ("Hanako@example.com", " hanako@EXAMPLE.com", "ｈanako@example.com")
    }
    assert len(same) == 1
    assert len(same.pop()) == 64
    assert sealer.index("email", "a@example.com") != sealer.index("phone", "a@example.com")
    assert sealer.index("email", "a@example.com") != load_master(tmp_path / "two").index("email", "a@example.com")
    assert sealer.index("email", "") == ""


def test_what_was_derived_stays_the_same_when_a_newer_key_is_active(tmp_path: Path) -> None:
    old = load_master(tmp_path)
    newer = Sealer(b"newer-id", {**old.keys, b"newer-id": b"k" * 32})
    assert newer.derive("audit chain") == old.derive("audit chain")
    assert newer.index("email", "a@example.com") == old.index("email", "a@example.com")
    assert newer.open(old.seal("山田花子", "place"), "place") == "山田花子"
    assert newer.seal("x", "place")[:8] == b"newer-id"

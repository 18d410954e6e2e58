"""The keys in a file for safekeeping: opened by the passphrase, and by nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from actions.cases.crypto import load_master, read_master
from actions.cases.keyfile import KeyFileError, read_keys, write_keys

PASSPHRASE = "eine lange Losung mit 漢字"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of keys, made from `tmp_path / "keys"`."""
    load_master(tmp_path / "keys")
    write_keys(tmp_path / "keys", tmp_path / "keys.json", PASSPHRASE)
    return tmp_path / "keys.json"


def test_keys_are_the_same_when_opened_elsewhere(file: Path, tmp_path: Path) -> None:
    read_keys(file, PASSPHRASE, tmp_path / "new")
    assert read_master(tmp_path / "new") == read_master(tmp_path / "keys")
    assert (tmp_path / "new" / "master.json").stat().st_mode & 0o777 == 0o600
    read_keys(file, PASSPHRASE, tmp_path / "new")  # again: they are there already


def test_nothing_of_the_keys_is_readable_when_written(file: Path, tmp_path: Path) -> None:
    keys = json.loads((tmp_path / "keys" / "master.json").read_text("utf-8"))["keys"]
    content = file.read_text("utf-8")
    assert not [word for word in (*keys, *keys.values()) if word in content]
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE.upper(), PASSPHRASE + " "])
def test_nothing_is_written_when_the_passphrase_is_wrong(file: Path, tmp_path: Path, passphrase: str) -> None:
    with pytest.raises(KeyFileError, match="passphrase is wrong"):
        read_keys(file, passphrase, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"salt": 5, "nonce": 5, "sealed": 5}'])
def test_another_file_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "other").write_text(content, "utf-8")
    with pytest.raises(KeyFileError, match="not a file of keys"):
        read_keys(tmp_path / "other", PASSPHRASE, tmp_path / "new")


def test_other_keys_are_left_alone(file: Path, tmp_path: Path) -> None:
    before = load_master(tmp_path / "new")
    with pytest.raises(KeyFileError, match="other keys"):
        read_keys(file, PASSPHRASE, tmp_path / "new")
    assert read_master(tmp_path / "new") == before


def test_a_file_is_never_overwritten_nor_a_short_passphrase_taken(file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(KeyFileError, match="cannot be written"):
        write_keys(tmp_path / "keys", file, PASSPHRASE)
    assert file.read_bytes() == before
    with pytest.raises(KeyFileError, match="12 characters"):
        write_keys(tmp_path / "keys", tmp_path / "second.json", "short")
    with pytest.raises(KeyFileError, match="no keys yet"):
        write_keys(tmp_path / "nowhere", tmp_path / "second.json", PASSPHRASE)
    assert not (tmp_path / "second.json").exists()

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge import bundle as module
from knowledge.bundle import FORMAT, Bundle, Library, find_current, is_current, read_bundle, save_bundle
from knowledge.encoder import TransformerEncoder
from knowledge.errors import BundleMismatchError, BundleMissingError, KnowledgeError
from knowledge.policy import LANGUAGES, load_former, load_policy
from tests.editions import NEW_SENTENCE, OLD_SENTENCE, REWORDED, add_edition

_OTHER = "f" * 64  # sources of a bundle that differs from the current one
_QUESTIONS = {"ja": "個人情報を第三者に渡しますか", "en": "Do you give my data to others?"}

Change = Callable[[Path], None]

_SAVE_FOR_EVER = """
import sys
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from knowledge.bundle import Library, save_bundle

root, shop = Path(sys.argv[1]), Path(sys.argv[2])
bundle = Library(root).bundle
print("ready", flush=True)
for letter in cycle("ab"):
    save_bundle(replace(bundle, built_from=letter * 64), shop, root, "")
"""


def _current(root: Path) -> Path:
    return root / find_current(root)


def _seal(folder: Path, **changes: Any) -> None:
    """Write the manifest anew with true digests: what remains wrong is wrong by content, not by damage."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"] = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}), "utf-8")


def _names(root: Path) -> set[str]:
    return {path.name for path in root.iterdir()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_bundle_ranks_the_same_when_saved_and_read_back(
    bundle: Bundle, small_shop: Path, tmp_path: Path, language: str
) -> None:
    folder = save_bundle(bundle, small_shop, tmp_path, "")
    again = read_bundle(folder)
    question = _QUESTIONS[language]
    assert again.retrievers[language].rank(question) == bundle.retrievers[language].rank(question)
    assert again.policy == bundle.policy
    assert again.built_from == bundle.built_from
    assert again.spelling.spell("kojin jouhou") == bundle.spelling.spell("kojin jouhou") == "個人情報"


def test_bundle_is_named_by_policy_and_sources_and_made_current(
    bundle: Bundle, small_shop: Path, tmp_path: Path
) -> None:
    root = tmp_path / "new" / "folder"
    folder = save_bundle(bundle, small_shop, root, "")
    assert folder.name == f"{bundle.policy.version}-{bundle.built_from[:12]}"
    assert find_current(root) == folder.name
    assert _names(root) == {folder.name, "current"}


def test_manifest_says_what_the_bundle_is(index_copy: Path, bundle: Bundle) -> None:
    manifest = json.loads((_current(index_copy) / "manifest.json").read_text("utf-8"))
    assert manifest["format"] == FORMAT
    assert manifest["policy_versions"] == [bundle.policy.version]
    assert manifest["built_from"] == bundle.built_from
    assert {"ja/encoder.npy", "en/wordings.faiss", "policy/versions/1/policy.ja.md"} <= set(manifest["files"])


@pytest.fixture
def second(bundle: Bundle, two_editions: Path) -> Bundle:
    """The small bundle after a second edition: an index as `build` would make it, without its training."""
    policy, former = load_policy(two_editions), load_former(two_editions)
    return replace(bundle, policy=policy, former=former, built_from=_OTHER)


def test_bundle_carries_all_versions_when_there_are_several(second: Bundle, two_editions: Path, tmp_path: Path) -> None:
    folder = save_bundle(second, two_editions, tmp_path / "new", "")
    again = read_bundle(folder)
    old, new = again.versions
    assert again.policy == new
    assert (old.version, new.version[:2]) == ("1-48acc39a", "2-")
    assert OLD_SENTENCE in old.get_unit("third_party").text
    assert NEW_SENTENCE in new.get_unit("third_party").text
    assert folder.name.startswith(new.version)
    kept = {path.name for path in (folder / "policy" / "versions" / "1").iterdir()}
    assert kept == {"policy.ja.md", "policy.en.md"}  # what showing it needs


def test_version_is_found_by_its_id_when_it_is_in_the_bundle(second: Bundle) -> None:
    for text in second.versions:
        assert second.find_version(text.version) is text
    assert second.find_version("1-00000000") is None
    assert second.find_version("1") is None


def test_bundle_is_not_saved_when_a_version_is_left_out(second: Bundle, two_editions: Path, index_copy: Path) -> None:
    former = find_current(index_copy)
    with pytest.raises(BundleMismatchError, match="index of policy 2-"):
        save_bundle(replace(second, former=()), two_editions, index_copy, "")
    assert find_current(index_copy) == former


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: _flip("policy/versions/1/policy.ja.md")(folder),
        lambda folder: _unlink("policy/versions/1/policy.en.md")(folder),
        lambda folder: shutil.rmtree(folder / "policy" / "versions" / "1"),
    ],
)
def test_bundle_is_refused_when_an_old_version_is_damaged(
    second: Bundle, two_editions: Path, tmp_path: Path, damage: Change
) -> None:
    folder = save_bundle(second, two_editions, tmp_path / "new", "")
    damage(folder)
    with pytest.raises(BundleMismatchError, match="build again"):
        read_bundle(folder)


def _flip(name: str) -> Change:
    def change(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)

    return change


def _cut(name: str) -> Change:
    return lambda folder: os.truncate(folder / name, 10)


def _unlink(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    "damage",
    [
        _flip("ja/weights.npy"),
        _flip("en/wordings.faiss"),
        _flip("policy/versions/1/policy.ja.md"),  # one other character in a quote is damage, too
        _cut("ja/encoder.npy"),
        _cut("manifest.json"),
        _unlink("ja/labels.json"),
        _unlink("policy/versions/1/leads.toml"),
        _unlink("manifest.json"),
        lambda folder: (folder / "en" / "stray.txt").touch(),
        lambda folder: shutil.rmtree(folder / "en"),
        lambda folder: shutil.rmtree(folder),
    ],
)
def test_bundle_is_refused_when_a_file_is_damaged(index_copy: Path, damage: Change) -> None:
    damage(_current(index_copy))
    with pytest.raises(BundleMismatchError, match="build again"):
        Library(index_copy)


def _rewrite(name: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
        _seal(folder)

    return change


def _add_a_version(folder: Path) -> None:
    add_edition(folder / "policy", REWORDED)
    _seal(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: _seal(folder, format=FORMAT + 1), "another version of the program"),
        (lambda folder: _seal(folder, signals=["one"]), "another version of the program"),
        (lambda folder: _seal(folder, policy_versions=["1-00000000"]), "index of policy 1-00000000, not 1-48acc39a"),
        (_rewrite("policy/versions/1/policy.ja.md", "ヤマト運輸", "別の運輸"), "index of policy 1-48acc39a, not 1-"),
        (_add_a_version, "index of policy 1-48acc39a, not 1-48acc39a, 2-"),
        (_rewrite("ja/labels.json", '"clauses": 41', '"clauses": 40'), "different clauses"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "cannot be read"),
        (_rewrite("ja/abstainer.json", '"threshold"', '"limit"'), "cannot be read"),
        (_rewrite("manifest.json", '"built_from"', '"made_of"'), "cannot be read"),
    ],
)
def test_bundle_is_refused_when_it_was_made_for_something_else(index_copy: Path, change: Change, reason: str) -> None:
    change(_current(index_copy))
    with pytest.raises(BundleMismatchError, match=reason):
        Library(index_copy)


@pytest.mark.parametrize(
    "break_pointer",
    [
        lambda root: (root / "current").unlink(),
        lambda root: shutil.rmtree(root),
        lambda root: (root / "current").write_bytes(b"\xff\xfe\xff"),
    ],
)
def test_bundle_is_missing_when_nothing_points_to_one(index_copy: Path, break_pointer: Change) -> None:
    break_pointer(index_copy)
    with pytest.raises(BundleMissingError, match="python -m knowledge build"):
        Library(index_copy)


@pytest.mark.parametrize("name", ["1-00000000-gone"])
def test_bundle_is_refused_when_the_pointer_names_none(index_copy: Path, name: str) -> None:
    (index_copy / "current").write_text(name)
    with pytest.raises(BundleMismatchError):
        Library(index_copy)


def test_there_is_no_index_when_the_pointer_is_empty(index_copy: Path) -> None:
    (index_copy / "current").write_text("")  # broken off while it was written
    with pytest.raises(BundleMissingError):
        Library(index_copy)


def test_configured_model_is_not_loaded_while_the_bundle_is_read(index_copy: Path) -> None:
    folder = _current(index_copy)
    _seal(folder, encoder="/nowhere/model")
    assert isinstance(read_bundle(folder).retrievers["ja"].encoder, TransformerEncoder)


def test_library_follows_a_swap(index_copy: Path, bundle: Bundle, small_shop: Path) -> None:
    library = Library(index_copy)
    before, name = library.bundle, library.name
    assert not library.reload()
    assert library.bundle is before
    folder = save_bundle(replace(bundle, built_from=_OTHER), small_shop, index_copy, "")
    assert library.reload()
    assert library.name == folder.name != name
    assert library.bundle.built_from == _OTHER
    assert not library.reload()


def test_library_keeps_the_last_good_bundle_when_the_new_one_does_not_fit(
    index_copy: Path, bundle: Bundle, small_shop: Path
) -> None:
    library = Library(index_copy)
    before, name = library.bundle, library.name
    folder = save_bundle(replace(bundle, built_from=_OTHER), small_shop, index_copy, "")
    _flip("ja/encoder.npy")(folder)
    with pytest.raises(BundleMismatchError):
        library.reload()
    assert not library.reload()  # told once: a watcher must not log it every minute
    assert library.bundle is before
    assert library.name == name

    mended = save_bundle(replace(bundle, built_from="e" * 64), small_shop, index_copy, "")
    assert library.reload()
    assert library.name == mended.name


def test_library_keeps_the_last_good_bundle_when_the_pointer_is_gone(index_copy: Path) -> None:
    library = Library(index_copy)
    (index_copy / "current").unlink()
    with pytest.raises(BundleMissingError):
        library.reload()
    assert library.bundle.retrievers["ja"].rank(_QUESTIONS["ja"]).hits


class _CrashError(BaseException):
    """Not an Exception: as a signal or a power cut, nothing catches it."""


@pytest.mark.parametrize("sources", [_OTHER, ""], ids=["other sources", "the same by force"])
@pytest.mark.parametrize(
    "step",
    [
        (module.shutil, "copyfile"),
        (module, "_write_retriever"),
        (module, "_digests"),
        (module, "read_bundle"),
        (Path, "rename"),
        (module, "_point_to"),
        (module.os, "replace"),
    ],
    ids=lambda step: step[1],
)
def test_former_bundle_stays_current_when_saving_crashes(
    index_copy: Path,
    bundle: Bundle,
    small_shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[Any, str],
    sources: str,
) -> None:
    former = find_current(index_copy)

    def crash(*_: object, **__: object) -> None:
        raise _CrashError

    with monkeypatch.context() as patched:
        patched.setattr(*step, crash)
        with pytest.raises(_CrashError):
            save_bundle(replace(bundle, built_from=sources or bundle.built_from), small_shop, index_copy, "")
    assert find_current(index_copy) == former
    assert Library(index_copy).bundle.built_from == bundle.built_from
    assert not [left for left in _names(index_copy) if left.startswith("building-")]


def test_former_bundle_stays_current_when_the_new_one_does_not_load(
    index_copy: Path, bundle: Bundle, small_shop: Path
) -> None:
    former = find_current(index_copy)
    retrievers = {language: replace(retriever, clauses=40) for language, retriever in bundle.retrievers.items()}
    with pytest.raises(BundleMismatchError):
        save_bundle(replace(bundle, retrievers=retrievers, built_from=_OTHER), small_shop, index_copy, "")
    assert find_current(index_copy) == former
    assert _names(index_copy) == {former, "current"}


def test_saving_the_same_sources_again_leaves_a_current_bundle(
    index_copy: Path, bundle: Bundle, small_shop: Path
) -> None:
    library = Library(index_copy)
    folder = save_bundle(bundle, small_shop, index_copy, "")
    assert folder.name.startswith(f"{bundle.policy.version}-{bundle.built_from[:12]}-")
    assert library.reload()  # a running process takes the forced build into service, too
    assert library.name == folder.name


@pytest.mark.parametrize("after", [0.05, 0.2, 0.4])
def test_current_bundle_loads_when_the_builder_was_killed(
    index_copy: Path, small_shop: Path, root: Path, after: float
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SAVE_FOR_EVER, str(index_copy), str(small_shop)],
        cwd=root, stdout=subprocess.PIPE, text=True,
    ) as saving:  # fmt: skip
        assert saving.stdout is not None
        assert saving.stdout.readline() == "ready\n"
        time.sleep(after)
        saving.send_signal(signal.SIGKILL)
    assert Library(index_copy).bundle.retrievers["ja"].rank(_QUESTIONS["ja"]).hits


def test_index_is_current_for_its_own_sources_alone(index_copy: Path, bundle: Bundle) -> None:
    assert is_current(index_copy, bundle.built_from)
    assert not is_current(index_copy, _OTHER)


@pytest.mark.parametrize(
    "damage", [_flip("ja/encoder.npy"), _unlink("manifest.json"), lambda folder: shutil.rmtree(folder)]
)
def test_index_is_not_current_when_it_is_damaged(index_copy: Path, bundle: Bundle, damage: Change) -> None:
    # The error says "build again": the next build must then not say "unchanged".
    damage(_current(index_copy))
    assert not is_current(index_copy, bundle.built_from)


def test_index_is_not_current_when_there_is_none(tmp_path: Path) -> None:
    assert not is_current(tmp_path, _OTHER)


def test_errors_of_bundles_are_knowledge_errors() -> None:
    assert issubclass(BundleMissingError, KnowledgeError)
    assert issubclass(BundleMismatchError, KnowledgeError)


def test_only_the_current_and_the_former_bundle_stay_on_disk(
    index_copy: Path, bundle: Bundle, small_shop: Path
) -> None:
    former = find_current(index_copy)
    for letter in "abc":
        newest = save_bundle(replace(bundle, built_from=letter * 64), small_shop, index_copy, "")
        assert {path.name for path in index_copy.iterdir() if path.is_dir()} == {newest.name, former}
        former = newest.name

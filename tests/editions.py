"""Further editions of a shop's policy, for tests of what must hold when the policy changes."""

from __future__ import annotations

import shutil
from pathlib import Path

from knowledge.policy import VERSIONS, list_editions, list_policy_files

# A second edition of the real policy: one clause reworded, in both languages.
OLD_SENTENCE = "予めご本人の同意を得ることなくお客様情報を第三者に提供することはいたしません。"
NEW_SENTENCE = "予めご本人の書面による同意を得ることなくお客様情報を第三者に提供することはいたしません。"
OLD_RENDERING = "to third parties without obtaining the person's consent"
NEW_RENDERING = "to third parties without obtaining the person's written consent"
REWORDED = {"policy.ja.md": [(OLD_SENTENCE, NEW_SENTENCE)], "policy.en.md": [(OLD_RENDERING, NEW_RENDERING)]}


def copy_policy(shop: Path, folder: Path) -> Path:
    """A shop's policy files alone, in a new folder."""
    for name in list_policy_files(shop):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shop / name, folder / name)
    return folder


def add_edition(shop: Path, changes: dict[str, list[tuple[str, str]]]) -> Path:
    """The next edition's folder: the newest one with parts of its files replaced, each exactly once."""
    newest = list_editions(shop)[-1]
    folder = Path(shutil.copytree(newest, shop / VERSIONS / str(int(newest.name) + 1)))
    change_files(folder, changes)
    return folder


def change_files(folder: Path, changes: dict[str, list[tuple[str, str]]]) -> None:
    """Replace parts of files, each of which must stand there exactly once."""
    for name, pairs in changes.items():
        text = (folder / name).read_text("utf-8")
        for old, new in pairs:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
            text = text.replace(old, new)
        (folder / name).write_text(text, "utf-8")

"""Several wishes in a list: numbered, lettered, with bullets, or as names of rights side by side."""

from __future__ import annotations

import re
from collections.abc import Callable

_JAPANESE = re.compile(r"[぀-ヿ㐀-䶿一-鿿]")
_MARKER = re.compile(
    r"[①-⑳]|(?:^|(?<=[\s。、,:：;；]))(?:"
    r"[(（]\s?(?:[0-9０-９]{1,2}|[a-hア-オ一二三四五]|i{1,3}|iv|v)\s?[)）]"
    r"|(?:[0-9０-９]{1,2}|[a-h]|i{1,3}|iv|v)[)）](?!\w*@)"
    r"|[0-9０-９]{1,2}[.．、](?![0-9０-９])"
    r"|[ア-オ][\s　.．、]"
    r"|[一二三四五]つ(?:め|目)?[、,はに]"
    r"|第[一二三四五]に"
    r"|(?:first|second|third|fourth|last)(?:ly)?,"
    r"|[・•●○■◆*＊-](?=[^\S\n]?\w))",
    re.IGNORECASE | re.MULTILINE,
)
_NAMES = re.compile(
    r"[:：]\s+|[、,]\s*(?:及び|および|並びに|ならびに|and\s)?|及び|および|並びに|ならびに|とともに|と、|と(?=利用|訂正|修正|開示|削除|消去|退会|第三者)|\s+and\s+",
    re.IGNORECASE,
)
_LONGEST_NAME = {"ja": 24, "en": 60}  # characters of the name of a right with what it is about
# One right whose name holds several words.
_ONE_RIGHT = (
    (
        re.compile(r"訂正(?:[・、,/]|又は|または|及び|および)*追加(?:[・、,/]|又は|または|及び|および)*(?:削除)?"),
        "訂正",
    ),
    (re.compile(r"訂正[・/]削除|訂正等"), "訂正"),
    (re.compile(r"(?:利用の?)?停止(?:[・、,/]|又は|または)(?:消去|削除)"), "利用停止"),
    (
        re.compile(r"corrections?,? (?:and |or )?additions?,? (?:and |or )?(?:deletions?)?", re.IGNORECASE),
        "correction ",
    ),
)


def list_items(text: str, names_right: Callable[[str], bool]) -> list[str]:
    """The items of a list, with what stands before the first; nothing when a text is no list.

    Names of rights side by side are one when at least two parts are such (`names_right`) and short.
    """
    marks = list(_MARKER.finditer(text))
    if len(marks) > 1:
        ends = [*(mark.start() for mark in marks[1:]), len(text)]
        items = [text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)]
        return [one for one in (text[: marks[0].start()].strip(), *items) if one]
    for pattern, name in _ONE_RIGHT:
        text = pattern.sub(name, text)
    parts = [one.strip() for one in _NAMES.split(text) if one.strip()]
    longest = _LONGEST_NAME["ja" if _JAPANESE.search(text) else "en"]
    named = [one for one in parts if len(one) <= longest and names_right(one)]
    return parts if len(named) > 1 else []

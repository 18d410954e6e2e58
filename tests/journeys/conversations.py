"""Scripts of conversations played against a running desk: what was filed, compared with what should have been.

`python -m tests.journeys.conversations [--verbose] FILE…` starts a desk, plays every line and prints what differed.
A line is `{"id", "language", "about", "turns", "expect"}`. A turn is a text, or `{"when": {field: answer}}`: from there
on the person answers whatever the desk asks, recognised by its question, out of the table ("confirm" is the review).
`expect` is `{"filed": false}`, or the kinds, fields and agent of the one case; "details" is the whole text,
"details_has" are words in it.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actions.cases.records import FIELDS, Case
from actions.texts import LANGUAGES, list_keys
from tests.journeys.desk import Desk, Reply, Talk, join, make_state

MOST_TURNS = 12  # answered out of a table
DONE = {"filed", "cancelled"}


@dataclass
class Played:
    """What came of a conversation: everything said, as (who, text), and the receipts told."""

    said: list[tuple[str, str]] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)


def read_scripts(path: Path) -> list[dict[str, Any]]:
    """The scripts of a file, one a line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def play(talk: Talk, turns: list[Any]) -> Played:
    """Say every turn; a table answers until the request ends, or until something is asked that it does not hold."""
    played = Played()
    reply: Reply = {"request": None, "messages": []}
    for turn in turns:
        if isinstance(turn, str):
            reply = _say(talk, turn, played)
            continue
        for _ in range(MOST_TURNS):
            asked = find_asked(reply)
            if not reply["request"] or reply["request"]["state"] in DONE or asked not in turn["when"]:
                break
            reply = _say(talk, turn["when"][asked], played)
    return played


def _say(talk: Talk, text: str, played: Played) -> Reply:
    reply = talk.say(text)
    played.said += [("person", text), ("desk", join(reply))]
    if reply["request"] and reply["request"]["receipt"]:
        played.receipts.append(reply["request"]["receipt"])
    return reply


def find_asked(reply: Reply) -> str:
    """What the desk asked last in a reply: a field, "confirm", or "" when it asked nothing."""
    text = join(reply)
    last = max(((text.rfind(words), asked) for words, asked in _list_questions() if words in text), default=(-1, ""))
    return last[1]


def _list_questions() -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        for key, words in list_keys(language).items():
            asked = re.fullmatch(r"intake\.(?:ask|again)_(details|name|email|phone|confirmation)(?:_complaint)?", key)
            if asked:
                yield words, {"confirmation": "confirm"}.get(asked[1], asked[1])


def compare(expect: dict[str, Any], played: Played, cases: dict[str, Case]) -> list[str]:
    """What differs from what was expected, in words; nothing when all is as it should be."""
    receipts = list(dict.fromkeys(played.receipts))
    if len(receipts) != int(expect["filed"]):
        return [f"{len(receipts)} filed, expected {int(expect['filed'])}"]
    if not receipts:
        return []
    case = cases[receipts[0]]
    differs = [] if list(case.kinds) == expect["kinds"] else [f"kinds {list(case.kinds)}, expected {expect['kinds']}"]
    for name in FIELDS:
        found, wanted = case.fields[name], expect.get(name)
        if wanted is not None and not _is_same(name, found, wanted):
            differs.append(f"{name} {found!r}, expected {wanted!r}")
    missing = [words for words in expect.get("details_has", []) if words not in case.fields["details"]]
    differs += [f"details lack {words!r}: {case.fields['details']!r}" for words in missing]
    if case.agent != expect.get("agent", ""):
        differs.append(f"agent {case.agent!r}, expected {expect.get('agent', '')!r}")
    return differs


def _is_same(name: str, found: str, wanted: str) -> bool:
    """Whether a field is as expected: of a telephone the digits count, an extension apart; of a name the letters.

    The domain of a mail address has no case: the desk writes it small.
    """
    if name == "name":
        return "".join(found.split()).casefold() == "".join(wanted.split()).casefold()
    if name == "email":
        local, _, domain = wanted.rpartition("@")
        return found == f"{local}@{domain.lower()}"
    if name != "phone":
        return found == wanted
    number, other = (re.sub(r"\D", "", value.partition(" ext.")[0]) for value in (found, wanted))
    return number == other


def main(paths: list[str], *, verbose: bool = False) -> int:
    """Play the files against a desk of their own. Returns 1 if anything differed; `verbose` prints what was said."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(make_state(Path(folder)))
        try:
            desk.start()
            with desk.open_http() as http:
                scripts = [one for path in paths for one in read_scripts(Path(path))]
                played = [(script, play(Talk(http), script["turns"])) for script in scripts]
            cases = desk.list_cases()
        finally:
            desk.stop()
    found = [(script, compare(script["expect"], one, cases)) for script, one in played]
    wrong = [(script, differs) for script, differs in found if differs]
    talks = {script["id"]: one for script, one in played}
    for script, differs in wrong:
        sys.stdout.write(f"{script['id']} ({script['about']}): {'; '.join(differs)}\n")
        if verbose:
            said = (f"    {who}: {' | '.join(text.splitlines())}" for who, text in talks[script["id"]].said)
            sys.stdout.write("\n".join([*said, ""]))
    sys.stdout.write(f"{len(found) - len(wrong)} of {len(found)} as expected\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main([one for one in sys.argv[1:] if one != "--verbose"], verbose="--verbose" in sys.argv))

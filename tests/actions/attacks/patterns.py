"""Every pattern of ours against what is worst for it: `python -m tests.actions.attacks.patterns SECONDS LENGTH`.

Writes one line of JSON a pattern: where it is from, how long its worst input took, and that input's beginning. What is
collected: whatever our modules compile when they are imported and when they read messages, and every string of the
pattern files.
"""

from __future__ import annotations

import importlib
import json
import re
import signal
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from re import _constants as names  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[3]
OURS = ("actions", "knowledge")
DATA = [*sorted((ROOT / "actions/dialogue").glob("*.toml")), ROOT / "knowledge/questions.toml"]
CLASSES = {  # one character of each class
    names.CATEGORY_DIGIT: "7",
    names.CATEGORY_NOT_DIGIT: "あ",
    names.CATEGORY_SPACE: " ",
    names.CATEGORY_NOT_SPACE: "x",
    names.CATEGORY_WORD: "w",
    names.CATEGORY_NOT_WORD: "-",
}
ENOUGH_SECONDS = 1.0  # after so much work on one pattern its other inputs are left out; the worst come first
MANY = 50  # repetitions that are as good as endless
MOST = 12  # characters of a pattern's alphabet, evenly chosen: an alternation of names has hundreds

found: dict[tuple[str, int], str] = {}


class TooSlowError(Exception):
    """A pattern did not come to an end."""


# --- collecting


def record() -> None:
    """From now on note what is compiled by a module of ours."""
    compile_really = re._compile  # type: ignore[attr-defined]

    def compile_noting(pattern: Any, flags: Any) -> Any:
        made = compile_really(pattern, flags)
        path = Path(sys._getframe(2).f_code.co_filename)
        if isinstance(made.pattern, str) and path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in OURS:
            found.setdefault((made.pattern, made.flags), str(path.relative_to(ROOT)))
        return made

    re._compile = compile_noting  # type: ignore[attr-defined]


def import_all() -> None:
    """Import every module of ours: what stands at their heads is compiled then."""
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts and "__main__" not in parts:
                importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def read_messages() -> None:
    """Let the intake read real messages at each of its questions: patterns made of data are compiled on the way."""
    from actions.cases.records import FIELDS, Draft
    from actions.dialogue import intake, wishes
    from actions.dialogue.phrases import says
    from knowledge.questions import read_follow_up, split_questions
    from knowledge.romaji import Spelling

    rows = (ROOT / "tests/journeys/conversations.jsonl").read_text("utf-8").splitlines()
    texts = [text for row in rows for text in re.findall(r'"((?:[^"\\]|\\.)+)"', row)]
    for number, text in enumerate(dict.fromkeys(texts)):
        draft = Draft(kinds=("disclosure",), language="ja", policy_version="1", filing_key="k")
        asked = ("details", *FIELDS, "confirmation")[number % (len(FIELDS) + 2)]
        given = {} if asked == "details" else dict.fromkeys(FIELDS, "山田花子")
        intake.decide(
            replace(draft, asked=asked, fields=given), intake.Heard(text, intent="ask_policy", confidence=0.5)
        )
        wishes.hear_wishes(text)
        for language in ("ja", "en"):
            split_questions(text, language)
            read_follow_up(text, language)
        says(text, "forget")
        Spelling.learn([text])


def read_data() -> None:
    """Every string of the pattern files, as a pattern of its own."""
    for path in DATA:
        verbose = re.VERBOSE | re.ASCII if path.name == "questions.toml" else 0
        for text in _list_strings(tomllib.loads(path.read_text("utf-8"))):
            try:
                made = re.compile(text, re.IGNORECASE | verbose)
            except re.error:  # a part of a pattern that is put together; the whole is noted where it is made
                continue
            found.setdefault((made.pattern, made.flags), str(path.relative_to(ROOT)))


def _list_strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for one in node.values() if isinstance(node, dict) else node:
            yield from _list_strings(one)


# --- what is worst for a pattern


def write_inputs(pattern: str, flags: int, length: int) -> Iterator[str]:
    """Long repetitions of the pattern's own characters and of what it matches, each with an end that fits nothing."""
    tree = parser.parse(pattern, flags)
    alphabet = list(dict.fromkeys(_list_characters(tree)))
    chosen = alphabet[:: max(1, len(alphabet) // MOST)][:MOST]
    matched = [_write_match(tree, most) for most in (0, 1, 3)]
    units = [*matched, *chosen, " ", "a", "あ", "1", *(a + b for a, b in pairwise([*chosen, *chosen[:1]]))]
    for unit in dict.fromkeys(filter(None, units)):
        yield (unit * length)[:length] + "\0"
        yield (matched[-1] + unit * length)[:length] + "\0"


def repeats(tree: Any) -> bool:
    """Whether a pattern has a repetition without an end of its own: one that has none takes a step a character."""
    repeated = {names.MAX_REPEAT, names.MIN_REPEAT, names.POSSESSIVE_REPEAT}
    return any(
        (code in repeated and value[1] > MANY) or any(repeats(part) for part in _list_parts(code, value))
        for code, value in tree
    )


def _list_characters(tree: Any) -> Iterator[str]:
    for code, value in tree:
        if code in {names.LITERAL, names.NOT_LITERAL}:
            yield chr(value)
        elif code is names.RANGE:
            yield from (chr(value[0]), chr(value[1]))
        elif code is names.CATEGORY:
            yield CLASSES[value]
        elif code is names.IN:
            yield from _list_characters(value)
        else:
            for part in _list_parts(code, value):
                yield from _list_characters(part)


def _list_parts(code: Any, value: Any) -> list[Any]:
    """The patterns within a node."""
    if code is names.BRANCH:
        return list(value[1])
    if code in {names.MAX_REPEAT, names.MIN_REPEAT, names.POSSESSIVE_REPEAT}:
        return [value[2]]
    if code is names.SUBPATTERN:
        return [value[3]]
    if code in {names.ASSERT, names.ASSERT_NOT}:
        return [value[1]]
    return [value] if code is names.ATOMIC_GROUP else []


def _write_match(tree: Any, most: int) -> str:
    """Something the pattern (nearly) matches, with repetitions up to `most`."""
    return "".join(_write_node(code, value, most) for code, value in tree)[:200]


def _write_node(code: Any, value: Any, most: int) -> str:
    if code in {names.LITERAL, names.IN}:
        return next(_list_characters([(code, value)]), "")
    if code in {names.ANY, names.NOT_LITERAL}:
        return "x"
    if code is names.BRANCH:
        return _write_match(value[1][-1], most)
    if code in {names.MAX_REPEAT, names.MIN_REPEAT, names.POSSESSIVE_REPEAT}:
        least, greatest, part = value
        return _write_match(part, most) * min(max(least, most), greatest)
    if code in {names.ASSERT, names.ASSERT_NOT}:
        return ""
    return "".join(_write_match(part, most) for part in _list_parts(code, value))


# --- trying


def try_pattern(pattern: re.Pattern[str], length: int) -> tuple[float, str]:
    """The longest it took, in seconds of this process, and the beginning of what took it."""
    worst, total, what = 0.0, 0.0, ""
    for text in write_inputs(pattern.pattern, pattern.flags, length):
        started = time.process_time()
        for use in (pattern.search, pattern.fullmatch):
            use(text)
        taken = time.process_time() - started
        if taken > worst:
            worst, what = taken, text[:40]
        total += taken
        if total > ENOUGH_SECONDS:
            break
    return worst, what


def main(seconds: str, length: str) -> None:
    """Try them all; one that takes longer than `seconds` is given up and said to be too slow."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TooSlowError

    record()
    import_all()
    read_messages()
    read_data()
    signal.signal(signal.SIGVTALRM, give_up)
    for (pattern, flags), where in list(found.items()):
        line: dict[str, Any] = {"where": where, "pattern": pattern[:200], "slow": False}
        if not repeats(parser.parse(pattern, flags)):
            continue
        signal.setitimer(signal.ITIMER_VIRTUAL, float(seconds))
        try:
            line["seconds"], line["input"] = try_pattern(re.compile(pattern, flags), int(length))
        except TooSlowError:
            line["slow"] = True
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

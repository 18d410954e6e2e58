"""No pattern of ours can be kept busy by what somebody types (ReDoS), and no message can keep the desk busy."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from tests.actions.attacks.patterns import ROOT, write_inputs

SECONDS = 20  # of the processor: a pattern is given up then; what grows exponentially never ends, whatever the machine
LONGEST = 2000  # characters of a message
KILLED = 600  # seconds for all of them
MESSAGES = {
    "letters": "a" * LONGEST,
    "capitals": "A" * LONGEST,
    "blanks between": "a " * (LONGEST // 2),
    "digits": "0" * LONGEST,
    "telephone": "03-" * (LONGEST // 3),
    "addresses": "a@" * (LONGEST // 2),
    "points": "a.b" * (LONGEST // 3),
    "kana": "あ" * LONGEST,
    "ideographs": "個人" * (LONGEST // 2),
    "romaji": "kyonn" * (LONGEST // 5),
    "brackets": "(" * LONGEST,
    "quotes": "「" * LONGEST,
    "marks": "、。" * (LONGEST // 2),
    "questions": "か？" * (LONGEST // 2),
    "wishes": "削除して" * (LONGEST // 4),
    "not but": "ではなく" * (LONGEST // 4),
    "agents": "母の代わりに" * (LONGEST // 6),
    "names": "山田様の" * (LONGEST // 4),
    "at sign in words": "アットマーク" * (LONGEST // 6),
    "full width": "Ａ－" * (LONGEST // 2),
    "lines": "a\n" * (LONGEST // 2),
    "one gap": "a" + " " * (LONGEST - 2) + "x",
}


def test_every_pattern_ends_on_what_is_worst_for_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.actions.attacks.patterns", str(SECONDS), str(LONGEST)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=KILLED,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    counted = Counter(line["where"].split("/")[-1] for line in lines)
    # That the search finds them: what stands in modules, what is made of data, and the data themselves.
    for name in ("names.py", "text.py", "letters.py", "phrases.py", "wishes.py", "questions.py", "phrases.toml"):
        assert counted[name], f"no pattern of {name} was tried"
    assert len(lines) > 200
    assert [line for line in lines if line["slow"]] == []


def test_the_worst_inputs_would_find_a_bad_pattern() -> None:
    for bad in (r"^(a+)+$", r"(?:x|xx)*y", r"^(?:\s*,?)*z"):
        code = f"import re; from tests.actions.attacks.patterns import write_inputs as w; p = re.compile({bad!r})\n"
        code += "for text in w(p.pattern, p.flags, 60): p.search(text), p.fullmatch(text)"
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=3, check=False, capture_output=True)
    assert all(len(text) < 200 for text in write_inputs(r"abc|\d+", 0, 60))


@pytest.mark.parametrize("name", list(MESSAGES))
async def test_the_longest_messages_are_answered(desk: Any, name: str) -> None:
    """As an opening message and as each value of a request; the suite's own patience is the bound."""
    text = MESSAGES[name]
    assert (await desk.chat(text))["messages"]
    conversation = (await desk.chat("/request:disclosure"))["conversation_id"]
    for value in ("登録した住所です", "山田花子", "hanako@example.com", "なし", ""):
        assert (await desk.chat(text, conversation))["messages"]
        if value:
            await desk.chat(value, conversation)

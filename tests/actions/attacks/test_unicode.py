"""Ten thousand strings of everything Unicode has: an answer or a refusal of the documented shape, verbatim quotes."""

from __future__ import annotations

import json
import random
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from actions.web.schemas import AskReply, ChatReply, ErrorReply
from knowledge.policy import Policy

SEED = 20261128
JSON = {"content-type": "application/json"}
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
MARKS = [chr(code) for code in range(0x0300, 0x036F)] + ["\u3099", "\u309a", "\u20dd", "\ufe0e", "\ufe0f"]
EMOJI = ["👩", "👨", "👧", "🏳️", "🌈", "❤️", "🔥", "👍🏽", "🧑🏿", "🇯", "🇵", "1️⃣", "🏴\U000e0067\U000e0062\U000e007f"]
WORDS = [
    "個人情報",
    "第三者",
    "開示",
    "削除して",
    "privacy",
    "delete",
    "クッキー",
    "ﾄﾞﾝﾅ",
    "何を",
    "why",
    "はい",
    "/affirm",
]
SURROGATES = [chr(code) for code in (0xD800, 0xDBFF, 0xDC00, 0xDFFF)]
ODD = [
    "\0",
    "\x07",
    "\x1b[31m",
    "\ufeff",
    "\ufffe",
    "\uffff",
    "\u200b",
    "\u2028",
    "\u2029",
    "\xad",
    "\U0010ffff",
    "\ufdfa",
]


def _pick_any(chance: random.Random) -> str:
    """A character of any of the seventeen planes."""
    return chr(chance.randrange(17) << 16 | chance.randrange(0x10000))


def _join(chance: random.Random, pool: list[str], longest: int = 30) -> str:
    return "".join(chance.choice(pool) for _ in range(chance.randint(1, longest)))


KINDS: dict[str, Callable[[random.Random], str]] = {
    "planes": lambda chance: "".join(_pick_any(chance) for _ in range(chance.randint(1, 40))),
    "bidi": lambda chance: _join(chance, [*BIDI, *WORDS, "مرحبا", "שלום"]),
    "surrogates": lambda chance: _join(chance, [*SURROGATES, *WORDS]),
    "combining": lambda chance: _join(chance, [*MARKS, "か", "e", "漢"], 200),
    "emoji": lambda chance: "\u200d".join(_join(chance, EMOJI, 3) for _ in range(chance.randint(1, 8))),
    "odd": lambda chance: _join(chance, [*ODD, *WORDS]),
    "blanks": lambda chance: _join(chance, [" ", "\u3000", "\t", "\n", "\r", "\xa0", "\u2003", "\u180e", "？"], 20),
    "words": lambda chance: _join(chance, [*WORDS, " ", "、", "?", "？", "\n", "(", "「", "@", "7"], 25),
}
LONGEST = {"long": (1990, 2010), "too long": (2001, 9000)}


def write_strings(count: int) -> Iterator[tuple[str, str]]:
    """(kind, string), the same ones each time; one of a hundred is about as long as is read, or much longer."""
    chance = random.Random(SEED)
    for number in range(count):
        kind = chance.choice(list(KINDS))
        text = KINDS[kind](chance)
        if number % 100 == 0:
            kind = chance.choice(list(LONGEST))
            text = (text * 9000)[: chance.randint(*LONGEST[kind])]
        yield kind, text


def _check_citations(policy: Policy, citations: list[Any]) -> None:
    for citation in citations:
        unit = policy.find_unit(citation.clause_id)
        assert unit is not None
        assert citation.quote in unit.text
        assert citation.quote
        assert citation.policy_version == policy.version


def test_the_strings_are_of_every_kind() -> None:
    strings = list(write_strings(10_000))
    counted = Counter(kind for kind, _ in strings)
    assert set(counted) == {*KINDS, *LONGEST}
    assert min(counted[kind] for kind in KINDS) > 1000
    planes = {ord(char) >> 16 for _, text in strings for char in text}
    assert planes == set(range(17))
    categories = {unicodedata.category(char) for _, text in strings for char in text}
    assert {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Lo", "So", "Zs", "Zl", "Zp"} <= categories


@pytest.mark.parametrize("count", [2000, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_any_string_is_answered_or_refused(open_desk: Callable[..., Any], count: int) -> None:
    desk = open_desk(rate_address="1000000/minute")
    policy, statuses = desk.services.bundle.policy, Counter[int]()
    for kind, text in write_strings(count):
        # Escaped: halves of surrogate pairs can be sent in no other way.
        response = await desk.client.post("/api/ask", content=json.dumps({"question": text}), headers=JSON)
        statuses[response.status_code] += 1
        assert response.status_code in {200, 413, 422}, (kind, text)
        if response.status_code == 200:
            reply = AskReply.model_validate_json(response.content)
            assert reply.answer
            _check_citations(policy, reply.citations)
        else:
            assert ErrorReply.model_validate_json(response.content).error.message
    assert set(statuses) == {200, 413, 422}
    assert statuses[200] > 0.9 * count


@pytest.mark.parametrize("is_down", [False, True])
async def test_any_string_is_a_turn_of_a_conversation(open_desk: Callable[..., Any], is_down: bool) -> None:
    desk = open_desk(rate_address="1000000/minute", rate_conversation="1000000/minute")
    desk.engine.is_down = is_down
    conversation = ""
    for number, (kind, text) in enumerate(write_strings(150)):
        if number % 10 == 0:
            conversation = (await desk.chat("/request:disclosure"))["conversation_id"]
        body = json.dumps({"message": text, "conversation_id": conversation})
        response = await desk.client.post("/api/chat", content=body, headers=JSON)
        assert response.status_code in {200, 413, 422}, (kind, text)
        if response.status_code == 200:
            reply = ChatReply.model_validate_json(response.content)
            assert "".join(message.text for message in reply.messages)
            for message in reply.messages:
                _check_citations(desk.services.bundle.policy, message.citations)
        page = await desk.client.get("/", headers={"cookie": f"madoguchi_conversation={conversation}"})
        assert page.status_code == 200
    assert desk.services.audit.verify().problems == ()

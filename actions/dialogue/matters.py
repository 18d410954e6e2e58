"""What a message tells besides its wish: a fault, one's own situation, a grievance, or nothing but impatience.

Pure; words are data (`matters.toml`). What is told stands in sentences that are no questions; a question may follow.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from actions.dialogue.candidates import CAPITALISED
from actions.dialogue.steps import QUESTION
from actions.dialogue.words import close_gaps, fold
from knowledge.text import find_people

_FILE = Path(__file__).with_name("matters.toml")
_JAPANESE = re.compile(r"[぀-ヿ㐀-䶿一-鿿]")
_SENTENCES = re.compile(r"(?<=[。.!?！？…\n])(?=\s|[^\x00-\x7f]|$)|(?<=です|ます)\s")
_CLAUSES = re.compile(
    r"(?:が|けど|けれど|けれども|ので|から|みたいで|んで)[、,]\s*|,\s+(?=(?:can|could|you can|is it)\b)"
)
_NAMED = {"ja": 4, "en": 8}  # letters beside the right's name with which first words name a matter
_STORY = {"ja": 30, "en": 12}  # characters, in English words, from which first words may tell a matter
_BEYOND = {"ja": 6, "en": 16}  # … and the letters beside the right's name that they must have then
_THIN = {"ja": 36, "en": 14}  # characters, in English words, below which an answer alone tells little
_LEAST = {"ja": 8, "en": 12}  # letters of a sentence that tells a situation
_IMPATIENT = {"ja": 3, "en": 5}  # letters left of a message that is nothing but impatience


def states_fault(text: str) -> bool:
    """Whether a part that is no question says that own data is wrong, whatever is asked after it."""
    told, is_more = _list_told(text, clauses=True)
    return is_more and any(_has("fault", one, text) and not _has("supposes", one, text) for one in told)


def wants_mended(text: str) -> bool:
    """Whether a message speaks of mending what is wrong."""
    return _has("mends", close_gaps(fold(text)), text)


def asks_generally(text: str) -> bool:
    """Whether a message asks how or where something is done, or only speaks of what might be."""
    said = close_gaps(fold(text))
    return _has("generally", said, text) or _has("supposes", said, text)


def tells_situation(text: str) -> bool:
    """Whether it tells what is the case or what is wanted, and then asks whether, or how, that can be done.

    "I am leaving Japan. Can I quit?" wants it; "How do I quit?" asks.
    """
    sentences = [fold(one) for one in _split(text)]
    told, _ = _list_told(text)
    if not sentences or not _has("able", sentences[-1], text) or _has("supposes", fold(text), text):
        return False
    return any(measure(one) >= _LEAST[_name(text)] and not _has("courtesy", one, text) for one in told)


def stops_mailings(text: str) -> bool:
    """Whether it wants mails, catalogues, calls or the like to end."""
    return _has("stops_mailings", close_gaps(fold(text)), text)


def accuses(text: str) -> bool:
    """Whether it tells that something was done to its data: a leak, a stranger who knows it, staff who told it."""
    told = " ".join([*_list_told(text)[0], *(one for one in _fold_all(text) if _has("rhetoric", one, text))])
    return _has("accuses", told, text) and not _has("supposes", told, text)


def raises_concern(text: str) -> bool:
    """Whether somebody has something to say about how personal data is handled, and does not ask where."""
    said = close_gaps(fold(text))
    return _has("concern", said, text) and _has("handling", said, text) and not _has("where", said, text)


def tells_past(text: str) -> bool:
    """Whether a question is about something that was done: then it is a matter and no enquiry."""
    return any(_has("past", one, text) for one in _fold_all(text))


def find_topic(text: str) -> str:
    """What of this desk a question is about ("readers", "keeping" …), "" for nothing of it."""
    said = close_gaps(fold(text))
    return next((name for name, pattern in _load()[_name(text)].items() if _is_topic(name, pattern, said)), "")


def asks(text: str) -> bool:
    """Whether a message is a question, also without its mark ("how much does it cost")."""
    said = close_gaps(fold(text))
    return bool(QUESTION.search(said)) or _has("asks", said, text)


def asks_practice(text: str) -> bool:
    """Whether it asks what the shop does as a rule ("do you sell my data?")."""
    return _has("practice", close_gaps(fold(text)), text)


def is_impatient(text: str) -> bool:
    """Whether a message has no matter, but only urges or scolds ("hurry up", 「責任者出せ」)."""
    said, least = close_gaps(fold(text)), _IMPATIENT[_name(text)]
    if not _has("impatient", said, text):
        return False
    words = _load()[_name(text)]
    rest = words["bare"].sub(" ", words["impatient"].sub(" ", said))
    return measure(words["filler"].sub("", rest)) <= least


def tells_matter(text: str) -> bool:
    """Whether first words tell a matter: long enough, and more than which right it is."""
    return _count(text) >= _STORY[_name(text)] and measure_matter(text) >= _BEYOND[_name(text)]


def names_matter(text: str) -> bool:
    """Whether first words are more than which right it is, however short."""
    return measure_matter(text) >= _NAMED[_name(text)]


def is_thin(text: str) -> bool:
    """Whether an answer alone tells little."""
    return _count(text) < _THIN[_name(text)]


def measure_matter(text: str) -> int:
    """Letters of a message beside those that name people or a right alone ("個人情報の開示を請求したいのですが")."""
    return measure(_load()[_name(text)]["bare"].sub("", fold(_leave_out_people(text))))


def _leave_out_people(text: str) -> str:
    for start, end in reversed(find_people(text)):
        text = text[:start] + text[end:]
    return CAPITALISED.sub(" ", text)


def measure(text: str) -> int:
    """Letters of a text."""
    return sum(map(str.isalpha, text))


def _count(text: str) -> int:
    """Japanese characters, or English words."""
    return len("".join(text.split())) if _JAPANESE.search(text) else len(text.split())


def _split(text: str) -> list[str]:
    return [one for one in _SENTENCES.split(text) if one.strip()]


def _fold_all(text: str) -> list[str]:
    return [close_gaps(fold(one)) for one in _split(text)]


def _list_told(text: str, *, clauses: bool = False) -> tuple[list[str], bool]:
    """The parts of a message that are no question, and whether there are several parts at all."""
    parts = _fold_all(text)
    if clauses:
        parts = [clause for part in parts for clause in _CLAUSES.split(part) if clause.strip()]
    return [one for one in parts if not QUESTION.search(one) and not _has("able", one, text)], len(parts) > 1


def _is_topic(name: str, pattern: re.Pattern[str], said: str) -> bool:
    return name.startswith("topic_") and pattern.search(said) is not None


def _has(group: str, said: str, text: str) -> bool:
    return _load()[_name(text)][group].search(said) is not None


def _name(text: str) -> str:
    return "ja" if _JAPANESE.search(text) else "en"


@lru_cache(maxsize=1)
def _load() -> dict[str, dict[str, re.Pattern[str]]]:
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return {language: {name: re.compile(one) for name, one in table.items()} for language, table in tables.items()}

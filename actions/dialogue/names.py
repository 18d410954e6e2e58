"""A person's name in a message: introduced ("山田花子と申します", "my name is …"), or the message itself.

What is no name is none: a sentence, a place, a matter. Words are data (`names.toml`). A name is always a piece of what
was typed, blanks made one.
"""

from __future__ import annotations

import re
import unicodedata

from actions.dialogue.candidates import (
    BRACKETS,
    CAPITAL,
    CAPITALISED,
    FACES,
    KANA_OR_KANJI,
    NAME_MAX,
    QUOTES,
    find_ending,
    is_another,
    is_common,
    is_full,
    is_plainly_name,
    list_words,
    load_words,
    may_be_name,
    only_interjects,
    tidy,
)
from actions.dialogue.choices import keep_meant
from actions.dialogue.people import pick_person
from actions.dialogue.phrases import says
from actions.dialogue.words import MAIL, PHONE, find_fields
from knowledge.text import clean

__all__ = ["NAME_MAX", "is_another", "is_full", "read_full_name", "read_introduced_name", "read_name"]

_MOST_SENTENCES = 3  # of a message that may be a name
_MORE_OF_A_NAME = 3  # characters that the dictionary may leave off at the end of a name
_SHORT = 60  # characters, in Japanese; twice as many in Latin letters
# A full stop after one or two letters is an abbreviation's: "Anne-Marie St. John".
_SENTENCE = re.compile(
    r"((?:[^。!！?？\n.]|\.(?!\s|$)|(?<=\b[A-Z][a-z])\.|(?<=\b[A-Z])\.|(?<=\bMrs)\.|(?<=\bEngr)\.|(?<=\bProf)\.)+)([。!！?？\n.]*)"
)
_PARTS = re.compile(
    r"[、,，／|｜]|\s[/–—-]\s|[\u2600-\u27bf\U0001f000-\U0001faff]+|[ 　](?:and|but)[ 　]", re.IGNORECASE
)
_TAGS = re.compile(r"</?[A-Za-z][^<>]*>")
_HIRAGANA_NAME = re.compile(r"[ぁ-ゖー]{2,5} [ぁ-ゖー]{2,5}")
_KANJI = re.compile(r"[㐀-䶿一-鿿]")
_REVERSED = re.compile(rf"{CAPITAL}, {CAPITAL}")  # "Dubois, Robin"
# What a next value is, spoken without a pause: "its Gary Whitcombe email is …"
_LABEL = re.compile(
    r"[ ,]+(?:and )?(?:my )?(?:e-?mail|phone|mobile)(?: address| number)? is(?=[ 、,.]|$)", re.IGNORECASE
)
_LED = re.compile(
    rf"\b(?:as|is|for|by|under|signed|write|put|use|name|named|called|am|it's|me) ({CAPITALISED.pattern})"
)
_OF_A_THING = re.compile(
    r"(?:町|市|村|区|駅|店|会社|社|道|通り|マンション|アパート|建物|ビル|商品|品|犬|猫|子|サイト|学校|部署|製品|ブランド)の$"
    r"|\b(?:street|road|town|city|building|company|shop|store|brand|pet|dog|cat|user|file|product|item|bank) $"
)
_NOT_BUT = re.compile(r"(?:じゃ|では|で|や)な(?:く|い)|[やじ]ゃ?のう")


def read_name(text: str, *, asked: bool) -> str | None:
    """A person's name: introduced, or, when it was `asked` for, the message itself; None when there is none."""
    bare = _LABEL.sub("、", PHONE.sub("、", MAIL.sub("、", _TAGS.sub(" ", clean(text)))))
    if asked and _is_short(bare) and (meant := keep_meant(bare)) != bare and (name := read_name(meant, asked=True)):
        # "Oskar Lind - sorry, my editor adds tags": what stands behind is no name as what stands before it is.
        others = [] if is_plainly_name(name) else _list_bare(unicodedata.normalize("NFKC", bare).removesuffix(meant))
        return next((one for one in others if is_plainly_name(one)), name)
    if asked and (joined := _join_parts(bare)):
        return joined
    said = [(one[1], one[2]) for one in _SENTENCE.finditer(bare)]
    sentences = [sentence for sentence, stop in said if sentence.strip() and not set(stop) & set("?？")]
    found = [name for one in sentences for name in [_find_introduced(one, asked=asked)] if name]
    if not asked:
        return found[0] if found else None
    turned = _REVERSED.fullmatch(" ".join(bare.split()))
    if turned and not found and may_be_name(turned[0].replace(",", "")):
        return turned[0]
    alone = _list_alone(bare, sentences, found)
    asks = [sentence for sentence, _ in said if sentence.strip() and sentence not in sentences]
    if asks and not any("name" in find_fields(one) for one in asks):
        alone = [name for name in alone if is_plainly_name(name)]  # beside a question stands what belongs to it
    candidates = found or alone or _list_led(bare, sentences)
    best = _choose_whole(candidates, [*found, *alone])
    return _prefer_person(best, pick_person(bare)) if _is_short(bare) else best


def _choose_whole(candidates: list[str], all_found: list[str]) -> str | None:
    """The first candidate; if it is no whole name, the longest one that holds it: "前田や、前田浩二"."""
    if not candidates or is_full(candidates[0]):
        return candidates[0] if candidates else None
    whole = {one for one in all_found if is_full(one) and is_plainly_name(one)}
    if len(whole) == 1:  # "Bazza. fine, Barry Nolan"
        return whole.pop()
    return max((one for one in [*candidates, *all_found] if candidates[0] in one), key=len)


def _prefer_person(found: str | None, person: str | None) -> str | None:
    """The whole name that the dictionary knows, unless what patterns found is that name and a little more behind it.

    (The dictionary may know 山田花 and not 山田花音; but 「日本語だと山田花子」 begins as no name does.)
    """
    if not person or (found and found.startswith(person) and len(found) <= len(person) + _MORE_OF_A_NAME):
        return found
    if found and found.endswith(person) and _KANJI.fullmatch(found[-len(person) - 1 : -len(person)]):
        return found  # 嘉山 is a name as well, and 比嘉山 another
    if found and _HIRAGANA_NAME.fullmatch(found) and found.endswith(f" {person}"):
        return found  # いぬかい よしの
    if found and _KANJI.search(found) and is_full(found) and not _KANJI.search(person):
        return found  # a reading is told beside the name: 「とうごうまさるで漢字は東郷 勝です」
    return person


def _list_alone(bare: str, sentences: list[str], found: list[str]) -> list[str]:
    """Names that stand in a message by themselves: the longer it is, the plainer they must be."""
    alone = [name for one in sentences[:_MOST_SENTENCES] for name in _list_bare(one)] if _is_short(bare) else []
    if not _is_short(2 * bare):
        return [name for name in alone if is_plainly_name(name)]
    alone = [name for name in alone if not only_interjects(name)] or alone
    return alone if found or any(map(is_full, alone)) else [*_list_last(sentences), *alone]


def _is_short(text: str) -> bool:
    """Whether it may be a name with a few words around it; a longer text tells something."""
    return len(" ".join(text.split())) <= (_SHORT if KANA_OR_KANJI.search(text) else 2 * _SHORT)


def read_introduced_name(text: str) -> str | None:
    """The name that a correction gives: introduced for sure, whatever else the message says of it."""
    for one in _SENTENCE.finditer(clean(text)):
        plain = " ".join(one[1].split())
        name = _find_for_sure(plain, _lower(plain))
        if name and not _NOT_BUT.search(name):
            return name
    return None


def read_full_name(text: str) -> str | None:
    """The name a text is, when nobody asked for one: only what plainly is one, as beside a mail address."""
    name = tidy(text)
    return name if name and is_plainly_name(name) else None


def _join_parts(text: str) -> str | None:
    """A name given as family name and given name, in the order of its language."""
    for key, order in (("parts_ja", ("family", "given")), ("parts_en", ("given", "family"))):
        match = re.search(load_words()[key], text, re.IGNORECASE)
        if match and may_be_name(name := " ".join(match[part].strip() for part in order)):
            return name
    return None


def _list_last(sentences: list[str]) -> list[str]:
    """Names at the end of a short sentence, behind words that lead to them: "さっきも言ったけど…", "told you: …"."""
    parts = [re.split(load_words()["joint"], " ".join(one.split())) for one in sentences]
    found = [tidy(part[-1]) for part in parts if len(part) > 1]
    return [name for name in found if name and is_full(name) and is_plainly_name(name)]


def _list_led(bare: str, sentences: list[str]) -> list[str]:
    """The one name in Latin letters that words of naming lead to: "you may put me down as …"; nothing else is known."""
    if not _is_short(bare) or any(map(is_another, sentences)):
        return []
    found = [tidy(match[1]) for one in sentences for match in _LED.finditer(one)]
    return [name for name in found if name] if len(found) == 1 else []


def _find_introduced(sentence: str, *, asked: bool) -> str | None:
    """The name one sentence introduces: the writer's, so that not asked for, another's (母は…) is none."""
    plain = " ".join(sentence.split())
    lowered = _lower(plain)
    if is_another(plain):
        own = [part for part in _PARTS.split(plain) if part and not is_another(part)] if asked else []
        names = [name for part in own for name in [_find_introduced(part, asked=False)] if name]
        if names or not asked:  # "I'm Abena, his name is Kofi"
            return names[0] if names else None
    if not asked and says(plain, "about_data"):
        return None
    sure = _find_for_sure(plain, lowered)
    if sure:
        return sure
    perhaps = _find_after_mark(plain, lowered, list_words("before_weak"))
    if perhaps and is_plainly_name(perhaps) and (asked or not is_common(perhaps)):
        return perhaps
    ended = find_ending().search(FACES.sub("", BRACKETS.sub("", plain)).rstrip(QUOTES))
    name = tidy(_PARTS.split(ended.string[: ended.start()])[-1]) if ended else None
    return name if name and is_plainly_name(name) and (asked or not is_common(name)) else None


def _lower(plain: str) -> str:
    """In lower case, each character in its place: İ alone would become two."""
    lowered = plain.replace("\u0130", "I").lower().replace("’", "'").replace("：", ":")
    return lowered if len(lowered) == len(plain) else plain


def _find_for_sure(plain: str, lowered: str) -> str | None:
    sure = _find_after_mark(plain, lowered, list_words("before"))
    if sure:
        return sure
    for mark in sorted(list_words("after"), key=len, reverse=True):
        head, found, _ = plain.partition(mark)
        name = tidy(_PARTS.split(head)[-1]) if found else None
        if name:
            return name
    return None


def _find_after_mark(plain: str, lowered: str, marks: tuple[str, ...]) -> str | None:
    for mark in marks:
        at = lowered.find(mark)
        while at >= 0:
            if _may_begin(lowered, at):
                rest = plain[at + len(mark) :]
                if mark[-1].isascii() and mark[-1].isalpha() and rest[:1].isalpha():
                    rest = ""  # "name ist"
                turned = _REVERSED.fullmatch(rest.strip(QUOTES))
                name = turned[0] if turned else tidy(_PARTS.split(rest.lstrip(QUOTES))[0])
                if name:
                    return name
            at = lowered.find(mark, at + 1)
    return None


def _may_begin(lowered: str, at: int) -> bool:
    """Whether a mark may stand here: at the beginning of a word, and not as "the name of the town" (町の名前が…)."""
    if at == 0:
        return True
    of = _OF_A_THING.search(lowered, 0, at)
    return not of and (not lowered[at - 1].isascii() or lowered[at - 1] in " ,.(")


def _list_bare(sentence: str) -> list[str]:
    """The names a sentence consists of, filler words and politeness left out."""
    return [name for part in _PARTS.split(" ".join(sentence.split())) for name in [tidy(part)] if name]

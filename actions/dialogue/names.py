"""A person's name in a message: introduced ("山田花子と申します", "my name is …"), or the message itself.

What is no name is none: a sentence, a place, a matter. Words are data (`names.toml`). A name is always a piece of what
was typed, blanks made one.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

from actions.dialogue.choices import keep_meant
from actions.dialogue.phrases import says
from actions.dialogue.words import MAIL, PHONE, fold, is_word
from knowledge.text import analyse, clean

NAME_MAX = 60  # characters
_MOST_WORDS = 8  # of a name in Latin letters
_MOST_JAPANESE = 20  # characters without a blank
_MOST_SENTENCES = 3  # of a message that may be a name
_SHORT = 60  # characters, in Japanese; twice as many in Latin letters
_LONGEST_WITH_NO = 4  # characters of a name with 「の」 in it (一の瀬薫)
_SHORTEST_FULL, _LONGEST_FULL = 2, 14  # characters of a Japanese name that nobody asked for

_FILE = Path(__file__).with_name("names.toml")
_QUOTES = " 、。,.!！?？「」『』\"'“”‘’・:：;；-–—~〜…（）()【】[]<>*#_"
_NO_NAME = re.compile(r"[?？@＠<>{}\[\]\\|=;/]|\d{3,}")
# A full stop after one or two letters is an abbreviation's: "Anne-Marie St. John".
_SENTENCE = re.compile(
    r"((?:[^。!！?？\n.]|\.(?!\s|$)|(?<=\b[A-Z][a-z])\.|(?<=\b[A-Z])\.|(?<=\bMrs)\.)+)([。!！?？\n.]*)"
)
_PARTS = re.compile(r"[、,，]|[\u2600-\u27bf\U0001f000-\U0001faff]+|[ 　](?:and|but)[ 　]", re.IGNORECASE)
_TAGS = re.compile(r"</?[A-Za-z][^<>]*>")
_FROM = re.compile(r"\s(?:from|of|at|here|speaking|calling|living)\b.*", re.IGNORECASE)
_BRACKETS = re.compile(r"[（(【\[〔][^）)】\]〕]*[）)】\]〕]?")
_FACES = re.compile(r"[\u2190-\u2bff\u3030\ufe0f\u200d\U0001f000-\U0001faff]+")
_KANA_OR_KANJI = re.compile(r"[ぁ-ヿ㐀-䶿一-鿿々ｦ-ﾟ]")
_HIRAGANA = re.compile(r"[ぁ-ゖー]+")
_PROSE = re.compile(
    r"を|(?:ます|ました|ましょ|です|でした|たい|ない|している|してる|ください|けど|のに|ので|だから|とか|って|など)"
    r"(?:$|[^ぁ-ん]|ん|の|が|よ|ね|か)|[㐀-䶿一-鿿](?:は|が|に|で|と|も|へ|から|まで|より|には|では)[㐀-䶿一-鿿]"
)
_PARTICLES = r"(?:de|da|del|della|di|dos|van|von|der|den|la|le|bin|al|el|ibn|y|zu|ter)"
_CAPITAL = r"[^\W\d_a-z][\w'’.-]*"
_CAPITALISED = re.compile(rf"{_CAPITAL}(?:[ -](?:{_PARTICLES}[ -])*{_CAPITAL}){{1,4}}")

_REVERSED = re.compile(rf"{_CAPITAL}, {_CAPITAL}")  # "Dubois, Robin"
_NOT_BUT = re.compile(r"(?:じゃ|では|で|や)なく")


def read_name(text: str, *, asked: bool) -> str | None:
    """A person's name: introduced, or, when it was `asked` for, the message itself; None when there is none."""
    if asked and (meant := keep_meant(text)) != text and (name := read_name(meant, asked=True)):
        return name
    bare = PHONE.sub("、", MAIL.sub("、", _TAGS.sub(" ", clean(text))))
    said = [(one[1], one[2]) for one in _SENTENCE.finditer(bare)]
    sentences = [sentence for sentence, stop in said if sentence.strip() and not set(stop) & set("?？")]
    found = [name for one in sentences for name in [_find_introduced(one, asked=asked)] if name]
    if not asked:
        return found[0] if found else None
    turned = _REVERSED.fullmatch(" ".join(bare.split()))
    if turned and not found and _may_be_name(turned[0].replace(",", "")):
        return turned[0]
    alone = [name for one in sentences[:_MOST_SENTENCES] for name in _list_bare(one)] if _is_short(bare) else []
    # "前田や、前田浩二", "堀口だ。堀口剛": the whole name is the one that holds the other.
    candidates = found or alone
    return max((one for one in [*found, *alone] if candidates[0] in one), key=len) if candidates else None


def _is_short(text: str) -> bool:
    """Whether it may be a name with a few words around it; a longer text tells something."""
    return len(" ".join(text.split())) <= (_SHORT if _KANA_OR_KANJI.search(text) else 2 * _SHORT)


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
    name = _tidy(text)
    return name if name and _is_plainly_name(name) else None


def is_another(sentence: str) -> bool:
    """Whether a sentence names another person than who writes: "母は…", "his name is …"."""
    return _other().search(fold(sentence)) is not None


def is_full(name: str) -> bool:
    """Whether it is more than a family name or a given name alone."""
    if " " in name or "・" in name:
        return True
    return bool(_KANA_OR_KANJI.search(name)) and len(analyse(unicodedata.normalize("NFKC", name))) > 1


def _find_introduced(sentence: str, *, asked: bool) -> str | None:
    """The name one sentence introduces: the writer's, so that not asked for, another's (母は…) is none."""
    plain = " ".join(sentence.split())
    lowered = _lower(plain)
    if not asked and (is_another(plain) or says(plain, "about_data")):
        return None
    sure = _find_for_sure(plain, lowered)
    if sure:
        return sure
    perhaps = _find_after_mark(plain, lowered, _words("before_weak"))
    if perhaps and _is_plainly_name(perhaps):
        return perhaps
    ended = _weak_ending().search(_FACES.sub("", _BRACKETS.sub("", plain)).rstrip(_QUOTES))
    name = _tidy(_PARTS.split(ended.string[: ended.start()])[-1]) if ended else None
    return name if name and _is_plainly_name(name) else None


def _lower(plain: str) -> str:
    """In lower case, each character in its place: İ alone would become two."""
    lowered = plain.replace("\u0130", "I").lower().replace("’", "'").replace("：", ":")
    return lowered if len(lowered) == len(plain) else plain


def _find_for_sure(plain: str, lowered: str) -> str | None:
    sure = _find_after_mark(plain, lowered, _words("before"))
    if sure:
        return sure
    for mark in _words("after"):
        head, found, _ = plain.partition(mark)
        name = _tidy(_PARTS.split(head)[-1]) if found else None
        if name:
            return name
    return None


def _find_after_mark(plain: str, lowered: str, marks: tuple[str, ...]) -> str | None:
    for mark in marks:
        at = lowered.find(mark)
        while at >= 0:
            if at == 0 or not lowered[at - 1].isascii() or lowered[at - 1] in " ,.(":
                name = _tidy(_PARTS.split(plain[at + len(mark) :].lstrip(_QUOTES))[0])
                if name:
                    return name
            at = lowered.find(mark, at + 1)
    return None


def _list_bare(sentence: str) -> list[str]:
    """The names a sentence consists of, filler words and politeness left out."""
    return [name for part in _PARTS.split(" ".join(sentence.split())) for name in [_tidy(part)] if name]


def _tidy(text: str) -> str | None:
    """A candidate without what surrounds a name; None when what is left is no name."""
    name = _FROM.sub("", _FACES.split(_BRACKETS.split(" ".join(text.split()))[0])[0]).strip(_QUOTES)
    name = _cut_endings(_cut_beginnings(name)).strip(_QUOTES)
    return name if name and _may_be_name(name) else None


def _cut_beginnings(name: str) -> str:
    for filler in sorted(_words("fillers"), key=len, reverse=True):
        if fold(name).startswith(filler) and name[len(filler) : len(filler) + 1] in {"、", ",", " ", "!", "."}:
            name = name[len(filler) :].strip(_QUOTES)
    for mark in (*_words("before"), *_words("before_weak")):
        if name.lower().replace("’", "'").replace("：", ":").startswith(mark):
            name = name[len(mark) :].strip(_QUOTES)
    first, _, rest = name.partition(" ")
    while rest and fold(first) in _words("titles"):
        name = rest.strip()
        first, _, rest = name.partition(" ")
    return _role().sub("", name).strip(_QUOTES) or name


def _cut_endings(name: str) -> str:
    for ending in sorted(_words("after"), key=len, reverse=True):
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)].strip(_QUOTES)
    return _weak_ending().sub("", name)


def _may_be_name(name: str) -> bool:
    """Whether it could be one: letters, not too long, no sentence, no answer, no word that no name holds."""
    said = fold(name)
    if not any(char.isalpha() for char in name) or len(name) > NAME_MAX or _NO_NAME.search(name):
        return False
    if any(is_word(name, group) for group in ("yes", "no", "none", "cancel")) or said in (
        *_words("nouns"),
        *_words("fillers"),
    ):
        return False
    if _never().search(said) or said.endswith(_words("courtesies")):
        return False
    if _KANA_OR_KANJI.search(name):
        longest = max(len(word) for word in name.split())
        return longest <= _MOST_JAPANESE and not _PROSE.search(name)
    words = [word.strip(".,") for word in said.split()]
    small = sum(word in _words("sentence") for word in words)
    return len(words) <= _MOST_WORDS and small < 2 and not any(word in _words("sentence_strong") for word in words)


def _is_plainly_name(name: str) -> bool:
    """Whether nothing else would be written so: capitalised words, or Japanese nouns that name no thing."""
    if not _KANA_OR_KANJI.search(name):
        return _CAPITALISED.fullmatch(name) is not None
    if not _SHORTEST_FULL <= len(name) <= _LONGEST_FULL or fold(name).startswith(_words("nouns")):
        return False
    if fold(name).endswith(_words("noun_endings")):
        return False
    if "の" in name[1:-1] and " " not in name and len(name) > _LONGEST_WITH_NO:
        return False
    if _HIRAGANA.fullmatch(name) and " " not in name:
        return False  # any word may be written so
    found = analyse(unicodedata.normalize("NFKC", name))
    # Common nouns have synonyms in the dictionary; family names have none.
    return bool(found) and found[0].part_of_speech == "名詞" and not found[0].synonyms


@lru_cache(maxsize=1)
def _role() -> re.Pattern[str]:
    """What somebody is, with 「の」 or a blank before the name: also "山田春子の娘の", "株式会社…の弁護士"."""
    roles = "|".join(sorted(_words("roles"), key=len, reverse=True))
    return re.compile(rf"^.*?(?:{roles})(?:である|の|\s)\s*(?=\S)(?!名前|氏名)|^.*\b(?:株式会社|法務部|事務所)\S*\s+")


@lru_cache(maxsize=1)
def _other() -> re.Pattern[str]:
    """What says that the name is another person's: "母は…", "息子の名前は…", "会員は父の…"."""
    roles = "|".join(sorted(_words("relatives"), key=len, reverse=True))
    return re.compile(
        rf"(?:{roles})(?:は|の名前|の氏名|が)|は.{{0,6}}(?:{roles})の|\b(?:{roles}|his|her|their)\b.{{0,20}}\bname\b"
    )


@lru_cache(maxsize=1)
def _weak_ending() -> re.Pattern[str]:
    """A short ending at the end of a message, and not after hiragana: まえだ and よしだ are names."""
    words = sorted(_words("after_weak"), key=len, reverse=True)
    firm = "|".join(one for one in words if one.startswith(("です", "でご", "であ")))
    loose = "|".join(one for one in words if not one.startswith(("です", "でご", "であ")))
    return re.compile(rf"(?:(?:{firm})|(?<=[^ぁ-ゖー\s])[ 　]?(?:{loose}))[よね。.!！]*$")


@lru_cache(maxsize=1)
def _never() -> re.Pattern[str]:
    """Words that no name holds; Latin ones at the beginning of a word: Swantje and Show are names."""
    return re.compile("|".join(rf"(?<![a-z]){re.escape(one)}" if one.isascii() else one for one in _words("never")))


@lru_cache(maxsize=16)
def _words(group: str) -> tuple[str, ...]:
    """A group of `names.toml`."""
    return tuple(_load()[group])


@lru_cache(maxsize=1)
def _load() -> dict[str, list[str]]:
    return tomllib.loads(_FILE.read_text("utf-8"))

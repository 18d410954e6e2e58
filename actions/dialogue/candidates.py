"""What may be a person's name, and what stands around one: endings, titles, companies, posts. Words are data."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

from actions.dialogue.words import fold, is_word
from knowledge.text import Morpheme, analyse, has_proper_noun

NAME_MAX = 60  # characters
_MOST_WORDS = 8  # of a name in Latin letters
_MOST_JAPANESE = 20  # characters without a blank
_PROSAIC = 9  # characters from which a candidate is read as prose
_LONGEST_WITH_NO = 4  # characters of a name with 「の」 in it (一の瀬薫)
_SENTENCE_WORDS = 3  # words from which a capital at the beginning alone makes a sentence
_SHORTEST_SHOP = 2  # characters of a shop before a name ("山田屋の西尾亮介"); 一の瀬 and 井の上 are names
_SHORTEST_FULL, _LONGEST_FULL = 2, 14  # characters of a Japanese name that nobody asked for
_FILE = Path(__file__).with_name("names.toml")
QUOTES = " 、。,.!！?？「」『』\"'“”‘’・:：;；-–—~〜…（）()【】[]<>*#_`"
_NO_NAME = re.compile(r"[?？@＠<>{}\[\]\\|=;/]|\d{3,}")
_FROM = re.compile(
    r"\s(?:(?:from|of|at|here|speaking|calling|living|on behalf|acting|representing"
    r"|with (?:an?|the|two|one|no|double|umlaut|accents?|hyphen|capital))\b|(?-i:for (?=my|our|[A-Z]))).*"
    r"|[ 　]?(?:の代理|本人$).*",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"[（(【\[〔][^）)】\]〕]*[）)】\]〕]?")
FACES = re.compile(r"[\u2190-\u2bff\u3030\ufe0f\u200d\U0001f000-\U0001faff]+")
KANA_OR_KANJI = re.compile(r"[ぁ-ヿ㐀-䶿一-鿿々ｦ-ﾟ]")
_SOUND = re.compile(r"[ぁ-ゖー]$")  # what is left of 「メールは…だ」
_HIRAGANA = re.compile(r"[ぁ-ゖー]+")
_PROSE = re.compile(
    r"を|ちょっと|[るたい]ん$|だった|だろう?$|でしょう?$|[㐀-䶿一-鿿]った$|(?:ます|ました|ましょ|です|でした|たい|ない|している|してる|ください|けど|のに|ので|だから|とか|って|など)"
    r"(?:$|[^ぁ-ん]|ん|の|が|よ|ね|か)|[㐀-䶿一-鿿](?:は|が|に|で|と|も|へ|から|まで|より|には|では)[㐀-䶿一-鿿]"
)
_PARTICLES = r"(?:de|da|del|della|di|dos|van|von|der|den|la|le|bin|al|el|ibn|y|zu|ter)"
CAPITAL = r"[^\W\d_a-z][\w'’.-]*"
CAPITALISED = re.compile(rf"{CAPITAL}(?:[ -](?:{_PARTICLES}[ -])*{CAPITAL}){{1,4}}")


def is_another(sentence: str) -> bool:
    """Whether a sentence names another person than who writes: "母は…", "his name is …"."""
    return _other().search(fold(sentence)) is not None


def is_full(name: str) -> bool:
    """Whether it is more than a family name or a given name alone."""
    if " " in name or "・" in name:
        return True
    return bool(KANA_OR_KANJI.search(name)) and len(analyse(unicodedata.normalize("NFKC", name))) > 1


def tidy(text: str) -> str | None:
    """A candidate without what surrounds a name; None when what is left is no name."""
    name = _FROM.sub("", FACES.split(BRACKETS.split(" ".join(text.split()))[0])[0]).strip(QUOTES)
    name = _cut_endings(_cut_beginnings(name)).strip(QUOTES)
    return name if name and may_be_name(name) else None


_ANSWERED = re.compile(r"^(?:はい|ええ|うん|えーと|えっと|あの)(?=[\u4e00-\u9fff])")  # spoken without a pause
# How it is written: 「難しいほうの齋藤」. Behind an adjective: 土方のぞみ is a name.
_CHARACTERS = re.compile(r"^\S{0,8}[いな](?:ほう|方)の(?=\S{2})")


def _cut_beginnings(name: str) -> str:
    for filler in sorted(list_words("fillers"), key=len, reverse=True):
        if fold(name).startswith(filler) and name[len(filler) : len(filler) + 1] in set("、, !.…。・"):
            name = name[len(filler) :].strip(QUOTES)
    name = _CHARACTERS.sub("", _ANSWERED.sub("", name))
    for mark in (*list_words("before"), *list_words("before_weak")):
        if name.lower().replace("’", "'").replace("：", ":").startswith(mark):
            name = name[len(mark) :].strip(QUOTES)
    name = _pattern("lead").sub("", name).strip(QUOTES) or name
    first, _, rest = name.partition(" ")
    while rest and fold(first) in list_words("titles"):
        name = rest.strip()
        first, _, rest = name.partition(" ")
    return _cut_organisation(_role().sub("", name).strip(QUOTES) or name)


def _cut_organisation(name: str) -> str:
    """A name without company, department and post before it; 服部 and 阿部 are names."""
    company = re.match(rf"^.*(?:{load_words()['company']})(?:\S*の(?=\S)|\S*\s+)", name)
    rest = name[company.end() :] if company else name
    while (joined := re.match(rf"^(?:{load_words()['department']})(?P<by>の|\s+)(?=\S)", rest)) and (
        joined["by"] == "の" or is_full(rest[joined.end() :])
    ):
        rest = rest[joined.end() :]
    of, _, own = rest.rpartition("の")
    if (
        _SHORTEST_SHOP <= len(of) <= _LONGEST_FULL
        and not _PROSE.search(of)
        and KANA_OR_KANJI.search(own)
        and is_full(own)
        and is_plainly_name(own)
    ):
        return own
    return rest


def _cut_endings(name: str) -> str:
    for ending in sorted(list_words("after"), key=len, reverse=True):
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)].strip(QUOTES)
    for pattern in (_pattern_at_end("ending_asked"), find_ending(), _pattern_at_end("ending_answer")):
        cut = pattern.sub("", name).strip(QUOTES)
        name = cut or name
    words = name.split()
    while len(words) > 1 and words[-1].lower().strip(".,()") in list_words("trailing"):
        words.pop()
    name = " ".join(words)
    for courtesy in list_words("courtesies"):
        own = name.removesuffix(courtesy).strip()
        if own != name and is_full(own) and is_plainly_name(own):
            return own
    return name


def may_be_name(name: str) -> bool:
    """Whether it could be one: letters, not too long, no sentence, no answer, no word that no name holds."""
    said = fold(name)
    if not any(char.isalpha() for char in name) or len(name) > NAME_MAX or _NO_NAME.search(name) or _SOUND.match(name):
        return False
    if any(is_word(name, group) for group in ("yes", "no", "none", "cancel")) or said in (
        *list_words("nouns"),
        *list_words("fillers"),
    ):
        return False
    if re.search(load_words()["organisation"], said):
        return False
    if _never().search(said) or said.endswith(list_words("courtesies")):
        return False
    if KANA_OR_KANJI.search(name):
        longest = max(len(word) for word in name.split())
        return longest <= _MOST_JAPANESE and not _PROSE.search(name) and not (longest >= _PROSAIC and _is_prose(name))
    words = [word.strip(".,") for word in said.split()]
    capitals = [one[0].isupper() for one in name.split()]
    if len(words) >= _SENTENCE_WORDS and capitals[0] and not any(capitals[1:]):
        return False  # a sentence begins so
    if words[0] in {"a", "an", "the"}:
        return False
    small = sum(word in list_words("sentence") for word in words)
    most = 0 if name.islower() and len(words) == 1 else 1  # "my" alone is none
    return (
        len(words) <= _MOST_WORDS and small <= most and not any(word in list_words("sentence_strong") for word in words)
    )


def is_plainly_name(name: str) -> bool:
    """Whether nothing else would be written so: capitalised words, or Japanese nouns that name no thing."""
    if not KANA_OR_KANJI.search(name):
        return CAPITALISED.fullmatch(name) is not None
    if not _SHORTEST_FULL <= len(name) <= _LONGEST_FULL or fold(name).startswith(list_words("nouns")):
        return False
    if fold(name).endswith(list_words("noun_endings")):
        return False
    if "の" in name[1:-1] and " " not in name and len(name) > _LONGEST_WITH_NO:
        return False
    if _HIRAGANA.fullmatch(name) and " " not in name:
        return False  # any word may be written so
    found = analyse(unicodedata.normalize("NFKC", name))
    # Common nouns have synonyms in the dictionary; family names have none.
    return bool(found) and found[0].part_of_speech == "名詞" and not found[0].synonyms and not _is_sentence(found)


def _is_prose(name: str) -> bool:
    """Whether a long candidate that holds no name of the dictionary's does things: 「いちいち聞くなよ機械が」."""
    plain = unicodedata.normalize("NFKC", name)
    said = [word.part_of_speech for word in analyse(plain)]
    return not has_proper_noun(plain) and sum(said.count(part) for part in ("動詞", "助動詞", "助詞", "形容詞")) > 1


def _is_sentence(found: list[Morpheme]) -> bool:
    """Whether words are joined as those of a sentence are: 「控えが対象」, 「浪岡でねくて板柳」, 「その前に」."""
    middle = [word.part_of_speech for word in found[1:-1]]
    if any(word.part_of_speech == "助詞" and word.surface in {"が", "を"} for word in found[1:-1]):
        return True
    if "助詞" in middle and {"動詞", "形容詞", "助動詞"} & set(middle):
        return True
    return len(found) > 1 and found[-1].part_of_speech == "助詞"


def is_common(name: str) -> bool:
    """Whether a Japanese name is made of common words alone (一人暮らし), or says whose it is (依頼者・…)."""
    if not KANA_OR_KANJI.search(name):
        return False
    plain = unicodedata.normalize("NFKC", name)
    return _relation().match(plain) is not None or not (" " in name or has_proper_noun(plain))


def only_interjects(name: str) -> bool:
    """Whether it is a word that only leads to a name ("ごめん", "ええっと")."""
    if not KANA_OR_KANJI.search(name):
        return False
    return all(word.part_of_speech in {"感動詞", "副詞", "接続詞", "助詞"} for word in analyse(name))


@lru_cache(maxsize=1)
def _role() -> re.Pattern[str]:
    """What somebody is, with 「の」 or a blank before the name: also "山田春子の娘の", "株式会社…の弁護士"."""
    roles = "|".join(sorted(list_words("roles"), key=len, reverse=True))
    return re.compile(rf"^.*?(?:{roles})(?:である|の|\s)\s*(?=\S)(?!名前|氏名)|^.*\b(?:株式会社|法務部|事務所)\S*\s+")


@lru_cache(maxsize=1)
def _other() -> re.Pattern[str]:
    """What says that the name is another person's: "母は…", "息子の名前は…", "会員は父の…"."""
    roles = "|".join(sorted(list_words("relatives"), key=len, reverse=True))
    return re.compile(
        rf"(?:{roles})(?:は|の名前|の氏名|が)|は.{{0,6}}(?:{roles})の|\b(?:{roles}|his|her|their)\b.{{0,20}}\bname\b"
    )


@lru_cache(maxsize=1)
def _relation() -> re.Pattern[str]:
    """Another person's name with whose it is before it."""
    return re.compile(rf"(?:{'|'.join(sorted(list_words('relatives'), key=len, reverse=True))})(?:の|は|が|[・:、 ])")


@lru_cache(maxsize=1)
def find_ending() -> re.Pattern[str]:
    """How a sentence ends that gives a name: in words for sure, in one sound only where no name ends so."""
    words = load_words()
    return re.compile(rf"(?:{words['ending']}|{words['ending_short']})[よねなわ。.!！〜~ー]*$")


@lru_cache(maxsize=8)
def _pattern(name: str) -> re.Pattern[str]:
    """A pattern of `names.toml` that stands at the beginning."""
    return re.compile(rf"^(?:{load_words()[name]})[ 　]*")


@lru_cache(maxsize=8)
def _pattern_at_end(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{load_words()[name]})$")


@lru_cache(maxsize=1)
def _never() -> re.Pattern[str]:
    """Words that no name holds; Latin ones at the beginning of a word: Swantje and Show are names."""
    return re.compile("|".join(rf"(?<![a-z]){re.escape(one)}" if one.isascii() else one for one in list_words("never")))


@lru_cache(maxsize=16)
def list_words(group: str) -> tuple[str, ...]:
    """A group of `names.toml`."""
    return tuple(load_words()[group])


@lru_cache(maxsize=1)
def load_words() -> dict[str, Any]:
    """All of `names.toml`: lists of words, and patterns."""
    return tomllib.loads(_FILE.read_text("utf-8"))

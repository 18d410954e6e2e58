"""Japanese in Latin letters → Japanese script: "kojin jouhou" → 個人情報.

jaconv turns syllables into kana; which word a reading stands for, the wordings tell: their words, with Sudachi's
readings, are the dictionary, and the likeliest segmentation wins (unigram Viterbi). Only customers' own vocabulary is
needed here, and it is at hand.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import jaconv

from knowledge.text import normalise, read_aloud

# Hepburn and kunrei syllables; a word of nothing else may be Japanese. "n" and doubled consonants (also tch, mb) close
# them. No text reads as syllables in two ways: else a long word that is none would take exponential time.
_SYLLABLE = (
    r"(?:(?:([bcdfghjkpqrstvwyz])(?=\1)|t(?=ch)|m(?=[bmp]))?"
    r"(?:ky|gy|sh|sy|ch|ty|cy|ny|hy|by|py|my|ry|jy?|zy|ts|dz|k|g|s|z|t|d|n|h|f|b|p|m|y|r|w|v)?[aiueo]|n(?:'|(?![aiueoy'])))"
)
_WORD = re.compile(rf"(?:{_SYLLABLE})+")
_KANJI, _HIRAGANA = re.compile(r"[㐀-䶿一-鿿]"), re.compile(r"[ぁ-ゖ]")
_KANA = re.compile(r"[ぁ-ゑん-ゖ][ぁ-ゑん-ゖー]*")  # を is a particle and ends a word
_LEAST_KANA = 6  # hiragana of a message that is respelled: fewer are an answer (はい, なし)
_LATIN = re.compile(r"[a-zA-Z']+")
_UNKNOWN = 12.0  # cost of a kana that no word explains: dearer than any word
_WORD_COST = 1.0  # of each word: one long word before two short ones
_LONG = str.maketrans("āīūēōâîûêôĀĪŪĒŌÂÎÛÊÔ", "aiueo" * 2 + "AIUEO" * 2)  # vowels marked as long
_SOUNDS_LIKE = str.maketrans("ヲヅヂ", "オズジ")
_LONGEST = 12  # kana of a word
_RECURS = 3  # times that a pair of words must be seen
LEAST_SHARE = 0.6  # of a message's Latin words must be syllables for it to be romaji


@dataclass(frozen=True, slots=True)
class Spelling:
    """`words` maps a reading (folded katakana) to its usual spelling and what it costs to choose it."""

    words: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Spelling:
        """Learn from Japanese texts; of several spellings of a reading the most frequent stays.

        Pairs of words count as words when they recur: only 渡し goes with ます, although 私 sounds the same. Texts
        without kanji teach no spelling.
        """
        counts: Counter[tuple[str, str]] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for text in filter(_KANJI.search, texts):
            heard = [(fold(reading), surface) for surface, reading in read_aloud(text) if fold(reading)]
            counts.update(heard)
            pairs.update((one + two, first + second) for (one, first), (two, second) in pairwise(heard))
        total = sum(counts.values())
        counts.update({pair: count for pair, count in pairs.items() if count >= _RECURS})
        words: dict[str, tuple[str, float]] = {}
        for (reading, surface), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
            words.setdefault(reading, (surface, _WORD_COST + math.log(total / count)))
        return cls(words)

    def spell(self, message: str) -> str:
        """Write a romaji message in Japanese script; words that are no syllables stay as they are."""
        return normalise(
            "".join(
                self._spell_word(word) if _WORD.fullmatch(word.lower()) else f" {word} "
                for word in re.split(r"[^\w']+", _unmark(message))
                if word
            )
        )

    def _spell_word(self, word: str) -> str:
        # jaconv reads "nn" as one sound, so that どんな would become どんあ.
        kana = jaconv.alphabet2kana(re.sub(r"nn(?=[aiueoy])", "n'n", word.lower()).replace("dz", "z"))
        reading = fold(jaconv.hira2kata(kana))
        return self._spell_reading(reading, reading)

    def spell_kana(self, message: str) -> str:
        """A message in hiragana as it is usually written ("かいいんをやめたい" → 会員をやめたい); others stay."""
        plain = "".join(normalise(message).split())
        if _KANJI.search(plain) or len(_HIRAGANA.findall(plain)) < _LEAST_KANA:
            return message
        return _KANA.sub(lambda run: self._spell_run(run[0]), plain)

    def _spell_run(self, hiragana: str) -> str:
        reading = fold(jaconv.hira2kata(hiragana))
        return self._spell_reading(reading, jaconv.kata2hira(reading))

    def _find(self, reading: str) -> tuple[str, float] | None:
        """The word of a reading and its cost; the particles は and へ are written otherwise than they sound."""
        return self.words.get({"ハ": "ワ", "ヘ": "エ"}.get(reading, reading)) or self.words.get(reading)

    def _spell_reading(self, reading: str, shown: str) -> str:
        """The likeliest words of a reading (folded katakana); what no word explains stays as it is `shown`."""
        # To each place: the cost so far, where the last word before it begins, and that word.
        best: list[tuple[float, int, str]] = [(0.0, 0, "")]
        for end in range(1, len(reading) + 1):
            found = (best[end - 1][0] + _UNKNOWN, end - 1, shown[end - 1])
            for start in range(max(0, end - _LONGEST), end):
                if entry := self._find(reading[start:end]):
                    found = min(found, (best[start][0] + entry[1], start, entry[0]))
            best.append(found)
        words, end = [], len(reading)
        while end:
            _, end, surface = best[end]
            words.append(surface)
        return "".join(reversed(words))


def is_romaji(message: str) -> bool:
    """Whether most of the message's Latin words consist of Japanese syllables (English words often do as well)."""
    words = [word.lower() for word in _LATIN.findall(_unmark(message))]
    return bool(words) and sum(bool(_WORD.fullmatch(word)) for word in words) >= LEAST_SHARE * len(words)


def _unmark(message: str) -> str:
    """The message without the marks of long vowels (jōhō, dēta, de-ta)."""
    return re.sub(r"(?<=[aiueo])-(?=[a-z])", "", normalise(message).translate(_LONG), flags=re.IGNORECASE)


def fold(katakana: str) -> str:
    """Readings without long vowels, which romaji writes in many ways (jōhō, jouhou, joho), and ヅ as it sounds."""
    short = re.sub(r"[ー・]", "", katakana).translate(_SOUNDS_LIKE)
    short = re.sub(r"(?<=[オコソトノホモヨロゴゾドボポョ])[ウオ]", "", short)
    short = re.sub(r"(?<=[エケセテネヘメレゲゼデベペ])エ", "", short)
    short = re.sub(r"(?<=[イキシチニヒミリギジビピ])イ(?=[^イ]|$)", "", short)
    return re.sub(r"(?<=[ウクスツヌフムユルグズブプュ])ウ", "", short)

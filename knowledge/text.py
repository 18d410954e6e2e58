"""The one text normaliser: what customers type → clean text, language, morphemes.

Both environments use it (Rasa's tokenizer component and the index), so it needs the standard library
and SudachiPy only. It must never log a text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sudachipy import Tokenizer

_SPACES = re.compile(r"\s+")
_JAPANESE = re.compile(r"[぀-ヿ㐀-䶿一-鿿\uf900-\ufaffｦ-ﾟ々〆]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ']+")
# Addresses end where Japanese begins: no blank separates them ("taro@example.comを消して"). A local part has at most
# 64 characters (RFC 5321); without the bound a long text without "@" costs quadratic time.
_ADDRESS = re.compile(r"[!-?A-~À-ɏ]{1,64}@[!-~]+|https?://[!-~]+|\d[\d\-() ]{5,}")
# From so many Latin words on, a message with fewer Japanese characters than this for each of them is English.
_WORDS_OF_A_SENTENCE, _CHARACTERS_A_WORD = 4, 2
_KEPT_CONTROLS = {"\n", "\t"}
# Sudachi refuses more than 49,149 bytes, and 65,535 after its own NFKC, which makes up to 33 bytes of a character:
# longer texts are analysed in pieces, cut after a blank or a mark where there is one.
_PIECE = re.compile(r".{1,1500}\Z|.{1,1500}(?<=[\s。、!?！？])|.{1,1500}", re.DOTALL)

# Parts of speech that carry no topic: particles, auxiliaries, symbols, blanks, fillers.
_FUNCTION_WORDS = {"助詞", "助動詞", "補助記号", "空白", "記号", "感動詞"}


@dataclass(frozen=True, slots=True)
class Morpheme:
    """One token of Sudachi's mode B analysis.

    `start` and `end` are half-open offsets in characters of the analysed text; `synonyms` are Sudachi's
    synonym group numbers (配達, 宅配 and 配送 share one).
    """

    surface: str
    normal: str
    part_of_speech: str
    start: int
    end: int
    synonyms: tuple[int, ...] = ()

    @property
    def carries_meaning(self) -> bool:
        """Whether the token says something about the topic (not a particle, mark or blank)."""
        return self.part_of_speech not in _FUNCTION_WORDS


def clean(text: str) -> str:
    """Drop what no reader can see and no database can hold: lone surrogates, controls, NULs.

    Width, case and line breaks stay as typed: this is what a case keeps as the person's own words.
    """
    kept = (
        char for char in text if char in _KEPT_CONTROLS or unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}
    )
    return "".join(kept).strip()


def normalise(text: str) -> str:
    """Clean, NFKC (half-width kana, full-width digits), one blank between words: for analysis only."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", clean(text))).strip()


def detect_language(text: str) -> str | None:
    """Language of a whole message: "ja", "en", or None when it shows neither (digits, emoji, an address).

    Mixed messages ("I moved. 住所を変更して") come from people who read Japanese, unless the Japanese is only a name
    inside an English sentence ("How do I use the ご登録情報の確認・変更 page?").
    """
    plain = _ADDRESS.sub(" ", normalise(text))
    japanese, words = len(_JAPANESE.findall(plain)), len(_LATIN_WORD.findall(plain))
    if japanese and (words < _WORDS_OF_A_SENTENCE or japanese > _CHARACTERS_A_WORD * words):
        return "ja"
    return "en" if words else None


def count_latin_words(text: str) -> int:
    """Number of Latin-script words outside addresses and numbers."""
    return len(_LATIN_WORD.findall(_ADDRESS.sub(" ", normalise(text))))


# Sudachi tokenizers that nobody uses now, the last used on top. A tokenizer keeps the room that its longest text took:
# one for each thread would keep that many times over.
_idle: deque[Tokenizer] = deque()


def _tokenize(text: str, mode: str) -> Iterator[tuple[int, int, Any]]:
    """Tokens of Sudachi's mode "B" or "C" in text order, each with its half-open offsets in `text`.

    Several threads may do so at once: each borrows a tokenizer (a shared one raises "Already borrowed").
    """
    from sudachipy import SplitMode

    for piece in _PIECE.finditer(text):
        try:
            tokenizer = _idle.pop()
        except IndexError:
            tokenizer = _dictionary().tokenizer()
        tokens = tokenizer.tokenize(piece[0], getattr(SplitMode, mode))
        _idle.append(tokenizer)
        for token in tokens:
            yield piece.start() + token.begin(), piece.start() + token.end(), token


@lru_cache(maxsize=1)
def _dictionary() -> Any:  # noqa: ANN401  sudachipy's Dictionary is untyped
    # Imported late: `import knowledge.text` stays free for callers that only clean a text.
    from sudachipy import Dictionary

    return Dictionary(dict="core")


def analyse(text: str) -> list[Morpheme]:
    """Split a text into Sudachi's mode B tokens (B keeps 第三者 whole and splits 個人|情報).

    Returns morphemes in text order, blanks left out. Offsets refer to `text` as given.
    """
    return [
        Morpheme(
            surface=token.surface(),
            normal=token.normalized_form().lower(),
            part_of_speech=token.part_of_speech()[0],
            start=start,
            end=end,
            synonyms=tuple(token.synonym_group_ids()),
        )
        for start, end, token in _tokenize(text, "B")
        if token.surface().strip()
    ]


def read_aloud(text: str) -> list[tuple[str, str]]:
    """Words of a Japanese text with their readings in katakana, as people type them (私 ワタシ, the particle は ワ)."""
    spoken = {"は": "ワ", "へ": "エ", "私": "ワタシ"}
    return [
        (token.surface(), spoken.get(token.surface(), token.reading_form()))
        for _, _, token in _tokenize(normalise(text), "B")
        if _JAPANESE.search(token.surface())
    ]


def has_proper_noun(text: str) -> bool:
    """Whether the dictionary knows a name of anybody or anything (固有名詞) in a Japanese text."""
    return any(token.part_of_speech()[1] == "固有名詞" for _, _, token in _tokenize(text, "C"))


def find_people(text: str) -> list[tuple[int, int]]:
    """Where a Japanese text names people, as far as the dictionary knows their names: half-open offsets, in order.

    Names that stand together (family and given) are one.
    """
    found: list[tuple[int, int]] = []
    for start, end, token in _tokenize(text, "C"):
        if token.part_of_speech()[2] != "人名":
            continue
        if found and not text[found[-1][1] : start].strip():
            start = found.pop()[0]
        found.append((start, end))
    return found

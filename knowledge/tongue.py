"""The language a message is in: Japanese, English, Japanese in Latin letters, or one the desk does not speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from knowledge.bundle import Bundle
from knowledge.romaji import is_romaji
from knowledge.text import detect_language, normalise

UNKNOWN = 0.4  # share of words no English (Japanese) wording has: below it the message is plainly in that language
CERTAIN = 0.9  # probability from which the identifier's word counts; it errs on two words, hardly on a sentence
_KANA = re.compile(r"[぀-ヿｦ-ﾟ]")
_OTHER = frozenset({"zh", "ko", "fr", "de", "es", "it", "pt", "nl", "ru", "th", "vi", "id", "ms", "tr", "pl", "sv"})


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as retrieval should read it. `is_foreign`: neither Japanese nor English, so nothing can be answered."""

    text: str
    language: str
    is_foreign: bool = False


def hear(bundle: Bundle, message: str, wanted: str | None = None) -> Heard:
    """Read a message; `wanted` fixes the language of the answer, else the message decides ("ja" if it shows none).

    Japanese in Latin letters comes back in Japanese script, to be answered in Japanese unless English is wanted; what
    is written in hiragana alone, as children, learners and some of the old do, with its kanji.
    """
    tongue = recognise(bundle, message)
    if tongue == "romaji" and wanted != "en":
        return Heard(bundle.spelling.spell(message), "ja")
    if tongue == "ja" and wanted != "en":
        return Heard(bundle.spelling.spell_kana(message), "ja")
    language = wanted or (tongue if tongue in {"ja", "en"} else "ja")
    return Heard(message, str(language), tongue == "other")


def recognise(bundle: Bundle, message: str) -> str | None:
    """Return "ja", "en", "romaji", "other", or None for a message without letters (digits, emoji, an address).

    Cheap signs come first; the identifier (py3langid) is asked only about messages whose words nobody here has used.
    """
    found = detect_language(message)
    if found is None:
        # Latin letters are those of an address, which shows no language.
        return "other" if any(char.isalpha() and not char.isascii() for char in normalise(message)) else None
    if found == "ja":
        strange = not _KANA.search(message) and _share_unknown(bundle, message, "ja") >= UNKNOWN
        return "other" if strange and _identify(message) == "zh" else "ja"
    if _share_unknown(bundle, message, "en") < UNKNOWN:
        return "en"
    if is_romaji(message) and _identify(message) is None and _is_spelled(bundle, message):
        return "romaji"
    return "other" if _identify(message) in _OTHER else "en"


def _is_spelled(bundle: Bundle, message: str) -> bool:
    """Whether the message becomes words that Japanese customers use: Malay and Italian are all syllables as well."""
    return _share_unknown(bundle, bundle.spelling.spell(message), "ja") < UNKNOWN


def _share_unknown(bundle: Bundle, message: str, language: str) -> float:
    return bundle.retrievers[language].vocabulary.share_unknown(message)


def _identify(message: str) -> str | None:
    """The language of a message if the identifier is certain of it, else None."""
    language, probability = _identifier().classify(normalise(message))
    return str(language) if probability >= CERTAIN else None


@lru_cache(maxsize=1)
def _identifier() -> Any:  # noqa: ANN401  py3langid is untyped
    # Imported late: its model takes a second to load, and most shops' customers never need it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages([*sorted(_OTHER), "en", "ja"])
    # Made again of what is used: the whole keeps the other languages for changing one's mind, 27 MiB of them.
    columns, classes = whole.nb_ptc.copy(), whole.nb_classes
    parts = (columns, whole.nb_pc, classes, whole.tk_nextmove, whole.tk_output)
    return LanguageIdentifier(*parts, norm_probs=True, tk_row=whole.tk_row)

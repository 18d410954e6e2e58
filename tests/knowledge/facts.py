"""Facts and names in a sentence about the policy, to be looked for in the text of its clause."""

from __future__ import annotations

import re

# What a sentence must not state unless its clause does.
FACTS = {
    "number": re.compile(r"\d+"),
    "phone": re.compile(r"\d{2,4}-\d{2,4}-\d{3,4}"),
    "time": re.compile(r"\d{1,2}:\d{2}"),
    "postal code": re.compile(r"\d{3}-\d{4}"),
    "mail": re.compile(r"[\w.+-]+@[\w.-]+\w"),
    "link": re.compile(r"https?://\S+|www\.\S+"),
    "Japanese company": re.compile(r"[^\s、。「」(は]*株式会社[A-Za-zァ-ヶー]*"),
    "foreign company": re.compile(r"(?:[A-Z]\w+ )*\w+ Co\., Ltd\.|\w+ (?:Inc|LLC|GmbH|Corp)\b"),
    "name in capitals": re.compile(r"\b[A-Z]{2,}\b"),
    "quoted name": re.compile(r"(?<=「)[^」]+(?=」)"),
}
# Capitals inside an English sentence mark names, but for these: the postal code's 〒 becomes the country's name.
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")
_ASSURANCE = {
    "ja": re.compile(r"^(はい|いいえ)|必ず|絶対|ご安心|大丈夫"),
    "en": re.compile(r"^(Yes|No)\b|guarantee|rest assured|never"),
}


def find_strange_facts(sentence: str, text: str) -> list[str]:
    """Facts that the sentence states and the text does not, each with its kind."""
    return [
        f"{kind} {fact!r}" for kind, pattern in FACTS.items() for fact in pattern.findall(sentence) if fact not in text
    ]


def find_strange_names(sentence: str, text: str) -> list[str]:
    """Names in an English sentence that the text does not hold."""
    return [name for name in _NAME.findall(sentence) if name not in text]


def gives_assurance(sentence: str, language: str) -> bool:
    """Whether a sentence begins with a yes or a no, or promises more than a rule: it must judge no customer's case."""
    return bool(_ASSURANCE[language].search(sentence))

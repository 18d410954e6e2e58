"""Sudachi tokens for Rasa, in Japanese and English alike.

Rasa refuses its WhitespaceTokenizer for `language: ja`, and with `language: en` its emoji pattern silently eats kana
and kanji.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from knowledge.text import analyse


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SudachiTokenizer(Tokenizer):
    """Surface tokens with their offsets in the message as Rasa got it."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Intents are whole words here: no sub-intents to split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SudachiTokenizer:
        """See Rasa's GraphComponent."""
        return cls(config)

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """Split the attribute's text.

        The token's text must be the surface: Rasa looks it up in the message. The normalised form goes into `lemma`,
        which the word featurizer reads. A message without any token (emoji only) keeps one, or features would disagree.
        """
        text = message.get(attribute)
        tokens = [Token(part.surface, part.start, part.end, lemma=part.normal) for part in analyse(text)]
        return tokens or [Token(text or " ", 0)]

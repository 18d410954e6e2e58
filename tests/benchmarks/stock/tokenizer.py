"""The one component that stock Rasa lacks for Japanese: a tokenizer (Sudachi, as this project analyses texts)."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from knowledge.text import analyse


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SudachiTokenizer(Tokenizer):
    """Morphemes as tokens."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What every tokenizer of Rasa has."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> SudachiTokenizer:
        """See Rasa's GraphComponent."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Split a message; of nothing but blanks the whole is one token, as in Rasa's own tokenizer."""
        text = message.get(attribute)
        found = [Token(one.surface, one.start, one.end) for one in analyse(text)]
        return found or [Token(text, 0, len(text))]

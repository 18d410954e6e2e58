"""Tokens as Rasa needs them: surfaces at their offsets, the normal form as lemma, never none."""

import unittest

from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.tokenizer import SudachiTokenizer

TEXTS = (
    "個人情報を削除してください。メールは taro@example.com です",
    "What do you use my e-mail address for?",
    "パスワード delete して",
    "DHLに渡る情報は何ですか?",
    "ﾃﾞｰﾀを消して",
    "😊🙇‍♀️👍🏽",
    "私の情報😊見せて",
    "  間の  空いた 文  ",
    "一行目\n二行目",
    "𠮷野家の情報",  # outside the basic plane: offsets count characters, not UTF-16 units
    "㌔㍍㈱",  # one character, several after normalisation
    "あ" * 2000,
)


class TokenizerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.tokenizer = SudachiTokenizer(SudachiTokenizer.get_default_config())

    def tokenize(self, text: str) -> list[Token]:
        return self.tokenizer.tokenize(Message({TEXT: text}), TEXT)

    def test_every_token_is_the_surface_at_its_offsets(self) -> None:
        for text in TEXTS:
            with self.subTest(text=text[:20]):
                tokens = self.tokenize(text)
                self.assertEqual([text[token.start : token.end] for token in tokens], [token.text for token in tokens])

    def test_tokens_hold_everything_but_blanks_in_order(self) -> None:
        for text in TEXTS:
            with self.subTest(text=text[:20]):
                self.assertEqual("".join(token.text for token in self.tokenize(text)), "".join(text.split()))

    def test_no_token_is_blank(self) -> None:
        # Rasa drops blank tokens elsewhere, and features would then disagree in length.
        for text in TEXTS:
            with self.subTest(text=text[:20]):
                self.assertTrue(all(token.text.strip() for token in self.tokenize(text)))

    def test_lemma_is_the_normal_form(self) -> None:
        for text, wanted in (
            ("問合せ", "問い合わせ"),
            ("附属", "付属"),
            ("DHL", "dhl"),
            ("Delete", "デリート"),  # Sudachi's normal form of an English word that Japanese knows
        ):
            with self.subTest(text=text):
                self.assertEqual([token.lemma for token in self.tokenize(text)], [wanted])

    def test_variant_writings_share_their_lemmas(self) -> None:
        pairs = (("問合せ先", "問い合わせ先"), ("引越し", "引っ越し"), ("Ｄｅｌｅｔｅ", "delete"), ("ﾃﾞｰﾀ", "データ"))
        for one, other in (*pairs, ("DELETE", "delete")):
            with self.subTest(one=one):
                lemmas = [[token.lemma for token in self.tokenize(text)] for text in (one, other)]
                self.assertEqual(*lemmas)

    def test_japanese_is_split_into_words(self) -> None:
        self.assertEqual(
            [token.text for token in self.tokenize("第三者に提供しますか")],
            ["第三者", "に", "提供", "し", "ます", "か"],
        )

    def test_english_is_split_into_words(self) -> None:
        self.assertEqual([token.text for token in self.tokenize("delete my data")], ["delete", "my", "data"])

    def test_a_message_without_tokens_keeps_one(self) -> None:
        for text in ("", " ", "\u3000", "\n"):
            with self.subTest(text=text):
                self.assertEqual(len(self.tokenize(text)), 1)

    def test_an_intent_is_one_token(self) -> None:
        # Underscores would otherwise make `exercise_disclosure` an intent with a sub-intent.
        message = Message({TEXT: "見せて", INTENT: "exercise_disclosure"})
        self.tokenizer.process_training_data(TrainingData([message]))
        self.assertEqual([token.text for token in message.get(TOKENS_NAMES[INTENT])], ["exercise_disclosure"])

    def test_processing_adds_the_tokens_to_the_message(self) -> None:
        message = Message({TEXT: "見せて"})
        self.tokenizer.process([message])
        self.assertEqual("".join(token.text for token in message.get(TOKENS_NAMES[TEXT])), "見せて")


if __name__ == "__main__":
    unittest.main()

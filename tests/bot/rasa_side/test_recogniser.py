"""The recogniser learns, is stored as plain arrays, and says of any message the same before and after."""

import io
import json
import os
import pickle
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"  # Rasa's own use of SQLAlchemy 1.4

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_model_configuration

from bot.components.recogniser import RANKED, IntentRecogniser

ROOT = Path(__file__).parents[3]
EXAMPLES = {
    "ask_policy": ["どんな個人情報を集めていますか", "個人情報は何に使いますか", "What data do you collect?"],
    "exercise_suspension": ["退会したいので消してください", "登録を消してください", "Please delete my account"],
    "greet": ["こんにちは", "こんにちは。", "hello", "hello there"],
    "human": ["担当者と話したい", "担当者につないで", "I want to talk to a person"],
    "thanks": ["ありがとう", "ありがとうございます", "thank you", "thank you very much"],
    "goodbye": ["さようなら", "さようなら。", "goodbye", "goodbye then"],
}
ODD = ["", " ", "🙂", "🙂🙂🙂", "?", "\x00", "\ud800", "12345"]
HUGE = ["あ" * 60_000, "ﷺ" * 4_000, "delete my account " * 4_000]  # longer than Sudachi takes at once
ASKED = [*(text for texts in EXAMPLES.values() for text in texts), "住所を消して", "What do you know of me?", *ODD]


def make_data(examples: dict[str, list[str]] = EXAMPLES) -> TrainingData:
    return TrainingData(
        [Message({"text": text, "intent": intent}) for intent, texts in examples.items() for text in texts]
    )


class RecogniserTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.storage = LocalModelStorage(self.folder)
        self.trained = self.train("one")

    def make(self, name: str) -> tuple:
        config = IntentRecogniser.get_default_config()
        return config, self.storage, Resource(name), ExecutionContext(GraphSchema({}))

    def train(self, name: str, data: TrainingData | None = None) -> IntentRecogniser:
        recogniser = IntentRecogniser.create(*self.make(name))
        self.assertEqual(recogniser.train(data or make_data()), Resource(name))
        return recogniser

    def load(self, name: str) -> IntentRecogniser:
        return IntentRecogniser.load(*self.make(name))

    def rank(self, recogniser: IntentRecogniser, *texts: str) -> list[list[tuple[str, float]]]:
        """Intents and confidences of each text, best first."""
        messages = recogniser.process([Message({"text": text}) for text in texts])
        self.assertEqual([message.get("text") for message in messages], list(texts))
        for message in messages:
            self.assertEqual(message.get("intent"), message.get("intent_ranking")[0])
        return [[(one["name"], one["confidence"]) for one in message.get("intent_ranking")] for message in messages]

    def test_what_was_taught_is_recognised(self) -> None:
        for intent, texts in EXAMPLES.items():
            for text, ranking in zip(texts, self.rank(self.trained, *texts), strict=True):
                with self.subTest(text):
                    self.assertEqual(ranking[0][0], intent)

    def test_what_is_like_it_is_recognised_in_both_languages(self) -> None:
        asked = {
            "退会して、登録を消してもらえますか": "exercise_suspension",
            "my account: delete it please": "exercise_suspension",
            "どんな情報を集めて、何に使いますか": "ask_policy",
            "担当者の人と話せますか": "human",
        }
        found = [ranking[0][0] for ranking in self.rank(self.trained, *asked)]
        self.assertEqual(found, list(asked.values()))

    def test_confidences_are_shares(self) -> None:
        for text, ranking in zip(ASKED, self.rank(self.trained, *ASKED), strict=True):
            with self.subTest(text):
                confidences = [confidence for _, confidence in ranking]
                self.assertEqual(len(ranking), RANKED)  # of six
                self.assertEqual(len({name for name, _ in ranking}), RANKED)
                self.assertEqual(confidences, sorted(confidences, reverse=True))
                self.assertTrue(all(0 < one < 1 for one in confidences))
                self.assertLess(sum(confidences), 1)
                self.assertGreater(sum(confidences) + confidences[-1], 1 - 1e-5)  # what is left out is less than these

    def test_what_nobody_taught_is_nothing_to_be_sure_of(self) -> None:
        # Below the threshold of config.yml, or between two, Rasa takes the fallback: retrieval decides.
        for text, ranking in zip(ODD, self.rank(self.trained, *ODD), strict=True):
            with self.subTest(text):
                self.assertLess(ranking[0][1], 0.3)

    def test_a_huge_message_is_read_to_its_end(self) -> None:
        nothing, ligatures, order = self.rank(self.trained, *HUGE)
        self.assertEqual((nothing, ligatures), tuple(self.rank(self.trained, "", "")))
        self.assertEqual(order[0][0], "exercise_suspension")
        self.assertEqual(self.rank(self.trained, f"{HUGE[0]}。担当者と話したい。担当者につないで")[0][0][0], "human")

    def test_a_message_without_a_text_is_no_accident(self) -> None:
        (message,) = self.trained.process([Message({})])
        self.assertIn(message.get("intent")["name"], EXAMPLES)
        self.assertEqual(self.trained.process([]), [])

    def test_loaded_it_says_exactly_the_same(self) -> None:
        self.assertEqual(self.rank(self.load("one"), *ASKED), self.rank(self.trained, *ASKED))

    def test_same_data_same_weights(self) -> None:
        self.train("two")
        for file in ("recogniser.json", "recogniser.npz"):
            with self.subTest(file):
                first, second = ((self.folder / name / file) for name in ("one", "two"))
                if file.endswith("json"):
                    self.assertEqual(first.read_bytes(), second.read_bytes())
                    continue
                with np.load(first) as one, np.load(second) as two:  # an archive also holds the time
                    self.assertEqual(sorted(one), ["bias", "idf", "weights"])
                    for name in one:
                        self.assertEqual(one[name].tobytes(), two[name].tobytes())

    def test_other_data_other_weights(self) -> None:
        self.train("other", make_data({**EXAMPLES, "greet": ["やあ", "hi", "hey", "おはよう"]}))
        self.assertNotEqual(self.rank(self.load("other"), "hello"), self.rank(self.trained, "hello"))

    def test_what_has_no_text_or_no_intent_teaches_nothing(self) -> None:
        more = [
            Message({"text": "hello hello"}),
            Message({"intent": "greet"}),
            Message({"text": "", "intent": "greet"}),
        ]
        self.train("more", make_data().merge(TrainingData(more)))
        self.assertEqual(self.rank(self.load("more"), *ASKED), self.rank(self.trained, *ASKED))

    def test_one_intent_is_certain(self) -> None:
        (ranking,) = self.rank(self.train("single", make_data({"greet": EXAMPLES["greet"]})), "hello")
        self.assertEqual(ranking, [("greet", 1.0)])

    def test_untrained_it_refuses(self) -> None:
        with self.assertRaises(RuntimeError):
            IntentRecogniser.create(*self.make("none")).process([Message({"text": "hello"})])

    def test_nothing_is_pickled(self) -> None:
        files = sorted(path for path in (self.folder / "one").iterdir())
        self.assertEqual([path.name for path in files], ["recogniser.json", "recogniser.npz"])
        header = json.loads(files[0].read_text("utf-8"))
        self.assertEqual(header["intents"], sorted(EXAMPLES))
        with zipfile.ZipFile(files[1]) as archive:
            for name in archive.namelist():
                array = np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
                self.assertFalse(array.dtype.hasobject, name)
        refuse = mock.Mock(side_effect=AssertionError("something was unpickled"))
        with mock.patch.multiple(pickle, load=refuse, loads=refuse, Unpickler=refuse):
            self.load("one")

    def test_a_pickle_in_its_place_is_refused(self) -> None:
        file = self.folder / "one" / "recogniser.npz"
        with np.load(file) as arrays:
            changed = {**arrays, "bias": np.array([print], dtype=object)}
        np.savez(file, **changed)
        with self.assertRaises(ValueError):
            self.load("one")

    def test_the_recipe_knows_it(self) -> None:
        config = read_model_configuration(ROOT / "config.yml")
        graph = DefaultV1Recipe().graph_config_for_recipe(config, {})
        used = {node.uses for node in graph.predict_schema.nodes.values()}
        self.assertLessEqual({IntentRecogniser, FallbackClassifier}, used)
        trained = [
            node for node in graph.train_schema.nodes.values() if node.uses is IntentRecogniser and node.fn == "train"
        ]
        self.assertEqual(len(trained), 1)


if __name__ == "__main__":
    unittest.main()

"""Recognises intents with the features and the classifier of the index: one source of truth for both.

In place of tokenizer, featurizers and LogisticRegressionClassifier. On the development messages it recognises more
requests and mistakes fewer questions for one (docs/retrieval.md), trains in a fraction of the time, and reads a message
in under a millisecond. Arrays and JSON are what it keeps: nothing is unpickled.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.classifier import Kernel, LabelClassifier, fit_classifier
from knowledge.features import Vocabulary, extract_features

RANKED = 5  # intents listed with a message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentRecogniser(IntentClassifier, GraphComponent):
    """Least squares over words, synonym groups and character n-grams; confidence is a softmax of the scores."""

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._vocabulary: Optional[Vocabulary] = None
        self._classifier: Optional[LabelClassifier] = None
        self._intents: List[Text] = []

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`ridge` regularises; `sharpness` of the softmax is per unit of a score that lies in 0..1."""
        return {"ridge": 1.0, "sharpness": 8.0}

    @staticmethod
    def required_packages() -> List[Text]:
        """What Rasa looks for first, by names that module and distribution share (PyStemmer's differ)."""
        return ["sudachipy", "scipy"]

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentRecogniser:
        """See Rasa's GraphComponent."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent, in the order given: same data, same model."""
        examples = [one for one in training_data.intent_examples if one.get(TEXT)]
        documents = [extract_features(one.get(TEXT)) for one in examples]
        self._intents = sorted({one.get(INTENT) for one in examples})
        self._vocabulary = Vocabulary.fit(documents)
        targets = np.zeros((len(examples), len(self._intents)), dtype=np.float32)
        targets[np.arange(len(examples)), [self._intents.index(one.get(INTENT)) for one in examples]] = 1.0
        vectors = [self._vocabulary.vectorise(features) for features in documents]
        kernel = Kernel.compute(vectors, len(self._vocabulary.index))
        self._classifier, _ = fit_classifier(kernel, targets, float(self._config["ridge"]))
        with self._storage.write_to(self._resource) as folder:
            self._save(Path(folder), self._vocabulary, self._classifier)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set each message's intent and the best few."""
        for message in messages:
            ranking = [
                {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}
                for name, confidence in self._rank(message.get(TEXT) or "")
            ]
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking[:RANKED], add_to_output=True)
        return messages

    def _rank(self, text: Text) -> List[Tuple[Text, float]]:
        if self._vocabulary is None or self._classifier is None:
            raise RuntimeError("the recogniser was neither trained nor loaded")
        scores = self._classifier.score(self._vocabulary.vectorise(extract_features(text)))
        raised = np.exp(float(self._config["sharpness"]) * (scores - scores.max()))
        shares = raised / raised.sum()
        return [(self._intents[row], float(shares[row])) for row in np.argsort(-shares, kind="stable")]

    def _save(self, folder: Path, vocabulary: Vocabulary, classifier: LabelClassifier) -> None:
        header = {"intents": self._intents, "features": list(vocabulary.index)}
        (folder / "recogniser.json").write_text(json.dumps(header, ensure_ascii=False), "utf-8")
        np.savez(folder / "recogniser.npz", idf=vocabulary.idf, weights=classifier.weights, bias=classifier.bias)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentRecogniser:
        """Read what `train` wrote."""
        recogniser = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            header = json.loads((Path(folder) / "recogniser.json").read_text("utf-8"))
            with np.load(Path(folder) / "recogniser.npz") as arrays:
                index = {name: row for row, name in enumerate(header["features"])}
                recogniser._vocabulary = Vocabulary(index, arrays["idf"])
                recogniser._classifier = LabelClassifier(arrays["weights"], arrays["bias"])
        recogniser._intents = header["intents"]
        return recogniser

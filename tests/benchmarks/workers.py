"""`python -m tests.benchmarks.workers MODEL ENDPOINTS HOST PORT`: the dialogue engine with several workers.

In Rasa's environment; SANIC_WORKERS says how many. Rasa heeds it only with a lock store that they share.
"""

from __future__ import annotations

import sys

import skops.io  # noqa: F401  before TensorFlow (bot/__main__.py)

from bot.__main__ import ROOT, _rasa
from bot.components import action_result, event_types


def main(model: str, endpoints: str, host: str, port: str) -> None:
    """Serve until a signal."""
    action_result.install()
    event_types.install()
    own = ["--endpoints", endpoints, "--credentials", str(ROOT / "bot/credentials.yml")]
    _rasa("run", "--model", model, *own, "--interface", host, "--port", port)


if __name__ == "__main__":
    main(*sys.argv[1:])

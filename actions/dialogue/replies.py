"""Small talk, hand-over and the words that mean something only inside a request."""

from __future__ import annotations

from actions.dialogue.messages import Button, Message, Spoken, say_all
from actions.dialogue.speech import Speech
from actions.services import Services

_PLAIN = {"thanks": "thanks", "goodbye": "goodbye", "language": "language", "status": "status"}


def reply(services: Services, intent: str, language: str) -> Spoken:
    """Reply to an act that is neither a question nor part of a request."""
    speech = Speech(services, language)
    if intent == "human":
        return say_all(speech.human())
    if intent in {"greet", "help"}:
        return say_all(Message(speech.say(f"replies.{intent}"), buttons=speech.offers()))
    if intent == "change":
        offer = Button(speech.say("buttons.request", kind=speech.say("kinds.correction")), "/request:correction")
        return say_all(Message(speech.say("replies.nothing_to_change"), buttons=(offer,)))
    key = _PLAIN.get(intent, "nothing_open")
    return say_all(Message(speech.say(f"replies.{key}"), buttons=speech.offers() if key == "nothing_open" else ()))

"""Small talk, hand-over and the words that mean something only inside a request."""

from __future__ import annotations

from actions.dialogue.messages import Button, Message, Spoken, say_all
from actions.dialogue.phrases import says
from actions.dialogue.speech import Speech
from actions.dialogue.wishes import list_rights
from actions.services import Services

LONGEST = 60  # characters of a message that asks for nothing else
_PLAIN = {"thanks": "thanks", "goodbye": "goodbye", "language": "language", "status": "status"}


def reply_alone(services: Services, text: str, language: str) -> Spoken | None:
    """Reply to what needs neither engine nor draft: this conversation's deletion, the state of a filed request.

    The reply never says whether a request exists.
    """
    speech = Speech(services, language)
    if len(text) > LONGEST:
        return None
    if says(text, "forget"):
        return say_all(speech.forget())
    if says(text, "status") and not list_rights(text):
        return say_all(Message(speech.say("replies.status")))
    return None


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

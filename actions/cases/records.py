"""Values that leave the database: a draft being entered, a filed case, a turn of a conversation."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

FIELDS = ("details", "name", "email", "phone")


@dataclass(frozen=True, slots=True)
class Draft:
    """A request being entered.

    `fields` holds what was given ("" means left out on purpose).

    `asked` is the field asked for, or "confirmation"; `misses` counts failures in a row; `filing_key` becomes the
    case's. `agent` is who writes: "" the person, "legal" (法定代理人) or "appointed" (任意代理人); `represented` the
    other person's name if it was said. `told` is what the desk said of the right, `opening` the first words typed;
    `forwarded`: a question passed on. `turn` is the id of the message taken in last: come again, its reply was lost.
    """

    kinds: tuple[str, ...]
    language: str
    policy_version: str
    filing_key: str
    asked: str = "details"
    fields: dict[str, str] = field(default_factory=dict, repr=False)
    misses: int = 0
    agent: str = ""
    represented: str = field(default="", repr=False)
    told: str = ""
    opening: str = field(default="", repr=False)
    forwarded: bool = False
    turn: str = ""

    @property
    def kind(self) -> str:
        """The first kind asked for."""
        return self.kinds[0]

    def give(self, name: str, value: str) -> Draft:
        """The draft with one more field."""
        return replace(self, fields={**self.fields, name: value}, misses=0)

    def take(self, name: str) -> Draft:
        """The draft without a field, which is asked for again."""
        kept = {key: value for key, value in self.fields.items() if key != name}
        return replace(self, fields=kept, asked=name, misses=0)

    def find_missing(self) -> str | None:
        """The next field to ask for, or None."""
        return next((name for name in FIELDS if name not in self.fields), None)

    def to_json(self) -> str:
        """For sealing."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Draft:
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        return cls(**{**values, "kinds": tuple(values["kinds"])})


@dataclass(frozen=True, slots=True)
class Item:
    """One right asked for, opened.

    `decision` holds words of the decision: reason, ground, measure, original; `held_from` is the state in which it was
    put on hold.
    """

    kind: str
    state: str
    held_from: str = ""
    outcome: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    fee_yen: int | None = None
    fee_accepted_at: datetime | None = None
    target_at: datetime | None = None
    remaining_minutes: int | None = None
    closed_at: datetime | None = None
    decision: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Word:
    """Something written in a case's thread; `template` names a letter, "" is somebody's own words."""

    at: datetime
    author: str
    template: str
    shared: bool
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Check:
    """A document that was seen."""

    at: datetime
    account: str
    document: str
    subject: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A filed request, opened. Personal data is left out of its repr; of an erased case it is all empty."""

    receipt: str
    kinds: tuple[str, ...]
    state: str
    channel: str
    language: str
    policy_version: str
    created_at: datetime
    arrived_at: datetime
    fields: dict[str, str] = field(repr=False)
    agent: str = ""
    represented: str = field(default="", repr=False)
    opening: str = field(default="", repr=False)
    told: str = field(default="", repr=False)
    forwarded: bool = False
    items: tuple[Item, ...] = ()
    confirmed_at: datetime | None = None
    readdressed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None
    trimmed_at: datetime | None = None
    erased_at: datetime | None = None
    identity_level: int = 0
    assignee: str = ""
    waiting: bool = False
    on_legal_hold: bool = False
    version: int = 1
    words: tuple[Word, ...] = field(default=(), repr=False)
    checks: tuple[Check, ...] = ()

    @property
    def kind(self) -> str:
        """The first kind asked for."""
        return self.kinds[0]

    @property
    def awaits_confirmation(self) -> bool:
        """Whether the mail address is to be confirmed: it never was, or the desk changed it since."""
        return self.state == "mail_unverified" or self.readdressed_at is not None

    def find_item(self, kind: str) -> Item | None:
        """The item of a kind, or None."""
        return next((item for item in self.items if item.kind == kind), None)

    def as_dict(self) -> dict[str, Any]:
        """The form of `python -m actions cases --json`."""
        return {
            "receipt": self.receipt,
            "kind": self.kind,
            "kinds": list(self.kinds),
            "state": self.state,
            "fields": {name: self.fields[name] for name in ("name", "email", "phone", "details")},
            "created_at": self.created_at.isoformat(),
            "arrived_at": self.arrived_at.isoformat(),
            "channel": self.channel,
            "language": self.language,
            "policy_version": self.policy_version,
            "agent": self.agent,
            "represented": self.represented,
            "opening": self.opening,
            "forwarded": self.forwarded,
            "confirmed": self.confirmed_at is not None,
            "items": [{"kind": item.kind, "state": item.state, "outcome": item.outcome} for item in self.items],
        }


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A case in the inbox, without anything personal. `states` and `outcomes` are the items', in order of `kinds`.

    `name` is masked, and only there in the inbox itself.
    """

    receipt: str
    kinds: tuple[str, ...]
    states: tuple[str, ...]
    outcomes: tuple[str, ...]
    state: str
    channel: str
    language: str
    agent: str
    forwarded: bool
    arrived_at: datetime
    confirmed_at: datetime | None
    acknowledged_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    assignee: str
    waiting: bool
    name: str = field(default="", repr=False)
    likeness: str = ""  # among a person's other cases: alike by "mail" or only by "phone"


@dataclass(frozen=True, slots=True)
class Turn:
    """A message and its reply (the reply's wire form)."""

    message_id: str
    message: str = field(repr=False)
    reply: dict[str, Any] = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands.

    `language` is "" while it has none; `draft` is the request being entered; `last` the newest turn; `untold` the
    filing key of a request filed here whose receipt was not told (the reply was lost on the way), or "".
    """

    language: str = ""
    draft: Draft | None = None
    last: Turn | None = None
    untold: str = ""

"""What every surface works with, built once from the settings and handed down; nothing global."""

from __future__ import annotations

from dataclasses import dataclass

from actions.cases.accounts import Accounts
from actions.cases.conversations import Conversations
from actions.cases.crypto import Sealer, load_master
from actions.cases.database import Database
from actions.cases.repository import Cases
from actions.settings import Settings
from knowledge.bundle import Bundle, Library


@dataclass(frozen=True, slots=True)
class Services:
    """The desk's parts."""

    settings: Settings
    library: Library
    database: Database
    sealer: Sealer
    conversations: Conversations
    cases: Cases
    accounts: Accounts

    @property
    def bundle(self) -> Bundle:
        """Policy and index in service."""
        return self.library.bundle


def open_services(settings: Settings) -> Services:
    """Open index, keys and database (bringing its schema up to date).

    Raises: KnowledgeError: no index that fits. SQLAlchemyError: no database.
    """
    sealer = load_master(settings.keys)
    database = Database(settings.database)
    database.migrate()
    return Services(
        settings=settings,
        library=Library(settings.index),
        database=database,
        sealer=sealer,
        conversations=Conversations(database, sealer),
        cases=Cases(database, sealer),
        accounts=Accounts(database),
    )

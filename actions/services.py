"""What every surface works with, built once from the settings and handed down; nothing global."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from actions.cases.accounts import Accounts
from actions.cases.audit import Audit
from actions.cases.casework import Casework
from actions.cases.conversations import Conversations
from actions.cases.correspondence import Correspondence
from actions.cases.crypto import Sealer, load_master
from actions.cases.database import Database
from actions.cases.desk import CaseDesk
from actions.cases.identity import Identity
from actions.cases.outbox import Outbox, find_domain
from actions.cases.questions import Questions
from actions.cases.repository import Cases
from actions.cases.reviews import Reviews
from actions.cases.status import StatusDesk
from actions.cases.trackers import Trackers
from actions.cases.upkeep import Upkeep
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
    trackers: Trackers
    cases: Cases
    accounts: Accounts
    audit: Audit
    outbox: Outbox
    desk: CaseDesk
    status: StatusDesk
    upkeep: Upkeep
    questions: Questions
    reviews: Reviews

    @property
    def bundle(self) -> Bundle:
        """Policy and index in service."""
        return self.library.bundle


def open_services(settings: Settings) -> Services:
    """Open index, keys and database (bringing its schema up to date).

    Raises: KnowledgeError: no index that fits. SQLAlchemyError: no database.
    """
    sealer = load_master(settings.keys)
    with ExitStack() as unless_open:
        database = Database(settings.database)
        unless_open.callback(database.close)
        database.migrate()
        services = assemble(settings, Library(settings.index), database, sealer)
        services.audit.adopt()
        unless_open.pop_all()
    return services


def assemble(settings: Settings, library: Library, database: Database, sealer: Sealer) -> Services:
    """Put the parts together on a migrated database."""
    sender = settings.mail_from or library.bundle.policy.shop.email
    accounts, audit, outbox = Accounts(database), Audit(database, sealer), Outbox(database, sealer, find_domain(sender))
    correspondence = Correspondence(
        outbox=outbox,
        find_bundle=lambda: library.bundle,
        base_url=settings.base_url,
        officer_mail=settings.officer_mail,
        code_minutes=settings.code_minutes,
        most_unconfirmed=settings.confirmations_per_hour,
    )
    identity = Identity(sealer, settings.code_minutes, settings.code_tries)
    casework = Casework(audit, sealer, identity, correspondence)
    desk = CaseDesk(database, sealer, settings, accounts, casework)
    return Services(
        settings=settings,
        library=library,
        database=database,
        sealer=sealer,
        conversations=Conversations(database, sealer),
        trackers=Trackers(settings.tracker),
        cases=Cases(database, sealer),
        accounts=accounts,
        audit=audit,
        outbox=outbox,
        desk=desk,
        status=StatusDesk(database, sealer, desk, casework),
        upkeep=Upkeep(database, sealer, settings, desk, casework),
        questions=Questions(database, sealer),
        reviews=Reviews(database, sealer, audit),
    )

"""Who may sign in at the desk: argon2 passwords, server-side sessions, nothing of either in clear."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, select

from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.permissions import list_roles
from actions.cases.tables import AccountRow, SessionRow
from actions.errors import SignInError

# Verified when the name is unknown, so that a wrong name takes as long as a wrong password: the hash of a random text
# nobody knows, with the hasher's own parameters (held by a test).
DECOY = "$argon2id$v=19$m=65536,t=3,p=4$W1x90Pif1FHyEYhMDWl1lg$m23fg0gfKuuvKx5QHx7Q4zONFUgLPar5Zf2pdgpCr5A"

RESERVED = ("customer", "desk", "system")  # who else acts in the audit chain and writes in threads
LONGEST_NAME = 64  # characters
LONGEST_SESSION = timedelta(days=8)  # more than MADOGUCHI_SESSION_HOURS allows


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody signed in."""

    name: str
    role: str


class Accounts:
    """The only code that reads or writes accounts and sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hasher = PasswordHasher()

    def create(self, name: str, role: str) -> str:
        """Create an account with a random password. Returns: the password, which is nowhere else."""
        if name in RESERVED or not name.isprintable() or not 1 <= len(name) <= LONGEST_NAME:
            raise ValueError(f"a name has 1 to {LONGEST_NAME} characters and is none of {', '.join(RESERVED)}")
        if role not in list_roles():
            raise ValueError(f"role must be one of {', '.join(list_roles())}")
        password = secrets.token_urlsafe(12)
        with self._database.transaction() as session:
            row = AccountRow(name=name, role=role, password_hash=self._hasher.hash(password), created_at=now())
            session.merge(row)
            session.execute(delete(SessionRow).where(SessionRow.account == name))
        return password

    def remove(self, name: str) -> bool:
        """Remove an account and end its sessions; what it did stays in the chain. Returns: whether it was there."""
        with self._database.transaction() as session:
            row = session.get(AccountRow, name) if name.isprintable() else None
            if row is None:
                return False
            session.execute(delete(SessionRow).where(SessionRow.account == name))
            session.delete(row)
            return True

    def list_roles(self) -> dict[str, str]:
        """The role of each account, by name."""
        with self._database.reading() as session:
            return {row.name: row.role for row in session.scalars(select(AccountRow).order_by(AccountRow.name))}

    def count(self) -> int:
        """Number of accounts."""
        with self._database.reading() as session:
            return session.scalar(select(func.count()).select_from(AccountRow)) or 0

    def sign_in(self, name: str, password: str, hours: int) -> str:
        """Open a session. Returns: the token for the cookie. Raises: SignInError."""
        with self._database.transaction() as session:
            # PostgreSQL refuses to look for a NUL, which a form can carry.
            row = session.get(AccountRow, name) if name.isprintable() else None
            known = row.password_hash if row else DECOY
        try:
            self._hasher.verify(known, password)
        except (VerifyMismatchError, InvalidHashError) as error:
            raise SignInError from error
        if row is None:
            raise SignInError
        token = secrets.token_urlsafe(32)
        with self._database.transaction() as session:
            session.execute(delete(SessionRow).where(SessionRow.expires_at < now()))
            expires = now() + timedelta(hours=hours)
            session.add(SessionRow(token_hash=_digest(token), account=name, expires_at=expires))
        return token

    def find_by_token(self, token: str) -> Account | None:
        """Who a session's cookie belongs to, or None when it is unknown or over."""
        with self._database.reading() as session:
            row = session.get(SessionRow, _digest(token))
            # What ends later than any session can is from before the clock was set back, and would live on.
            if row is None or not now() <= row.expires_at <= now() + LONGEST_SESSION:
                return None
            account = session.get(AccountRow, row.account)
            return Account(account.name, account.role) if account else None

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._database.transaction() as session:
            session.execute(delete(SessionRow).where(SessionRow.token_hash == _digest(token)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

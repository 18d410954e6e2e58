"""Sealing personal data: AES-256-GCM with a key id in front and associated data that name the place.

A sealed value is `key id (8 bytes) ‖ nonce (12 bytes) ‖ ciphertext and tag`. The associated data are
"table.column.row", so that a value copied into another row does not open. Keys live in `<state>/keys/master.json`
(mode 0600), made at the first run.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import normalize

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from actions.errors import SealError

MASTER = "master.json"
_ID_BYTES, _NONCE_BYTES = 8, 12


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with one active key and opens with any known one. `keys` maps 8-byte ids to 32-byte keys."""

    active: bytes
    keys: dict[bytes, bytes] = field(repr=False)

    def seal(self, value: str, place: str) -> bytes:
        """Encrypt a text for a place ("cases.name.<row>")."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.active + nonce + AESGCM(self.keys[self.active]).encrypt(nonce, value.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Decrypt. Raises: SealError: unknown key, other place, or a changed value."""
        identity, nonce = sealed[:_ID_BYTES], sealed[_ID_BYTES : _ID_BYTES + _NONCE_BYTES]
        try:
            plain = AESGCM(self.keys[identity]).decrypt(nonce, sealed[_ID_BYTES + _NONCE_BYTES :], place.encode())
        except (KeyError, InvalidTag, ValueError) as error:
            raise SealError from error
        return plain.decode()

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key of its own for signing or indexing (HKDF-SHA256, RFC 5869).

        From the oldest key: what was signed or indexed stays so when a newer key is active.
        """
        oldest = next(iter(self.keys.values()))
        return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(oldest)

    def index(self, purpose: str, value: str) -> str:
        """A blind index (HMAC-SHA256, hex): equal values are found by it, and it tells nothing without the key.

        "" stays "": what was not given equals nothing.
        """
        return self.sign(f"index of {purpose}", normalize("NFKC", value).strip().lower()) if value else ""

    def sign(self, purpose: str, value: str) -> str:
        """HMAC-SHA256 of a text with a key of its own, hex."""
        return hmac.new(self.derive(purpose), value.encode(), hashlib.sha256).hexdigest()


def make_data_key() -> str:
    """A fresh key for one case, as text to be sealed with the master key; without it the case is unreadable."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def open_data_key(text: str) -> Sealer:
    """The sealer of one case from its opened data key."""
    identity = b"case-key"
    return Sealer(identity, {identity: base64.b64decode(text)})


def load_master(folder: Path) -> Sealer:
    """Load the master keys, making them at the first run.

    The file is created exclusively: of two processes that start at once, one makes it and both read it.
    """
    path = folder / MASTER
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path)
    return read_master(folder)


def read_master(folder: Path) -> Sealer:
    """Load the master keys, which are there. Raises: FileNotFoundError."""
    stored = json.loads((folder / MASTER).read_text("utf-8"))
    keys = {bytes.fromhex(identity): base64.b64decode(key) for identity, key in stored["keys"].items()}
    return Sealer(bytes.fromhex(stored["active"]), keys)


def _create(path: Path) -> None:
    identity = secrets.token_bytes(_ID_BYTES).hex()
    content = json.dumps({"active": identity, "keys": {identity: make_data_key()}})
    # Not the process id: two containers may share it, and one left over from a crash would bar the way for good.
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # fails if another process was first, and never shows a half-written file
    except FileExistsError:
        pass
    finally:
        fresh.unlink()

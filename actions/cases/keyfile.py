"""The master keys in one file for safekeeping, sealed with a passphrase (scrypt, AES-256-GCM).

A copy of the keys travels: on a stick, in a safe, in another company's cloud. In clear it would open every backup to
whoever finds it, and a file's mode is lost on the first stick; so there is no way to write them in clear.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from actions.cases.crypto import MASTER, read_master

LEAST_PASSPHRASE = 12  # characters
_FORMAT = "madoguchi keys 1"  # associated data too: nothing else opens as keys
_COST, _BLOCK, _PARALLEL = 2**17, 8, 1  # OWASP's recommendation for scrypt: 128 MiB and about half a second


class KeyFileError(Exception):
    """The keys cannot be written or read; the text says what to do."""


def write_keys(keys: Path, file: Path, passphrase: str) -> None:
    """Seal the master keys of a folder into a new file of mode 0600. Raises: KeyFileError."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise KeyFileError(f"the passphrase needs {LEAST_PASSPHRASE} characters or more")
    try:
        content = (keys / MASTER).read_bytes()
    except FileNotFoundError:
        raise KeyFileError("there are no keys yet: the first start makes them") from None
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_derive(passphrase, salt)).encrypt(nonce, content, _FORMAT.encode())
    parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
    body = {"format": _FORMAT, **{name: base64.b64encode(value).decode() for name, value in parts.items()}}
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise KeyFileError(f"{file} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as target:
        json.dump(body, target)


def read_keys(file: Path, passphrase: str, keys: Path) -> None:
    """Open such a file into a folder that has no keys yet; the same keys again change nothing. Raises: KeyFileError."""
    try:
        body = json.loads(file.read_text("utf-8"))
        salt, nonce, sealed = (base64.b64decode(body[name]) for name in ("salt", "nonce", "sealed"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyFileError(f"{file} is not a file of keys") from error
    try:
        content = AESGCM(_derive(passphrase, salt)).decrypt(nonce, sealed, _FORMAT.encode())
    except InvalidTag:
        raise KeyFileError("the passphrase is wrong, or the file was changed") from None
    path = keys / MASTER
    if path.exists():
        if path.read_bytes() != content:
            raise KeyFileError(f"{path} holds other keys: move them aside first")
        return
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
    read_master(keys)


def _derive(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt, 32, _COST, _BLOCK, _PARALLEL).derive(passphrase.encode())

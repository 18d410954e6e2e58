"""Policy and index as one bundle on disk: written beside the old one, checked, then swapped in atomically.

`<root>/<name>/` holds a bundle, `<root>/current` names the one that serves. A bundle whose format, files or policy do
not fit is refused, and the last good one goes on serving.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from knowledge.abstainer import SIGNALS, Abstainer
from knowledge.classifier import LabelClassifier, map_array
from knowledge.dense import DenseIndex
from knowledge.encoder import Encoder, StaticEncoder, TransformerEncoder
from knowledge.errors import BundleMismatchError, BundleMissingError, KnowledgeError
from knowledge.features import Vocabulary
from knowledge.lexical import LexicalIndex
from knowledge.policy import LANGUAGES, Policy, PolicyText, list_policy_files, load_former, load_policy
from knowledge.readers import Readers
from knowledge.retriever import Label, Retriever
from knowledge.romaji import Spelling

FORMAT = 7  # raise it when a reader of the old format would misread the new one
_POINTER = "current"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A policy, the retrievers trained for it, and how its customers spell what romaji only sounds out.

    `built_from` is the hash of everything that went in. `former` are the versions that `policy` has replaced, oldest
    first: stored citations lead to them. `readers` read what customers want and answer.
    """

    policy: Policy
    retrievers: dict[str, Retriever]
    built_from: str
    spelling: Spelling = field(default_factory=Spelling)
    former: tuple[PolicyText, ...] = ()
    readers: Readers = field(default_factory=Readers)

    @property
    def versions(self) -> tuple[PolicyText, ...]:
        """All versions, oldest first; the last is in force."""
        return (*self.former, self.policy)

    def find_version(self, version: str) -> PolicyText | None:
        """The text of the version with this id, in force or not, or None."""
        return next((text for text in self.versions if text.version == version), None)

    def find_changed(self, version: str, clause_ids: Iterable[str]) -> tuple[str, ...]:
        """Which clauses in force read otherwise, in either language, than in that version; all if it is not known."""
        former = self.find_version(version)
        return tuple(
            one
            for one in clause_ids
            if former is None
            or any(former.find_unit(one, language) != self.policy.find_unit(one, language) for language in LANGUAGES)
        )


def save_bundle(bundle: Bundle, policy_folder: Path, root: Path, encoder_name: str) -> Path:
    """Write a bundle under `root`, check that it loads, and make it current. Returns its folder.

    A crash at any point leaves the former bundle current.
    """
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="building-", dir=root))
    try:
        for name in list_policy_files(policy_folder):
            (folder / "policy" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(policy_folder / name, folder / "policy" / name)
        for language, retriever in bundle.retrievers.items():
            _write_retriever(retriever, folder / language)
        bundle.readers.save(folder / "readers")
        (folder / "spelling.json").write_text(json.dumps(bundle.spelling.words, ensure_ascii=False), "utf-8")
        manifest = {
            "format": FORMAT,
            "signals": list(SIGNALS),
            "policy_versions": [text.version for text in bundle.versions],
            "encoder": encoder_name,
            "built_from": bundle.built_from,
            "files": _digests(folder),
        }
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
        read_bundle(folder)
        final = root / f"{bundle.policy.version}-{bundle.built_from[:12]}"
        if final.exists():  # built again by force: it may be the current one, so it stays until the pointer has moved
            final = root / f"{final.name}-{folder.name.removeprefix('building-')}"
        folder.rename(final)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    former = (root / _POINTER).read_text("utf-8").strip() if (root / _POINTER).exists() else ""
    _point_to(root, final.name)
    _prune(root, {final.name, former})
    return final


def read_bundle(folder: Path) -> Bundle:
    """Load one bundle. Raises: BundleMismatchError: it is damaged or was made for another program or policy."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        if manifest["format"] != FORMAT or manifest["signals"] != list(SIGNALS):
            raise BundleMismatchError(f"{folder.name}: made by another version of the program; build again")
        if manifest["files"] != _digests(folder):
            raise BundleMismatchError(f"{folder.name}: files are damaged or missing; build again")
        former, policy = load_former(folder / "policy"), load_policy(folder / "policy")
        found, wanted = [one.version for one in (*former, policy)], manifest["policy_versions"]
        if found != wanted:
            raise BundleMismatchError(f"{folder.name}: index of policy {', '.join(wanted)}, not {', '.join(found)}")
        retrievers = {language: _read_retriever(folder / language, manifest["encoder"]) for language in LANGUAGES}
        spelling = Spelling(json.loads((folder / "spelling.json").read_text("utf-8")))
        bundle = Bundle(policy, retrievers, manifest["built_from"], spelling, former, Readers.load(folder / "readers"))
    except KnowledgeError:
        raise
    except Exception as error:  # damage shows as many kinds of error; all mean the same to the caller
        raise BundleMismatchError(f"{folder.name}: cannot be read ({type(error).__name__}); build again") from error
    if any(retriever.clauses != len(policy.clause_ids) for retriever in retrievers.values()):
        raise BundleMismatchError(f"{folder.name}: index and policy have different clauses; build again")
    return bundle


def find_current(root: Path) -> str:
    """Name of the current bundle. Raises: BundleMissingError."""
    missing = "no index was built yet: run `python -m knowledge build`"
    try:
        name = (root / _POINTER).read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise BundleMissingError(missing) from error
    if not name:  # the disk was full when it was written
        raise BundleMissingError(missing)
    return name


def is_current(root: Path, sources: str) -> bool:
    """Whether the current bundle loads and was made from these sources: a damaged one has to be built again."""
    try:
        return read_bundle(root / find_current(root)).built_from == sources
    except KnowledgeError:
        return False


class Library:
    """Serves the current bundle and follows a swap; a new bundle that does not fit leaves the old one in service."""

    def __init__(self, root: Path) -> None:
        """Load the current bundle. Raises: BundleMissingError, BundleMismatchError (there is no last good one yet)."""
        self._root = root
        self._name = find_current(root)
        self._bundle = read_bundle(root / self._name)
        self._refused = ""

    @property
    def bundle(self) -> Bundle:
        """The bundle in service."""
        return self._bundle

    @property
    def name(self) -> str:
        """Folder name of the bundle in service."""
        return self._name

    def reload(self) -> bool:
        """Take a newly swapped-in bundle into service. Returns whether it changed.

        Raises: KnowledgeError: the new bundle does not fit; the old one stays (raised once for each such bundle).
        """
        name = find_current(self._root)
        if name in {self._name, self._refused}:
            return False
        try:
            bundle = read_bundle(self._root / name)
        except KnowledgeError:
            self._refused = name
            raise
        self._bundle, self._name, self._refused = bundle, name, ""
        return True


def _point_to(root: Path, name: str) -> None:
    pointer = root / f"{_POINTER}.new"
    pointer.write_text(name, "utf-8")
    os.replace(pointer, root / _POINTER)


def _prune(root: Path, kept: set[str]) -> None:
    """Remove bundles that serve no more; the former one stays, for a process that has not followed the swap yet."""
    for path in root.iterdir():
        if path.is_dir() and path.name not in kept and not path.name.startswith("building-"):
            shutil.rmtree(path, ignore_errors=True)


def _digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file but the manifest, by path relative to the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    # Hashing is a fifth of what a start costs, and does not hold the interpreter: two files at a time.
    with ThreadPoolExecutor(2) as pool:
        found = zip(paths, pool.map(_digest, paths), strict=True)
        return {str(path.relative_to(folder)): digest for path, digest in found}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_retriever(retriever: Retriever, folder: Path) -> None:
    folder.mkdir()
    labels = [[label.kind, label.name] for label in retriever.labels]
    header = {"labels": labels, "clauses": retriever.clauses}
    (folder / "labels.json").write_text(json.dumps(header, ensure_ascii=False), "utf-8")
    retriever.vocabulary.save(folder)
    retriever.classifier.save(folder)
    if isinstance(retriever.encoder, StaticEncoder):
        np.save(folder / "encoder.npy", retriever.encoder.table)
    retriever.index.save(folder / "wordings.faiss")
    (folder / "lexical.json").write_text(json.dumps(list(retriever.lexical.index), ensure_ascii=False), "utf-8")
    np.save(folder / "lexical.npy", retriever.lexical.impact)
    arrays = {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in asdict(retriever.abstainer).items()
    }
    (folder / "abstainer.json").write_text(json.dumps(arrays), "utf-8")


def _read_retriever(folder: Path, encoder_name: str) -> Retriever:
    header = json.loads((folder / "labels.json").read_text("utf-8"))
    terms = json.loads((folder / "lexical.json").read_text("utf-8"))
    arrays = json.loads((folder / "abstainer.json").read_text("utf-8"))
    encoder: Encoder
    encoder = TransformerEncoder(encoder_name) if encoder_name else StaticEncoder(map_array(folder / "encoder.npy"))
    return Retriever(
        labels=tuple(Label(kind, name) for kind, name in header["labels"]),
        clauses=header["clauses"],
        vocabulary=Vocabulary.load(folder),
        classifier=LabelClassifier.load(folder),
        encoder=encoder,
        index=DenseIndex.load(folder / "wordings.faiss"),
        lexical=LexicalIndex({term: row for row, term in enumerate(terms)}, np.load(folder / "lexical.npy")),
        abstainer=Abstainer(
            mean=np.array(arrays["mean"], dtype=np.float32),
            scale=np.array(arrays["scale"], dtype=np.float32),
            weights=np.array(arrays["weights"], dtype=np.float32),
            bias=arrays["bias"],
            threshold=arrays["threshold"],
        ),
    )

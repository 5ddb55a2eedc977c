"""The witness: an outside party with its own key and folder that remembers what a log has said.

It cosigns a checkpoint only if the log merely grew since the last one it saw (C2SP tlog-witness,
``add-checkpoint``). Whoever holds all of an owner's keys can rewrite the owner's log, but not what
the witness remembers: that is the whole point, so it must not be run by the owner.

Its folder holds ``witness.pem`` and, for each log, ``logs/<digest of origin>/`` with the log's key
(``keys.json``) and every checkpoint it cosigned (``<size>.checkpoint``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anping.core.digest import sha256
from anping.core.errors import EvidenceError, Where
from anping.core.files import write
from anping.core.text import Text
from anping.evidence import refusals
from anping.evidence.checkpoint import SignedCheckpoint, cosignature, read_checkpoint
from anping.evidence.keys import PublicKey, Signer, SigningKey, keys_json, read_keys
from anping.evidence.lock import locked
from anping.evidence.merkle import EMPTY_ROOT, NodeReader, TreeHead, consistency_proof
from anping.evidence.proof import GrowthProof, read_growth_proof

_KEY = "witness.pem"
_LOG_KEY = "keys.json"
_SUFFIX = ".checkpoint"


@dataclass(frozen=True, slots=True)
class Witness:
    """An open witness. Use :meth:`create` once and :meth:`open` after that.

    ``Witness(folder, signer)`` is a witness whose key lies elsewhere, in a token for instance.
    """

    folder: Path
    key: Signer

    @classmethod
    def create(cls, folder: Path, name: str) -> Witness:
        """Make a witness with a new key, or open the one that is there; a key is never replaced."""
        if not (folder / _KEY).exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            SigningKey.generate("witness", name).save(folder / _KEY)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Witness:
        """Open a witness. Raises EvidenceError if there is none, KeyStoreError for a bad key."""
        if not (folder / _KEY).is_file():
            raise EvidenceError(
                "witness.missing",
                Text("這個資料夾裡沒有見證人。", "There is no witness in this folder."),
                where=Where(file=folder.name),
                hint=Text(
                    "請指到見證人自己的資料夾，或執行 anping witness init 建立。",
                    "Point to the witness's own folder, or make one with anping witness init.",
                ),
            )
        return cls(folder, SigningKey.load(folder / _KEY))

    @property
    def public(self) -> PublicKey:
        """The key to give to owners and auditors."""
        return self.key.public

    def trust(self, origin: str, log_key: PublicKey) -> None:
        """Take ``log_key`` as the key of the log ``origin``, from now on and for good.

        Raises EvidenceError if another key was trusted before, if the key is trusted for another
        log (whoever trusts a key could not tell the two logs apart), or is not a log's.
        """
        if log_key.role != "log":
            raise refusals.not_a_log_key()
        known = self.trusted(origin)
        if known is not None and known.raw != log_key.raw:
            raise refusals.key_changed()
        if known is None and self._knows(log_key):
            raise refusals.key_of_another_log()
        if known is None:
            write(self._log(origin) / _LOG_KEY, keys_json([log_key]))

    def _knows(self, log_key: PublicKey) -> bool:
        """Whether any log here has this key."""
        known = (read_keys(path.read_bytes()) for path in self.folder.glob(f"logs/*/{_LOG_KEY}"))
        return any(key.raw == log_key.raw for keys in known for key in keys.members)

    def trusted(self, origin: str) -> PublicKey | None:
        """Return the trusted key of a log, or None if the log is not known."""
        path = self._log(origin) / _LOG_KEY
        return read_keys(path.read_bytes()).members[0] if path.exists() else None

    def held(self, origin: str, *, size: int | None = None) -> bytes | None:
        """Return the last cosigned checkpoint of a log (or the one of ``size``), or None."""
        folder = self._log(origin)
        names = sorted(path.name for path in folder.glob(f"*{_SUFFIX}")) if folder.exists() else []
        wanted = names[-1:] if size is None else [name for name in names if name == _name(size)]
        return (folder / wanted[0]).read_bytes() if wanted else None

    def cosign(self, request: bytes, now: datetime, *, first_use: PublicKey | None = None) -> bytes:
        """Answer an ``add-checkpoint`` request with a cosignature line, or raise EvidenceError.

        ``first_use`` is a log key to trust if the log is not known yet. The new checkpoint is kept
        before the answer is given. Refusals: ``witness.unknown-log``, ``witness.bad-signature``,
        ``witness.rollback``, ``witness.fork``, ``witness.old-size``, ``witness.inconsistent``.
        """
        asked = read_growth_proof(request)
        origin = asked.checkpoint.checkpoint.origin
        if first_use is not None and asked.checkpoint.signed_by(first_use):
            self.trust(origin, first_use)
        key = self.trusted(origin)
        if key is None:
            raise refusals.unknown_log()
        if not asked.checkpoint.signed_by(key):
            raise refusals.bad_signature()
        with locked(self.folder / ".lock"):
            _check_growth(asked, self._head(origin))
            line = cosignature(asked.checkpoint.checkpoint, self.key, now)
            own, *_ = asked.checkpoint.signatures
            kept = SignedCheckpoint(asked.checkpoint.checkpoint, (own, line))
            write(self._log(origin) / _name(asked.checkpoint.head.size), kept.encode())
        return line.line()

    def _log(self, origin: str) -> Path:
        return self.folder / "logs" / sha256(origin.encode())[:32]

    def _head(self, origin: str) -> TreeHead | None:
        note = self.held(origin)
        return None if note is None else read_checkpoint(note).head


def _name(size: int) -> str:
    return f"{size:020d}{_SUFFIX}"


def _check_growth(asked: GrowthProof, held: TreeHead | None) -> None:
    """Raise EvidenceError unless the log only grew from what is held."""
    new = asked.checkpoint.head
    before = held or TreeHead(0, EMPTY_ROOT)
    if new.size < before.size:
        raise refusals.rollback(before.size, new.size)
    if new.size == before.size and new.root != before.root:
        raise refusals.fork(new.size)
    if asked.old_size != before.size:
        raise refusals.old_size(before.size)
    if not asked.proves(before):
        raise refusals.inconsistent(before.size, new.size)


def growth_request(checkpoint: SignedCheckpoint, *, old_size: int, node: NodeReader) -> bytes:
    """Return the owner's request to a witness that last cosigned ``old_size`` (0: never)."""
    path = consistency_proof(old_size, checkpoint.head.size, node)
    return GrowthProof(old_size, path, checkpoint).encode()

"""The workspace: one folder that holds assets, the ledger and nothing else; keys lie elsewhere."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from anping.core.asset import Asset
from anping.core.clock import Clock, system_clock
from anping.core.errors import Where, WorkspaceError
from anping.core.text import Text
from anping.workspace import tables
from anping.workspace.keys import KeyStore, create_keys, open_keys
from anping.workspace.ledger import Ledger
from anping.workspace.objects import Objects, open_objects

FORMAT = "1"
_DATABASE = "workspace.sqlite"


@dataclass(frozen=True)
class Workspace:
    """An open workspace. Use :meth:`create` once and :meth:`open` after that."""

    folder: Path
    database: sa.Engine
    key_store: KeyStore
    clock: Clock

    @classmethod
    def create(
        cls, folder: Path, *, keys: Path | None = None, clock: Clock = system_clock
    ) -> Workspace:
        """Make a workspace and its key store. An existing workspace is opened, never overwritten."""
        if (folder / _DATABASE).exists():
            return cls.open(folder, keys=keys, clock=clock)
        if folder.exists() and any(folder.iterdir()):
            raise WorkspaceError(
                "workspace.not-empty",
                Text(
                    "這個資料夾不是工作區，而且已有檔案。",
                    "This folder holds files but no workspace.",
                ),
                where=Where(file=str(folder)),
                hint=Text("請選一個空的資料夾。", "Choose an empty folder."),
            )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        identity = secrets.token_hex(8)
        store = create_keys(keys or default_keys(folder), owner=identity)
        engine = tables.connect(folder / _DATABASE)
        with tables.writer(engine).begin() as connection:
            tables.metadata.create_all(connection)
            facts = {"format": FORMAT, "id": identity, "origin": f"anping.local/{identity}"}
            connection.execute(
                sa.insert(tables.facts), [{"name": k, "value": v} for k, v in facts.items()]
            )
        return cls(folder, engine, store, clock)

    @classmethod
    def open(
        cls, folder: Path, *, keys: Path | None = None, clock: Clock = system_clock
    ) -> Workspace:
        """Open a workspace. Raises WorkspaceError if it is missing, damaged or of another format."""
        path = folder / _DATABASE
        if not path.exists():
            raise WorkspaceError(
                "workspace.missing",
                Text("這裡沒有工作區。", "There is no workspace here."),
                where=Where(file=str(folder)),
                hint=Text(
                    "執行 anping init 建立，或用 --workspace 指到正確的資料夾。",
                    "Run anping init, or point --workspace to the right folder.",
                ),
            )
        engine = tables.connect(path)
        workspace = cls(folder, engine, open_keys(keys or default_keys(folder)), clock)
        try:
            found = workspace.fact("format")
        except sa.exc.DatabaseError as error:
            raise _damaged(path) from error
        if found != FORMAT:
            raise _damaged(path)
        return workspace

    @property
    def objects(self) -> Objects:
        """The object store."""
        return open_objects(self.folder / "objects", scratch=self.folder / "aside")

    @property
    def ledger(self) -> Ledger:
        """The ledger of statements."""
        return Ledger(self.database, self.fact("origin") or "")

    def fact(self, name: str) -> str | None:
        """Return a fact about the workspace, or None."""
        with self.database.connect() as connection:
            query = sa.select(tables.facts.c.value).where(tables.facts.c.name == name)
            found: str | None = connection.execute(query).scalar()
            return found

    def state(self, name: str, value: str) -> None:
        """State a fact about the workspace for good."""
        with self.transaction() as connection:
            connection.execute(sa.delete(tables.facts).where(tables.facts.c.name == name))
            connection.execute(sa.insert(tables.facts).values(name=name, value=value))

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Yield a connection; all that is written through it stands, or nothing."""
        try:
            with tables.writer(self.database).begin() as connection:
                yield connection
        except sa.exc.DatabaseError as error:
            raise WorkspaceError(
                "workspace.database",
                Text("資料庫無法寫入。", "The database cannot be written."),
                where=Where(file=_DATABASE),
                hint=Text(
                    "另一個程序可能正在寫入，請再試一次；否則請檢查磁碟空間與資料夾權限。",
                    "Another process may be writing: try again; else check disk space and permissions.",
                ),
            ) from error

    def assets(self, name: str | None = None) -> tuple[Asset, ...]:
        """Return all versions of all assets (or of one name), oldest first."""
        query = sa.select(tables.assets.c.body).order_by(
            tables.assets.c.statement, tables.assets.c.name
        )
        if name is not None:
            query = query.where(tables.assets.c.name == name)
        with self.database.connect() as connection:
            return tuple(Asset.from_json(json.loads(body)) for (body,) in connection.execute(query))

    def find(self, reference: str) -> Asset | None:
        """Return ``name@version``, or the newest version of ``name``, or None."""
        name, _, version = reference.partition("@")
        versions = self.assets(name)
        if version:
            versions = tuple(asset for asset in versions if str(asset.version) == version)
        return versions[-1] if versions else None

    def need(self, reference: str) -> Asset:
        """Return what :meth:`find` finds. Raises WorkspaceError naming what there is instead."""
        asset = self.find(reference)
        if asset is not None:
            return asset
        names = ", ".join(sorted({each.name for each in self.assets()})[:12]) or "-"
        raise WorkspaceError(
            "workspace.asset-missing",
            Text(f"工作區裡沒有「{reference}」。", f"There is no “{reference}” in the workspace."),
            hint=Text(f"目前的資產：{names}", f"Assets here: {names}"),
        )

    def path(self, asset: Asset) -> Path:
        """Return where an asset's content lies, checked against its digest."""
        return self.objects.get(asset.digest, of=asset.reference)

    def secret(self, name: str) -> bytes:
        """Return a symmetric key, made on first use; a key that existed once is never remade.

        Raises KeyStoreError if the key was made before and is gone.
        """
        known = self.fact(f"key:{name}") is not None
        if self.key_store.has_secret(name) or known:
            key = self.key_store.secret(name)
        else:
            key = self.key_store.create_secret(name)
        if not known:
            self.state(f"key:{name}", "made")
        return key


def default_keys(folder: Path) -> Path:
    """Return the key folder used when none is named: beside the workspace, not in it."""
    return folder.absolute().with_name(f"{folder.absolute().name}.keys")


def _damaged(path: Path) -> WorkspaceError:
    return WorkspaceError(
        "workspace.damaged",
        Text(
            "工作區的資料庫已損壞或格式不符。",
            "The workspace's database is damaged or of another format.",
        ),
        where=Where(file=path.name),
        hint=Text(
            "從備份還原工作區資料夾；金鑰與已交付的卷宗不受影響。",
            "Restore the workspace folder from a backup; keys and delivered dossiers are unaffected.",
        ),
    )

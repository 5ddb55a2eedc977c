"""Revisions of the workspace's tables, run by :mod:`anping.workspace.migrating` through alembic."""

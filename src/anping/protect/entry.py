"""What every entry of a plan is made of: frozen plain values that know their settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from anping.core.text import Text

KeyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]


class Entry(BaseModel):
    """Frozen plain values; an unknown setting is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TransformEntry(Entry):
    """What every transform may say: why it is there."""

    why: Text | None = None

"""A policy says what must have been measured, and how well, before data may reach a tier.

It is data: a versioned YAML file in which every threshold names its source and its date. Nothing
in the code knows a legal number.
"""

from __future__ import annotations

import re
import string
from datetime import date
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from anping.core.columns import Role
from anping.core.digest import sha256
from anping.core.errors import PolicyError
from anping.core.labels import Tier
from anping.core.text import Text
from anping.govern.policy_source import Source, malformed, read_source

Operator = Literal["<=", ">=", "=="]


def _ratio(value: Any) -> Any:
    """Read ``1/11`` as the number it writes: 0.0909 would be a different threshold."""
    if isinstance(value, str) and re.fullmatch(r"\d+/[1-9]\d*", value):
        above, below = value.split("/")
        return int(above) / int(below)
    return value


#: A finite number, or a ratio of two whole numbers.
Number = Annotated[float, BeforeValidator(_ratio)]
Bound = Literal["value", "lower", "upper"]

#: Fields that a condition's text may fill in.
CONDITION_FIELDS = frozenset({"expires", "purposes", "recipient", "residency"})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Threshold(_Part):
    """One bound on one measure.

    ``subject`` empty means every measure of that name. ``bound`` says what is compared: the
    ``value``, or the ``lower`` or ``upper`` end of its interval. A missing measure does not hold,
    unless ``where_measured`` says that it exists only for some tables (one per text column, say).
    ``source`` cites where the number
    comes from; ``remedy`` tells a person what to do when it does not hold.
    """

    measure: str = Field(min_length=1)
    subject: str = ""
    op: Operator
    value: Number
    bound: Bound = "value"
    where_measured: bool = False
    source: Text
    date: date
    why: Text
    remedy: Text

    @property
    def key(self) -> str:
        """``name[subject]`` of the measure it bounds."""
        return f"{self.measure}[{self.subject}]" if self.subject else self.measure


class Required(_Part):
    """A measure that must have been taken, whatever its value."""

    measure: str = Field(min_length=1)
    subject: str = ""
    why: Text
    remedy: Text

    @property
    def key(self) -> str:
        """``name[subject]`` of the measure."""
        return f"{self.measure}[{self.subject}]" if self.subject else self.measure


class Forbidden(_Part):
    """What a release to the tier must not hold.

    ``untreated_roles`` may not stand in the clear; ``roles`` not at all. ``categories`` are data
    categories, with ``*`` at the end for a family (``pdpa:art6:*``). ``techniques`` are ISO/IEC
    20889 technique names that do not suffice (``pseudonymisation``).
    """

    untreated_roles: tuple[Role, ...] = ()
    roles: tuple[Role, ...] = ()
    categories: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()


class People(_Part):
    """Who must have decided what: the roles that may release, and whether it takes two people."""

    may_release: tuple[str, ...] = Field(min_length=1)
    second_person: bool = False
    columns_confirmed: bool = True
    recipient_named: bool = False


class TierRules(_Part):
    """Everything one tier asks for.

    ``purposes`` None means any purpose. ``redistribution`` is whether a licence for this tier may
    let recipients pass the data on.
    """

    title: Text
    profile: Text
    thresholds: tuple[Threshold, ...]
    requires: tuple[Required, ...] = ()
    purposes: tuple[str, ...] | None = None
    redistribution: bool = True
    forbidden: Forbidden = Forbidden()
    people: People
    expires_after_days: Annotated[int, Field(gt=0, le=36_525)] | None = None
    conditions: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _conditions_can_be_filled(self) -> Self:
        for condition in self.conditions:
            for text in (condition.zh, condition.en):
                fields = [part for part in string.Formatter().parse(text) if part[1] is not None]
                used = {name or "" for _, name, _, _ in fields}
                if not used <= CONDITION_FIELDS or any(part[2] or part[3] for part in fields):
                    raise ValueError(f"only {sorted(CONDITION_FIELDS)} can be filled in")
                if "expires" in used and self.expires_after_days is None:
                    raise ValueError("a condition names {expires} but expires_after_days is absent")
        return self


class Policy(_Part):
    """One version of one policy: who may release what to which tier."""

    policy: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: int = Field(ge=1)
    issued: date
    owner: Text
    title: Text
    standing: Text
    tiers: dict[Tier, TierRules]

    @property
    def name(self) -> str:
        """``anping-taiwan-1``."""
        return f"{self.id}-{self.version}"

    def rules(self, tier: Tier) -> TierRules:
        """Return the rules of a tier.

        Raises PolicyError ``policy.no-tier`` if the policy does not speak of it.
        """
        rules = self.tiers.get(tier)
        if rules is None:
            spoken = ", ".join(tier.value for tier in self.tiers)
            raise PolicyError(
                "policy.no-tier",
                Text(
                    f"政策 {self.name} 沒有層級「{tier.value}」的規則。",
                    f"Policy {self.name} has no rules for the tier “{tier.value}”.",
                ),
                hint=Text(f"可用的層級：{spoken}", f"It speaks of: {spoken}"),
            )
        return rules


def policy_digest(content: bytes) -> str:
    """Return the SHA-256 of a policy file's bytes, in hex: what a signature and a statement name."""
    return sha256(content)


def parse_policy(content: bytes, *, name: str = "policy.yaml") -> Policy:
    """Return the policy in a YAML file's bytes.

    Raises PolicyError ``policy.malformed`` with the file and line of what is wrong.
    """
    source = read_source(content, name=name)
    try:
        return Policy.model_validate(source.value)
    except ValidationError as error:
        raise _explained(source, error) from error


def policy_names() -> tuple[str, ...]:
    """Return the names of the policies that come with Anping."""
    folder = resources.files("anping.govern").joinpath("policies")
    return tuple(
        sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.is_file())
    )


def policy_bytes(policy: str | Path) -> bytes:
    """Return the bytes of a policy file, or of a shipped policy by its name.

    Raises PolicyError ``policy.unknown`` if there is neither such a file nor such a name.
    """
    name = str(policy)
    if name in policy_names():
        shipped = resources.files("anping.govern").joinpath("policies", f"{name}.yaml")
        return shipped.read_bytes()
    path = Path(policy)
    if path.is_file():
        return path.read_bytes()
    known = policy_names()
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    listed = "、".join(near or known), ", ".join(near or known)
    raise PolicyError(
        "policy.unknown",
        Text(f"沒有名為「{name}」的政策或政策檔。", f"There is no policy or file named “{name}”."),
        hint=Text(f"內建政策：{listed[0]}", f"Shipped policies: {listed[1]}"),
    )


def read_policy(policy: str | Path) -> Policy:
    """Return a policy from a YAML file, or a shipped policy by its name.

    Raises PolicyError: ``policy.unknown``, ``policy.malformed``.
    """
    return parse_policy(policy_bytes(policy), name=str(policy))


def _explained(source: Source, error: ValidationError) -> PolicyError:
    first: Any = error.errors(include_input=False, include_url=False)[0]
    path = [part for part in first["loc"] if not str(part).endswith("]")]
    place = ".".join(str(part) for part in path)
    return malformed(
        source.name,
        source.line(path),
        Text(f"「{place}」不合規定（{first['msg']}）", f"“{place}” is wrong ({first['msg']})"),
    )

"""Named risk profiles: the smallest class and the largest risk that precedent accepts, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from anping.core.errors import ParameterError
from anping.core.text import Text


@dataclass(frozen=True, slots=True)
class RiskProfile:
    """A class size ``k``, the prosecutor risk ``1 / k`` that it stands for, and who set it."""

    name: str
    k: int
    l: int  # noqa: E741 - the field's own letter
    max_risk: float
    title: Text
    source: str


# The sources, and how each was looked at: anping/govern/risk_profiles.yaml.
_EL_EMAM = "El Emam 2013, Guide to the De-Identification of PHI, cell size precedents:"
PROFILES: Mapping[str, RiskProfile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            RiskProfile(
                "internal",
                3,
                2,
                0.33,
                Text("內部使用：每群至少 3 人", "Internal use: at least 3 people in a class"),
                f"{_EL_EMAM} 3; PDPC Singapore 2022, Guide to Basic Anonymisation: 3 or 5",
            ),
            RiskProfile(
                "restricted",
                5,
                2,
                0.20,
                Text("限定對象：每群至少 5 人", "Restricted sharing: at least 5 people in a class"),
                f"{_EL_EMAM} 5; PDPC Singapore 2022, Guide to Basic Anonymisation: 3 or 5",
            ),
            RiskProfile(
                "public",
                11,
                2,
                0.09,
                Text("公開釋出：每群至少 11 人", "Public release: at least 11 people in a class"),
                f"{_EL_EMAM} 11; IPC Ontario 2025: 0.09",
            ),
            RiskProfile(
                "strict",
                20,
                3,
                0.05,
                Text("嚴格：每群至少 20 人", "Strict: at least 20 people in a class"),
                f"{_EL_EMAM} 20; El Emam et al. 2011: 0.04 to 0.05",
            ),
        )
    }
)


def risk_profile(name: str) -> RiskProfile:
    """Return a profile by name. Raises ParameterError, naming those there are."""
    if name not in PROFILES:
        listed = ", ".join(PROFILES)
        raise ParameterError(
            "protect.profile",
            Text(f"不認得風險設定檔「{name}」。", f"The risk profile “{name}” is unknown."),
            hint=Text(f"可用：{listed}", f"Use one of: {listed}"),
        )
    return PROFILES[name]

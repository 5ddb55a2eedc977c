"""Which version of a model answers, as a value that is changed step by step and signed each time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from anping.core.errors import ParameterError
from anping.core.text import Text

Change = Literal["promote", "try", "alone", "rollback", "pause", "resume"]
FORMAT = 1
_KIND = "anping-stages"
#: So many champions can be gone back to.
_KEPT = 50


@dataclass(frozen=True, slots=True)
class Stages:
    """The versions of a model on their stages; ``earlier`` champions come last first.

    ``share`` of the keys meets the challenger; 0 makes it a shadow. ``paused`` is why nothing is
    answered, or empty.
    """

    champion: int
    earlier: tuple[int, ...] = ()
    challenger: int | None = None
    share: float = 0.0
    paused: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            _KIND: FORMAT,
            "champion": self.champion,
            "earlier": list(self.earlier),
            "challenger": self.challenger,
            "share": self.share,
            "paused": self.paused,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Stages:
        """Read what :meth:`as_json` gives."""
        return cls(
            value["champion"],
            tuple(value["earlier"]),
            value["challenger"],
            value["share"],
            value["paused"],
        )

    def promoted(self, version: int) -> Stages:
        """Return the stages with another champion; what was one can be gone back to."""
        if version == self.champion:
            raise _wrong(
                "serving.champion-already",
                Text("這個版本已經是冠軍。", "This version is the champion already."),
            )
        left = None if self.challenger == version else self.challenger
        earlier = (self.champion, *self.earlier)[:_KEPT]
        share = self.share if left is not None else 0.0
        return replace(self, champion=version, earlier=earlier, challenger=left, share=share)

    def tried(self, version: int, share: float) -> Stages:
        """Return the stages with a challenger for a share of the keys."""
        if version == self.champion:
            raise _wrong(
                "serving.champion-already",
                Text("冠軍不能挑戰自己。", "The champion cannot challenge itself."),
            )
        return replace(self, challenger=version, share=share)

    def rolled_back(self) -> Stages:
        """Return the stages with the champion before this one, and nobody beside it."""
        if not self.earlier:
            raise _wrong(
                "serving.no-earlier",
                Text("沒有更早的冠軍可以退回。", "There is no earlier champion to go back to."),
            )
        before, *earlier = self.earlier
        return replace(self, champion=before, earlier=tuple(earlier), challenger=None, share=0.0)


def changed(
    before: Stages | None, do: Change, *, version: int | None, share: float, why: str
) -> Stages:
    """Return the stages after a change.

    Raises ParameterError for a change that needs a version and has none (``serving.no-version``),
    that needs stages before any version was promoted (``serving.no-champion``), or says nothing new.
    """
    if do in {"promote", "try"} and version is None:
        raise _wrong(
            "serving.no-version",
            Text(f"{do} 需要 --version。", f"{do} needs --version."),
        )
    if before is None:
        if do != "promote" or version is None:
            raise _wrong(
                "serving.no-champion",
                Text("還沒有冠軍。", "There is no champion yet."),
                Text("先執行 anping stage 模型 promote --version 1。",
                     "Run anping stage MODEL promote --version 1 first."),
            )  # fmt: skip
        return Stages(version)
    if version is not None and do == "promote":
        return before.promoted(version)
    if version is not None and do == "try":
        return before.tried(version, share)
    if do == "rollback":
        return before.rolled_back()
    if do == "alone":
        return replace(before, challenger=None, share=0.0)
    return replace(before, paused=why if do == "pause" else "")


def _wrong(code: str, what: Text, hint: Text | None = None) -> ParameterError:
    hint = hint or Text(
        "anping show 模型.stages 顯示目前的階段。", "anping show MODEL.stages shows how it stands."
    )
    return ParameterError(code, what, hint=hint)

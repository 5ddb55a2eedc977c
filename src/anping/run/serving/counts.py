"""What a server counts, as Prometheus reads it (text format 0.0.4). No label holds anything of a person."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Ends of the classes of response times, in seconds.
_BOUNDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass(eq=False)
class Counts:
    """Counters of one server since it started; only its event loop changes them."""

    replies: Counter[int] = field(default_factory=Counter)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    shadows: Counter[tuple[str, str]] = field(default_factory=Counter)
    times: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))
    seconds: float = 0.0
    switches: int = 0
    unseen: int = 0
    unsealed: int = 0

    def replied(self, status: int, seconds: float) -> None:
        """Count a reply and the time that it took."""
        self.replies[status] += 1
        self.seconds += seconds
        self.times[bisect_left(_BOUNDS, seconds)] += 1

    def text(self) -> str:
        """Return everything in Prometheus's text format."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield from _head("anping_replies_total", "counter", "Replies by HTTP status.")
        for status, count in sorted(self.replies.items()):
            yield f'anping_replies_total{{status="{status}"}} {count}'
        yield from _head("anping_answers_total", "counter", "Rows answered, by model and route.")
        for (model, route), count in sorted(self.answers.items()):
            named = f'model="{_escaped(model)}",route="{_escaped(route)}"'
            yield f"anping_answers_total{{{named}}} {count}"
        yield from _head("anping_shadow_total", "counter", "Rows answered beside, by outcome.")
        for (model, outcome), count in sorted(self.shadows.items()):
            named = f'model="{_escaped(model)}",outcome="{_escaped(outcome)}"'
            yield f"anping_shadow_total{{{named}}} {count}"
        yield from _head("anping_reply_seconds", "histogram", "Time from request to reply.")
        below = 0
        for bound, count in zip((*map(str, _BOUNDS), "+Inf"), self.times, strict=True):
            below += count
            yield f'anping_reply_seconds_bucket{{le="{bound}"}} {below}'
        yield f"anping_reply_seconds_sum {self.seconds:.6f}"
        yield f"anping_reply_seconds_count {below}"
        yield from _head("anping_switches_total", "counter", "Changes of what is served.")
        yield f"anping_switches_total {self.switches}"
        yield from _head("anping_unseen_total", "counter", "Looks at the stages that failed.")
        yield f"anping_unseen_total {self.unseen}"
        yield from _head("anping_unsealed_segments", "gauge", "Ended segments not sealed yet.")
        yield f"anping_unsealed_segments {self.unsealed}"


def _head(name: str, kind: str, what: str) -> tuple[str, str]:
    return f"# HELP {name} {what}", f"# TYPE {name} {kind}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

"""One service: from a request's bytes to a reply, with the record of the decision written in between."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anping.core.text import Text
from anping.engine.prediction import Prediction
from anping.run.serving.body import read_json
from anping.run.serving.counts import Counts
from anping.run.serving.decision import Recorder, Said
from anping.run.serving.deployment import Chosen, Deployment, Reason, Row, Served, chosen
from anping.run.serving.instances import Asked, check, read_asked
from anping.run.serving.limits import Limits
from anping.run.serving.problems import RequestError, no_version, not_recorded, paused
from anping.run.serving.spool import Spool

#: So many versions beside the champion and the challenger stay open.
_OPEN = 4


@dataclass(frozen=True, slots=True)
class _Shadowed:
    """A request that a second model answers when there is time."""

    served: Served
    rows: tuple[Row, ...]
    ids: tuple[str, ...]
    said: tuple[Said, ...]


@dataclass(eq=False)
class Service:
    """Answers for one deployment at a time. All but ``deploy`` belongs to one event loop.

    ``opened`` gives a version of the model by its number, or None; ``key`` chooses who meets the
    challenger.
    """

    deployment: Deployment
    spool: Spool
    recorder: Recorder
    opened: Callable[[int], Served | None]
    limits: Limits = field(default_factory=Limits)
    counts: Counts = field(default_factory=Counts)
    _shadows: deque[_Shadowed] = field(default_factory=deque)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def deploy(self, deployment: Deployment) -> None:
        """Serve another deployment from the next request on; those under way keep theirs."""
        kept = dict(self.deployment.others)
        self.deployment = replace(deployment, others=kept)
        self.counts.switches += 1

    async def predict(self, name: str, version: int | None, content: bytes) -> dict[str, Any]:
        """Return the reply to a request. Raises RequestError; then no decision was made."""
        deployment = self.deployment
        if name != deployment.name:
            raise no_version()
        if deployment.paused:
            raise paused(deployment.paused)
        asked = read_asked(read_json(content), self.limits)
        met = await self._chosen(deployment, version, asked, content)
        served = met.served
        unlike = check(asked.rows, served.signature, self.limits)
        _check_wishes(asked, served)
        prediction = await self._answered(served, asked)
        said = tuple(Said.of(prediction, at, served.signature) for at in range(len(asked.rows)))
        reasons = await self._reasons(served, asked)
        alternatives = await self._alternatives(served, asked)
        records = [
            self.recorder.decision(met, row, one, reasons=why, key=asked.key)
            for row, one, why in zip(asked.rows, said, reasons, strict=True)
        ]
        try:
            ids = await self.spool.append(records)
        except OSError as problem:
            raise not_recorded() from problem
        self.counts.answers[served.reference, met.route] += len(ids)
        self._shadow(met, asked, ids, said)
        answers = [
            {"decision": identity, **one.body, **_beside(new, why, instead)}
            for identity, one, new, why, instead in zip(
                ids, said, unlike, reasons, alternatives, strict=True
            )
        ]
        return {"model": served.named(), "predictions": answers}

    async def _chosen(
        self, deployment: Deployment, version: int | None, asked: Asked, content: bytes
    ) -> Chosen:
        if version is None:
            of = content if asked.key is None else asked.key.encode()
            return chosen(deployment, self.recorder.key, of)
        served = deployment.version(version)
        if served is None:
            served = await asyncio.to_thread(self.opened, version)
            if served is None:
                raise no_version()
            others = [*self.deployment.others.items(), (version, served)][-_OPEN:]
            self.deployment = replace(self.deployment, others=dict(others))
        return Chosen(served, "version")

    async def _answered(self, served: Served, asked: Asked) -> Prediction:
        if len(asked.rows) <= self.limits.inline_rows:
            return served.answer(asked.rows, coverage=asked.coverage)
        return await asyncio.to_thread(served.answer, asked.rows, coverage=asked.coverage)

    async def _reasons(self, served: Served, asked: Asked) -> Sequence[Sequence[Reason]]:
        if not asked.reasons or served.reasons is None:
            return [()] * len(asked.rows)
        # They take some times as long as an answer: others are not to wait for them.
        return await asyncio.to_thread(served.reasons, asked.rows)

    async def _alternatives(
        self, served: Served, asked: Asked
    ) -> Sequence[list[dict[str, Any]] | None]:
        if not asked.alternatives or served.alternatives is None:
            return [None] * len(asked.rows)
        found = await asyncio.to_thread(lambda: list(map(served.alternatives, asked.rows)))  # type: ignore[arg-type]
        return [
            [{"changes": dict(one.changes), "words": one.words.as_json()} for one in each]
            for each in found
        ]

    def _shadow(
        self, met: Chosen, asked: Asked, ids: tuple[str, ...], said: tuple[Said, ...]
    ) -> None:
        """Have the other model answer, too, when there is time; not where too many wait."""
        if met.shadow is None:
            return
        if len(self._shadows) >= self.limits.shadows:
            self.counts.shadows[met.shadow.reference, "left out"] += len(ids)
            return
        self._shadows.append(_Shadowed(met.shadow, asked.rows, ids, said))
        self._more.set()

    async def shadowing(self) -> None:
        """Answer what waits for a second model, one request after the other, until cancelled."""
        while True:
            await self._more.wait()
            self._more.clear()
            await self.shadow_all()

    async def shadow_all(self) -> None:
        """Answer all that waits for a second model."""
        while self._shadows:
            one = self._shadows.popleft()
            try:
                await self._shadow_one(one)
            except Exception:  # noqa: BLE001 - a shadow that fails must not touch what is served
                self.counts.shadows[one.served.reference, "failed"] += len(one.ids)
            # Requests come first.
            await asyncio.sleep(0)

    async def _shadow_one(self, one: _Shadowed) -> None:
        check(one.rows, one.served.signature, self.limits)
        prediction = await self._answered(one.served, Asked(one.rows))
        said = [Said.of(prediction, at, one.served.signature) for at in range(len(one.rows))]
        await self.spool.append(
            [
                self.recorder.shadow(of, one.served, each)
                for of, each in zip(one.ids, said, strict=True)
            ]
        )
        for mine, theirs in zip(one.said, said, strict=True):
            same = mine.body.get("class") == theirs.body.get("class")
            outcome = "same class" if same else "other class"
            self.counts.shadows[one.served.reference, outcome] += 1


def _beside(
    unlike: Sequence[str], reasons: Sequence[Reason], alternatives: list[dict[str, Any]] | None
) -> dict[str, Any]:
    """Return what is told beside an answer."""
    found: dict[str, Any] = {}
    if unlike:
        found["unlike"] = list(unlike)
    if reasons:
        found["reasons"] = [
            {"column": one.column, "effect": one.effect, "words": one.words.as_json()}
            for one in reasons
        ]
    if alternatives is not None:
        found["alternatives"] = alternatives
    return found


def _check_wishes(asked: Asked, served: Served) -> None:
    """Raise RequestError for what this model cannot give beside its answer."""
    if asked.coverage is not None and asked.coverage not in served.levels:
        known: Mapping[str, Any] = {"levels": ", ".join(f"{one:g}" for one in served.levels) or "-"}
        raise RequestError(
            "serving.coverage",
            Text("這個模型沒有這個涵蓋率。", "The model has no intervals with this coverage."),
            status=400,
            hint=Text("可用的有：{levels}", "It has: {levels}").fill(**known),
        )
    for wanted, given, name in (
        (asked.reasons, served.reasons, "reasons"),
        (asked.alternatives, served.alternatives, "alternatives"),
    ):
        if wanted and given is None:
            raise RequestError(
                "serving.no-explanation",
                Text(f"這個模型沒有 {name}。", f"This model has no {name}."),
                status=400,
                hint=Text("去掉這一項再試。", "Try again without it."),
            )

"""The timestamp on a dossier's checkpoint: what an authority outside says about when it existed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from anping.core.clock import rfc3339
from anping.core.errors import EvidenceError, MissingExtraError
from anping.evidence.dossier import TIMESTAMP
from anping.evidence.statement import StepRecord
from anping.evidence.timestamp import Timestamp, check_timestamp, read_timestamp
from anping.evidence.verify.reading import Evidence
from anping.evidence.verify.report import Finding, failed, from_error, passed, told, warned


def check_stamp(
    evidence: Evidence, release: StepRecord | None, roots: bytes | None
) -> Iterator[Finding]:
    """Check the timestamp; with ``roots`` (PEM) there must be one, and it must verify under them.

    Raises InputError for ``roots`` without a certificate, MissingExtraError where they are given
    and the extra ``timestamp`` is not installed.
    """
    checkpoint = evidence.checkpoint
    if checkpoint is None:
        return
    if evidence.timestamp is None:
        if roots is not None:
            yield failed(
                "timestamp.none",
                "卷宗沒有時戳，無法以您的根憑證核對。",
                "The dossier bears no timestamp to be checked with your roots.",
                where=TIMESTAMP,
            )
        return
    try:
        if roots is None:
            stamp = read_timestamp(evidence.timestamp, checkpoint.checkpoint)
            yield _unchecked(stamp)
        else:
            stamp = check_timestamp(evidence.timestamp, checkpoint.checkpoint, roots=roots)
            yield _checked(stamp)
    except EvidenceError as error:
        yield from_error(error, where=TIMESTAMP)
        return
    except MissingExtraError as error:
        if roots is not None:
            raise
        yield told("timestamp.not-read", error.to("zh"), error.to("en"), where=TIMESTAMP)
        return
    yield from _order(stamp, release)


def _checked(stamp: Timestamp) -> Finding:
    when = rfc3339(stamp.moment)
    return passed(
        "timestamp.checked",
        f"您信任的時戳機構（{stamp.authority}）證明檢查點最晚在 {when} 已存在。",
        f"A time-stamping authority that you trust ({stamp.authority}) shows that the checkpoint "
        f"existed by {when}.",
        where=TIMESTAMP,
    )


def _unchecked(stamp: Timestamp) -> Finding:
    when = rfc3339(stamp.moment)
    return told(
        "timestamp.not-checked",
        f"時戳自稱由 {stamp.authority} 於 {when} 簽署，未經核對；請用 --timestamp-roots 給根憑證。",
        f"A timestamp says it is of {stamp.authority} at {when}; it was not checked: give its root "
        "certificates with --timestamp-roots.",
        where=TIMESTAMP,
    )


def _order(stamp: Timestamp, release: StepRecord | None) -> Iterator[Finding]:
    """Tell when the release claims a later time than the timestamp that covers it."""
    if release is None:
        return
    claimed = datetime.fromisoformat(release.finished_on)
    if claimed > stamp.moment:
        yield warned(
            "timestamp.before-release",
            f"釋出自稱完成於 {release.finished_on}，卻已在 {rfc3339(stamp.moment)} 蓋上時戳："
            "擁有者的時鐘不準。",
            f"The release says it was finished at {release.finished_on}, yet it was time-stamped at "
            f"{rfc3339(stamp.moment)}: the owner's clock is wrong.",
            where=TIMESTAMP,
        )

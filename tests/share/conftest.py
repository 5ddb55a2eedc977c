"""One realistic release, as the steps would describe it, for every test of the share room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anping.core.asset import Field
from anping.core.columns import Role
from anping.core.labels import Tier
from anping.core.measure import Interval, Measure, Replay
from anping.core.text import Text
from anping.core.verdict import Reason, Verdict
from anping.share.assessment import Assessment, ProfileAnswer
from anping.share.card import Card, ChainStep
from anping.share.charts.chart import Chart, ReferenceLine
from anping.share.charts.figures import release_figures
from anping.share.licence import read_licence
from anping.share.openlineage import ColumnLineage, Dataset, InputColumn, StepRun
from anping.share.package import ReleaseContent
from anping.share.release import Column, PolicyReference, Release

RELEASED = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>"
_OUTSIDE, _OWNER = Replay("risk.classes"), Replay("utility.model", ("raw",))


def _risk() -> list[Measure]:
    found = []
    for subject, values in (("before", (1.0, 0.62, 0.55)), ("after", (0.1667, 0.071, 0.0))):
        for (name, zh, en), value in zip(
            (
                ("risk.prosecutor.max", "檢察官風險（最大）", "Prosecutor risk (maximum)"),
                ("risk.marketer", "行銷者風險（平均）", "Marketer risk (average)"),
                ("risk.sample_uniqueness", "獨一無二的人", "Unique people in the table"),
            ),
            values,
            strict=True,
        ):
            replay = _OUTSIDE if subject == "after" else _OWNER
            found.append(
                Measure(
                    name,
                    value,
                    "probability",
                    9_640,
                    Text(zh, en),
                    subject=subject,
                    method="1 / smallest equivalence class",
                    replay=replay,
                )
            )
    title = Text("最小的等價類大小", "Smallest equivalence class size")
    found.append(
        Measure("risk.class_size.min", 6, "people", 412, title, subject="after", replay=_OUTSIDE)
    )
    for name, value, low, high, zh, en in (
        (
            "success",
            0.073,
            0.062,
            0.085,
            "連結攻擊成功的目標",
            "Targets linked to their own record",
        ),
        ("control", 0.004, 0.002, 0.008, "對照組", "Control: linked with exchanged values"),
        ("excess", 0.069, 0.057, 0.081, "超出對照組的成功率", "Linkage success above the control"),
    ):
        found.append(
            Measure(
                f"risk.linkage.{name}",
                value,
                "share",
                2_000,
                Text(zh, en),
                interval=Interval(low, high, 0.95, "wilson"),
                method="most specific compatible record, at random",
                seed=7,
                replay=_OWNER,
            )
        )
    return found


def _utility() -> list[Measure]:
    title = Text("模型鑑別力（AUC）", "Model discrimination (AUC)")
    found = [
        Measure(
            "utility.auc",
            value,
            "auc",
            2_892,
            title,
            subject=subject,
            interval=Interval(value - 0.016, value + 0.016, 0.95, "delong"),
            method="LightGBM, 70/30 split by person",
            seed=7,
            replay=_OWNER,
        )
        for subject, value in (("raw", 0.803), ("protected", 0.781))
    ]
    loss = Text("平均遮住的值域", "Mean share of the domain hidden")
    proven = Text("全域概化已證明為最佳", "Full-domain solution proven optimal")
    found.append(Measure("deid.optimal", 1.0, "boolean", 214, proven))
    for column, value in (("出生日期", 0.42), ("通訊地址", 0.61), ("職業", 0.28), ("性別", 0.0)):
        found.append(Measure("deid.column_loss", value, "share", 9_612, loss, subject=column))
    complete = Text("完整性", "Completeness")
    for column, value in (("姓名", 1.0), ("職業", 0.934), ("年收入", 0.971), ("客服備註", 0.612)):
        found.append(Measure("quality.completeness", value, "share", 10_000, complete, column))
    recall = Text("偵測召回率", "Detection recall")
    for kind, value, n in (("PERSON_NAME", 0.941, 5_120), ("TW_NATIONAL_ID", 1.0, 10_000)):
        found.append(
            Measure(
                "detection.recall",
                value,
                "share",
                n,
                recall,
                subject=kind,
                interval=Interval(value - 0.01, min(1.0, value + 0.01), 0.95, "wilson"),
            )
        )
    return found


def _columns() -> tuple[Column, ...]:
    return (
        Column(
            "身分證字號",
            "string",
            Role.DIRECT_IDENTIFIER,
            "TW_NATIONAL_ID",
            technique="pseudonymization",
            what=Text("換成金鑰假名，同一人同一假名", "keyed pseudonym, the same for one person"),
            masking=True,
            sources=("身分證字號",),
        ),
        Column("性別", "string", Role.QUASI_IDENTIFIER, "GENDER", sources=("性別",), missing=0),
        Column(
            "出生日期",
            "string",
            Role.QUASI_IDENTIFIER,
            "DATE_OF_BIRTH",
            technique="generalization",
            what=Text("概化為五年一組", "generalised to five-year groups"),
            masking=True,
            examples=("1980–1984", "1985–1989"),
            sources=("出生日期",),
            missing=0,
        ),
        Column(
            "通訊地址",
            "string",
            Role.QUASI_IDENTIFIER,
            "ADDRESS_FULL",
            technique="generalization",
            what=Text("只留縣市", "only the county is kept"),
            masking=True,
            examples=("臺南市", "高雄市"),
            sources=("通訊地址",),
        ),
        Column(
            "年收入",
            "int64",
            Role.SENSITIVE,
            "INCOME",
            technique="top and bottom coding",
            what=Text("超過三百萬者記為三百萬", "capped at 3,000,000"),
            masking=True,
            sources=("年收入",),
            missing=2,
        ),
        Column("違約", "int64", Role.SENSITIVE, "CREDIT_DEFAULT", sources=("違約",)),
    )


def _verdict() -> Verdict:
    return Verdict(
        "govern.release",
        "allow-with-conditions",
        (
            Reason(
                "release.threshold:risk.prosecutor.max[after]:value",
                holds=True,
                why=Text("最高風險 0.167，門檻 ≤ 0.2。", "Highest risk 0.167, threshold ≤ 0.2."),
            ),
            Reason(
                "release.confirmed",
                holds=True,
                why=Text("每個欄位都經人確認。", "A person confirmed every column."),
            ),
        ),
        (
            Text("不得嘗試識別任何人。", "Nobody may try to identify a person."),
            Text("使用權於 2027-11-21 到期。", "Use ends on 2027-11-21."),
        ),
    )


@pytest.fixture
def release() -> Release:
    return make_release()


def make_release(title_en: str = "Bank customers, protected") -> Release:
    return Release(
        name="customers",
        version=1,
        title=Text("銀行客戶（保護後）", title_en),
        description=Text(
            "一萬筆擬真銀行客戶與信用資料，供模型訓練與研究。",
            "Ten thousand realistic bank customers with credit data, for training and research.",
        ),
        released=RELEASED,
        owner=Text("安平示範銀行", "Anping Demonstration Bank"),
        tier=Tier.CONTROLLED,
        rows=9_612,
        columns=_columns(),
        licence=read_licence("controlled-research"),
        policy=PolicyReference("anping-taiwan-1", 1, "9f" * 32, Text("治理負責人", "Governance")),
        verdict=_verdict(),
        measures=tuple(_risk() + _utility()),
        purposes=("TRAIN", "DUO:0000042"),
        dropped=("姓名", "手機", "客服備註"),
        limits=(
            Text(
                "簽章證明誰說的，不證明說的是真的；請用重算來檢查。",
                "Signatures prove who said it, not that it is true: recompute it.",
            ),
            Text(
                "握有其他背景知識的人，風險可能高於此處所量。",
                "Someone with other background knowledge may do better than measured here.",
            ),
        ),
        tool="0.1.0",
    )


def make_assessment() -> Assessment:
    bounds = (
        Reason("one", holds=True, why=Text("成立。", "It holds.")),
        Reason("two", holds=False, why=Text("不成立。", "It does not hold.")),
    )
    profile = ProfileAnswer(
        title=Text("受限", "Restricted"),
        use=Text("簽約的接收者。", "Recipients under an agreement."),
        maximum=0.2,
        average=1 / 6,
        reasons=bounds,
        sources=(Text("來源", "A source"),),
    )
    return Assessment(Text("只給指名的接收者。", "Given to named recipients only."), (profile,))


def make_charts(release: Release) -> tuple[Chart, ...]:
    lows = ((1, 1), (2, 2), (3, 4), (5, 9), (10, 19), (20, 49), (50, None))
    before = (5300, 1800, 1100, 700, 400, 340, 0)
    after = (0, 0, 0, 900, 2600, 4100, None)

    def bands(people: tuple[int | None, ...]) -> list[dict[str, int | None]]:
        return [
            {"low": low, "high": high, "people": count}
            for (low, high), count in zip(lows, people, strict=True)
        ]

    return release_figures(
        release.measures,
        limits=(ReferenceLine(0.2, Text("受控取用門檻 20%", "controlled tier limit 20 %")),),
        before=bands(before),
        after=bands(after),
    )


def make_chain() -> tuple[ChainStep, ...]:
    steps = (
        ("know.add", "加入資料", "Add the data"),
        ("know.scan", "掃描", "Scan"),
        ("know.confirm", "確認欄位", "Confirm the columns"),
        ("protect.deid", "保護", "Protect"),
        ("judge.risk", "量測風險", "Measure the risk"),
        ("share.release", "釋出", "Release"),
    )
    return tuple(
        ChainStep(
            index=index,
            step=step,
            title=Text(zh, en),
            finished=f"2026-11-21T09:0{index}:00Z",
            agent="steward",
            digest=f"{index + 1:02x}" * 32,
            outcome="",
        )
        for index, (step, zh, en) in enumerate(steps)
    )


@pytest.fixture
def card(release: Release) -> Card:
    return make_card(release)


def make_card(release: Release) -> Card:
    return Card(release=release, charts=make_charts(release), chain=make_chain())


@pytest.fixture
def runs(release: Release) -> tuple[StepRun, ...]:
    return make_runs(release)


def make_runs(release: Release) -> tuple[StepRun, ...]:
    raw = tuple(Field(name, "string") for name in (*release.dropped, "身分證字號", "出生日期"))
    given = tuple(Field(column.name, column.type) for column in release.columns)
    lineage = tuple(
        ColumnLineage(
            column.name,
            tuple(InputColumn("customers@1", source) for source in column.sources),
            technique=column.technique,
            what=column.what,
            masking=column.masking,
        )
        for column in release.columns
    )
    return (
        StepRun(
            "protect.deid",
            Text("保護", "Protect"),
            "04" * 32,
            "2026-11-21T09:02:00Z",
            "2026-11-21T09:03:00Z",
            inputs=(Dataset("customers@1", raw),),
            outputs=(Dataset("customers.protected@1", given, lineage),),
        ),
        StepRun(
            "share.release",
            Text("釋出", "Release"),
            "06" * 32,
            "2026-11-21T09:04:00Z",
            "2026-11-21T09:05:00Z",
            inputs=(Dataset("customers.protected@1", given),),
            outputs=(Dataset("customers.release@1"),),
            decision=release.verdict,
        ),
    )


def write_table(path: Path, release: Release, rows: int = 7) -> Path:
    table = pa.table(
        {
            "身分證字號": [f"p{n:04d}" for n in range(rows)],
            "性別": ["女", "男", "女", "男", "女", "男", "女"][:rows],
            "出生日期": ["1980–1984"] * rows,
            "通訊地址": ["臺南市"] * rows,
            "年收入": pa.array([600_000, None, 750_000, 3_000_000, None, 1, 2][:rows]),
            "違約": [0, 1, 0, 0, 1, 0, 1][:rows],
        }
    )
    assert tuple(table.column_names) == tuple(column.name for column in release.columns)
    pq.write_table(table, path)
    return path


@pytest.fixture
def content(release: Release, tmp_path: Path) -> ReleaseContent:
    return make_content(release, tmp_path)


def make_content(release: Release, folder: Path) -> ReleaseContent:
    return ReleaseContent(
        card=make_card(replace(release, rows=7)),
        table=write_table(folder / "protected.parquet", release),
        runs=make_runs(release),
        plan=b"plan: 1\n",
        policy=b"policy: 1\n",
        policy_signature=b'{"payload":""}\n',
        coverage={"性別": {"女": {"女": 1.0}}},
        scan={"findings": []},
        assessment=make_assessment(),
    )

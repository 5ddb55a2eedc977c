"""The record of a test as ISO/IEC 17025 asks for it, and the page that begins with it."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import numpy as np

from anping.core.clock import rfc3339
from anping.core.text import Text
from anping.evidence.keys import read_keys
from anping.evidence.resource import asset_resource
from anping.workspace.recording import DIGEST_KEY
from anping.workspace.step import Context, Inputs
from anping.workspace.version import VERSION

if TYPE_CHECKING:
    from anping.judge.judgement import Judgement

_TITLE = Text("模型檢驗報告", "Test report on a model")
_HEADLINES = (
    "judge.auc", "judge.macro_auc", "judge.rmse", "judge.mae", "judge.r2", "judge.log_loss",
    "judge.accuracy", "judge.calibration.error", "judge.coverage",
)  # fmt: skip
_METHODS = Text(
    "每個數字旁註明方法；比率為 Wilson 區間，AUC 為 DeLong 區間，其餘為拔靴百分位區間（{draws} 次）。",
    "Beside each number; shares have Wilson's interval, the AUC DeLong's, all else the bootstrap's "
    "percentile interval ({draws} resamples).",
)
_UNCERTAINTY = Text(
    "95% 區間；組間差異同時涵蓋所有兩組。不含目標本身記錄錯誤的不確定度。",
    "95 % intervals; differences between groups cover all pairs at once. That the target itself was "
    "recorded wrongly is not part of it.",
)
_SIGNED = Text(
    "這份報告的摘要寫在步驟 judge.model 的敘述裡，由此工作區的金鑰簽署：",
    "The digest of this report stands in the statement of the step judge.model, signed by this "
    "workspace's key: ",
)


def record_of(context: Context, inputs: Inputs, found: Judgement, *, rows: str) -> dict[str, Any]:
    """Return what was tested, when, by whom and with what, in plain values.

    ``rows`` is the keyed digest of the rows examined. Items are named by the digests that the
    statement names them by.
    """
    key = context.keys.secret(DIGEST_KEY)
    items = {}
    for port in ("model", "learning", "table"):
        asset = inputs[port].asset
        digest = asset_resource(asset, port=port, digest_key=key).digest
        items[port] = {"name": asset.reference, "digest": str(digest)}
    signers = read_keys(context.keys.public()).of("producer")
    return {
        "items": {**items, "rows": {"n": int(found.used.size), "digest": f"hmac-sha256:{rows}"}},
        "date": rfc3339(context.clock()),
        "agent": context.agent,
        "seed": found.asked.seed,
        "draws": found.asked.draws,
        "environment": {
            "anping": VERSION,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "machine": platform.machine(),
        },
        "signatories": [signer.keyid for signer in signers],
    }


def page_of(found: Judgement, record: dict[str, Any]) -> str:
    """Return the report as a page, in both languages."""
    from anping.judge.model_page import Fact, Page, report_page
    from anping.share.methods import method_title

    page = Page(
        _TITLE,
        f"{record['items']['model']['name']} · {found.signature.target}",
        tuple(Fact(label, value) for label, value in _facts(found, record)),
        tuple(m for name in _HEADLINES for m in found.measures if m.key == name),
        deviations=found.deviations,
    )
    return report_page(page, found.sections, method=method_title)


def _facts(found: Judgement, record: dict[str, Any]) -> list[tuple[Text, Text]]:
    items, environment = record["items"], record["environment"]

    def item(name: str) -> Text:
        words = f"{items[name]['name']} · {items[name]['digest']}"
        return Text(words, words)

    def same(words: str) -> Text:
        return Text(words, words)

    n = items["rows"]["n"]
    keys = "；".join(record["signatories"])
    return [
        (Text("受檢項目：模型", "Item: model"), item("model")),
        (Text("學習報告", "Report of its learning"), item("learning")),
        (Text("資料表", "Table"), item("table")),
        (
            Text("檢驗的列", "Rows examined"),
            Text(
                f"{n:,} 列 · {items['rows']['digest']}", f"{n:,} rows · {items['rows']['digest']}"
            ),
        ),
        (Text("目標", "Target"), same(found.signature.target)),
        (Text("方法", "Methods"), _METHODS.fill(draws=f"{record['draws']:,}")),
        (Text("不確定度", "Uncertainty"), _UNCERTAINTY),
        (
            Text("決策規則", "Decision rule"),
            Text(
                "保護帶等於擴充不確定度（ISO/IEC 17025 7.8.6、ILAC-G8:09/2019）：通過、不通過或未定。",
                "Guard band of the expanded uncertainty (ISO/IEC 17025, 7.8.6; ILAC-G8:09/2019): pass, fail "
                "or undecided.",
            ),
        ),
        (
            Text("環境", "Environment"),
            same(", ".join(f"{name} {version}" for name, version in environment.items())),
        ),
        (Text("種子", "Seed"), same(str(record["seed"]))),
        (Text("日期", "Date"), same(record["date"])),
        (Text("執行者", "Performed by"), same(record["agent"])),
        (Text("簽署", "Signatory"), Text(_SIGNED.zh + keys, _SIGNED.en + keys)),
    ]

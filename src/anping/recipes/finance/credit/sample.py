"""The credit sample: applications, and the outcome of those that were approved."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from anping.core.text import Text
from anping.recipes.finance.credit.applicants import FIRST_DAY, Applicant, draw_applicant
from anping.recipes.finance.credit.columns import APPLICATIONS
from anping.recipes.finance.sample import income_missing
from anping.recipes.sample.cells import EMPTY, Cell, Sheet
from anping.recipes.sample.draw import chance, digits, streams
from anping.recipes.sample.entry import in_order
from anping.recipes.sample.files import (
    SampleContent,
    SampleFiles,
    TableFile,
    check_people,
    write_sample,
)
from anping.recipes.sample.mess import TIDY
from anping.recipes.sample.page import PageFacts, sample_page
from anping.recipes.sample.people import age_on, draw_people

_TITLE: Final = Text("信用評分範例資料", "Sample data: credit applications")
_STORY: Final = Text(
    "每列一件申請。「違約」只有核准者才有；被拒者的真相在 truth/outcomes.csv，供檢驗拒絕推論。"
    "違約的 log-odds ＝ 銀行範例的公式 − 0.15 + 0.28·min(查詢次數, 6) + 1.5·(額度使用率 − 0.4)（沒有信用卡者此項為 0）"
    " − 0.05·min(年資, 12) + 0.4·標準常態雜訊。性別沒有直接影響，但女性平均收入低 9%。"
    "2025 年 7 月起的行銷活動使查詢次數多 8 成，逐月穩定度看得出來。",
    "One application a row. 違約 (default) is known of approved applicants alone; what the refused would "
    "have done is in truth/outcomes.csv, to check reject inference. Log-odds of default = the formula of "
    "the bank sample − 0.15 + 0.28·min(enquiries, 6) + 1.5·(use of the limit − 0.4), 0 without a card, "
    "− 0.05·min(years with the employer, 12) + 0.4·standard normal noise. Sex has no effect of its own, "
    "but women earn 9% less on average. A campaign from July 2025 brings 1.8 times the enquiries, which "
    "stability by month shows.",
)


def write_credit(folder: Path, *, people: int = 6000, seed: int = 20260101) -> SampleFiles:
    """Write the credit sample into the new ``folder`` and return what was written.

    The same ``people`` and ``seed`` give the same bytes. Raises ParameterError when the folder exists
    or fewer than 20 people are asked for.
    """
    check_people(people)
    applicants = draw_applications(people, seed=seed)
    sheet = _sheet(applicants, streams(seed, 3)[2])
    tables = (TableFile("applications.csv", sheet),)
    page = sample_page(PageFacts(_TITLE, _STORY, people, seed, TIDY), tables)
    number = next(place for place, one in enumerate(sheet.columns) if one.name == "申請編號")
    lines = [
        f"{row[number].text},{int(one.default)}"
        for row, one in zip(sheet.rows, applicants, strict=True)
    ]
    outcomes = "\n".join(["申請編號,違約", *lines, ""])
    content = SampleContent(
        tables, page, people, seed, broken=False, beside={"truth/outcomes.csv": outcomes}
    )
    return write_sample(folder, content)


def draw_applications(people: int, *, seed: int = 20260101) -> tuple[Applicant, ...]:
    """Return the applicants of a sample with their true outcomes."""
    who, what, _ = streams(seed, 3)
    return tuple(
        draw_applicant(person, what) for person in draw_people(people, who, today=FIRST_DAY)
    )


def _sheet(applicants: tuple[Applicant, ...], rng: np.random.Generator) -> Sheet:
    rows = tuple(in_order(APPLICATIONS, _cells(one, rng)) for one in applicants)
    return Sheet(APPLICATIONS, rows, tuple(one.person.index for one in applicants))


def _cells(one: Applicant, rng: np.random.Generator) -> dict[str, Cell]:
    person, figures = one.person, one.finances
    lost = chance(income_missing(figures), rng)
    untold = chance(0.02, rng)
    return {
        "申請編號": Cell.whole(f"A{digits(10, rng)}", "RECORD_ID", person.index),
        "身分證字號": Cell.whole(person.identity, person.identity_type, person.index),
        "申請日期": Cell(one.applied.isoformat()),
        "性別": Cell("男" if person.sex == "M" else "女"),
        "年齡": Cell(str(age_on(person.born, one.applied))),
        "教育程度": EMPTY if untold else Cell(figures.education),
        "職業": Cell(figures.occupation),
        "年資": Cell(f"{one.years:.1f}"),
        "年收入": EMPTY if lost else Cell(str(figures.income)),
        "負債比": Cell(f"{figures.debt_ratio:.3f}"),
        "逾期次數": Cell(str(figures.late_payments)),
        "查詢次數": Cell(str(one.enquiries)),
        "額度使用率": Cell(f"{one.use:g}"),
        "申請金額": Cell(str(one.amount)),
        "核准": Cell("Y" if one.approved else "N"),
        "違約": Cell(str(int(one.default))) if one.approved else EMPTY,
    }

"""The bank sample: loan customers, their applications, and the truth about both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import exp
from pathlib import Path
from typing import Final

import numpy as np

from anping.core.text import Text
from anping.recipes.finance import consents
from anping.recipes.finance.columns import CUSTOMERS, LOANS
from anping.recipes.finance.money import Finances, draw_finances
from anping.recipes.finance.notes import ABOUT_NOBODY, ABOUT_PEOPLE
from anping.recipes.sample import identifiers
from anping.recipes.sample.cells import Cell, Sheet
from anping.recipes.sample.companies import Company, draw_companies
from anping.recipes.sample.draw import Weighted, chance, digits, pick, streams
from anping.recipes.sample.entry import Clerk, in_order
from anping.recipes.sample.files import (
    SampleContent,
    SampleFiles,
    TableFile,
    check_people,
    write_sample,
)
from anping.recipes.sample.mentions import Bystanders, Mentions, Subject, draw_subject
from anping.recipes.sample.mess import Mess, with_outlier
from anping.recipes.sample.notes import Piece, compose
from anping.recipes.sample.page import PageFacts, sample_page
from anping.recipes.sample.people import Person, age_on, draw_people

#: The day the files were extracted; ages are as of this day.
TODAY: Final = date(2025, 12, 31)

#: Share of notes that mention people.
NOTES_ABOUT_PEOPLE: Final = 0.62

_FIRST_DAY: Final = date(2023, 1, 1)
_DAYS: Final = (TODAY - _FIRST_DAY).days + 1
_PEOPLE_PER_COMPANY: Final = 6
_STAFF: Final = 40

#: Product: share, factor of income, base rate in per cent, months.
_PRODUCTS: Final = {
    "信用貸款": (55.0, 0.6, 5.2, (24, 36, 48, 60, 84)),
    "汽車貸款": (25.0, 0.9, 3.9, (36, 48, 60)),
    "房屋貸款": (20.0, 7.0, 2.2, (240, 300, 360)),
}
_PRODUCT: Final = Weighted.of([(name, facts[0]) for name, facts in _PRODUCTS.items()])

_TITLE: Final = Text("銀行貸款客戶範例資料", "Sample data: loan customers of a bank")
_STORY: Final = Text(
    "目標欄「違約」由羅吉斯模型抽出：log-odds = −2.45 + 0.7·min(逾期次數, 6) + 3.6·(負債比 − 0.35) "
    "− 0.9·ln(年收入／600,000) − 0.12·(年齡 − 45)／10 + 0.35·[自營業者] − 0.5·min(信用額度／年收入, 2) "
    "+ 0.4·標準常態雜訊。違約率約 15%；用真係數評分的 AUC 約 0.79（n = 20,000），再好的模型也只能到此。"
    "所得為對數常態，隨職業、教育、年齡、縣市、性別而異（女性平均低 9%，供公平性檢查用）。"
    "`consents.csv` 是同意登錄：約 8% 的客戶撤回用於訓練（或一切用途），其中四分之一後來又同意。",
    "The target 違約 (default) is drawn from a logistic model: log-odds = −2.45 + 0.7·min(late "
    "payments, 6) + 3.6·(debt ratio − 0.35) − 0.9·ln(income / 600,000) − 0.12·(age − 45)/10 "
    "+ 0.35·[self-employed] − 0.5·min(limit / income, 2) + 0.4·standard normal noise. About 15% "
    "default; the true coefficients score an AUC near 0.79 (n = 20,000), which no model can beat "
    "but by luck. Income is log-normal by occupation, education, age, county and sex (women earn "
    "9% less on average, for fairness checks). `consents.csv` is a register of consents: some 8% of the "
    "customers withdrew from training (or from every use), and a quarter of them agreed again later.",
)


@dataclass(frozen=True, slots=True)
class _Customer:
    """One record of a customer; ``again`` is True for the second record of the same person."""

    number: str
    subject: Subject
    finances: Finances
    company: Company
    account: str
    applied: date
    again: bool = False


def write_bank(
    folder: Path, *, people: int = 2000, seed: int = 20260101, mess: Mess | None = None
) -> SampleFiles:
    """Write the bank sample into the new ``folder`` and return what was written.

    The same ``people``, ``seed`` and ``mess`` give the same bytes. Raises ParameterError when the
    folder exists or fewer than 20 people are asked for.
    """
    check_people(people)
    wanted = Mess() if mess is None else mess
    facts, entry, told, lent, agreed = streams(seed, 5)
    records = _records(people, wanted, facts)
    customers = _customer_sheet(records, Clerk(entry, wanted), Bystanders(people, told, TODAY))
    loans = _loan_sheet(records, lent)
    tables = (
        TableFile("customers.csv", customers),
        TableFile("customers_big5.csv", customers, "cp950", "\r\n"),
        TableFile("loans.csv", loans, "utf-8-sig", "\r\n"),
    )
    text = sample_page(PageFacts(_TITLE, _STORY, people, seed, wanted), tables)
    numbers = [record.number for record in records]
    content = SampleContent(
        tables, text, people, seed, broken=wanted.broken_files > 0,
        beside={consents.NAME: consents.consents(numbers, agreed, today=TODAY)},
    )  # fmt: skip
    return write_sample(folder, content)


def draw_customers(people: int, *, seed: int = 20260101) -> tuple[tuple[Person, Finances], ...]:
    """Return the people of a sample with their true figures, before any mess."""
    records = _records(people, Mess(duplicated_people=0.0), streams(seed, 4)[0])
    return tuple((record.subject.person, record.finances) for record in records)


def _records(people: int, mess: Mess, rng: np.random.Generator) -> list[_Customer]:
    companies = draw_companies(max(2, people // _PEOPLE_PER_COMPANY), rng)
    persons = draw_people(people, rng, today=TODAY)
    records = [_record(person, companies, rng) for person in persons]
    twice = [replace(r, number=_number(rng), account=identifiers.bank_account(rng),
                     applied=_day(rng), again=True)
             for r in records if chance(mess.duplicated_people, rng)]  # fmt: skip
    everything = records + twice
    return [everything[int(place)] for place in rng.permutation(len(everything))]


def _record(person: Person, companies: tuple[Company, ...], rng: np.random.Generator) -> _Customer:
    return _Customer(
        _number(rng),
        draw_subject(person, rng),
        draw_finances(person, age_on(person.born, TODAY), rng),
        pick(companies, rng),
        identifiers.bank_account(rng),
        _day(rng),
    )


def _number(rng: np.random.Generator) -> str:
    return f"C{digits(10, rng)}"


def _day(rng: np.random.Generator) -> date:
    return _FIRST_DAY + timedelta(days=int(rng.integers(_DAYS)))


def _customer_sheet(records: list[_Customer], clerk: Clerk, bystanders: Bystanders) -> Sheet:
    staff = bystanders.staff(_STAFF)
    rows = []
    for record in records:
        cells = _identity_cells(record, clerk) | _figure_cells(record, clerk)
        cells["客服備註"] = _note(record, clerk, bystanders, staff)
        rows.append(in_order(CUSTOMERS, cells))
    return Sheet(CUSTOMERS, tuple(rows), tuple(r.subject.person.index for r in records))


def _identity_cells(record: _Customer, clerk: Clerk) -> dict[str, Cell]:
    subject, again = record.subject, record.again
    person = subject.person
    return {
        "客戶編號": Cell.whole(record.number, "RECORD_ID", person.index),
        "姓名": clerk.name(subject, again=again),
        "身分證字號": clerk.identity(subject),
        "出生日期": clerk.birthday(subject),
        "性別": Cell("男" if person.sex == "M" else "女"),
        "手機": clerk.mobile(subject, missing=0.03),
        "市話": clerk.landline(subject, missing=0.45),
        "電子郵件": clerk.email(subject, missing=0.12),
        "通訊地址": clerk.address(subject, again=again, missing=0.01),
        "郵遞區號": clerk.postal_code(subject),
        "帳號": Cell.whole(record.account, "BANK_ACCOUNT", person.index),
    }


def _figure_cells(record: _Customer, clerk: Clerk) -> dict[str, Cell]:
    figures, company = record.finances, record.company
    works = figures.occupation not in ("家管", "退休", "學生")
    income = Cell(str(with_outlier(figures.income, clerk.mess, clerk.rng)))
    return {
        "職業": clerk.word(figures.occupation, missing=0.02),
        "教育程度": clerk.word(figures.education, missing=0.03),
        "婚姻狀況": clerk.word(figures.marital),
        "年收入": clerk.lost(income, income_missing(figures)),
        "信用額度": Cell(str(figures.limit)),
        "負債比": clerk.lost(Cell(f"{figures.debt_ratio:.3f}"), 0.01),
        "逾期次數": Cell(str(figures.late_payments)),
        "公司統編": Cell.whole(company.number if works else "", "TW_BUSINESS_ID", None),
        "公司名稱": Cell.whole(company.name if works else "", "ORGANISATION", None),
        "申請日期": Cell(record.applied.isoformat()),
        "違約": Cell(str(int(figures.default))),
    }


def income_missing(figures: Finances) -> float:
    """Return how likely the income is missing: not at random.

    0.04, and 0.12 more for the self-employed, and 0.08 more above 1,200,000 NTD a year.
    """
    return 0.04 + 0.12 * (figures.occupation == "自營業者") + 0.08 * (figures.income > 1_200_000)


def _note(
    record: _Customer, clerk: Clerk, bystanders: Bystanders, staff: tuple[Person, ...]
) -> Cell:
    index, company, account = record.subject.person.index, record.company, record.account
    extra = {
        "company": lambda: Piece(company.name, "ORGANISATION"),
        "ubn": lambda: Piece(company.number, "TW_BUSINESS_ID"),
        "account": lambda: Piece(account, "BANK_ACCOUNT", index),
    }
    mentions = Mentions(record.subject, bystanders, staff, day=record.applied, extra=extra)
    rng = bystanders.rng
    templates = [pick(ABOUT_PEOPLE if chance(NOTES_ABOUT_PEOPLE, rng) else ABOUT_NOBODY, rng)]
    if chance(0.3, rng):
        templates.append(pick(ABOUT_PEOPLE if chance(0.4, rng) else ABOUT_NOBODY, rng))
    return clerk.note(*(compose(template, mentions) for template in templates))


def _loan_sheet(records: list[_Customer], rng: np.random.Generator) -> Sheet:
    rows, people = [], []
    for record in records:
        for number in range(1 + int(rng.poisson(0.5))):
            cells = _loan_cells(record, number, rng)
            rows.append(in_order(LOANS, cells))
            people.append(record.subject.person.index)
    return Sheet(LOANS, tuple(rows), tuple(people))


def _loan_cells(record: _Customer, number: int, rng: np.random.Generator) -> dict[str, Cell]:
    person, figures = record.subject.person, record.finances
    product = _PRODUCT.one(rng)
    _, factor, base, months = _PRODUCTS[product]
    amount = figures.income * factor * exp(0.35 * float(rng.standard_normal()))
    margin = 0.9 * figures.weakness + 0.3 * float(rng.standard_normal())
    applied = record.applied if number == 0 else _day(rng)
    approved = chance(1 / (1 + exp(1.3 * figures.weakness - 1.2)), rng)
    return {
        "申請編號": Cell.whole(f"L{digits(10, rng)}", "RECORD_ID", person.index),
        "客戶編號": Cell.whole(record.number, "RECORD_ID", person.index),
        "出生日期": Cell.whole(person.born.isoformat(), "DATE_OF_BIRTH", person.index),
        "產品": Cell(product),
        "申請金額": Cell(str(max(1, round(amount / 10_000)) * 10_000)),
        "期數": Cell(str(pick(months, rng))),
        "年利率": Cell(f"{min(15.0, max(1.8, base + margin)):.2f}"),
        "申請日期": Cell(applied.isoformat()),
        "撥款帳號": Cell.whole(record.account, "BANK_ACCOUNT", person.index),
        "核准": Cell("Y" if approved else "N"),
    }

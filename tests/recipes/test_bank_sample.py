"""The bank sample is reproducible, distributed as documented, and its target can be learnt."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from anping.core.errors import ParameterError
from anping.core.taiwan import locate
from anping.recipes.finance.money import (
    DEFAULT_COEFFICIENTS,
    EDUCATIONS,
    OCCUPATIONS,
    Finances,
    default_logit,
)
from anping.recipes.finance.notes import ABOUT_NOBODY, ABOUT_PEOPLE
from anping.recipes.finance.sample import draw_customers, write_bank
from anping.recipes.sample.files import SampleFiles
from anping.recipes.sample.mess import TIDY, Mess
from anping.recipes.sample.notes import slot_names
from anping.stats.auc import auc

Rows = list[dict[str, str]]
Reader = Callable[[Path, str], Rows]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def drawn() -> tuple[Finances, ...]:
    return tuple(finances for _, finances in draw_customers(20_000))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        write_bank(tmp_path / name, people=120, seed=seed)
    one, two, three = (contents(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert one.keys() == three.keys()
    assert not {name for name in one if one[name] == three[name]} & {"customers.csv", "loans.csv"}


def test_big5_holds_the_same_content(bank: SampleFiles, customers: Rows, read_rows: Reader) -> None:
    assert read_rows(bank.folder / "customers_big5.csv", "cp950") == customers
    assert b"\r\n" in (bank.folder / "customers_big5.csv").read_bytes()


def test_a_folder_is_never_written_over(bank: SampleFiles) -> None:
    before = contents(bank.folder)
    with pytest.raises(ParameterError) as caught:
        write_bank(bank.folder, people=50)
    assert caught.value.code == "recipes.folder-exists"
    assert contents(bank.folder) == before


def test_too_few_people_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        write_bank(tmp_path / "few", people=3)
    assert caught.value.code == "recipes.too-few-people"
    assert not (tmp_path / "few").exists()


def test_the_target_follows_the_documented_model(drawn: tuple[Finances, ...]) -> None:
    labels = np.array([finances.default for finances in drawn])
    scores = np.array([default_logit(finances) for finances in drawn])
    assert 0.13 < labels.mean() < 0.18
    assert 0.77 < auc(labels, scores) < 0.81
    shuffled = np.random.default_rng(3).permutation(labels)
    assert abs(auc(shuffled, scores) - 0.5) < 0.02


def test_the_target_can_be_scored_from_the_written_table(customers: Rows) -> None:
    c, labels, scores = DEFAULT_COEFFICIENTS, [], []
    for row in customers:
        if not (row["年收入"] and row["負債比"]):
            continue
        labels.append(row["違約"] == "1")
        income = float(row["年收入"])
        scores.append(
            c["late_payments"] * min(int(row["逾期次數"]), 6)
            + c["debt_ratio"] * float(row["負債比"])
            + c["log_income"] * np.log(income / 600_000)
        )
    assert auc(np.array(labels), np.array(scores)) > 0.72


def test_figures_are_plausible_and_correlated(drawn: tuple[Finances, ...]) -> None:
    income = np.array([f.income for f in drawn], dtype=float)
    assert 480_000 < np.median(income) < 620_000
    assert income.min() >= 120_000
    assert abs(np.median(income[[f.occupation == "主管" for f in drawn]]) / np.median(income)) > 1.4
    limit = np.array([f.limit for f in drawn], dtype=float)
    assert np.corrcoef(np.log(income), np.log(limit))[0, 1] > 0.6
    late = np.array([f.late_payments for f in drawn], dtype=float)
    debt = np.array([f.debt_ratio for f in drawn], dtype=float)
    assert np.corrcoef(late, debt)[0, 1] > 0.15
    assert 0.28 < debt.mean() < 0.36
    assert {f.occupation for f in drawn} == set(OCCUPATIONS)
    assert {f.education for f in drawn} == set(EDUCATIONS)
    retired = [f.age for f in drawn if f.occupation == "退休"]
    assert min(retired) >= 55


def test_income_is_missing_not_at_random(tmp_path: Path, read_rows: Reader) -> None:
    files = write_bank(tmp_path / "many", people=6000, seed=9)
    rates = defaultdict(list)
    for row in read_rows(files.main, "utf-8"):
        rates[row["職業"].strip() == "自營業者"].append(row["年收入"] == "")
    assert np.mean(rates[True]) > 2 * np.mean(rates[False]) > 0.05


def test_real_mess_is_there(customers: Rows) -> None:
    addresses = [row["通訊地址"] for row in customers]
    assert any("臺" in text for text in addresses)
    assert any("台" in text for text in addresses)
    assert any(re.search("[０-９]", text) for text in addresses)
    assert sum(locate(text) is not None for text in addresses if text) == sum(map(bool, addresses))
    phones = " ".join(row["手機"] for row in customers)
    assert all(re.search(form, phones) for form in (r"09\d{8}", r"09\d\d-\d{3}-\d{3}", r"\+886 9"))
    assert any("#" in row["市話"] for row in customers)
    assert 0.4 < np.mean([row["市話"] == "" for row in customers]) < 0.5
    birthdays = [row["出生日期"] for row in customers]
    assert any(text.startswith("民國") for text in birthdays)
    assert any(re.fullmatch(r"0\d\d/\d\d/\d\d", text) for text in birthdays)
    assert any(row["姓名"] != row["姓名"].strip() for row in customers)
    assert any("\n" in row["客服備註"] for row in customers)
    assert all(locate(row["郵遞區號"]) for row in customers)


def test_a_tidy_sample_has_no_mess(tmp_path: Path, read_rows: Reader) -> None:
    files = write_bank(tmp_path / "tidy", people=300, mess=TIDY)
    rows = read_rows(files.main, "utf-8")
    assert len(rows) == 300
    assert files.broken == ()
    assert not (files.folder / "broken").exists()
    for row in rows:
        assert re.fullmatch(r"民國\d{1,2}年\d{1,2}月\d{1,2}日|民國1\d\d年.*", row["出生日期"])
        assert re.fullmatch(r"09\d\d-\d{3}-\d{3}", row["手機"])
        assert row["年收入"]
        assert row["市話"]
        assert "台" not in row["通訊地址"]
        assert all(value == value.strip() for value in row.values())


def test_a_rate_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ParameterError) as caught:
        Mess(outliers=1.5)
    assert caught.value.code == "recipes.mess-rate"


def test_broken_files_are_broken_as_told(bank: SampleFiles, customers: Rows) -> None:
    carriage, ragged = (path.read_bytes() for path in bank.broken)
    assert b"\n" not in carriage
    assert carriage.count(b"\r") == 201
    rows = list(csv.reader(ragged.decode().splitlines()))
    width = len(customers[0])
    bad = [number for number, row in enumerate(rows) if len(row) != width]
    assert bad == [17, 42, 101, 150]


def test_notes_have_enough_templates_and_only_known_slots(customers: Rows) -> None:
    templates = (*ABOUT_PEOPLE, *ABOUT_NOBODY)
    assert len(set(templates)) == len(templates) >= 40
    personal = {"name", "id", "mobile", "relative", "address"}
    assert personal <= {slot for template in ABOUT_PEOPLE for slot in slot_names(template)}
    assert not personal & {slot for template in ABOUT_NOBODY for slot in slot_names(template)}
    assert not any(re.search(r"[{}]", row["客服備註"]) for row in customers)


def test_loans_belong_to_customers(bank: SampleFiles, customers: Rows, read_rows: Reader) -> None:
    loans = read_rows(bank.folder / "loans.csv", "utf-8-sig")
    assert {loan["客戶編號"] for loan in loans} == {row["客戶編號"] for row in customers}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", loan["出生日期"]) for loan in loans)
    assert len({loan["申請編號"] for loan in loans}) == len(loans)


def test_the_page_names_every_column_in_both_languages(bank: SampleFiles, customers: Rows) -> None:
    page = bank.readme.read_text("utf-8")
    assert all(page.count(f"| {name} |") >= 2 for name in customers[0])
    assert "違約" in page
    assert "default" in page

"""The hospital sample: patients, their admissions, and the truth about both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from anping.core.text import Text
from anping.recipes.health.clinic import Body, Stay, draw_body, draw_stay
from anping.recipes.health.columns import PATIENTS, VISITS
from anping.recipes.health.notes import ABOUT_NOBODY, ABOUT_PEOPLE, COMPLAINTS
from anping.recipes.sample import identifiers
from anping.recipes.sample.cells import Cell, Sheet
from anping.recipes.sample.contacts import MOBILE_FORMS, mobile, write_mobile
from anping.recipes.sample.draw import Weighted, chance, digits, pick, streams
from anping.recipes.sample.entry import Clerk, in_order
from anping.recipes.sample.files import (
    SampleContent,
    SampleFiles,
    TableFile,
    check_people,
    write_sample,
)
from anping.recipes.sample.mentions import RELATIONS, Bystanders, Mentions, Subject, draw_subject
from anping.recipes.sample.mess import Mess, with_outlier
from anping.recipes.sample.notes import Piece, compose
from anping.recipes.sample.page import PageFacts, sample_page
from anping.recipes.sample.people import Person, age_on, draw_people

#: The day the files were extracted; later admissions are not in them.
TODAY: Final = date(2025, 12, 31)

#: Weight of each five-year band from 20 to 94: inpatients are older than the population.
HOSPITAL_AGES: Final = Weighted.of(
    tuple(
        zip(
            range(20, 95, 5),
            (2.5, 3.5, 5.0, 5.0, 5.0, 5.5, 6.5, 8.0, 10.0, 11.5, 11.0, 9.5, 8.0, 6.0, 3.0),
            strict=True,
        )
    )
)

#: Share of notes that mention people.
NOTES_ABOUT_PEOPLE: Final = 0.6

_FIRST_DAY: Final = date(2023, 1, 1)
_FIRST_DAYS: Final = (date(2025, 10, 31) - _FIRST_DAY).days + 1
_COMES_AGAIN: Final = 0.3
_DOCTORS: Final = 40
_STAFF: Final = 60

_TITLE: Final = Text("醫院住院病人範例資料", "Sample data: inpatients of a hospital")
_STORY: Final = Text(
    "目標欄「30日再入院」由羅吉斯模型抽出：log-odds = −3.3 + 0.30·(年齡 − 65)／10 + 0.75·ln(1 + 住院天數／5) "
    "+ 0.45·min(過去住院次數, 4) + 0.012·min(max(空腹血糖 − 110, 0), 150) + 0.35·[目前吸菸] + 診斷別加成 "
    "+ 0.4·標準常態雜訊（診斷別加成見 clinic.DIAGNOSES，−1.0 至 1.1）。再入院率約 15%；用真係數評分的 "
    "AUC 約 0.78（n ≈ 23,000 次住院）。再入院者的下一次住院確實在出院後 2 至 30 天內，除非落在擷取日之後。",
    "The target 30日再入院 (readmission within 30 days) is drawn from a logistic model: log-odds = "
    "−3.3 + 0.30·(age − 65)/10 + 0.75·ln(1 + days/5) + 0.45·min(earlier admissions, 4) "
    "+ 0.012·min(max(glucose − 110, 0), 150) + 0.35·[smokes now] + the diagnosis's own term "
    "(clinic.DIAGNOSES, −1.0 to 1.1) + 0.4·standard normal noise. About 15% are readmitted; the "
    "true coefficients score an AUC near 0.78 (n about 23,000 admissions). A readmitted patient's "
    "next admission does follow 2 to 30 days after discharge, unless it lies after the extract.",
)


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient's records: two record numbers for a person entered twice."""

    subject: Subject
    body: Body
    numbers: tuple[str, ...]
    card: str
    relative: Person
    relation: str
    relative_mobile: str


@dataclass(frozen=True, slots=True)
class Admission:
    """One admission; ``again`` is True when it is filed under the patient's second number."""

    patient: Patient
    stay: Stay
    admitted: date
    age: int
    again: bool

    @property
    def discharged(self) -> date:
        """The day of discharge."""
        return self.admitted + timedelta(days=self.stay.days)

    @property
    def number(self) -> str:
        """The medical record number that the admission is filed under."""
        return self.patient.numbers[-1 if self.again else 0]


def write_hospital(
    folder: Path, *, people: int = 2000, seed: int = 20260101, mess: Mess | None = None
) -> SampleFiles:
    """Write the hospital sample into the new ``folder`` and return what was written.

    The same ``people``, ``seed`` and ``mess`` give the same bytes. Raises ParameterError when the
    folder exists or fewer than 20 people are asked for.
    """
    check_people(people)
    wanted = Mess() if mess is None else mess
    facts, entry, told = streams(seed, 3)
    bystanders = Bystanders(people, told, TODAY)
    patients = _patients(people, wanted, facts, bystanders)
    admissions = _admissions(patients, facts)
    clerk = Clerk(entry, wanted)
    visits = _visit_sheet(admissions, clerk, bystanders)
    tables = (
        TableFile("visits.csv", visits),
        TableFile("visits_big5.csv", visits, "cp950", "\r\n"),
        TableFile("visits.jsonl", visits, format="jsonl"),
        TableFile("patients.csv", _patient_sheet(patients, clerk), "utf-8-sig", "\r\n"),
    )
    text = sample_page(PageFacts(_TITLE, _STORY, people, seed, wanted), tables)
    content = SampleContent(tables, text, people, seed, broken=wanted.broken_files > 0)
    return write_sample(folder, content)


def draw_admissions(people: int, *, seed: int = 20260101) -> tuple[Admission, ...]:
    """Return the admissions of a sample with their true facts, before any mess."""
    facts, _, told = streams(seed, 3)
    patients = _patients(
        people, Mess(duplicated_people=0.0), facts, Bystanders(people, told, TODAY)
    )
    return tuple(_admissions(patients, facts))


def _patients(
    people: int, mess: Mess, rng: np.random.Generator, bystanders: Bystanders
) -> list[Patient]:
    persons = draw_people(people, rng, today=TODAY, ages=HOSPITAL_AGES)
    return [_patient(person, mess, rng, bystanders) for person in persons]


def _patient(
    person: Person, mess: Mess, rng: np.random.Generator, bystanders: Bystanders
) -> Patient:
    twice = chance(mess.duplicated_people, rng)
    relation, sex = pick([(word, sex) for word, sex in RELATIONS if sex is not None], rng)
    return Patient(
        draw_subject(person, rng),
        draw_body(person, age_on(person.born, TODAY), rng),
        tuple(identifiers.medical_record(rng) for _ in range(1 + twice)),
        identifiers.health_card(rng),
        bystanders.relative(sex),
        relation,
        mobile(rng),
    )


def _admissions(patients: list[Patient], rng: np.random.Generator) -> list[Admission]:
    admissions = [admission for patient in patients for admission in _chain(patient, rng)]
    return [admissions[int(place)] for place in rng.permutation(len(admissions))]


def _chain(patient: Patient, rng: np.random.Generator) -> list[Admission]:
    """Return the admissions of one patient; one entered twice has at least two."""
    chain: list[Admission] = []
    person, twice = patient.subject.person, len(patient.numbers) > 1
    day = _FIRST_DAY + timedelta(days=int(rng.integers(_FIRST_DAYS)))
    while True:
        age = age_on(person.born, day)
        stay = draw_stay(person, patient.body, rng, age=age, earlier=len(chain))
        chain.append(Admission(patient, stay, day, age, again=twice and len(chain) % 2 == 1))
        if stay.readmitted:
            gap = int(rng.integers(2, 31))
        elif chance(_COMES_AGAIN, rng) or (twice and len(chain) == 1):
            gap = int(rng.integers(31, 401))
        else:
            return chain
        day = chain[-1].discharged + timedelta(days=gap)
        if day > TODAY:
            return chain


def _visit_sheet(admissions: list[Admission], clerk: Clerk, bystanders: Bystanders) -> Sheet:
    doctors, staff = bystanders.staff(_DOCTORS), bystanders.staff(_STAFF)
    rows = []
    for admission in admissions:
        doctor = pick(doctors, bystanders.rng)
        cells = _identity_cells(admission, clerk) | _clinical_cells(admission, clerk)
        cells |= _body_cells(admission, clerk)
        cells["主治醫師"] = Cell.whole(doctor.name, "PERSON_NAME", doctor.index)
        cells["病程紀錄"] = _note(admission, doctor, clerk, (bystanders, staff))
        rows.append(in_order(VISITS, cells))
    people = tuple(admission.patient.subject.person.index for admission in admissions)
    return Sheet(VISITS, tuple(rows), people)


def _identity_cells(admission: Admission, clerk: Clerk) -> dict[str, Cell]:
    patient, again = admission.patient, admission.again
    subject, person = patient.subject, patient.subject.person
    phone = clerk.mobile if chance(0.7, clerk.rng) else clerk.landline
    card = Cell.whole(patient.card, "TW_NHI_CARD", person.index)
    return {
        "住院號": Cell.whole(f"V{digits(10, clerk.rng)}", "RECORD_ID", person.index),
        "病歷號": Cell.whole(admission.number, "MEDICAL_RECORD_NO", person.index),
        "姓名": clerk.name(subject, again=again),
        "身分證字號": clerk.identity(subject),
        "健保卡號": clerk.lost(card, 0.02),
        "生日": clerk.birthday(subject),
        "性別": Cell("男" if person.sex == "M" else "女"),
        "電話": phone(subject, missing=0.02),
        "地址": clerk.address(subject, again=again, missing=0.01),
    }


def _body_cells(admission: Admission, clerk: Clerk) -> dict[str, Cell]:
    body, rng = admission.patient.body, clerk.rng
    outlying = with_outlier(10, clerk.mess, rng) > 10
    weight = body.weight * 10 if outlying else body.weight
    systolic = body.systolic + round(5 * float(rng.standard_normal()))
    return {
        "血型": clerk.lost(Cell(body.blood_type), 0.05),
        "身高": clerk.lost(Cell(f"{body.height:.1f}"), 0.02),
        "體重": clerk.lost(Cell(f"{weight:.1f}"), 0.02),
        "BMI": Cell(f"{body.bmi:.1f}"),
        "收縮壓": Cell(str(systolic)),
        "舒張壓": Cell(str(min(body.diastolic, systolic - 15))),
        "空腹血糖": clerk.lost(Cell(str(admission.stay.glucose)), 0.04),
        "總膽固醇": clerk.lost(Cell(str(body.cholesterol)), 0.08),
        "吸菸": Cell(body.smoking),
    }


def _clinical_cells(admission: Admission, clerk: Clerk) -> dict[str, Cell]:
    stay = admission.stay
    return {
        "診斷碼": Cell(stay.diagnosis.code),
        "診斷名稱": clerk.word(stay.diagnosis.name),
        "用藥": clerk.word("、".join(stay.drugs), missing=0.02),
        "入院日期": Cell(f"{admission.admitted:%Y/%m/%d}"),
        "出院日期": Cell(f"{admission.discharged:%Y/%m/%d}"),
        "過去住院次數": Cell(str(stay.earlier)),
        "30日再入院": Cell(str(int(stay.readmitted))),
    }


def _note(
    admission: Admission,
    doctor: Person,
    clerk: Clerk,
    around: tuple[Bystanders, tuple[Person, ...]],
) -> Cell:
    bystanders, staff = around
    rng = bystanders.rng
    slots = Mentions(
        admission.patient.subject,
        bystanders,
        staff,
        day=admission.admitted,
        extra=_clinical_slots(admission, doctor, rng),
    )
    templates = [pick(ABOUT_PEOPLE if chance(NOTES_ABOUT_PEOPLE, rng) else ABOUT_NOBODY, rng)]
    if chance(0.4, rng):
        templates.append(pick(ABOUT_PEOPLE if chance(0.3, rng) else ABOUT_NOBODY, rng))
    return clerk.note(*(compose(template, slots) for template in templates))


def _clinical_slots(
    admission: Admission, doctor: Person, rng: np.random.Generator
) -> dict[str, Callable[[], Piece]]:
    patient, stay = admission.patient, admission.stay
    person, body = patient.subject.person, patient.body
    titled = Piece(f"{doctor.surname}醫師", "PERSON_NAME", doctor.index, partial=True)
    return {
        "doctor": lambda: Piece(doctor.name, "PERSON_NAME", doctor.index),
        "doctor_titled": lambda: titled,
        "mrn": lambda: Piece(admission.number, "MEDICAL_RECORD_NO", person.index),
        "nhi": lambda: Piece(patient.card, "TW_NHI_CARD", person.index),
        "age": lambda: Piece(str(admission.age)),
        "gender_en": lambda: Piece("male" if person.sex == "M" else "female"),
        "dx": lambda: Piece(stay.diagnosis.name),
        "drug": lambda: Piece(pick(stay.drugs, rng)),
        "bp": lambda: Piece(f"{body.systolic}/{body.diastolic}"),
        "complaint": lambda: Piece(pick(COMPLAINTS, rng)),
    }


def _patient_sheet(patients: list[Patient], clerk: Clerk) -> Sheet:
    rows, people = [], []
    for patient in patients:
        for place in range(len(patient.numbers)):
            cells = _register_cells(patient, clerk, place)
            rows.append(in_order(PATIENTS, cells))
            people.append(patient.subject.person.index)
    return Sheet(PATIENTS, tuple(rows), tuple(people))


def _register_cells(patient: Patient, clerk: Clerk, place: int) -> dict[str, Cell]:
    subject, person, again = patient.subject, patient.subject.person, place > 0
    passport = identifiers.passport(clerk.rng) if chance(0.1, clerk.rng) else ""
    number = write_mobile(patient.relative_mobile, MOBILE_FORMS.one(clerk.rng))
    relative = patient.relative
    return {
        "病歷號": Cell.whole(patient.numbers[place], "MEDICAL_RECORD_NO", person.index),
        "姓名": clerk.name(subject, again=again),
        "身分證字號": clerk.identity(subject),
        "健保卡號": clerk.lost(Cell.whole(patient.card, "TW_NHI_CARD", person.index), 0.02),
        "出生日期": Cell.whole(person.born.isoformat(), "DATE_OF_BIRTH", person.index),
        "性別": Cell("男" if person.sex == "M" else "女"),
        "手機": clerk.mobile(subject, missing=0.08),
        "市話": clerk.landline(subject, missing=0.35),
        "電子郵件": clerk.email(subject, missing=0.4),
        "地址": clerk.address(subject, again=again, missing=0.01),
        "郵遞區號": clerk.postal_code(subject),
        "護照號碼": Cell.whole(passport, "TW_PASSPORT", person.index),
        "緊急聯絡人": Cell.whole(relative.name, "PERSON_NAME", relative.index),
        "關係": Cell(patient.relation),
        "緊急聯絡電話": Cell.whole(number, "PHONE", relative.index),
        "血型": clerk.lost(Cell(patient.body.blood_type), 0.05),
    }

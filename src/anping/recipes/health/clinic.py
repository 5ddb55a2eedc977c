"""How illness, examination values and readmission are drawn, so that a model can find them.

For each patient, with an independent standard normal ``frailty`` (seen only through its effects):

- height: normal, men 170 cm and women 158 cm at 40 years, less 0.06 cm a year, sd 6;
- BMI: exp(normal(ln 24.2 + 0.02 frailty, 0.15)); weight follows from both;
- systolic pressure: 104 + 0.38 age + 0.9 (BMI - 24) + 3 frailty + normal sd 12; diastolic:
  46 + 0.26 systolic + normal sd 7, mmHg;
- fasting glucose: 92 + 0.22 (age - 40) + 1.2 (BMI - 24), times exp of a non-negative normal tail of
  scale 0.22, 1.45 times for a diagnosis of diabetes, mg/dL; cholesterol: normal(188, 34), mg/dL;
- smoking: men 0.26, women 0.04 current; former men 0.18, women 0.02.

For each admission:

- diagnosis: weights of :data:`DIAGNOSES` times exp(tilt (age - 60) / 10), within sex;
- length of stay: 1 + gamma with the diagnosis's mean, times exp(0.2 frailty), shape 2, days;
- readmission within 30 days: Bernoulli(logistic(:func:`readmission_logit` + 0.4 normal noise)). A
  readmitted patient's next admission begins 2 to 30 days after discharge; another patient comes
  again with probability 0.3, 31 to 400 days after. Admissions after the extract's day are not in
  it, so the last readmission of a chain may lie outside.

The true coefficients score an AUC near 0.78 (n = 23,000 admissions).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Final

import numpy as np

from anping.recipes.sample.draw import Weighted, chance, pick
from anping.recipes.sample.people import Person


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """An ICD-10-CM code with how often, in whom, how long, and how it is treated.

    ``tilt`` is the change of the log weight for ten years of age; ``stay`` the mean days beyond
    the first; ``returns`` the log-odds that it adds to readmission; ``sex`` limits it.
    """

    code: str
    name: str
    weight: float
    tilt: float
    stay: float
    returns: float
    drugs: tuple[str, ...]
    sex: str = "MF"


#: The hospital's diagnoses (ICD-10-CM 2023, names as in the NHI's Chinese version, shortened).
DIAGNOSES: Final = (
    Diagnosis("I50.9", "心臟衰竭", 6, 0.5, 6, 1.1, ("Furosemide 40mg", "Carvedilol 6.25mg")),
    Diagnosis("I10", "原發性高血壓", 7, 0.2, 2, -0.3, ("Amlodipine 5mg", "Valsartan 80mg")),
    Diagnosis("I21.4", "非ST段上升心肌梗塞", 3, 0.4, 5, 0.5, ("Aspirin 100mg", "Clopidogrel 75mg")),
    Diagnosis("I48.91", "心房顫動", 3, 0.5, 3, 0.3, ("Apixaban 5mg", "Bisoprolol 2.5mg")),
    Diagnosis("I63.9", "腦梗塞", 5, 0.5, 8, 0.4, ("Clopidogrel 75mg", "Atorvastatin 40mg")),
    Diagnosis("I61.9", "非外傷性腦出血", 1.5, 0.3, 12, 0.5, ("Nicardipine", "Levetiracetam 500mg")),
    Diagnosis("E11.9", "第二型糖尿病，無併發症", 6, 0.2, 3, 0.0, ("Metformin 500mg", "Glimepiride 2mg")),
    Diagnosis("E11.65", "第二型糖尿病併高血糖", 3, 0.1, 4, 0.4, ("Insulin glargine", "Metformin 850mg")),
    Diagnosis("E11.22", "第二型糖尿病併慢性腎病", 2.5, 0.3, 5, 0.7, ("Linagliptin 5mg", "Insulin aspart")),
    Diagnosis("E78.5", "高血脂症", 2, 0.0, 1, -0.4, ("Rosuvastatin 10mg", "Ezetimibe 10mg")),
    Diagnosis("J18.9", "肺炎", 8, 0.4, 6, 0.4, ("Ceftriaxone 1g", "Azithromycin 500mg")),
    Diagnosis("J44.1", "慢性阻塞性肺病急性發作", 4, 0.5, 6, 1.0, ("Tiotropium", "Prednisolone 5mg")),
    Diagnosis("J45.901", "氣喘急性發作", 2.5, -0.1, 3, 0.3, ("Salbutamol", "Montelukast 10mg")),
    Diagnosis("N18.5", "慢性腎臟病第五期", 3, 0.4, 5, 0.9, ("Calcium carbonate", "Epoetin beta")),
    Diagnosis("N39.0", "泌尿道感染", 6, 0.3, 4, 0.2, ("Cefazolin 1g", "Ciprofloxacin 500mg")),
    Diagnosis("N20.1", "輸尿管結石", 3, -0.2, 2, -0.2, ("Tamsulosin 0.2mg", "Ketorolac 30mg")),
    Diagnosis("N40.1", "良性攝護腺增生", 2.5, 0.5, 2, -0.2, ("Tamsulosin 0.2mg", "Dutasteride 0.5mg"), "M"),
    Diagnosis("A41.9", "敗血症", 4, 0.4, 9, 0.9, ("Meropenem 1g", "Norepinephrine")),
    Diagnosis("K80.20", "膽結石", 3.5, 0.0, 3, -0.2, ("Ursodiol 100mg", "Acetaminophen 500mg")),
    Diagnosis("K25.4", "胃潰瘍併出血", 3, 0.2, 4, 0.2, ("Pantoprazole 40mg", "Sucralfate 1g")),
    Diagnosis("K35.80", "急性闌尾炎", 3, -0.5, 2, -0.5, ("Cefmetazole 1g", "Acetaminophen 500mg")),
    Diagnosis("K74.60", "肝硬化", 2.5, 0.1, 6, 1.0, ("Spironolactone 25mg", "Lactulose")),
    Diagnosis("B18.1", "慢性B型肝炎", 2, -0.1, 2, 0.0, ("Entecavir 0.5mg",)),
    Diagnosis("C34.90", "肺惡性腫瘤", 3, 0.3, 7, 1.0, ("Osimertinib 80mg", "Morphine 10mg")),
    Diagnosis("C18.9", "大腸惡性腫瘤", 3, 0.3, 7, 0.7, ("Oxaliplatin", "Capecitabine 500mg")),
    Diagnosis("C50.919", "乳房惡性腫瘤", 3, -0.1, 3, 0.4, ("Tamoxifen 20mg", "Docetaxel"), "F"),
    Diagnosis("C22.0", "肝細胞癌", 2.5, 0.2, 6, 0.9, ("Sorafenib 200mg", "Entecavir 0.5mg")),
    Diagnosis("S72.001A", "股骨頸骨折", 3.5, 0.8, 6, 0.2, ("Tramadol 50mg", "Enoxaparin 40mg")),
    Diagnosis("M17.11", "右膝骨關節炎", 3, 0.4, 4, -0.4, ("Celecoxib 200mg", "Acetaminophen 500mg")),
    Diagnosis("M54.50", "下背痛", 2, 0.0, 2, -0.3, ("Etoricoxib 60mg", "Baclofen 10mg")),
    Diagnosis("F32.9", "憂鬱症", 2, -0.3, 8, 0.5, ("Escitalopram 10mg", "Lorazepam 0.5mg")),
    Diagnosis("F20.9", "思覺失調症", 1.2, -0.4, 14, 0.7, ("Risperidone 2mg", "Aripiprazole 10mg")),
    Diagnosis("G20", "巴金森氏症", 1.5, 0.7, 5, 0.3, ("Levodopa/Benserazide", "Pramipexole 0.25mg")),
    Diagnosis("G40.909", "癲癇", 1.5, -0.2, 3, 0.3, ("Levetiracetam 500mg", "Valproate 500mg")),
    Diagnosis("O80", "足月自然產", 5, -2.2, 2, -1.0, ("Oxytocin", "Ferrous fumarate"), "F"),
    Diagnosis("O34.211", "前胎剖腹產，再次剖腹", 2.5, -2.2, 4, -0.8, ("Cefazolin 1g", "Ketorolac 30mg"), "F"),
    Diagnosis("D25.9", "子宮肌瘤", 2.5, -0.6, 3, -0.5, ("Tranexamic acid 500mg", "Leuprolide"), "F"),
    Diagnosis("H25.9", "老年性白內障", 2, 0.8, 0, -0.8, ("Moxifloxacin 眼藥水", "Prednisolone 眼藥水")),
)  # fmt: skip

#: The coefficients of :func:`readmission_logit`.
READMISSION_COEFFICIENTS: Final = {
    "intercept": -3.3,
    "age_decades": 0.30,
    "log_stay": 0.75,
    "earlier_admissions": 0.45,
    "glucose": 0.012,
    "smoker": 0.35,
    "diagnosis": 1.0,
}
READMISSION_NOISE: Final = 0.4

BLOOD_TYPES: Final = Weighted.of((("O", 43.9), ("A", 26.3), ("B", 23.6), ("AB", 6.2)))


@dataclass(frozen=True, slots=True)
class Body:
    """A patient's lasting figures: cm, kg/m², mmHg, mg/dL."""

    height: float
    bmi: float
    systolic: int
    diastolic: int
    glucose: int
    cholesterol: int
    smoking: str
    blood_type: str
    frailty: float

    @property
    def weight(self) -> float:
        """Body weight in kg."""
        return round(self.bmi * (self.height / 100) ** 2, 1)


@dataclass(frozen=True, slots=True)
class Stay:
    """One admission's true facts."""

    diagnosis: Diagnosis
    drugs: tuple[str, ...]
    days: int
    glucose: int
    earlier: int
    readmitted: bool


def draw_body(person: Person, age: int, rng: np.random.Generator) -> Body:
    """Return the lasting figures of a patient, drawn as the module says."""
    frail, h, b, s, d, g, c = (float(x) for x in rng.standard_normal(7))
    height = (170.0 if person.sex == "M" else 158.0) - 0.06 * (age - 40) + 6 * h
    bmi = round(exp(log(24.2) + 0.02 * frail + 0.15 * b), 1)
    systolic = round(104 + 0.38 * age + 0.9 * (bmi - 24) + 3 * frail + 12 * s)
    glucose = (92 + 0.22 * (age - 40) + 1.2 * (bmi - 24)) * exp(0.22 * max(0.0, g))
    now, former = (0.26, 0.18) if person.sex == "M" else (0.04, 0.02)
    draw = rng.random()
    smoking = "是" if draw < now else "已戒" if draw < now + former else "否"
    return Body(
        height=round(height, 1),
        bmi=bmi,
        systolic=systolic,
        diastolic=round(46 + 0.26 * systolic + 7 * d),
        glucose=round(glucose),
        cholesterol=max(90, round(188 + 34 * c)),
        smoking=smoking,
        blood_type=BLOOD_TYPES.one(rng),
        frailty=frail,
    )


def draw_diagnosis(person: Person, age: int, rng: np.random.Generator) -> Diagnosis:
    """Return a diagnosis for the sex and age; births only below 46 years."""
    weights = tuple(
        0.0
        if person.sex not in d.sex or (d.code[0] == "O" and age > 45)
        else d.weight * exp(d.tilt * (age - 60) / 10)
        for d in DIAGNOSES
    )
    return Weighted(DIAGNOSES, weights).one(rng)


def readmission_logit(stay: Stay, *, age: int, smoker: bool) -> float:
    """Return the log-odds of readmission within 30 days, noise left out.

    ``-3.3 + 0.30 (age - 65) / 10 + 0.75 ln(1 + days / 5) + 0.45 min(earlier, 4)
    + 0.012 min(max(glucose - 110, 0), 150) + 0.35 [smokes now] + returns(diagnosis)``.
    """
    c = READMISSION_COEFFICIENTS
    return (
        c["intercept"]
        + c["age_decades"] * (age - 65) / 10
        + c["log_stay"] * log(1 + stay.days / 5)
        + c["earlier_admissions"] * min(stay.earlier, 4)
        + c["glucose"] * min(max(stay.glucose - 110, 0), 150)
        + c["smoker"] * smoker
        + c["diagnosis"] * stay.diagnosis.returns
    )


def draw_stay(
    person: Person, body: Body, rng: np.random.Generator, *, age: int, earlier: int
) -> Stay:
    """Return one admission of a patient, drawn as the module says."""
    diagnosis = draw_diagnosis(person, age, rng)
    mean = diagnosis.stay * exp(0.2 * body.frailty)
    days = 1 + round(float(rng.gamma(2.0, mean / 2.0))) if mean else 1
    raised = 1.45 if diagnosis.code.startswith("E11") else 1.0
    glucose = round(body.glucose * raised + 6 * float(rng.standard_normal()))
    count = 1 + int(rng.integers(len(diagnosis.drugs)))
    start = pick(range(len(diagnosis.drugs)), rng)
    drugs = tuple(sorted({(*diagnosis.drugs, *diagnosis.drugs)[start + i] for i in range(count)}))
    stay = Stay(diagnosis, drugs, days, max(55, glucose), earlier, readmitted=False)
    logit = readmission_logit(stay, age=age, smoker=body.smoking == "是")
    noisy = logit + READMISSION_NOISE * float(rng.standard_normal())
    happened = chance(1 / (1 + exp(-noisy)), rng)
    return Stay(diagnosis, drugs, days, stay.glucose, earlier, readmitted=happened)

"""How applicants, their approval and their outcome are drawn, so that a card can find what was put in.

Who somebody is and what they earn and owe is drawn as for the bank's customers
(:mod:`anping.recipes.finance.money`), with ``z`` the weakness of their credit. Then:

- enquiries in three months: Poisson(exp(-0.4 + 0.45 z)), times 1.8 for applications from July 2025 on
  (a campaign draws people who ask everywhere); at most 12;
- use of the card's limit: Beta(5 m, 5 (1 - m)) with ``m = logistic(-0.5 + 0.6 z)``; -1 where there is no
  card, which is a code and no amount (12 %);
- years with the employer: the lesser of Gamma(1.5, 4) and age - 20;
- default: Bernoulli(logistic(:func:`default_logit` + 0.4 times standard normal noise));
- approval, by an old rule: Bernoulli(logistic(2.6 - 0.7 late payments - 2.2 debt ratio
  - 0.25 enquiries)). The outcome of who was refused is known to nobody but ``truth/outcomes.csv``.

Sex has no effect of its own on default; women earn 9 % less on average, so that income tells of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from typing import Final

import numpy as np

from anping.recipes.finance.money import Finances, draw_finances
from anping.recipes.finance.money import default_logit as customer_logit
from anping.recipes.sample.draw import chance
from anping.recipes.sample.people import Person, age_on

FIRST_DAY: Final = date(2024, 1, 1)
LAST_DAY: Final = date(2025, 12, 31)
CAMPAIGN: Final = date(2025, 7, 1)
NO_CARD: Final = -1.0

#: What is added to the log-odds of :func:`anping.recipes.finance.money.default_logit`.
COEFFICIENTS: Final = {
    "intercept": -0.15,
    "enquiries": 0.28,
    "use": 1.5,
    "years": -0.05,
}
_NOISE: Final = 0.4
_CAMPAIGN_TIMES: Final = 1.8
_WITHOUT_CARD: Final = 0.12


@dataclass(frozen=True, slots=True)
class Applicant:
    """An application: who, when, what was known of them, what the old rule said, what came of it."""

    person: Person
    finances: Finances
    applied: date
    enquiries: int
    use: float
    years: float
    amount: int
    approved: bool
    default: bool


def default_logit(finances: Finances, *, enquiries: int, use: float, years: float) -> float:
    """Return the log-odds of default, noise left out.

    Those of a customer (:mod:`anping.recipes.finance.money`) plus ``-0.15 + 0.28 min(enquiries, 6)
    + 1.5 (use - 0.4) - 0.05 min(years, 12)``; without a card the third part is 0.
    """
    c = COEFFICIENTS
    drawn = 0.0 if use == NO_CARD else c["use"] * (use - 0.4)
    return (
        customer_logit(finances)
        + c["intercept"]
        + c["enquiries"] * min(enquiries, 6)
        + drawn
        + c["years"] * min(years, 12.0)
    )


def draw_applicant(person: Person, rng: np.random.Generator) -> Applicant:
    """Return one application, drawn as the module says."""
    applied = FIRST_DAY + timedelta(days=int(rng.integers((LAST_DAY - FIRST_DAY).days + 1)))
    age = age_on(person.born, applied)
    figures = draw_finances(person, age, rng)
    weak = figures.weakness
    often = exp(-0.4 + 0.45 * weak) * (_CAMPAIGN_TIMES if applied >= CAMPAIGN else 1.0)
    enquiries = min(12, int(rng.poisson(often)))
    middle = _logistic(-0.5 + 0.6 * weak)
    drawn = round(float(rng.beta(5 * middle, 5 * (1 - middle))), 2)
    use = NO_CARD if chance(_WITHOUT_CARD, rng) else drawn
    years = round(min(float(rng.gamma(1.5, 4.0)), max(age - 20.0, 0.0)), 1)
    logit = default_logit(figures, enquiries=enquiries, use=use, years=years)
    bad = chance(_logistic(logit + _NOISE * float(rng.standard_normal())), rng)
    rule = 2.6 - 0.7 * figures.late_payments - 2.2 * figures.debt_ratio - 0.25 * enquiries
    approved = chance(_logistic(rule), rng)
    amount = max(3, round(figures.income * exp(-1.2 + 0.5 * float(rng.standard_normal())) / 10_000))
    return Applicant(
        person, figures, applied, enquiries, use, years, amount * 10_000, approved, bad
    )


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + exp(-value))

"""Families of models: each learns from a design and gives trees or sums of curves."""

from __future__ import annotations

from collections.abc import Mapping

from anping.learn.design import Family
from anping.learn.families.boosted_terms import boosted_terms
from anping.learn.families.catboost import catboost
from anping.learn.families.lightgbm import lightgbm
from anping.learn.families.linear import linear

FAMILIES: Mapping[str, Family] = {
    "lightgbm": lightgbm,
    "catboost": catboost,
    "linear": linear,
    "boosted-terms": boosted_terms,
}

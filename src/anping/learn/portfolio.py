"""What is tried, in which order: settings that did well on many tables first, then a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from anping.core.errors import MissingExtraError, ParameterError
from anping.core.text import Text
from anping.learn.design import Config, Design, Setting

_TREES: dict[str, Setting] = {
    "learning_rate": 0.08, "num_leaves": 15, "min_data_in_leaf": 40, "feature_fraction": 0.5,
    "lambda_l2": 5.0, "cat_smooth": 20.0, "max_cat_to_onehot": 1,
}  # fmt: skip
_SLOW: dict[str, Setting] = {
    **_TREES, "learning_rate": 0.04, "num_leaves": 8, "min_data_in_leaf": 60, "cat_smooth": 50.0,
}  # fmt: skip
_SMALL: dict[str, Setting] = {
    "learning_rate": 0.03, "num_leaves": 6, "min_data_in_leaf": 10, "feature_fraction": 0.5,
    "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 1.0,
}  # fmt: skip
_RANDOM: dict[str, Setting] = {
    **_TREES, "extra_trees": True, "num_leaves": 63, "min_data_in_leaf": 30,
}  # fmt: skip
_STUMPS: dict[str, Setting] = {
    "learning_rate": 0.05, "num_leaves": 4, "min_data_in_leaf": 20, "feature_fraction": 0.4,
    "bagging_fraction": 0.7, "bagging_freq": 1,
}  # fmt: skip
#: Tables of fewer rows want small trees and many models; of more rows, longer strides.
_FEW_ROWS, _MANY_ROWS = 4_000, 20_000
#: Linear models of more cells than these would take gigabytes, boosted terms of more columns hours.
_MOST_CELLS, _MOST_TERMS = 10**8, 300
_BENDS = 7
#: The families that one model may be of, and the settings it is tried with.
ONE_MODEL = ("lightgbm", "boosted-terms", "linear")


def portfolio(design: Design, *, only: str | None = None) -> tuple[Config, ...]:
    """Return the configs to try first, the most useful of the cheap ones in front.

    ``only`` names the one family that may be used. Linear models are left out where a column is bound
    to rise or fall, which they cannot promise: asked for alone, they raise ParameterError
    (``learn.linear-monotone``).
    """
    few = len(design.target) < _FEW_ROWS
    linear = (
        ()
        if design.constrained or _inputs(design) * len(design.target) > _MOST_CELLS
        else (Config("linear", "linear", {"penalty": 3e-3 if few else 3e-4}, plain=True),)
    )
    if only == "linear" and design.constrained:
        raise _not_bound()
    if only is not None:
        return _one_family(only, few=few, linear=linear)
    found = _for_few(linear) if few else _for_many(design, linear)
    if design.plain.matrix.shape[1] <= _MOST_TERMS:
        return found
    # Trees choose among many columns; linear models come last there.
    able = [each for each in found if each.family != "boosted-terms"]
    return tuple(sorted(able, key=lambda each: each.family == "linear"))


def _inputs(design: Design) -> int:
    """Return about how many inputs a linear model has: bends of numbers, and values of categories."""
    read = design.plain.matrix.shape[1]
    return _BENDS * (read - len(design.codes)) + sum(design.codes.values())


def _for_few(linear: Sequence[Config]) -> tuple[Config, ...]:
    ridges = (
        (
            Config("linear", "linear, strong ridge", {"penalty": 3e-2}, plain=True),
            Config("linear", "linear, stronger ridge", {"penalty": 1e-1}, plain=True),
        )
        if linear
        else ()
    )
    return (
        *linear,
        *ridges,
        Config("catboost", "symmetric trees", {"depth": 4, "learning_rate": 0.05}, plain=True),
        Config("lightgbm", "small trees", _SMALL),
        Config(
            "catboost", "shallow symmetric trees",
            {"depth": 3, "learning_rate": 0.05, "l2_leaf_reg": 10}, plain=True,
        ),
        Config("boosted-terms", "boosted terms", {}, plain=True),
        Config("lightgbm", "stumps", _STUMPS),
        Config("lightgbm", "random splits", {**_SMALL, "extra_trees": True}),
        Config(
            "catboost", "deep symmetric trees",
            {"depth": 6, "learning_rate": 0.04, "l2_leaf_reg": 8}, plain=True,
        ),
    )  # fmt: skip


def _for_many(design: Design, linear: Sequence[Config]) -> tuple[Config, ...]:
    rows = len(design.target)
    rate = 0.06 if rows < 2 * _FEW_ROWS else (0.15 if rows < 1.5 * _MANY_ROWS else 0.2)
    symmetric: dict[str, Setting] = {"learning_rate": rate}
    trees = {**_TREES, "learning_rate": min(rate, 0.1)} if rate > 0.15 else _TREES
    both = (
        (Config("catboost", "symmetric trees, plain", symmetric, plain=True),)
        if design.generated
        else ()
    )
    return (
        Config("lightgbm", "trees", trees),
        Config("catboost", "symmetric trees", symmetric),
        *linear,
        *both,
        Config("lightgbm", "small trees", _SLOW),
        Config("boosted-terms", "boosted terms", {}, plain=True),
        Config("lightgbm", "random splits", _RANDOM),
        Config(
            "catboost", "shallow symmetric trees", {"depth": 4, "learning_rate": rate * 0.6},
            plain=bool(design.generated),
        ),
        Config("catboost", "deep symmetric trees", {"depth": 7, "l2_leaf_reg": 12, "learning_rate": 0.08}),
    )  # fmt: skip


def _one_family(family: str, *, few: bool, linear: Sequence[Config]) -> tuple[Config, ...]:
    if family == "linear":
        return (*linear, Config("linear", "linear, strong ridge", {"penalty": 3e-2}, plain=True))
    if family == "boosted-terms":
        return (Config("boosted-terms", "boosted terms", {}, plain=True),)
    first = _SMALL if few else _TREES
    return (Config("lightgbm", "trees", first), Config("lightgbm", "small trees", _SLOW))


def _not_bound() -> ParameterError:
    return ParameterError(
        "learn.linear-monotone",
        Text(
            "線性模型不能保證答案只隨欄位升或降。",
            "Linear models cannot promise that the answer only rises or falls with a column.",
        ),
        hint=Text(
            "請改用 boosted-terms 或 lightgbm，或取消單調限制。",
            "Use boosted-terms or lightgbm, or ask for no such bound.",
        ),
    )


def searched(
    design: Design, *, only: str | None, seed: int
) -> tuple[Callable[[], Config], Callable[[float], None]]:
    """Return what proposes the next config, and what is told the loss of the one proposed.

    Optuna's tree-structured Parzen estimator (Bergstra et al. 2011) searches settings of boosted trees.
    Raises MissingExtraError where the extra ``models`` is not installed.
    """
    study = _study(seed)
    asked: list[Any] = []

    def propose() -> Config:
        asked.append(study.ask())
        trial = asked[-1]
        family = only or trial.suggest_categorical("family", ["lightgbm", "catboost"])
        settings = (
            _catboost(trial) if family == "catboost" else _lightgbm(trial, len(design.target))
        )
        plain = bool(design.generated) and trial.suggest_categorical("plain", [False, True])
        return Config(family, f"search {len(asked)}", settings, plain=plain)

    def tell(loss: float) -> None:
        study.tell(asked[-1], loss)

    return propose, tell


def _study(seed: int) -> Any:
    try:
        import optuna
    except ImportError as problem:
        raise MissingExtraError.of(
            "models", needed_for=Text("搜尋模型設定", "Searching settings of models")
        ) from problem
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))


def _lightgbm(trial: Any, rows: int) -> dict[str, Setting]:
    most = 255 if rows >= 50_000 else (95 if rows >= _FEW_ROWS else 23)
    return {
        "learning_rate": trial.suggest_float("rate", 0.02, 0.1, log=True),
        "num_leaves": trial.suggest_int("leaves", 4, most, log=True),
        "min_data_in_leaf": trial.suggest_int("least", 5, 200, log=True),
        "feature_fraction": trial.suggest_float("columns", 0.3, 1.0),
        "cat_smooth": trial.suggest_float("category", 5.0, 100.0, log=True),
        "max_cat_to_onehot": 1,
        "lambda_l2": trial.suggest_float("ridge", 1e-3, 30.0, log=True),
        "extra_trees": trial.suggest_categorical("random splits", [False, True]),
    }


def _catboost(trial: Any) -> dict[str, Setting]:
    return {
        "learning_rate": trial.suggest_float("cat rate", 0.04, 0.15, log=True),
        "depth": trial.suggest_int("depth", 3, 7),
        "l2_leaf_reg": trial.suggest_float("leaf ridge", 1.0, 30.0, log=True),
        "random_strength": trial.suggest_float("strength", 0.1, 5.0, log=True),
    }

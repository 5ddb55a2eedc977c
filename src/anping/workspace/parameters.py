"""Reading a step's parameters from plain values, with errors a person can act on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.workspace.step import Parameters, Step

_MESSAGES = {
    "missing": Text("必須填寫", "is required"),
    "extra_forbidden": Text("這個步驟沒有這個參數", "is not a parameter of this step"),
    "greater_than": Text("要大於 {gt}", "must be greater than {gt}"),
    "greater_than_equal": Text("不能小於 {ge}", "must not be less than {ge}"),
    "less_than": Text("要小於 {lt}", "must be less than {lt}"),
    "less_than_equal": Text("不能大於 {le}", "must not be greater than {le}"),
    "literal_error": Text("只能是 {expected}", "must be {expected}"),
    "float_parsing": Text("要是數字", "must be a number"),
    "float_type": Text("要是數字", "must be a number"),
    "finite_number": Text("要是有限的數字", "must be a finite number"),
    "int_parsing": Text("要是整數", "must be a whole number"),
    "int_from_float": Text("要是整數", "must be a whole number"),
    "int_type": Text("要是整數", "must be a whole number"),
    "bool_parsing": Text("要是 true 或 false", "must be true or false"),
    "bool_type": Text("要是 true 或 false", "must be true or false"),
    "string_type": Text("要是文字", "must be a text"),
    "list_type": Text("要是清單", "must be a list"),
}


# A subject names assets, files in a dossier and terms in metadata; a path or a version must not hide in it.
_SUBJECT = re.compile(r"\w[\w-]{0,63}")


def check_subject(subject: str) -> None:
    """Raise ParameterError unless ``subject`` is a plain name: letters, digits, ``-`` and ``_``."""
    if _SUBJECT.fullmatch(subject) is None:
        raise ParameterError(
            "parameter.subject",
            Text("資料名稱無法使用。", "The subject's name cannot be used."),
            hint=Text(
                "資料名稱只用文字、數字、- 與 _，最長 64 字，如 customers。",
                "Use letters, digits, - and _ only, at most 64 of them, such as customers.",
            ),
        )


def spelled_out(
    step: Step, subject: str, values: Mapping[str, Any] | Parameters
) -> tuple[str, Mapping[str, Any]]:
    """Return the subject without an ending that the step knows, and the parameters that it stands for."""
    plain = values.model_dump() if isinstance(values, Parameters) else dict(values)
    for ending, meant in step.spelled.items():
        stem = subject.removesuffix(ending)
        if stem != subject:
            return stem, {**plain, **meant}
    return subject, plain


def read_parameters(step: Step, values: Mapping[str, Any] | Parameters) -> Parameters:
    """Return the step's parameters, or raise ParameterError naming the first one that is wrong."""
    plain = values.model_dump() if isinstance(values, Parameters) else dict(values)
    try:
        return step.parameters.model_validate(plain)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _wrong(step, first, count=error.error_count()) from None


def _wrong(step: Step, first: Mapping[str, Any], *, count: int) -> ParameterError:
    name = ".".join(str(part) for part in first["loc"]) or step.id
    why = _why(first)
    known = list(step.parameters.model_fields)
    close = [] if name in known else get_close_matches(name, known, n=3, cutoff=0.5) or known
    listed = ", ".join(close)
    names = Text(f"可用的參數：{listed}。", f"Parameters: {listed}. ") if listed else Text("", "")
    more = (
        Text(f"（另有 {count - 1} 個錯誤）", f" ({count - 1} more)") if count > 1 else Text("", "")
    )
    return ParameterError(
        "parameter.wrong",
        Text(
            f"步驟 {step.id} 的參數「{name}」{why.zh}{more.zh}。",
            f"The parameter “{name}” of step {step.id} {why.en}{more.en}.",
        ),
        hint=Text(
            f"{names.zh}執行 anping {step.command} --help 查看說明。",
            f"{names.en}See anping {step.command} --help.",
        ),
        where=Where(column=None),
    )


def _why(first: Mapping[str, Any]) -> Text:
    """Return what is wrong with a value, in both languages where the kind of error is known."""
    said = str(first["msg"])
    known = _MESSAGES.get(first["type"])
    if known is None:
        return Text(f"值不合規定：{said}", f"has a wrong value: {said}")
    bounds = {
        name: f"{value:g}" if isinstance(value, float) else value
        for name, value in first.get("ctx", {}).items()
    }
    return Text(known.zh.format(**bounds).replace(" or ", " 或 "), known.en.format(**bounds))

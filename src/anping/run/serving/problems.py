"""What a server says when it does not answer: one JSON envelope, in both languages, without values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anping.core.errors import NOWHERE, AnpingError, InputError, Where
from anping.core.text import Text

_SCHEMA = Text("欄位與型別見 /openapi.json。", "See /openapi.json for the fields and their types.")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with a field of a row: its place, never what stands there.

    ``row`` counts from 0; ``column`` is a column of the model, or None for one that it does not know.
    """

    code: str
    row: int
    column: str | None
    what: Text

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "code": self.code,
            "row": self.row,
            "column": self.column,
            "what": self.what.as_json(),
        }


class RequestError(InputError):
    """A request that is not answered: its HTTP status, and what is wrong with which fields."""

    def __init__(
        self,
        code: str,
        what: Text,
        *,
        status: int,
        hint: Text = _SCHEMA,
        where: Where = NOWHERE,
        fields: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(code, what, hint=hint, where=where)
        self.status = status
        self.fields = tuple(fields)


def envelope(problem: AnpingError) -> dict[str, Any]:
    """Return the body of an error reply: the house's one envelope, and the fields that are wrong."""
    fields = problem.fields if isinstance(problem, RequestError) else ()
    return {"error": {**problem.as_json(), "fields": [each.as_json() for each in fields]}}


def status_of(problem: AnpingError) -> int:
    """Return the HTTP status of an error."""
    return problem.status if isinstance(problem, RequestError) else 500


def headers_of(problem: AnpingError) -> Mapping[str, str]:
    """Return the headers that an error reply needs beside its body."""
    status = status_of(problem)
    if status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": "1"} if status == 503 else {}


def wrong_fields(fields: Sequence[FieldProblem], *, more: int) -> RequestError:
    """Return the error that names the fields that do not fit the model's schema."""
    count = len(fields) + more
    return RequestError(
        "serving.fields",
        Text(
            f"{count} 個欄位不符合模型的格式。",
            f"{count} {'field does' if count == 1 else 'fields do'} not fit the model's schema.",
        ),
        status=422,
        fields=fields,
    )


def not_found() -> RequestError:
    """Return the error for an address that is not there."""
    return RequestError(
        "serving.not-found",
        Text("沒有這個網址。", "There is nothing at this address."),
        status=404,
    )


def no_version() -> RequestError:
    """Return the error for a model or version that is not served."""
    return RequestError(
        "serving.no-version",
        Text("沒有這個模型或版本。", "There is no such model or version."),
        status=404,
        hint=Text("/v1/models 列出提供的模型。", "/v1/models lists what is served."),
    )


def no_method() -> RequestError:
    """Return the error for a method that an address does not take."""
    return RequestError(
        "serving.method",
        Text("這個網址不接受這個 HTTP 方法。", "This address does not take this HTTP method."),
        status=405,
    )


def unauthorised() -> RequestError:
    """Return the error for a missing or unknown token."""
    return RequestError(
        "serving.token",
        Text("缺少權杖，或權杖不正確。", "The token is missing or wrong."),
        status=401,
        hint=Text(
            "以 Authorization: Bearer 權杖 送出。", "Send it as Authorization: Bearer TOKEN."
        ),
    )


def paused(reason: str) -> RequestError:
    """Return the error while a model is paused; ``reason`` is what the person who paused it wrote."""
    return RequestError(
        "serving.paused",
        Text(f"這個模型已暫停：{reason}", f"This model is paused: {reason}"),
        status=503,
        hint=Text(
            "由負責人以 anping stage 恢復。", "Whoever answers for it resumes it with anping stage."
        ),
    )


def too_slow(seconds: float) -> RequestError:
    """Return the error for a request that was not done in time."""
    return RequestError(
        "serving.timeout",
        Text(f"{seconds:g} 秒內沒有完成。", f"It was not done within {seconds:g} seconds."),
        status=503,
        hint=Text("減少列數，或稍後再試。", "Send fewer rows, or try again later."),
    )


def not_recorded() -> RequestError:
    """Return the error for a decision that could not be written down: it is not told, either."""
    return RequestError(
        "serving.not-recorded",
        Text(
            "決定無法寫入紀錄，因此不回覆。",
            "The decision could not be written down, so it is not told.",
        ),
        status=503,
        hint=Text("檢查伺服器的磁碟空間與權限。", "Check the server's disk space and permissions."),
    )


def defect(problem: Exception) -> RequestError:
    """Return the error for a defect of Anping; its message may hold data and is left out."""
    kind = type(problem).__name__
    return RequestError(
        "system.defect",
        Text(f"程式缺陷（{kind}）。", f"A defect of Anping ({kind})."),
        status=500,
        hint=Text("請回報。", "Please report it."),
    )

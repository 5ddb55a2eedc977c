"""A served model answers what fits its schema, writes every decision down, and keeps what it is not asked."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from openapi_spec_validator import validate

from anping.engine.prediction import Prediction
from anping.run.serving.deployment import Deployment, chosen, share_of
from anping.run.serving.limits import Limits
from anping.run.serving.tokens import Tokens
from serving_toys import KEY, NUMBER, ROW, answer, house, served


def test_a_row_is_answered_and_written_down_without_its_values(tmp_path: Path) -> None:
    with house(tmp_path) as one:
        said = one.decided({"instance": {**ROW, "income": 41.25}, "key": "A123456789"})
    assert said["class"] == "no"
    assert said["probabilities"]["yes"] == pytest.approx(1 / (1 + 41.25 / 40))
    (record,) = one.records()
    assert record["id"] == said["decision"]
    assert record["said"]["probabilities"] == said["probabilities"]
    assert record["model"] == "loans.model@1"
    assert record["route"] == "champion"
    written = "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
    assert not any(value in written for value in ("41.25", "nurse", "2026-01-31", "A123456789"))


def test_equal_inputs_have_one_pseudonym_and_others_another(tmp_path: Path) -> None:
    with house(tmp_path) as one:
        one.decided({"instance": ROW})
        one.decided({"instance": dict(reversed(ROW.items()))})
        one.decided({"instance": {**ROW, "income": 41}})
    same, again, other = (record["inputs"] for record in one.records())
    assert same == again != other


def test_a_batch_is_answered_in_its_order(tmp_path: Path) -> None:
    rows = [{**ROW, "income": income} for income in (10, 40, 90, 20, 30, 50)]
    with house(tmp_path) as one:
        found = one.predict({"instances": rows, "coverage": 0.9}).json()["predictions"]
    assert [each["class"] for each in found] == ["yes", "no", "no", "yes", "yes", "no"]
    assert [each["decision"] for each in found] == [record["id"] for record in one.records()]
    assert found[1]["set"] == ["no", "yes"]


def test_a_number_comes_with_its_interval(tmp_path: Path) -> None:
    def numbers(rows, *, coverage=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        values = np.array([row["income"] for row in rows], dtype=np.float64)
        return Prediction(values, values - 1, values + 1, coverage=coverage)

    deployment = Deployment("loans", served(signature=NUMBER, answer=numbers))
    with house(tmp_path, deployment) as one:
        said = one.decided({"instance": ROW, "coverage": 0.8})
    assert (said["value"], said["interval"], said["coverage"]) == (40.0, [39.0, 41.0], 0.8)


def test_reasons_and_alternatives_are_told_and_their_words_are_not_kept(tmp_path: Path) -> None:
    with house(tmp_path) as one:
        said = one.decided({"instance": ROW, "reasons": True, "alternatives": True})
    assert said["reasons"][0]["words"]["en"] == "income 40 lowers it"
    assert said["alternatives"][0]["changes"] == {"income": 60}
    (record,) = one.records()
    assert record["reasons"] == [["income", -3.5]]
    assert "lowers" not in json.dumps(record)


def test_what_a_model_cannot_tell_is_refused(tmp_path: Path) -> None:
    with house(tmp_path, Deployment("loans", served(reasons=None))) as one:
        assert one.refused({"instance": ROW, "reasons": True}) == (400, "serving.no-explanation")
        assert one.refused({"instance": ROW, "coverage": 0.5}) == (400, "serving.coverage")
    assert one.records() == []


def test_values_unlike_those_of_training_are_said_by_column(tmp_path: Path) -> None:
    with house(tmp_path) as one:
        said = one.decided({"instance": {"income": 200, "job": "pilot", "joined": "1990-01-01"}})
        assert said["unlike"] == ["income", "job", "joined"]
        assert "unlike" not in one.decided({"instance": ROW})
        assert "unlike" not in one.decided({"instance": dict.fromkeys(ROW)})


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"income": "forty"}, "type", "income"),
        ({"income": True}, "type", "income"),
        ({"income": 4e9}, "range", "income"),
        ({"job": 4.5}, "type", "job"),
        ({"job": ["nurse"]}, "type", "job"),
        ({"job": "x" * 1001}, "text", "job"),
        ({"joined": "soon"}, "type", "joined"),
        ({"joined": 738_000}, "type", "joined"),
        ({"joined": "0999-01-01"}, "range", "joined"),
        ({"secret": "D' OR 1=1; --"}, "unknown", None),
    ],
)
def test_fields_that_do_not_fit_are_named_and_never_repeated(
    tmp_path: Path, change: dict[str, object], code: str, column: str | None
) -> None:
    with house(tmp_path) as one:
        reply = one.predict({"instances": [ROW, {**ROW, **change}]})
    assert reply.status_code == 422
    (field,) = reply.json()["error"]["fields"]
    assert (field["code"], field["row"], field["column"]) == (code, 1, column)
    assert str(*change.values()) not in reply.text
    assert "secret" not in reply.text
    assert one.records() == []


def test_a_missing_field_is_named_and_a_misspelt_one_is_guessed(tmp_path: Path) -> None:
    with house(tmp_path) as one:
        row = {"incom": 40, "job": None, "joined": None}
        fields = one.predict({"instance": row}).json()["error"]["fields"]
    assert [(field["code"], field["column"]) for field in fields] == [
        ("missing", "income"), ("unknown", None),
    ]  # fmt: skip
    assert "income" in fields[1]["what"]["en"]


def test_a_version_is_asked_by_its_number(tmp_path: Path) -> None:
    with house(tmp_path) as one:
        for version, status in ((1, 200), (3, 200), (4, 404)):
            path = f"/v1/models/loans/versions/{version}:predict"
            assert one.predict({"instance": ROW}, path).status_code == status
        assert one.predict({"instance": ROW}, "/v1/models/others:predict").status_code == 404
    assert [record["route"] for record in one.records()] == ["version", "version"]


def test_a_shadow_answers_beside_and_is_never_returned(tmp_path: Path) -> None:
    other = served(2, answer=lambda rows, **_: answer([{"income": 0}] * len(rows)))
    with house(tmp_path, Deployment("loans", served(), other)) as one:
        reply = one.predict({"instance": ROW}).json()
        assert reply["model"]["version"] == 1
        while one.service.counts.shadows[other.reference, "other class"] < 1:
            time.sleep(0.01)
    decision, beside = one.records()
    assert beside["of"] == decision["id"] == reply["predictions"][0]["decision"]
    assert (beside["model"], beside["said"]["class"]) == ("loans.model@2", "yes")
    (segment,) = one.segments()
    assert (segment.decisions, len(segment.lines)) == (1, 2)


def test_a_shadow_that_fails_touches_nobody(tmp_path: Path) -> None:
    def broken(rows, *, coverage=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        raise ValueError

    with house(tmp_path, Deployment("loans", served(), served(2, answer=broken))) as one:
        for _ in range(5):
            one.decided({"instance": ROW})
    assert len(one.records()) == 5
    assert one.service.counts.shadows["loans.model@2", "failed"] == 5


def test_shadows_are_owed_until_the_end_and_left_out_when_too_many_wait(tmp_path: Path) -> None:
    limits = Limits(shadows=0)
    with house(tmp_path, Deployment("loans", served(), served(2)), limits=limits) as one:
        one.decided({"instance": ROW})
    assert one.service.counts.shadows["loans.model@2", "left out"] == 1


def test_a_canary_answers_its_share_and_the_same_key_stays(tmp_path: Path) -> None:
    with house(tmp_path, Deployment("loans", served(), served(2), share=0.3)) as one:
        met = [
            one.predict({"instance": ROW, "key": f"k{at % 40}"}).json()["model"]["version"]
            for at in range(80)
        ]
    assert met[:40] == met[40:]
    assert set(met) == {1, 2}


def test_shares_are_even_and_depend_on_the_key() -> None:
    drawn = np.array([share_of(KEY, f"{at}".encode()) for at in range(4000)])
    assert 0.27 < float((drawn < 0.3).mean()) < 0.33
    assert share_of(b"other", b"1") != share_of(KEY, b"1")
    everybody = Deployment("loans", served(), served(2), share=1.0)
    assert all(chosen(everybody, KEY, f"{at}".encode()).route == "canary" for at in range(50))


def test_a_switch_loses_no_request(tmp_path: Path) -> None:
    with house(tmp_path) as one:
        one.next.append(Deployment("loans", served(3)))
        met: list[int] = []
        while 3 not in met or len(met) < 50:
            reply = one.predict({"instance": ROW})
            assert reply.status_code == 200
            met.append(reply.json()["model"]["version"])
    assert met == sorted(met)
    assert [int(record["model"][-1]) for record in one.records()] == met


def test_a_workspace_that_is_away_for_a_moment_is_asked_again(tmp_path: Path) -> None:
    with house(tmp_path) as one:
        one.next.append(RuntimeError())
        while not one.service.counts.unseen:
            time.sleep(0.01)
        one.next.append(Deployment("loans", served(3)))
        while one.predict({"instance": ROW}).json()["model"]["version"] != 3:
            time.sleep(0.01)


def test_a_paused_model_answers_nobody(tmp_path: Path) -> None:
    paused = replace(Deployment("loans", served()), paused="drift")
    with house(tmp_path, paused) as one:
        assert one.refused({"instance": ROW}) == (503, "serving.paused")
        assert one.client.get("/healthz").json() == {"status": "paused"}


def test_tokens_are_asked_for_everywhere_but_at_health(tmp_path: Path) -> None:
    from anping.run.serving.tokens import read_tokens

    file = tmp_path / "tokens"
    file.write_text("# us\nright-token-0123456789\n\nother-token-0123456789\n")
    file.chmod(0o600)
    with house(tmp_path / "spool", tokens=read_tokens(file)) as one:
        assert one.client.get("/healthz").status_code == 200
        for header in (
            None, "", "Bearer", "Bearer ", "Bearer wrong-token-0123456789", "Basic right-token-0123456789",
            "Bearer right-token-012345678", "Bearer right-token-01234567890", "bearer " + "x" * 9999,
        ):  # fmt: skip
            headers = {} if header is None else {"authorization": header}
            reply = one.predict({"instance": ROW}, headers=headers)
            assert reply.status_code == 401
            assert reply.headers["www-authenticate"] == "Bearer"
            assert one.client.get("/metrics", headers=headers).status_code == 401
            assert one.client.get("/openapi.json", headers=headers).status_code == 401
        for token in ("right-token-0123456789", "other-token-0123456789"):
            one.decided({"instance": ROW}, headers={"authorization": f"Bearer {token}"})
    assert "right-token" not in repr(one.service)


def test_the_document_is_openapi_and_requests_fit_it(tmp_path: Path) -> None:
    with house(tmp_path, tokens=Tokens()) as one:
        document = one.client.get("/openapi.json").json()
        reply = one.predict({"instance": ROW, "coverage": 0.9, "reasons": True}).json()
        error = one.predict({"instance": {}}).json()
    validate(document)
    schemas = document["components"]["schemas"]

    def fits(value: object, name: str) -> bool:
        schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        return bool(jsonschema.Draft202012Validator(schema).is_valid(value))

    assert fits(reply, "Reply")
    assert fits(error, "Error")
    assert fits({"instance": ROW}, "Request")
    assert not fits({"instance": {**ROW, "more": 1}}, "Request")
    assert not fits({"instance": ROW, "instances": [ROW]}, "Request")


def test_what_is_served_and_what_was_counted_are_told(tmp_path: Path) -> None:
    with house(tmp_path, Deployment("loans", served(), served(2), share=0.25)) as one:
        one.predict({"instance": ROW})
        one.predict({"instance": {}})
        (model,) = one.client.get("/v1/models").json()["models"]
        text = one.client.get("/metrics").text
    assert (model["champion"]["version"], model["challenger"]["version"]) == (1, 2)
    assert (model["share"], model["coverages"]) == (0.25, [0.8, 0.9])
    assert 'anping_replies_total{status="200"} 1' in text
    assert 'anping_replies_total{status="422"} 1' in text
    assert "anping_reply_seconds_count 2" in text
    assert text.count("# TYPE") == text.count("# HELP") == 7


def test_a_request_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    def slow(rows, *, coverage=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        time.sleep(0.3)
        return answer(rows, coverage=coverage)

    limits = Limits(seconds=0.05, inline_rows=0)
    with house(tmp_path, Deployment("loans", served(answer=slow)), limits=limits) as one:
        assert one.refused({"instance": ROW}) == (503, "serving.timeout")
    assert one.records() == []


def test_a_defect_is_told_without_its_message(tmp_path: Path) -> None:
    def broken(rows, *, coverage=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        raise ValueError(rows[0]["job"])

    with house(tmp_path, Deployment("loans", served(answer=broken))) as one:
        reply = one.predict({"instance": ROW})
    assert reply.status_code == 500
    assert reply.json()["error"]["code"] == "system.defect"
    assert "nurse" not in reply.text

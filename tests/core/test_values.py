"""Errors speak two languages, files appear whole, digests are canonical, measures round-trip."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core import digest, errors, files, taiwan
from anping.core.measure import Interval, Measure, Replay, find
from anping.core.text import Text


def every_error() -> list[type[errors.AnpingError]]:
    return errors.AnpingError.__subclasses__()


def test_every_error_has_its_own_exit_code_family() -> None:
    assert len(every_error()) == 11
    assert all(1 < kind.exit_code < 128 for kind in every_error())


def test_an_error_says_what_where_and_what_to_do_in_both_languages() -> None:
    problem = errors.InputError(
        "input.x", Text("壞了", "broken"), hint=Text("修好", "mend it"),
        where=errors.Where(file="a.csv", row=3, column="age"),
    )  # fmt: skip
    assert problem.to("zh") == "壞了（檔案 a.csv、第 3 列、欄位 age） 怎麼辦：修好"
    assert problem.to("en") == "broken (file a.csv, row 3, column age) What to do: mend it"
    assert problem.as_json()["code"] == "input.x"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    files.write(target, b"old")
    with pytest.raises(RuntimeError), files.aside(target) as temporary:
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_failed_folder_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), files.folder_aside(tmp_path / "d") as temporary:
        (temporary / "x").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with files.folder_aside(tmp_path / "d") as temporary:
        (temporary / "x").write_text("x")
    with pytest.raises(FileExistsError), files.folder_aside(tmp_path / "d"):
        pass


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_equal_values_give_equal_bytes(value: dict[str, object]) -> None:
    shuffled = dict(reversed(list(value.items())))
    assert digest.canonical_json(value) == digest.canonical_json(shuffled)


def test_a_keyed_digest_needs_its_key() -> None:
    plain = digest.sha256(b"raw")
    assert digest.keyed(b"k" * 32, plain) != digest.keyed(b"j" * 32, plain)
    assert digest.keyed(b"k" * 32, plain) != plain


def test_measures_round_trip_and_refuse_nan() -> None:
    measure = Measure(
        "risk.linkage.success", 0.1, "share", 200, Text("成功率", "success rate"),
        subject="after", interval=Interval(0.05, 0.15, 0.95, "wilson"), method="m", seed=1,
        assumptions=(Text("甲", "a"),), replay=Replay("risk", ("raw",), 1e-6),
    )  # fmt: skip
    assert Measure.from_json(measure.as_json()) == measure
    assert find((measure,), "risk.linkage.success") is measure
    assert find((measure,), "risk.linkage.success", "before") is None
    with pytest.raises(ValueError, match="finite"):
        Measure("x", float("nan"), "share", 1, Text("x", "x"))


@pytest.mark.parametrize(
    ("address", "township"),
    [
        ("104台北市中山區南京東路二段１號", "中山區"),
        ("臺南市安平區", "安平區"),
        ("７０８臺南市安平區", "安平區"),
        ("300新竹市東區光復路", "東區"),
        ("不知道", None),
        ("12", None),
    ],
)
def test_addresses_are_located(address: str, township: str | None) -> None:
    found = taiwan.locate(address)
    assert (found.township if found else None) == township

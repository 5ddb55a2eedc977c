"""The whole chain on real tables that nobody here made; skipped where the folder is absent."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from anping.core.asset import Asset
from anping.core.errors import InputError, ParameterError
from anping.core.measure import Measure, find
from anping.engine.table import Table
from anping.protect import KeyRing, Settings, protect, read_plan
from anping.recipes.public.tables import TABLES, write_public
from anping.steps.verification import verify_dossier
from walking import Walk, walk

ROWS = {
    "credit": 30_000,
    "credit-cr": 30_000,
    "adult": 32_561,
    "adult-test": 16_281,
    "heart-cleveland": 303,
    "heart-hungarian": 294,
    "heart-switzerland": 123,
    "heart-va": 200,
    "heart-all": 920,
}
K = 5

Walked = Callable[[str], Walk]


@pytest.fixture(scope="session")
def walked(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    @cache
    def walk_public(name: str) -> Walk:
        folder = tmp_path_factory.mktemp(name)
        pipeline = write_public(name, shared / "data", folder / "table")
        return walk(folder, pipeline, subject=TABLES[name].subject)

    return walk_public


def measures(walk: Walk) -> tuple[Measure, ...]:
    return tuple(measure for done in walk.performed for measure in done.outcome.measures)


def value(walk: Walk, name: str, subject: str | None = None) -> float:
    found = find(measures(walk), name, subject)
    assert found is not None, f"{name} was not measured"
    return found.value


def table(walk: Walk, port: str) -> pa.Table:
    outputs: dict[str, Asset] = {
        each.name.rpartition(".")[2]: each for done in walk.performed for each in done.outputs
    }
    return pq.read_table(walk.workspace.path(outputs[port]))


@pytest.mark.parametrize("name", TABLES)
def test_the_chain_ends_in_a_dossier_that_an_auditor_verifies(walked: Walked, name: str) -> None:
    walk = walked(name)
    released = walk.of("share.release")
    assert released.verdict is not None
    assert not released.refused, [r.code for r in released.verdict.reasons if not r.holds]
    report = verify_dossier(walk.dossier, trust=walk.keys, witness=walk.held, replay=True)
    assert [(f.code, f.what.en) for f in report.findings if f.outcome in {"fail", "warn"}] == []
    assert report.ok


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_read_and_nobody_stands_alone_in_what_is_released(
    walked: Walked, name: str
) -> None:
    walk = walked(name)
    assert value(walk, "intake.rows.accepted") == ROWS[name]
    assert value(walk, "intake.rows.refused") == 0
    assert value(walk, "risk.prosecutor.max", "before") == 1
    assert value(walk, "risk.prosecutor.max", "after") <= 1 / K
    assert value(walk, "risk.sample_uniqueness", "after") == 0
    assert value(walk, "risk.marketer", "after") < value(walk, "risk.marketer", "before")
    assert value(walk, "deid.information_loss") < 0.5
    assert find(measures(walk), "risk.linkage.success") is not None


@pytest.mark.parametrize("name", TABLES)
def test_classes_counted_by_another_library_hold_five_rows(walked: Walked, name: str) -> None:
    """pyarrow's group_by counts the released CSV's classes, as a recipient would."""
    walk = walked(name)
    coverage = json.loads((walk.dossier / "protection" / "coverage.json").read_bytes())
    names = coverage["quasiIdentifiers"]
    (file,) = walk.dossier.glob("**/*.csv")
    texts = pc.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True
    )
    released = pc.read_csv(file, convert_options=texts)
    classes = released.group_by(names).aggregate([([], "count_all")])
    assert min(classes.column("count_all").to_pylist()) >= K
    assert released.num_rows == ROWS[name] - value(walk, "deid.rows.suppressed")


def test_line_ends_change_neither_the_table_nor_the_risk(walked: Walked) -> None:
    plain, old_mac = walked("credit"), walked("credit-cr")
    assert table(plain, "credit").equals(table(old_mac, "credit"))
    for subject in ("before", "after"):
        for name in ("risk.prosecutor.max", "risk.sample_uniqueness", "risk.class_size.min"):
            assert value(plain, name, subject) == value(old_mac, name, subject)
    assert value(plain, "risk.marketer", "before") == value(old_mac, "risk.marketer", "before")
    # Local recoding draws from the operating system; drawn from one seed the tables are the same.
    ours, theirs = (released_with_a_seed(each) for each in (plain, old_mac))
    assert ours.equals(theirs)


def released_with_a_seed(walk: Walk) -> pa.Table:
    done = protect(
        Table.of(table(walk, "credit")),
        read_plan(walk.dossier / "plan.yaml"),
        keys=KeyRing({"person": bytes(range(64))}),
        settings=Settings(seed=1),
    )
    return done.table


def test_model_quality_is_kept_on_the_tables_large_enough_to_tell(walked: Walked) -> None:
    for name in ("credit", "adult"):
        assert value(walked(name), "utility.auc", "raw") > 0.75
        assert value(walked(name), "utility.auc.lost") < 0.05


def test_an_unknown_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        write_public("census", tmp_path, tmp_path / "new")
    assert caught.value.code == "public.unknown"


def test_a_missing_file_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_public("heart-all", tmp_path, tmp_path / "new")
    assert caught.value.code == "public.missing-file"
    assert not (tmp_path / "new").exists()


def test_a_folder_is_never_overwritten(shared: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_public("heart-va", shared / "data", tmp_path)
    assert caught.value.code == "public.folder-exists"

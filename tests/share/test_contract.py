from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from anping.core.labels import Tier
from anping.core.text import Text
from anping.share.odcs import contract, contract_yaml
from anping.share.release import ContentFile, Release

FILES = (ContentFile("data/customers.csv", "00" * 32, 12, "text/csv"),)
LOGICAL = {"string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"}


def test_the_contract_has_what_the_standard_requires(release: Release) -> None:
    made = contract(release, FILES)
    assert made["apiVersion"] == "v3.1.0"
    assert made["kind"] == "DataContract"
    assert made["status"] == "active"
    for name in ("id", "version", "schema", "roles", "slaProperties", "team"):
        assert made[name]


def test_every_column_is_a_property_with_a_known_type(release: Release) -> None:
    properties = contract(release, FILES)["schema"][0]["properties"]
    assert [one["name"] for one in properties] == [column.name for column in release.columns]
    for one in properties:
        assert one["logicalType"] in LOGICAL
        assert one["classification"] == "confidential"
    assert properties[2]["transformLogic"] == "generalization"
    assert properties[4]["quality"][0]["mustBe"] == 2
    assert "quality" not in properties[5]


@pytest.mark.parametrize("tier", list(Tier))
def test_every_tier_has_a_classification(release: Release, tier: Tier) -> None:
    made = contract(replace(release, tier=tier), FILES)
    assert made["schema"][0]["properties"][0]["classification"]


def test_the_yaml_reads_back_and_repeats(release: Release) -> None:
    once = contract_yaml(release, FILES)
    assert yaml.safe_load(once) == contract(release, FILES)
    assert once == contract_yaml(release, FILES)


def test_what_nobody_described_has_no_purpose_and_equal_words_stand_once(release: Release) -> None:
    bare = replace(release, title=Text("customers", "customers"), description=Text("", ""))
    made = contract(bare, FILES)
    assert "purpose" not in made["description"]
    assert made["schema"][0]["description"] == "customers"
    half = contract(replace(release, description=Text("", "English only")), FILES)
    assert half["description"]["purpose"] == "English only"

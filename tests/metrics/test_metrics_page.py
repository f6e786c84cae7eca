"""The page of definitions follows the registry."""

import re
from pathlib import Path

import pytest

from sim.metrics import METRICS, Totals, value
from sim.metrics.page import page
from tests.metrics.rows import frame

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


@pytest.mark.docs
def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m sim.metrics.page > docs/metrics.md"


def test_names_are_unique_and_spelt_alike():
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", name) for name in names)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_made_of_sums_that_exist(metric):
    assert (metric.quantile is None) != (metric.over == "")
    assert isinstance(value(metric, Totals.empty(frame())), float)
    assert metric.schema()["properties"]["unit"] == {"const": metric.unit}
    assert metric.definition.endswith(".")

"""Both engines write the same rows: random scenarios over everything the schema can say, ties forced."""

import pytest

from sim.codes import Kind
from tests.differential.coverage import PAIRS, rare, rare_pairs, report, survey


def require_agreement(coverage):
    assert not coverage.differences, "\n\n".join(coverage.differences[:3])


def require_ties(coverage):
    """Every two kinds of event that can fall on one instant did so."""
    kinds = list(Kind)
    never = [(a.name, b.name) for a in kinds for b in kinds if a <= b and not coverage.ties[a, b]]
    assert not never, report(coverage)


def test_engines_agree_on_random_scenarios():
    coverage = survey(range(120))
    require_agreement(coverage)
    assert not rare(coverage, scenarios=2), report(coverage)
    assert not rare_pairs(coverage, scenarios=1), report(coverage)
    for what in ("BUFFER_FULL", "more case slots", "more room in lines", "more events"):
        assert coverage.cramped[what] > 60


@pytest.mark.long
def test_engines_agree_on_two_thousand_random_scenarios():
    coverage = survey(range(2000))
    require_agreement(coverage)
    require_ties(coverage)
    assert not rare(coverage, scenarios=20), report(coverage)
    assert not rare_pairs(coverage, scenarios=PAIRS), report(coverage)

"""Sections 2, 3 and 4 of the published results, simulated (theory's own tests stand in tests/theory)."""

from __future__ import annotations

import pytest

from tests.published.study import FULL, SHORT, findings, table


def check(runs) -> None:
    found = findings(runs)
    assert len(found) >= 30 * len(runs)
    assert all(finding.holds(len(found)) for finding in found), "\n" + table(found)


def test_the_kernel_reproduces_published_figures():
    check(SHORT)


@pytest.mark.long
def test_both_engines_reproduce_published_figures():
    check(FULL)

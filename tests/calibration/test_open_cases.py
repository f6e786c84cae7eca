"""Open cases from a file: how rows are read, what is said of those that cannot be, what the run begins with."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from calibration.open_cases import with_open_cases
from scenarios.backlog import open_cases
from sim.build import build
from sim.errors import DataError
from sim.schema import Document
from sim.units import MINUTE_US

SCENARIO = """
queuewise: 1
name: claims
time zone: Europe/Berlin
start: 2026-03-02
horizon: 2 days
demand:
  claims:
    {type: claim, per hour: 1, open cases: [{arrived: 2026-01-05, at: papers}]}
process:
  claim:
    assess: {work: assess, talk: 20 min, patience: none}
    papers: {delay: 1 day}
    decided: {end: solved}
people: {assessors: {agents: 2, skills: [assess]}}
"""
TWO = SCENARIO.replace("process:\n", "  appeals: {type: claim, per hour: 1}\nprocess:\n")


def opened(tmp_path, text, scenario=SCENARIO):
    file = tmp_path / "today.csv"
    file.write_text(text, encoding="utf-8")
    return with_open_cases(Document.from_text(scenario, "claims.yaml"), file)


def problems(tmp_path, text, scenario=SCENARIO):
    with pytest.raises(DataError) as error:
        opened(tmp_path, text, scenario)
    return [str(one).removeprefix(f"{tmp_path}/") for one in error.value.problems]


def test_a_run_begins_with_the_cases_of_the_file_alone(tmp_path):
    found = opened(
        tmp_path,
        "Ticket;Created;Step;Since;Count;Owner\n"
        "C-1;27.02.2026 10:15;assess;;;Ann\n"
        "C-2;20.02.2026 11:00;papers;25.02.2026 08:00;;Bo\n"
        ";26.02.2026 09:00;assess;;3;\n",
    )
    assert (found.cases, found.unused) == (5, ("Owner",))
    assert found.names == {("claims", 1): "C-1", ("claims", 2): "C-2"}
    known = open_cases(build(found.document.scenario))
    day = 24 * 60 * MINUTE_US
    assert [one.arrived for one in known] == [
        -2 * day - 825 * MINUTE_US, -9 * day - 780 * MINUTE_US, *[-3 * day - 900 * MINUTE_US] * 3,
    ]  # fmt: skip
    assert known[1].since == -4 * day - 960 * MINUTE_US
    assert known[0].since == known[0].arrived


def test_cases_of_several_streams(tmp_path):
    text = "stream,arrived,at\nappeals,2026-03-01 08:00,assess\nclaims,2026-02-28 08:00,papers\n"
    found = opened(tmp_path, text, TWO).document.scenario
    assert [one.at for one in found.demand["claims"].open_cases] == ["papers"]
    assert [one.arrived for one in found.demand["appeals"].open_cases] == [dt.datetime(2026, 3, 1, 8)]
    [said] = problems(tmp_path, "arrived,at\n2026-03-01 08:00,assess\n", TWO)
    assert "no column 'stream', and the scenario has several streams; allowed: claims, appeals" in said


def test_moments_with_an_offset_and_of_parquet_are_put_on_the_scenarios_clock(tmp_path):
    text = "arrived,at\n2026-02-27T08:00:00+0000,assess\n"
    nine = dt.datetime(2026, 2, 27, 9)
    assert opened(tmp_path, text).document.scenario.demand["claims"].open_cases[0].arrived == nine
    frame = pd.DataFrame({"arrived": pd.to_datetime(["2026-02-27 08:00"], utc=True), "at": ["assess"]})
    frame.to_parquet(tmp_path / "today.parquet")
    frame.assign(arrived=[nine]).to_excel(tmp_path / "today.xlsx", index=False)
    for name in ("today.parquet", "today.xlsx"):
        document = with_open_cases(Document.from_text(SCENARIO), tmp_path / name).document
        assert document.scenario.demand["claims"].open_cases[0].arrived == nine


def test_every_row_that_cannot_be_used_is_named(tmp_path):
    said = problems(
        tmp_path,
        "case,arrived,at,since,count\n"
        "C-1,2026-02-27 10:15,asess,,\n"
        "C-2,2026-02-20 11:00,papers,2026-02-19 08:00,\n"
        "C-2,2026-03-26 09:00,assess,,0\n"
        "C-4,,decided,,\n"
        "C-5,27/02/2026,assess,,\n",
    )
    assert said == [
        "today.csv:2: column 'at': no such step of 'claims'; allowed: assess, papers; given: 'asess'. "
        "Did you mean 'assess'?",
        "today.csv:3: column 'since': at the step before it came; allowed: 2026-02-20 11:00:00 or after; "
        "given: '2026-02-19 08:00'",
        "today.csv:4: column 'arrived': after the scenario's start; allowed: 2026-03-02 00:00:00 or before; "
        "given: '2026-03-26 09:00'. Set the scenario's 'start' to the time of the list, or leave the case out.",
        "today.csv:4: column 'case': stands in line 3 as well; allowed: each case once; given: 'C-2'",
        "today.csv:4: column 'count': not a number of cases; allowed: 1 to 1000000, or empty: 1; given: '0'",
        "today.csv:5: column 'at': an open case waits at no such step; allowed: assess, papers; given: 'decided'",
        "today.csv:5: column 'arrived': empty; allowed: the local time of its arrival",
        "today.csv:6: column 'arrived': not a time in the form of the others; allowed: one form in a column; "
        "given: '27/02/2026'",
    ]


def test_of_many_such_rows_the_first_are_shown(tmp_path):
    said = problems(tmp_path, "arrived,at\n" + "2026-02-27 10:15,nowhere\n" * 25)
    assert len(said) == 11
    assert said[-1] == "today.csv: 15 more of this kind"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("case,at\nC-1,assess\n", "today.csv: no column 'arrived'; allowed: arrived, at, since (if needed)"),
        ("arrived,at\nyesterday,assess\n", "today.csv: column 'arrived': not times that can be read"),
        ("arrived,at\n03/02/2026 08:00,assess\n", "can be read in two ways; allowed: %d/%m/%Y %H:%M or"),
        ("arrived,at\n", "today.csv: no rows below the header"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path, text, said):
    [one] = problems(tmp_path, text)
    assert said in one
    assert "mapping" not in one

"""The service-quality report on tables made by hand: periods, indicators, what stands out, standards."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from scenarios.indicators import Contacts, indicator, repeated, service
from scenarios.quality import periods_of, quality
from scenarios.standards import register
from sim.errors import ScenarioError
from sim.schema import Document
from sim.schema.standards import Standard

WEEK = dt.timedelta(days=7)
MONDAY = pd.Timestamp("2026-03-02")


def table(rows):
    """Contacts: (week, department, person, number, how many of them abandoned, wait of the answered)."""
    found = []
    for week, department, person, number, abandoned, wait in rows:
        for one in range(number):
            gone = one < abandoned
            found.append({
                "when": MONDAY + week * WEEK + pd.Timedelta(hours=9, minutes=one % 600),
                "department": department, "person": "" if gone else person, "channel": "phone", "step": "call: answer",
                "offered": 1, "answered": int(not gone), "abandoned": int(gone), "settled": 1,
                "wait_s": 0.0 if gone else wait,
            })  # fmt: skip
    return pd.DataFrame(found)


def contacts(rows, weeks):
    cases = pd.DataFrame({"when": [], "department": [], "person": [], "channel": [], "step": []})
    return Contacts("by hand", table(rows), cases, MONDAY, MONDAY + weeks * WEEK)


def steady(weeks, desk=20, back=10):
    """Two departments, 200 contacts a week each, of which so many abandon, one more or less in turn."""
    rows = []
    for week in range(weeks):
        rows.append((week, "desk", "desk 1", 200, desk + (-1) ** week, 30.0 + (-1) ** week))
        rows.append((week, "back office", "back office 1", 200, back, 60.0))
    return rows


def test_weeks_and_months_are_whole_only_if_recorded_from_begin_to_end():
    first, last = pd.Timestamp("2026-01-29 08:00"), pd.Timestamp("2026-04-01")
    months = periods_of(first, last, "month")
    assert [(one.label, one.whole) for one in months] == [
        ("2026-01", False), ("2026-02", True), ("2026-03", True),
    ]  # fmt: skip
    weeks = periods_of(pd.Timestamp("2026-12-28"), pd.Timestamp("2027-01-12"), "week")
    assert [(one.label, one.start.isoformat(), one.whole) for one in weeks] == [
        ("2026-W53", "2026-12-28", True), ("2027-W01", "2027-01-04", True), ("2027-W02", "2027-01-11", False),
    ]  # fmt: skip


def test_values_are_ratios_of_sums():
    found = quality(contacts([(0, "desk", "a", 10, 2, 30), (0, "back office", "b", 30, 3, 90)], 1))
    assert set(found.whole) == {"contacts", "abandonment_rate", "asa"}
    assert found.whole["contacts"].value == 40
    assert found.whole["abandonment_rate"].value == 5 / 40
    assert found.whole["asa"].value == pytest.approx((8 * 30 + 27 * 90) / 35)
    assert found.parts["department"]["desk"]["abandonment_rate"].value == 0.2
    assert "abandonment_rate" in found.parts["person"]["a"]
    assert found.parts["person"]["a"]["abandonment_rate"].value == 0  # who abandoned was nobody's
    assert list(found.parts["department"]) == ["back office", "desk"]


def test_a_departments_rate_up_a_tenth_stands_out_and_says_whether_chance_may_do_it():
    rows = [*steady(4), (4, "desk", "desk 1", 200, 23, 30), (4, "back office", "back office 1", 200, 10, 60)]
    [one] = [o for o in quality(contacts(rows, 5)).outliers() if o.dimension == "department"]
    assert (one.member, one.series.indicator.name) == ("desk", "abandonment_rate")
    assert one.series.change == pytest.approx(23 / 19 - 1)  # the week before: 20 - 1
    assert [reason.text for reason in one.series.reasons] == ["up 21 % in a period, which chance may do"]


def test_beyond_the_control_limits_stands_out():
    rows = [*steady(8), (8, "desk", "desk 1", 200, 60, 30), (8, "back office", "back office 1", 200, 10, 60)]
    report = quality(contacts(rows, 9))
    [one] = [o for o in report.outliers() if o.dimension == "department"]
    kinds = [reason.kind for reason in one.series.reasons]
    assert kinds == ["limits", "change"]
    assert "more than chance does" in one.series.reasons[1].text
    limits = one.series.limits
    centre = sum(20 + (-1) ** week for week in range(8)) / 1600
    assert limits.centre == pytest.approx(centre)
    assert limits.high == pytest.approx(centre + 3 * (centre * (1 - centre) / 200) ** 0.5)
    assert report.whole["abandonment_rate"].reasons


def test_better_values_and_unfinished_periods_do_not_stand_out():
    better = [*steady(8), (8, "desk", "desk 1", 200, 2, 30), (8, "back office", "back office 1", 200, 10, 60)]
    assert quality(contacts(better, 9)).outliers() == []
    begun = [*steady(8), (8, "desk", "desk 1", 200, 150, 30)]
    report = quality(Contacts("", table(begun), contacts([], 1).cases, MONDAY, MONDAY + 8 * WEEK + WEEK / 2))
    assert report.outliers() == []
    assert report.periods[report.now].label == "2026-W17"


def test_small_numbers_are_not_judged_by_their_change():
    rows = [(0, "desk", "a", 10, 1, 30), (1, "desk", "a", 10, 2, 30)]
    assert quality(contacts(rows, 2)).outliers() == []


def test_a_trend_says_which_way():
    rows = [(week, "desk", "a", 100, 5 + 2 * week, 30) for week in range(8)]
    one = quality(contacts(rows, 8)).whole["abandonment_rate"]
    assert one.moves.slope == pytest.approx(0.02)
    assert one.movement == "worsening"
    assert quality(contacts(rows, 8)).whole["contacts"].movement == "steady"


def test_months():
    found = quality(contacts(steady(13), 13), "month")  # 2 March to 31 May
    assert [(one.label, one.whole) for one in found.periods] == [
        ("2026-03", False), ("2026-04", True), ("2026-05", True),
    ]  # fmt: skip
    assert found.whole["contacts"].values.sum() == 13 * 400


def test_everything_as_one_table():
    found = quality(contacts(steady(3), 3))
    rows = found.table()
    mine = rows[(rows["dimension"] == "department") & (rows["member"] == "desk") & (rows["indicator"] == "contacts")]
    assert mine["value"].tolist() == [200, 200, 200]
    assert rows["unit"].isin(["share", "s", "count"]).all()


def test_service_level_formulas():
    soon = np.array([True, True, False, False])
    answered = np.array([True, False, True, False])
    for formula, over, under in (("SL1", 2, 4), ("SL2", 1, 2), ("SL3", 1, 4), ("SL4", 1, 3)):
        good, due = service(soon, answered, ~answered, np.full(4, formula))
        assert (good.sum(), due.sum()) == (over, under)


def test_repeats_are_of_the_same_customer_and_kind_within_a_week():
    when = pd.Series(pd.to_datetime([f"2026-03-{day}" for day in ("01", "07", "15", "02", "03")]))
    customer = pd.Series(["a", "a", "a", "", "a"])
    kind = pd.Series(["x", "x", "x", "x", "y"])
    known, again = repeated(when, customer, kind, np.array([True, True, True, True, False]))
    assert known.tolist() == [True, True, True, False, False]
    assert again.tolist() == [True, False, False, False, False]


# --- standards -------------------------------------------------------------------------------------------------------


def standing(rows, weeks, **said):
    data = {"metric": "abandonment_rate", "value": "10 %", **said}
    document = Document.from_data({"standards": {"one": data}}, "standards.yaml")
    [found] = register(document, {"one": Standard.model_validate(data)}, quality(contacts(rows, weeks)))
    return found


def rates(*percent):
    return [(week, "desk", "a", 100, one, 30) for week, one in enumerate(percent)]


def test_attained_by_how_much_and_since_when():
    found = standing(rates(12, 9, 8, 7), 4, of="desk", owner="Ms Li", revision=3)
    assert (found.attained, found.since, found.run, found.met, found.seen) == (True, "2026-W11", 3, 3, 4)
    assert found.gap == pytest.approx(0.03)
    assert (found.stage, found.advice) == ("check", "Keep it.")
    assert found.plain()["owner"] == "Ms Li"


def test_missed_once_and_again():
    once, again = standing(rates(8, 12), 2), standing(rates(8, 12, 13), 3)
    assert (once.stage, once.advice) == ("act", "Missed: look for the cause.")
    assert (again.advice, again.since) == ("Missed 2 periods in a row: act on the cause.", "2026-W11")
    assert "within reach" in standing(rates(12, 13), 2).advice


def test_plan_do_check_act():
    assert standing(rates(8, 8), 2, since="2026-06-01").stage == "plan"
    assert standing(rates(8, 8), 2, since="2026-03-10").stage == "do"  # in the middle of the last week
    assert standing(rates(12, 8), 2, since="2026-03-09").met == 1
    due = standing(rates(8, 8), 2, review="2026-03-15")
    assert (due.stage, due.advice) == ("act", "Its review is due.")
    assert "could it be raised" in standing(rates(*[8] * 6), 6).advice


def test_a_standard_easier_than_the_industrys_says_so():
    assert "Easier than the industry's" in standing(rates(8), 1, industry="7 %").advice
    assert standing(rates(8), 1, industry="12 %").advice == "Keep it."


def test_values_are_in_the_metrics_unit():
    assert Standard.model_validate({"metric": "asa", "value": "20 s"}).value == 20
    assert Standard.model_validate({"metric": "asa", "value": "20 s"}).direction == "at most"
    assert Standard.model_validate({"metric": "service_level", "value": "80 %"}).direction == "at least"
    assert indicator("asa").unit == "s"


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ({"of": "dusk"}, ["standards.one.of", "nothing of this name", "department: desk", "'dusk'"]),
        ({"of": {"person": "desk"}}, ["nothing of this name", "person: a"]),
        ({"metric": "complaint_rate"}, ["not measured here", "contacts, abandonment_rate, asa"]),
    ],
)
def test_a_standard_of_nothing(said, pieces):
    with pytest.raises(ScenarioError) as error:
        standing(rates(8), 1, **said)
    for piece in pieces:
        assert piece.strip("'") in str(error.value)


def test_a_standard_of_what_is_not_measured_there():
    report = quality(replace(contacts(rates(8), 8), served_only=frozenset({"department"})))
    document = Document.from_data({"standards": {"one": {}}}, "standards.yaml")
    one = Standard.model_validate({"metric": "abandonment_rate", "value": 0.05, "of": {"department": "desk"}})
    with pytest.raises(ScenarioError, match="not measured by department; allowed: contacts, asa"):
        register(document, {"one": one}, report)


def test_a_value_that_never_changes_is_no_alarm():
    rows = [(week, "desk", "desk 1", 49, 0, 0.1) for week in range(9)]
    asa = quality(contacts(rows, 9)).whole["asa"]
    assert asa.limits.low == pytest.approx(asa.limits.high)
    assert not asa.reasons


def test_a_name_of_two_things_must_say_which():
    rows = [(0, "desk", "desk", 10, 1, 5)]
    with pytest.raises(ScenarioError, match="of several things; allowed: department, person"):
        standing(rows, 1, of="desk")
    assert standing(rows, 1, of={"department": "desk"}).value == 0.1

"""Who was on duty: brackets by hand, whole people, groups, redials."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.history import Drops, History
from calibration.people import Roster, grid, people_time, union, whole
from calibration.redials import Redials
from calibration.skills import Skills
from sim.units import HOUR_US, MINUTE_US, NEVER, SECOND_US

UTC = ZoneInfo("UTC")
DAY = dt.date(2026, 1, 12)
NINE = int(dt.datetime(2026, 1, 12, 9, tzinfo=UTC).timestamp()) * SECOND_US
QUARTER = 36  # the quarter hour that begins at nine


def history(*contacts):
    """Contacts as (agent, joined, started, ended) in minutes after nine; no agent: hung up at ``ended``."""
    rows = []
    for number, (agent, joined, started, ended) in enumerate(contacts):
        served = bool(agent)
        rows.append(
            {
                "contact": str(number),
                "customer": "",
                "type": "a",
                "priority": "",
                "agent": agent,
                "arrived": NINE + round(joined * MINUTE_US),
                "enqueued": NINE + round(joined * MINUTE_US),
                "started": NINE + round(started * MINUTE_US) if served else NEVER,
                "ended": NINE + round(ended * MINUTE_US),
                "released": NINE + round(ended * MINUTE_US) if served else NEVER,
                "hold": 0,
                "answered": served,
            }
        )
    return History(pd.DataFrame(rows), UTC, "hand made", Drops(len(rows), len(rows), ()), DAY, DAY)


def roster(*contacts):
    some = history(*contacts)
    everything = np.ones(len(some.table), dtype=bool)
    return Roster().fit(some, everything, everything)


def test_working_is_the_lower_end_and_quiet_pauses_belong_to_the_upper():
    """Ann serves 0-5 and 10-15 minutes; nobody waits between."""
    found = roster(("ann", 0, 0, 5), ("ann", 10, 10, 15))
    assert found.lower_[0, QUARTER] == pytest.approx(10 / 15)
    assert found.upper_[0, QUARTER] == pytest.approx(1)
    assert found.lower_.sum() == pytest.approx(10 / 15)
    assert found.at(0.5)[0, QUARTER] == pytest.approx(12.5 / 15)


def test_a_pause_while_a_customer_waits_is_an_absence():
    """A customer waits from minute 6 to 12 while ann pauses from 5 to 12: she may have been there until 6 min 20 s."""
    found = roster(("ann", 0, 0, 5), ("ann", 6, 12, 15))
    assert found.lower_[0, QUARTER] == pytest.approx(8 / 15)
    assert found.upper_[0, QUARTER] == pytest.approx((8 + 1 + 1 / 3) / 15)


def test_a_wait_that_ended_leaves_the_rest_of_the_pause_open():
    """Another customer waits from 6 to 8 and hangs up: away from 6:20 to 8, perhaps there from 8 to 12."""
    found = roster(("ann", 0, 0, 5), ("", 6, 0, 8), ("ann", 12, 12, 15))
    assert found.upper_[0, QUARTER] == pytest.approx((8 + 1 + 1 / 3 + 4) / 15)


def test_a_long_pause_is_the_end_of_a_shift():
    found = roster(("ann", 0, 0, 5), ("ann", 300, 300, 305))
    assert found.upper_.sum() == pytest.approx(10 / 15)


def test_who_has_two_contacts_at_once_pauses_after_the_later_one():
    """Ann serves 0-10 and 2-6 at once, then 12-15: her pause is 10-12, not 6-12."""
    found = roster(("ann", 0, 0, 10), ("ann", 2, 2, 6), ("ann", 12, 12, 15))
    assert found.upper_[0, QUARTER] - found.lower_[0, QUARTER] == pytest.approx(2 / 15)


def test_pauses_while_others_wait_are_work_after_the_contact():
    """A hundred and more contacts in a row, the next customer always waiting, ten seconds between them."""
    contacts = [("ann", max(0, 2 * n - 5), 2 * n, 2 * n + 2 - 1 / 6) for n in range(150)]
    found = roster(*contacts)
    assert found.pause_s_ == pytest.approx(10)
    assert found.pauses_ >= 140
    assert found.lower_[0, QUARTER + 4] == pytest.approx(1, abs=1e-6)


def test_time_of_people_between_edges():
    start, end = np.array([0, 5, 20]), np.array([10, 25, 30])
    np.testing.assert_allclose(people_time(start, end, np.array([0, 10, 20, 40])), [15, 10, 15])


def test_stretches_put_together():
    some = union(np.array([5, 0, 20, 21]), np.array([12, 10, 30, 25]))
    assert (some.start.tolist(), some.end.tolist()) == ([0, 20], [12, 30])
    assert some.until(np.array([-5, 6, 15, 25, 99])).tolist() == [0, 6, 12, 17, 22]


def test_a_day_on_which_clocks_go_forward_has_quarter_hours_without_length():
    edges = grid(dt.date(2026, 3, 29), 1, ZoneInfo("Europe/Berlin"))
    lengths = np.diff(edges)
    assert edges[-1] - edges[0] == 23 * HOUR_US
    assert np.flatnonzero(lengths == 0).tolist() == [8, 9, 10, 11]


@given(st.lists(st.floats(0.5, 30), min_size=1, max_size=96))
def test_whole_people_keep_the_hours(heads):
    counts = whole(np.array(heads))
    assert abs(counts.sum() - sum(heads)) <= 0.5 + 1e-9
    assert np.abs(counts - heads).max() <= 1 + 1e-9


def test_agents_with_different_work_make_groups():
    random = np.random.default_rng(1)
    contacts, kinds = [], []
    for number in range(2000):
        kind = "a" if random.random() < 0.6 else "b"
        agent = f"both {random.integers(4)}" if kind == "b" or number % 2 else f"only a {number % 3}"
        contacts.append((agent, number, number, number + 0.5))
        kinds.append(kind)
    groups = Skills().fit(history(*contacts), pd.Series(kinds)).groups_
    assert [group.types for group in groups] == [("a",), ("a", "b")]
    assert {name[:4] for name in groups[0].agents} == {"only"}
    assert [group.name for group in groups] == ["agents for a", "agents for everything"]


def test_agents_with_the_same_work_are_one_group():
    random = np.random.default_rng(2)
    contacts = [(f"agent {random.integers(8)}", n, n, n + 0.5) for n in range(500)]
    groups = Skills().fit(history(*contacts), pd.Series(random.choice(["a", "b"], 500))).groups_
    assert [group.name for group in groups] == ["agents"]


def with_customers(names, *contacts):
    some = history(*contacts)
    return History(some.table.assign(customer=names), some.zone, some.source, some.drops, some.first, some.last)


def test_redials_are_the_next_contact_after_a_hang_up():
    """Forty customers hang up; thirty of them call again ten minutes later and are served."""
    contacts, names = [], []
    for number in range(40):
        contacts.append(("", 3 * number, 0, 3 * number + 1))
        names.append(f"c{number}")
        if number < 30:
            contacts.append(("ann", 3 * number + 11, 3 * number + 11, 3 * number + 12))
            names.append(f"c{number}")
    for number in range(60):
        contacts.append(("bob", 300 + number, 300 + number, 301 + number))
        names.append(f"d{number}")
    found = Redials().fit(with_customers(names, *contacts))
    assert (found.n_, found.again_) == (40, 30)
    assert found.share_[0] == 0.75
    assert found.used_
    assert found.is_redial_.sum() == 30
    assert found.after_.mean_[0] == pytest.approx(600)


def test_redials_are_not_used_where_customers_are_unknown():
    contacts = [("", n, 0, n + 0.5) for n in range(50)]
    found = Redials().fit(with_customers(["x" if n % 2 else "" for n in range(50)], *contacts))
    assert not found.used_
    assert not found.is_redial_.any()

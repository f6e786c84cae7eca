"""Replications end to end: against theory, and against themselves."""

import math

import numpy as np
import pytest

from scenarios.comparison import compare
from scenarios.interventions import apply
from scenarios.replications import replicate
from sim.build import build
from sim.errors import ParameterError
from sim.log import Log
from sim.metrics import Totals
from sim.metrics.sums import QueueSum
from sim.run import chunks, run
from sim.schema import Document


def queue(agents, patience=None, **more):
    """A queue with exponential times: 60 contacts an hour, talk 5 min (load 5)."""
    stream = {"type": "billing", "per hour": 60}
    if patience:
        stream["patience"] = {"mean": patience, "shape": "exponential"}
    return Document.from_data({
        "queuewise": 1, "name": "queue", "start": "2026-03-02", "horizon": "22 days", "warm-up": "2 days",
        "demand": {"calls": stream},
        "people": {"desk": {"agents": agents, "skills": ["billing"]}},
        "process": {"billing": {"answer": {"work": "billing", "talk": {"mean": "5 min", "shape": "exponential"}},
                                "close": {"end": "solved"}}},
        **more,
    })  # fmt: skip


def model(*args, **more):
    return build(queue(*args, **more).scenario)


def erlang_c(servers, load):
    """P(wait) of M/M/c, from Erlang's B recursion."""
    blocking = 1.0
    for number in range(1, servers + 1):
        blocking = load * blocking / (number + load * blocking)
    return blocking / (1 - load / servers * (1 - blocking))


def erlang_a(servers, arrivals, service, patience):
    """(P(abandon), mean number waiting) of M/M/c+M by summing the birth-death chain; rates per hour, times in hours."""
    weights = [1.0]
    for number in range(1, 400):
        leaving = min(number, servers) / service + max(number - servers, 0) / patience
        weights.append(weights[-1] * arrivals / leaving)
    total = math.fsum(weights)
    waiting = math.fsum(w * max(n - servers, 0) for n, w in enumerate(weights)) / total
    return waiting / patience / arrivals, waiting


def test_erlang_c():
    # Five agents' worth of load on seven: P(W > t) = C exp(-(c - a) t / S).
    found = replicate(model(7), 12, seed=3)
    wait = erlang_c(7, 5.0)
    by_theory = {
        "occupancy": 5 / 7,
        "asa": wait * 300 / 2,
        "service_level": 1 - wait * math.exp(-2 * 20 / 300),
        "queue_length": wait * 300 / 2 / 60,
        "aht": 300,
        "offered": 20 * 24 * 60,
    }
    for name, expected in by_theory.items():
        estimate = found.estimate(name, confidence=1 - 0.01 / len(by_theory))
        assert estimate.low <= expected <= estimate.high, name
        assert estimate.high - estimate.low < 0.25 * expected


def test_erlang_a():
    # A queue of 60 an hour, 5 min each, 5 agents, patience 3 min.
    found = replicate(model(5, patience="3 min"), 12, seed=4)
    abandon, waiting = erlang_a(5, 60, 1 / 12, 1 / 20)
    by_theory = {
        "abandonment_rate": abandon,
        "queue_length": waiting,
        "mean_wait": waiting * 60,  # Little's law: 60 an hour, so L hours are L * 60 s per contact
        "occupancy": 60 * (1 - abandon) / 12 / 5,
        "lost_rate": abandon,
    }
    for name, expected in by_theory.items():
        estimate = found.estimate(name, confidence=1 - 0.01 / len(by_theory))
        assert estimate.low <= expected <= estimate.high, name
        assert estimate.high - estimate.low < 0.1 * expected


def test_littles_law_holds_in_each_run_exactly():
    # Over a whole run without warm-up in which nobody is left waiting, L = lambda W is an identity of the sums.
    found = replicate(model(6, patience="10 min", **{"warm-up": "0 s", "horizon": "3 days", "ends": "drain"}), 3)
    for totals in found.totals:
        one = type(found)(**{**vars(found), "totals": [totals], "asked": 1, "replications": (0,)})
        waiting, wait, offered = (one.estimate(name).mean for name in ("queue_length", "mean_wait", "offered"))
        assert waiting * 3 * 86_400 == pytest.approx(wait * offered, rel=1e-3)  # waits may end after the horizon


def test_a_run_that_drains_cuts_open_waits_at_its_own_end():
    # Nobody works after 08:00. Half of a try's customers give up after 30 min and call again 2 h later, some beyond the
    # horizon's end; the others wait for ever.
    patience = {"constant": "30 min", "never": "50 %"}
    redial = {"share": "100 %", "after": "2 h", "attempts": 4}
    demand = {"calls": {"type": "billing", "per hour": 20, "patience": patience, "redial": redial}}
    day = {"horizon": "1 day", "warm-up": "0 s", "ends": "drain"}
    found = replicate(model({"mon": {"00:00-08:00": 2}}, demand=demand, **day), 3)
    for totals in found.totals:
        after_the_end = totals.queue[:, 0, -1]
        assert after_the_end[QueueSum.STILL_WAITING] > 0
        assert after_the_end[QueueSum.WAIT_OPEN] >= 0
        assert totals.queue[QueueSum.OFFERED].sum() == totals.observed[0].sum() + totals.censored[0].sum()


def test_flow_is_conserved_interval_by_interval():
    found = replicate(model(5, patience="3 min", routing={"billing": {"waiting places": 3}}, **{"warm-up": "0 s"}), 2)
    names = ("answered", "abandoned", "blocked", "still_waiting")
    together = sum(found.by_interval(name)["mean"] for name in names)
    offered = found.by_interval("offered")["mean"]
    assert np.array_equal(offered, together)
    assert found.estimate("blocked").mean > 0
    assert offered.sum() == pytest.approx(found.estimate("offered").mean)


def test_overload_keeps_every_metric_meaningful():
    found = replicate(model(3, horizon="3 days", **{"warm-up": "0 s"}), 4)  # load 5 on 3
    estimates = found.estimates()
    assert 0.99 < estimates["occupancy"].mean <= 1
    grows = (60 - 36) * 72  # arrivals less what three agents can do
    assert estimates["still_waiting"].mean == pytest.approx(grows, rel=0.1)
    assert estimates["backlog"].mean == pytest.approx(grows, rel=0.1)
    assert estimates["wait_p50"].mean > 3600
    assert estimates["wait_p95"].mean is None or estimates["wait_p95"].mean < 72 * 3600
    assert estimates["mean_wait"].mean > estimates["asa"].mean > 3600
    for one in estimates.values():
        limits = (one.low, one.mean, one.high)
        assert None in limits or 0 <= limits[0] <= limits[1] <= limits[2]


def test_both_engines_and_any_number_of_workers_give_the_same():
    small = model(6, patience="3 min", horizon="2 days", **{"warm-up": "0 s"})
    first = replicate(small, 3)
    for other in (replicate(small, 3, engine="reference"), replicate(small, 3, workers=2)):
        assert other.complete
        assert other.estimates() == first.estimates()


def test_chunks_are_counted_as_the_whole_log():
    small = model(6, patience="3 min", horizon="2 days", **{"warm-up": "6 h"})
    pieces = [log for _, log in chunks(small, 1, 0, "reference")]
    assert len(pieces) > 3
    step_by_step, at_once = Totals.empty(small.frame), Totals.empty(small.frame)
    for piece in pieces:
        step_by_step.add(piece, small.frame.end_us)
    at_once.add(Log.join(pieces), small.frame.end_us)
    for one, other in ((step_by_step.queue, at_once.queue), (step_by_step.group, at_once.group)):
        assert np.array_equal(one, other)
    assert at_once.queue.sum() > 0
    assert Log.join(pieces).same_as(run(small, 1, 0))


def test_progress_is_told_and_stopping_keeps_what_is_finished():
    calls = []
    small = model(6, horizon="2 days", **{"warm-up": "0 s"})
    stopped = replicate(small, 5, progress=lambda *now: calls.append(now), stop=lambda: calls[-1:] == [(2, 5, 0.0)])
    assert not stopped.complete
    assert stopped.replications == (0, 1)
    assert calls == sorted(calls)
    assert calls[-1] == (2, 5, 0.0)
    assert stopped.estimate("offered").n == 2


def test_an_interrupt_keeps_what_is_finished():
    def interrupt(done, asked, part):
        if done == 1:
            raise KeyboardInterrupt

    stopped = replicate(model(6, horizon="2 days", **{"warm-up": "0 s"}), 5, progress=interrupt)
    assert (stopped.complete, stopped.replications) == (False, (0,))


def test_by_weekday_and_time_of_day():
    hours = {"mon-fri": {"08:00-12:00": 120}, "sat": {"08:00-10:00": 30}}
    document = queue(20, **{"demand": {"calls": {"type": "billing", "per hour": hours}}, "horizon": "3 weeks",
                            "warm-up": "1 week", "interval": "1 h"})  # fmt: skip
    found = replicate(build(document.scenario), 20)
    table = found.by_time_of_day("offered").set_index(["weekday", "time"])
    assert len(table) == 7 * 24
    assert table.loc[("mon", "07:00"), "mean"] == 0
    assert table.loc[("wed", "08:00"), "mean"] == pytest.approx(120, abs=4 * math.sqrt(120 / 40))
    assert table.loc[("sat", "09:00"), "mean"] == pytest.approx(30, abs=4 * math.sqrt(30 / 40))
    together = found.by_time_of_day("offered", weekdays=False).set_index("time")
    assert together.loc["08:00", "mean"] == pytest.approx((5 * 120 + 30) / 7, rel=0.05)
    starts = found.by_interval("service_level", "billing")["start"]
    assert str(starts.iloc[0]) == "2026-03-09 00:00:00"
    assert len(starts) == 14 * 24


def test_by_queue_group_and_stream():
    found = replicate(model(6, horizon="2 days", **{"warm-up": "0 s"}), 2)
    assert found.by_queue()["billing"]["asa"] == found.estimate("asa", queue="billing")
    assert found.by_group()["desk"]["occupancy"] == found.estimate("occupancy", group="desk")
    assert found.by_stream()["calls"]["cases"] == found.estimate("cases", stream="calls")


def test_what_cannot_be_asked():
    small = model(6, horizon="2 days", **{"warm-up": "0 s"})
    with pytest.raises(ParameterError, match="no replications; allowed: 1 or more; given: 0"):
        replicate(small, 0)
    with pytest.raises(ParameterError, match="no such engine; allowed: kernel, reference; given: simpy"):
        replicate(small, 1, engine="simpy")
    found = replicate(small, 1)
    with pytest.raises(ParameterError, match="asa is counted by queue, not by group; allowed: queue; given: desk"):
        found.estimate("asa", group="desk")
    with pytest.raises(ParameterError, match="wait_p90 exists for whole runs only"):
        found.by_interval("wait_p90")


def test_the_same_customers_make_comparisons_sharp():
    change = {"one more": {"add": {"people.desk.agents": 1}}}
    document = queue(6, patience="5 min", interventions=change, horizon="4 days", **{"warm-up": "0 s"})
    base, more = (replicate(build(one.scenario), 10) for one in (document, apply(document, ["one more"])))
    found = compare(base, {"one more": more})
    assert found.get("one more", "asa").verdict == "better"
    assert found.get("one more", "cases").verdict == "no difference shown"
    assert found.get("one more", "cases").mean == 0
    assert found.get("one more", "abandonment_rate").variance_reduction > 0.3
    assert found.get("one more", "staffed_hours").mean == pytest.approx(96)

"""Two probes that a rival fails (benchmarks/published.md, section 5c): priorities without pre-emption, two shifts."""

import numpy as np
import pytest

from sim.build import build
from sim.codes import Ending, Visit
from sim.run import ENGINES, run
from sim.schema import Document
from sim.theory import mg1_priorities

SERVE = {"work": "s", "talk": {"mean": "10 min", "shape": "exponential"}}
PROCESS = {"t": {"serve": SERVE, "done": {"end": "solved"}}}
PRIORITIES = {
    "queuewise": 1,
    "name": "priorities",
    "start": "2026-03-02",
    "horizon": "2000 h",
    "demand": {
        "high": {"type": "t", "per hour": 0.5, "priority": 1},
        "low": {"type": "t", "per hour": 0.5, "priority": 2},
    },
    "people": {"g": {"agents": 1, "skills": ["s"]}},
    "process": PROCESS,
}


def test_low_priority_waits_as_theory_says():
    """Cobham: W0 = load x mean service = 100 s; the low class waits W0 / ((1 - 1/12)(1 - 1/6)) = 131 s.

    40 replications of 1,000 customers each; the mean lies within four standard errors, which are small enough to tell.
    """
    made = build(Document.from_data(PRIORITIES).scenario)
    means = {0: [], 1: []}
    for replication in range(40):
        rows = run(made, seed=7, replication=replication).visits
        for stream, found in means.items():
            mine = rows[(rows[:, Visit.STREAM] == stream) & (rows[:, Visit.ENDING] == Ending.SERVED)]
            found.append((mine[:, Visit.STARTED] - mine[:, Visit.ENQUEUED]).mean() / 1e6)
    theory = mg1_priorities([1 / 7200] * 2, [600] * 2, [1, 1])
    assert theory == pytest.approx([100 / (11 / 12), 100 / ((11 / 12) * (5 / 6))])
    for stream, wait in enumerate(theory):
        error = np.std(means[stream], ddof=1) / np.sqrt(40)
        assert error < 4
        assert abs(np.mean(means[stream]) - wait) < 4 * error


SHIFTS = {
    "queuewise": 1,
    "name": "two shifts",
    "start": "2026-03-02",
    "horizon": "30 days",
    "demand": {"a": {"type": "t", "per hour": {"every day": {"09:00-16:00": 1}}}},
    "people": {
        "day": {"shifts": {"day": {"hours": "09:00-17:00", "days": "every day", "agents": 1}}, "skills": ["s"]},
        "evening": {"shifts": {"evening": {"hours": "18:00-23:00", "days": "every day", "agents": 1}}, "skills": ["s"]},
    },
    "process": PROCESS,
}


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_waits_for_the_evening_agent(engine):
    """Some 210 contacts of a month, all served by the day agent, within two hours and before 17:00."""
    rows = run(build(Document.from_data(SHIFTS).scenario), seed=3, engine=engine).visits
    assert len(rows) > 150
    assert (rows[:, Visit.GROUP] == 0).all()
    assert (rows[:, Visit.STARTED] % 86_400_000_000 < 17 * 3_600_000_000).all()
    assert (rows[:, Visit.STARTED] - rows[:, Visit.ENQUEUED] < 2 * 3_600_000_000).all()

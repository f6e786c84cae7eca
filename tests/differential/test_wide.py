"""What the compiled engine keeps in words of 64 bits has no end at the 64th bit: steps, attributes, agents."""

import pytest
import yaml

from sim.build import build
from sim.kernel.bounds import plan_of
from sim.schema import Document
from tests.differential.engines import TINY, kernel_log, reference_log

MANY = 70


def scenario(process, agents=5, **stream):
    """One stream of calls that goes through a process."""
    demand = {"type": "call", "per hour": 300, "difficulty": "50 %", **stream}
    text = yaml.safe_dump(
        {
            "queuewise": 1,
            "name": "wide",
            "start": "2026-03-02",
            "horizon": "2 h",
            "demand": {"calls": demand},
            "people": {
                "few": {"agents": 3, "skills": {"call": {"at once": 2}}},
                "many": {"agents": agents, "skills": {"call": {"at once": 3, "slowdown": "35 %"}}},
            },
            "process": {"call": process},
        },
        sort_keys=False,
    )
    return build(Document.from_text(text).scenario)


def require_same(made, room=None):
    log, same = kernel_log(made, room=room), reference_log(made)
    assert log.visits.tolist() == same.visits.tolist()
    assert log.cases.tolist() == same.cases.tolist()
    assert log.sessions.tolist() == same.sessions.tolist()
    return log


def test_more_steps_than_a_word_has_bits_and_all_of_them_again():
    process = {"answer": {"work": "call", "talk": "2 s"}}
    for number in range(MANY):
        process[f"b{number}"] = {"branch": {f"d{number}": "30 %", f"b{number + 1}": "otherwise"}, "easy first": True}
        process[f"d{number}"] = {"delay": {"mean": "5 s", "shape": "exponential"}}
    process[f"b{MANY}"] = {"branch": {"answer": "60 %", "close": "otherwise"}}
    process["close"] = {"end": "solved"}
    made = scenario(process)
    counters = plan_of(made.network).counters
    assert len(set(counters.tolist())) == len(made.network.steps) > 2 * 64
    log = require_same(made)
    assert len(log.visits) > 20 * len(log.cases)


def test_more_attributes_than_a_word_has_bits_each_asked_twice():
    process = {"answer": {"work": "call", "talk": "2 s"}}
    for number in range(2 * MANY):
        process[f"b{number}"] = {
            "branch": {f"d{number}": f"a{number % MANY} = big", f"b{number + 1}": "otherwise"},
        }
        process[f"d{number}"] = {"delay": "1 s"}
    process[f"b{2 * MANY}"] = {"end": "solved"}
    words = {f"a{number}": {"big": "40 %", "small": "otherwise"} for number in range(MANY)}
    made = scenario(process, attributes=words)
    assert plan_of(made.network).columns.tolist() == list(range(MANY))
    log = require_same(made)
    assert len(log.visits) > 40 * len(log.cases)


@pytest.mark.parametrize("agents", [61, 62, 125, 130])
@pytest.mark.parametrize("room", [{}, TINY])
def test_more_agents_with_several_contacts_than_a_word_has_bits(agents, room):
    talk = {"mean": f"{12 * agents} s", "shape": "exponential"}
    process = {"answer": {"work": "call", "talk": talk, "wrap": "20 s"}, "close": {"end": "solved"}}
    made = scenario(process, agents, **{"per hour": 900})
    assert len(require_same(made, room).cases) > 1500

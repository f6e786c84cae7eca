"""The command that compares both engines on a scenario."""

import pytest

from sim.codes import Visit
from sim.log import Log


def test_both_engines_agree(queuewise, folder):
    answer = queuewise("engines", "good.yaml", "-n", "2", "--json")
    assert answer.code == 0
    assert answer.data == {"replications": 2, "seed": 1, "differences": {}}


def test_a_difference_is_shown_with_the_events_around_it(queuewise, folder, monkeypatch):
    from sim import differ

    honest = differ.run

    def faulty(model, seed, replication, engine):
        log = honest(model, seed, replication, engine)
        visits = log.visits.copy()
        visits[3, Visit.ENDING] += engine == "kernel"
        return Log(visits, log.cases, log.sessions)

    monkeypatch.setattr(differ, "run", faulty)
    answer = queuewise("engines", "good.yaml")
    assert answer.code == 1
    assert "part in row 3 of visits: ending" in answer.out
    assert "events around it:" in answer.out


@pytest.mark.parametrize(
    ("arguments", "text"), [(("nothing.yaml",), "cannot be read"), (("good.yaml", "-n", "0"), "1")]
)
def test_bad_input(queuewise, folder, arguments, text):
    answer = queuewise("engines", *arguments)
    assert answer.code == 2
    assert text in answer.err

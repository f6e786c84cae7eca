"""What a result is named by."""

import copy

import pytest

from scenarios import library
from scenarios.store import run_of, scenario_key, text_of
from sim.schema import Document
from tests.scenarios.tiny import tiny


@pytest.mark.parametrize("name", library.names())
def test_text_reads_as_the_same_data(name):
    data = library.read(name).data
    assert Document.from_text(text_of(data)).data == data


def test_names_and_reasons_are_no_part_of_the_key():
    data = tiny().data
    key = scenario_key(data)
    assert scenario_key({**data, "name": "other", "about": "words", "interventions": {"a": {"why": "b"}}}) == key
    assert scenario_key(dict(reversed(data.items()))) == key


def test_whatever_may_change_a_number_is():
    data, keys = tiny().data, set()
    for change in (
        lambda new: None,
        lambda new: new["demand"]["calls"].update({"per hour": 21}),
        lambda new: new["people"]["desk"].update(agents=3),
        lambda new: new["process"]["call"]["answer"]["talk"].update(cv=0.9),
        lambda new: new.update(horizon="5 h"),
        lambda new: new["people"]["desk"].update(skills=["write", "talk"]),  # who is asked first
        lambda new: new.update(demand=dict(reversed(new["demand"].items()))),
    ):
        new = copy.deepcopy(data)
        change(new)
        keys.add(scenario_key(new))
    assert len(keys) == 7


def test_seed_engine_and_versions_are_part_of_the_run(monkeypatch):
    from scenarios.store import content

    keys = {run_of("a", 1, "kernel").key, run_of("a", 2, "kernel").key, run_of("a", 1, "reference").key}
    monkeypatch.setattr(content, "deciding_versions", lambda: '{"tzdata": "1900a"}')
    keys.add(run_of("a", 1, "kernel").key)
    assert len(keys) == 4

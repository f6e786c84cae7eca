"""What the addresses have room for, and what happens at the border."""

import pytest

from sim.errors import ScenarioError
from tests.engines.trace import agents, check, model, serve


def test_as_many_streams_as_an_address_can_tell_apart(engine):
    """255 streams, each with one case at 5 s, served at once."""
    made = model({f"s{n:03d}-": {"at": [5]} for n in range(255)}, {"g": agents(255)})
    check(engine, made, cases="\n".join(f"s{n:03d}-0 5 5 65 solved 1 1 0 0 60" for n in range(255)))


def test_many_streams_arrive_by_time_and_then_by_stream(engine):
    """Nine streams that begin and end at different times, three arrivals a second at some; one agent takes all in turn.

    Cases are served in the order of arrival (time, then stream), a second each.
    """
    arrivals = {f"s{n}-": [n % 4 + gap * k for k in range(12 - n)] for n, gap in enumerate([1, 2, 3] * 3)}
    made = model({name: {"at": at} for name, at in arrivals.items()}, {"g": agents(1)}, serve(talk="1 s"))
    order = sorted((at, name, number) for name, times in arrivals.items() for number, at in enumerate(times))
    check(
        engine,
        made,
        visits="\n".join(
            f"{name}{number} serve g0 {at} {turn} {turn + 1} {turn + 1} served"
            for turn, (at, name, number) in enumerate(order)
        ),
    )


def test_one_stream_more_is_refused():
    with pytest.raises(ScenarioError, match="demand: too many streams; allowed: up to 255; given: 256"):
        model({f"s{n}": {"at": [5]} for n in range(256)}, {"g": agents(1)})


def test_more_people_than_a_group_can_have_are_refused():
    with pytest.raises(ScenarioError, match="too many agents in one group; allowed: up to 60,000; given: 1,000,000"):
        model({"a": {"at": [5]}}, {"g": agents(1_000_000)})


def test_more_cases_waiting_at_the_end_than_there_are_events(engine):
    """Nobody comes and nobody hangs up: 3,000 cases wait, and not one timer is set."""
    made = model({"a": {"at": [n / 100 for n in range(3000)]}}, {"g": agents(0)})
    check(engine, made, cases="\n".join(f"a{n} {n / 100:g} - - open 1 1 0 0 0" for n in range(3000)))

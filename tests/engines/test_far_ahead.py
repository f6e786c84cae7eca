"""Events far ahead, of which many come at once."""

import numba
import numpy as np
import pytest

from sim.codes import Visit
from sim.kernel import Kernel
from sim.kernel._compiled import LANES
from sim.kernel.bounds import Room, plan_of
from sim.kernel.heap import _put_in_order
from sim.kernel.state import EVENT, RUN
from tests.differential.engines import SEED, TINY, finish, kernel_log, reference_log
from tests.engines.trace import agents, model

MANY = 4 * RUN
OPENING_US = 28_800_000_000


@pytest.fixture(scope="module")
def made():
    """Cases of two nights: all wait for eight o'clock, or for a round at ten, and then for one of five agents."""
    steps = {
        "night": {"until open": "office"},
        "which": {"branch": {"later": "50 %", "serve": "otherwise"}},
        "later": {"rounds at": ["10:00"], "days": "mon-wed"},
        "serve": {"work": "s", "talk": {"mean": "3 min", "shape": "exponential"}, "wrap": "10 s"},
        "done": {"end": "solved"},
    }
    arrivals = [*range(0, 7 * MANY, 7), *range(86_400, 86_400 + 7 * MANY, 7)]
    office = {"office": {"mon-fri": "08:00-18:00"}}
    patient = {"a": {"at": arrivals, "patience": {"mean": "4 h", "shape": "exponential"}}}
    return model(patient, {"g": agents(5)}, {"t": steps}, horizon="3 days", calendars=office)


def test_more_events_at_one_time_than_are_put_in_order_at_once(made):
    log = kernel_log(made)
    at_opening = (log.visits[:, Visit.ENDED] == OPENING_US).sum()
    assert at_opening == MANY > 3 * RUN
    assert log.same_as(reference_log(made))


@pytest.mark.parametrize("portions", [1, 500])
def test_they_come_in_the_same_order_however_little_room_there_is(made, portions):
    assert kernel_log(made, portions=portions, room=TINY).same_as(kernel_log(made))


def test_the_next_replication_begins_with_the_room_that_one_has_needed(made):
    first = Kernel(made.network, made.chance(SEED, 0), room=Room(slots=8, line=4, looks=1))
    log = finish(first, made.network.end)[0]
    room = plan_of(made.network).needed.room
    next_one = Kernel(made.network, made.chance(SEED, 0))
    assert len(next_one.world.state.strands) == len(first.world.state.strands) == room.slots > MANY
    assert finish(next_one, made.network.end)[0].same_as(log)


@numba.njit
def put_in_order(gathered, run, count):
    _put_in_order(gathered, run, count)


@pytest.mark.parametrize("latest", [3, 10**9, 1 << 60])
def test_a_run_is_in_order_of_time_and_key(latest):
    """Few times or many, and times of which many are too far ahead for a rank."""
    rng = np.random.default_rng(5)
    for count in [0, 1, LANES, LANES + 1, RUN, *rng.integers(2, RUN, 40)]:
        gathered = rng.integers(0, 1 << 40, (4, RUN + LANES))  # what was there before does not matter
        times, keys, slots = rng.integers(0, latest, count), rng.integers(0, 1 << 62, count), np.arange(count)
        gathered[:3, :count] = times, keys, slots
        gathered[3, :count] = np.minimum(times, 1 << 55) * RUN + slots
        run = np.zeros(RUN + 1, EVENT)
        put_in_order(gathered, run, count)
        order = np.lexsort((keys, times))
        assert run["slot"][:count].tolist() == order.tolist()
        assert (run["time"][:count] == times[order]).all()
        assert (run["key"][:count] == keys[order]).all()

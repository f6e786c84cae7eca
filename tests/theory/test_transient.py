"""Queues on their way: published days that start empty, limits and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import ParameterError
from sim.theory import Queue, modified_offered_load, over_time, performance, service_level, steady_state, waits

# ContactCenters (Buist and L'Ecuyer), examples MMC, MMCAb and MMCBlocked: 4.2 contacts a minute, service of mean 2 min,
# 12 agents, 480 min from an empty start, acceptable wait 20 s; the published 95 % intervals of 1,000 simulated days
MINUTES, CONTACTS, WITHIN = 480, 480 * 4.2, 1 / 3


def inside(value: float, low: str, high: str) -> bool:
    """Whether a value lies in an interval, its bounds rounded as printed."""
    digits = len(low.partition(".")[2])
    return float(low) <= round(value, digits) <= float(high)


def test_a_day_of_the_example_mmc():
    queue = Queue(4.2, 0.5, 12)
    day = over_time(queue, MINUTES).mean
    state = performance(queue, day)
    assert inside(CONTACTS * waits(queue, WITHIN, day)[0], "1812.62", "1819.70")
    assert inside(service_level(queue, WITHIN, "SL3", day), ".900", ".904")
    assert inside(state.mean_wait_served, ".097", ".102")
    assert inside(state.occupancy, ".694", ".697")


def test_a_day_of_the_example_mmc_ab():
    queue = Queue(4.2, 0.5, 12, 1)
    day = over_time(queue, MINUTES).mean
    assert inside(CONTACTS * performance(queue, day).probability_of_abandoning, "57.66", "59.56")
    assert inside(CONTACTS * waits(queue, WITHIN, day)[0], "1903.79", "1908.23")
    assert inside(service_level(queue, WITHIN, "SL1", day), ".968", ".969")


def test_a_day_of_the_example_mmc_blocked():
    queue = Queue(4.2, 0.5, 12, waiting_places=5)
    day = over_time(queue, MINUTES).mean
    assert inside(CONTACTS * performance(queue, day).probability_of_blocking, "18.05", "19.27")
    assert inside(service_level(queue, WITHIN, "SL3", day), ".928", ".930")


def test_a_day_from_empty_is_better_than_the_long_run():
    queue = Queue(4.2, 0.5, 12)
    day = over_time(queue, MINUTES).mean
    assert service_level(queue, WITHIN, states=day) > service_level(queue, WITHIN)


@pytest.mark.parametrize(
    "queue", [Queue(4.2, 0.5, 12), Queue(8, 0.5, 12, 1), Queue(8, 0.5, 12, 0, 5), Queue(3, 1, 1, 2)]
)
def test_in_the_end_it_is_the_steady_state(queue):
    settled = performance(queue, over_time(queue, 400).end)
    for name in ("probability_of_waiting", "mean_wait_served", "variance_queue_length", "occupancy"):
        assert getattr(settled, name) == pytest.approx(getattr(steady_state(queue), name), rel=1e-6)


def test_two_stretches_are_one():
    queue = Queue(5, 1, 4, 0.5)
    whole, first = over_time(queue, 3), over_time(queue, 1)
    second = over_time(queue, 2, first.end)
    size = max(len(whole.end), len(second.end), len(first.end))
    end, longer = (np.pad(law, (0, size - len(law))) for law in (whole.end, second.end))
    assert longer == pytest.approx(end, abs=1e-12)
    parts = [np.pad(one.mean, (0, size - len(one.mean))) for one in (whole, first, second)]
    assert parts[0] == pytest.approx((parts[1] + 2 * parts[2]) / 3, abs=1e-12)


def test_with_agents_for_all_it_is_the_modified_offered_load():
    # Agents enough for everybody are M/M/infinity, whose mean number busy has a closed form
    law, busy = None, []
    for rate in (60, 90, 20):  # intervals of 0.7, mean service 0.5
        stretch = over_time(Queue(rate, 2, 150, waiting_places=0), 0.7, law)
        law = stretch.end
        busy.append(float(stretch.mean @ np.arange(len(law))))
    assert busy == pytest.approx(modified_offered_load([60, 90, 20], 0.7, 0.5), rel=1e-9)


def test_fewer_agents_find_more_present_than_there_are_places():
    # Ten in service when nine of ten agents leave and there is one place: eight must be gone before the next gets in
    full = np.eye(11)[10]
    queue = Queue(7, 1, 1, 0, 1)
    soon = over_time(queue, 1e-9, full)
    assert performance(queue, soon.mean).probability_of_blocking == pytest.approx(1)
    late = performance(queue, over_time(queue, 300, full).end)
    assert late.probability_of_blocking == pytest.approx(steady_state(queue).probability_of_blocking, rel=1e-9)


def test_without_arrivals_a_queue_empties():
    # One in service, nobody comes: still there after t with probability exp(-t)
    found = over_time(Queue(0, 1, 1), 2, np.array([0.0, 1.0]))
    assert found.end[:2] == pytest.approx([1 - np.exp(-2), np.exp(-2)])
    assert found.mean[1] == pytest.approx((1 - np.exp(-2)) / 2)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: over_time(Queue(1, 1, 2), 0), "length out of range; allowed: above 0"),
        (lambda: over_time(Queue(1, 1, 2), 1, np.array([0.5, 0.4])), "no probability law"),
        (lambda: over_time(Queue(1, 1, 2), 1, np.array([1.5, -0.5])), "no probability law"),
        (lambda: over_time(Queue(1, 1, 2), 1e12), "too long a stretch"),
    ],
)
def test_nonsense_is_refused(make, text):
    with pytest.raises(ParameterError, match=text):
        make()

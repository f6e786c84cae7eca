"""The same queues by linear algebra: generators written from the definition, solved and exponentiated by SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from sim.theory import Queue, over_time, performance, steady_state, waits

# Whitt's call centre with patience of mean 1 and 4 and without; a small overloaded one; quick and slow patience
QUEUES = [
    Queue(102, 1, 100, 1, 200),
    Queue(102, 1, 100, 0.25, 200),
    Queue(102, 1, 100, 0, 200),
    Queue(5, 1, 2, 0.3, 40),
    Queue(3, 1, 2, 25, 3),
    Queue(0.5, 2, 1, 0.01, 12),
]


def generator(queue: Queue) -> np.ndarray:
    """Of the number present: row to column."""
    size = queue.agents + queue.waiting_places + 1
    found = np.zeros((size, size))
    for n in range(size):
        if n + 1 < size:
            found[n, n + 1] = queue.arrival_rate
        if n:
            found[n, n - 1] = min(n, queue.agents) * queue.service_rate + max(n - queue.agents, 0) * queue.patience_rate
    return found - np.diag(found.sum(axis=1))


def tagged(queue: Queue) -> np.ndarray:
    """Of one who waits: others ahead 0 ... r - 1, then answered, then gone."""
    places = queue.waiting_places
    found = np.zeros((places + 2, places + 2))
    for j in range(places):
        found[j, j - 1 if j else places] = queue.agents * queue.service_rate + j * queue.patience_rate
        found[j, places + 1] = queue.patience_rate
    return found - np.diag(found.sum(axis=1))


def long_run(queue: Queue) -> np.ndarray:
    """Row vector p with p Q = 0 that adds up to 1."""
    rows = np.vstack([generator(queue).T, np.ones(queue.agents + queue.waiting_places + 1)])
    return linalg.lstsq(rows, np.eye(len(rows))[-1])[0]


@pytest.mark.parametrize("queue", QUEUES)
def test_steady_state(queue):
    law, state, s = long_run(queue), steady_state(queue), queue.agents
    ahead = np.maximum(np.arange(len(law)) - s, 0)
    assert state.probability_of_waiting == pytest.approx(law[s:-1].sum(), abs=1e-10)
    assert state.probability_of_blocking == pytest.approx(law[-1], abs=1e-10)
    assert state.queue_length == pytest.approx(law @ ahead, abs=1e-8)
    assert state.variance_queue_length == pytest.approx(law @ ahead**2 - (law @ ahead) ** 2, rel=1e-8)


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("within", [0.001, 0.1, 0.2, 1.5, 20])
def test_waits(queue, within):
    law, s, places = long_run(queue), queue.agents, queue.waiting_places
    moves = linalg.expm(tagged(queue) * within)
    answered, gone = law[s:-1] @ moves[:places, places:]
    assert waits(queue, within) == pytest.approx((law[:s].sum() + answered, gone), abs=1e-9)


@pytest.mark.parametrize("queue", QUEUES)
def test_moments_of_the_waits(queue):
    law, s, places = long_run(queue), queue.agents, queue.waiting_places
    moving, into = np.split(tagged(queue)[:places], [places], axis=1)
    inverse = linalg.inv(-moving)
    found = law[s:-1]
    answered, lost = found @ inverse @ into  # chances of each end
    first = found @ inverse @ inverse @ into  # E[W; end]
    second = 2 * found @ inverse @ inverse @ inverse @ into  # E[W squared; end]
    state, served = steady_state(queue), law[:s].sum() + answered
    assert state.probability_of_abandoning == pytest.approx(lost, abs=1e-10)
    assert state.mean_wait_served == pytest.approx(first[0] / served, rel=1e-8)
    assert state.variance_wait_served == pytest.approx(second[0] / served - (first[0] / served) ** 2, rel=1e-7)
    if lost > 0:
        assert state.mean_wait_abandoned == pytest.approx(first[1] / lost, rel=1e-8)


@pytest.mark.parametrize("queue", QUEUES)
def test_on_the_way(queue):
    length, size = 3.0, queue.agents + queue.waiting_places + 1
    rates = generator(queue)
    # Van Loan (1978), theorem 1: the corner of this exponential is the integral of exp(Q u) from 0 to the length
    both = linalg.expm(np.block([[rates, np.eye(size)], [np.zeros((size, 2 * size))]]) * length)
    start = np.zeros(size)
    start[[0, size // 2]] = 0.25, 0.75
    found = over_time(queue, length, start)
    assert found.end == pytest.approx(start @ both[:size, :size], abs=1e-9)
    assert found.mean == pytest.approx(start @ both[:size, size:] / length, abs=1e-9)
    assert performance(queue, found.mean).occupancy == pytest.approx(
        found.mean @ np.minimum(np.arange(size), queue.agents) / queue.agents
    )

"""Streams, the ways in of their cases, and cases open before the start."""

from __future__ import annotations

import numpy as np

from sim.build.numbers import Numbers, row
from sim.calendars import Clock
from sim.demand import Rates, stream_id
from sim.network import ENTRY, INITIAL, STREAM, Records
from sim.schema.demand import Stream
from sim.units import NEVER


def stream_rows(numbers: Numbers, rates: Rates) -> Records:
    """One row per stream."""
    bases, initials, rows = customer_bases(numbers), 0, []
    for number, (name, stream) in enumerate(numbers.scenario.demand.items()):
        redial, leaves, waiting = stream.redial, stream.leaves, sum(cases.count for cases in stream.open_cases)
        rows.append(row(STREAM, {
            "id": stream_id(name, stream),
            "entry_first": number,
            "entry_last": number + 1,
            "priority": stream.priority,
            "head_start": stream.head_start,
            "patience": numbers.table(stream.patience),
            "redial_share": redial.share if redial else 0.0,
            "redial_after": numbers.table(redial.after if redial else None),
            "redial_most": redial.attempts if redial else 1,
            "replay_first": rates.recorded_first[number],
            "replay_last": rates.recorded_last[number],
            "initial_first": initials,
            "initial_last": initials + waiting,
            "difficulty": stream.difficulty,
            "spared": stream.spared,
            "customer_first": bases[name][0],
            "customer_last": bases[name][1],
            "leave_solved": leaves.solved if leaves else 0.0,
            "leave_unsolved": leaves.unsolved if leaves else 0.0,
            "leave_lost": leaves.lost if leaves else 0.0,
            "leave_late": leaves.late if leaves else 0.0,
            **_chasing(name, stream, numbers),
        }))  # fmt: skip
        initials += waiting
    return np.array(rows, dtype=STREAM)


def _chasing(name: str, stream: Stream, numbers: Numbers) -> dict[str, object]:
    chasing = stream.chasing
    if chasing is None:
        return {"chase_entry": -1, "chase_first": -1, "chase_every": -1, "chase_share": 0.0, "chase_most": 0}
    return {
        "chase_entry": numbers.first_step(name, chasing.type),
        "chase_first": numbers.table(chasing.first_after),
        "chase_every": numbers.table(chasing.every),
        "chase_share": chasing.share,
        "chase_most": chasing.at_most,
    }


def customer_bases(numbers: Numbers) -> dict[str, tuple[int, int]]:
    """Each stream's part of all counted customers; streams with the same base share it."""
    found: dict[str, tuple[int, int]] = {}
    parts: dict[str, tuple[int, int]] = {}
    counted = 0
    for name, stream in numbers.scenario.demand.items():
        base = stream.customers.base if stream.customers else None
        if base is None:
            found[name] = (0, 0)
            continue
        key = base if isinstance(base, str) else f"\0{name}"
        if key not in parts:
            size = numbers.scenario.customers[base] if isinstance(base, str) else base
            parts[key] = (counted, counted + size)
            counted += size
        found[name] = parts[key]
    return found


def entry_rows(numbers: Numbers) -> Records:
    """One way in for each stream: the first step of its process."""
    rows = [
        (-NEVER, NEVER, 1.0, 1.0, -1, 0.0, 0.0, numbers.first_step(name, stream.type))
        for name, stream in numbers.scenario.demand.items()
    ]
    return np.array(rows, dtype=ENTRY)


def initial_rows(numbers: Numbers, clock: Clock) -> Records:
    """Cases open before the start, stream by stream."""
    rows = []
    for name, stream in numbers.scenario.demand.items():
        for cases in stream.open_cases:
            arrived = clock.of(cases.arrived)
            since = arrived if cases.since is None else clock.of(cases.since)
            entry = numbers.scenario.expanded.openings[stream.type, cases.at]
            rows += [(arrived, numbers.step_of(name, stream.type, entry), since)] * cases.count
    return np.array(rows, dtype=INITIAL)

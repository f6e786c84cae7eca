"""Which parts an operation has (`sim.metrics.frame.PARTS`), seen from its arrays."""

from __future__ import annotations

from sim.codes import Lead, Step
from sim.network import Network


def parts_of(network: Network) -> frozenset[str]:
    """Names of the parts that a network has."""
    queues, steps, streams = network.queues, network.steps, network.streams
    work = steps["kind"] == Step.WORK
    has = {
        "balking": (queues["balk_from"] >= 0).any(),
        "callbacks": (queues["callback_from"] >= 0).any(),
        "suspension": (steps["suspends"] > 0).any(),
        "escalation": (queues["escalate_priority"] > 0).any(),
        "look-up": (work & ((steps["lead"] >= 0) | (steps["lead_when"] != Lead.ALWAYS))).any(),
        "solving": (steps["unsolved"] >= 0).any(),
        "hand-over": work.sum() > len({stream["entry_first"] for stream in streams}),
        "reopening": (steps["reopen_share"] > 0).any(),
        "chasing": (streams["chase_entry"] >= 0).any(),
        "customers": (streams["customer_last"] > streams["customer_first"]).any(),
    }
    has["repeats"] = has["hand-over"] or has["reopening"] or has["chasing"]
    return frozenset(name for name, present in has.items() if present)


def several(network: Network) -> tuple[int, ...]:
    """Numbers of the groups whose people may hold several contacts at once."""
    return tuple(number for number, row in enumerate(network.groups) if row["contacts"] > 1)

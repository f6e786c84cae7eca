"""The one queue of the page on Erlang's formulas, for the formulas and for the simulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.schema import Document
from sim.theory import Queue, call_queue


@dataclass(frozen=True, slots=True)
class ErlangCase:
    """One group of equal people and its callers."""

    calls_per_hour: float
    aht_s: float
    agents: int
    patience_s: float | None
    within_s: float

    def queue(self, agents: int) -> Queue:
        """For the formulas."""
        return call_queue(self.calls_per_hour, self.aht_s, agents, self.patience_s)

    def document(self) -> Document:
        """For the simulator: two days after two hours in which the queue settles."""
        calls: dict[str, Any] = {"type": "call", "per hour": self.calls_per_hour}
        if self.patience_s is not None:
            calls["patience"] = {"mean": f"{self.patience_s:g} s", "shape": "exponential"}
        talk = {"mean": f"{self.aht_s:g} s", "shape": "exponential"}
        data = {
            "queuewise": 1,
            "name": "Erlang",
            "start": "2026-03-02",
            "horizon": "50 h",
            "warm-up": "2 h",
            "service level": {"within": f"{self.within_s:g} s"},
            "demand": {"calls": calls},
            "people": {"agents": {"agents": self.agents, "skills": ["call"]}},
            "process": {"call": {"answer": {"work": "call", "talk": talk}, "done": {"end": "solved"}}},
        }
        return Document.from_data(data, "Erlang")

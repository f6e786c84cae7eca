"""What must act in random scenarios: elements, each pair of them together, and situations, each often enough."""

from __future__ import annotations

ELEMENTS = (
    # customers
    "drawn arrivals", "recorded arrivals", "spared", "customer counted", "customer left", "customer had left",
    "open before the start", "spawned", "another way in", "abandoned", "blocked", "balked", "redial", "callback",
    "callback not answered", "chasing contact", "came back", "lane",
    # steps
    "hold", "wrap", "looked up", "known already", "passed on unsolved", "warm hand-over", "work suspended", "hand-over",
    "delay", "delay in working time", "delay until open", "delay until a round", "branch by chance", "branch by ease",
    "branch on an attribute", "branch on who served", "branch on a calendar", "branch on repetition",
    "branch on the arrival", "priority of a mark", "deadline of a mark", "fork", "ended unsolved", "when",
    "bot", "wrong queue", "approval",
    # people
    "longest idle", "listed order", "least loaded", "two contacts at once", "slowdown", "speed", "pace", "later era",
    "agent left at release", "head count fell, free", "new people", "absence", "disruption",
    # routing
    "overflow served", "reserve", "best skilled", "longest wait", "weighted wait", "deadline passed an earlier case",
    "priority passed an earlier case", "head start passed an earlier case", "escalated",
)  # fmt: skip
"""Elements of a scenario; two of any kind must have acted in the same run often."""

SITUATIONS = (
    "served at once", "served after a wait", "blocked, no place at all", "attempts used up", "served on a redial",
    "overflow joined", "second overflow", "overflow idle", "abandonment idle", "patience drawn 0", "never hangs up",
    "patience of a step", "priority of a step", "tie broken by address", "two groups free",
    "took one of several queues", "service of no time", "branch back", "by difficulty", "head count fell, nobody free",
    "head count fell, work suspended", "debt paid", "debt taken back", "leaving taken back", "on duty from before",
    "agent came and took a case", "arrivals at one instant", "busy day", "clock change", "still waiting",
    "still in service", "still delayed", "between attempts", "waits to come back", "drained beyond the end",
    "way in by attribute", "way in by share", "deadline missed", "chasing timer without a contact",
    "chasing contact lost", "deadline of working time", "fork in a fork", "branch of a fork waits",
    "awaited with the agent who hands over", "warm hand-over called off", "three contacts at once", "era changed",
    "era brought free agents work", "end of a shift suspended work", "end of a shift left work", "work resumed",
    "falsely contained", "round of approval", "limit of approval", "verdict of approval", "delegated",
)  # fmt: skip
"""What an element may meet; each must have happened in enough scenarios."""

FORMS = tuple(
    f"duration: {form}"
    for form in ("constant", "mean", "median", "between", "quantiles", "values", "scipy", "mixture", "zero", "never",
                 "plus", "at most")
)  # fmt: skip
"""Forms of a duration from which a draw was made."""

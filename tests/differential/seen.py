"""What the rows of a run, and its scenario, say of the elements that acted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from sim.build import Model
from sim.codes import FIRST_INITIAL, FIRST_SPAWNED, Case, Ending, Flag, Lead, Outcome, Session, Step, Visit, Wait
from sim.log import Log
from sim.network import Records
from sim.schema.distribution import Distribution

_ENDINGS = {
    Ending.ABANDONED: "abandoned",
    Ending.BLOCKED: "blocked",
    Ending.BALKED: "balked",
    Ending.UNANSWERED: "callback not answered",
    Ending.SUSPENDED: "work suspended",
    Ending.HANDING: "warm hand-over",
    Ending.STILL_WAITING: "still waiting",
    Ending.STILL_IN_SERVICE: "still in service",
    Ending.STILL_DELAYED: "still delayed",
}
_FLAGS = {
    Flag.CALLBACK: "callback",
    Flag.ESCALATED: "escalated",
    Flag.RESUMED: "work resumed",
    Flag.UNSOLVED: "passed on unsolved",
    Flag.LOOKED_UP: "looked up",
}
_WAITS = {
    Wait.TIME: "delay",
    Wait.WORKING_TIME: "delay in working time",
    Wait.OPENING: "delay until open",
    Wait.ROUND: "delay until a round",
}
_OUTCOMES = {Outcome.UNSOLVED: "ended unsolved", Outcome.GONE: "customer had left"}


def seen(model: Model, log: Log) -> Iterator[str]:
    """Elements that acted, once for each time."""
    for row in log.visits.tolist():
        yield from _visit(model, row)
    for row in log.cases.tolist():
        yield from _case(row)
        stream = model.network.streams[row[Case.STREAM]]
        if row[Case.CASE] < FIRST_SPAWNED:
            yield "recorded arrivals" if stream["replay_first"] < stream["replay_last"] else "drawn arrivals"
    yield from _people(model, log)
    if _clock_changes(model):
        yield "clock change"
    busy = {number for number, cv in enumerate(model.rates.busy_cv) if cv > 0}
    yield from ("busy day" for stream in log.cases[:, Case.STREAM].tolist() if stream in busy)
    for form in _drawn(model, log):
        yield f"duration: {form}"


def passed(model: Model, steps: Counter[int]) -> dict[str, int]:
    """Elements that show in the branches and marks that cases passed, by the names of these steps."""
    found: Counter[str] = Counter()
    for step, count in steps.items():
        name = model.names.steps[step].split(": ", 1)[1]
        found["when"] += count * (not name.startswith("lane") and " level " not in name and ": when" in name)
        found["lane"] += count * (name in ("lane 1", "lane 2"))
        found["limit of approval"] += count * (name.endswith(" enough"))
        found["verdict of approval"] += count * (name.endswith(" verdict"))
        found["delegated"] += count * (name.endswith(": delegated"))
    return found


def _visit(model: Model, row: list[int]) -> Iterator[str]:
    step, ending = model.network.steps[row[Visit.STEP]], Ending(row[Visit.ENDING])
    yield from _shorthand(model.names.steps[row[Visit.STEP]])
    if ending in _ENDINGS:
        yield _ENDINGS[ending]
    yield from (name for flag, name in _FLAGS.items() if row[Visit.FLAGS] & flag)
    if ending == Ending.DELAYED:
        yield _WAITS[Wait(step["wait"])]
    if ending == Ending.BLOCKED and model.network.queues[step["queue"]]["waiting_places"] == 0:
        yield "blocked, no place at all"
    if ending == Ending.SERVED:
        yield from _served(row, step)


def _shorthand(name: str) -> Iterator[str]:
    parts = {": turn ": "bot", ": comes back": "falsely contained", ": at ": "wrong queue", ": level ": "approval"}
    yield from (element for part, element in parts.items() if part in name)
    if name.endswith(" round"):
        yield "round of approval"


def _served(row: list[int], step: object) -> Iterator[str]:
    yield "served at once" if row[Visit.STARTED] == row[Visit.ENQUEUED] else "served after a wait"
    if row[Visit.HOLD]:
        yield "hold"
    if row[Visit.RELEASED] > row[Visit.ENDED]:
        yield "wrap"
    if row[Visit.ENDED] == row[Visit.STARTED]:
        yield "service of no time"
    if row[Visit.ATTEMPT]:
        yield "served on a redial"
    known = not row[Visit.FLAGS] & (Flag.LOOKED_UP | Flag.RESUMED)
    if known and step["lead"] >= 0 and step["lead_when"] != Lead.ALWAYS:  # type: ignore[index]
        yield "known already"


def _people(model: Model, log: Log) -> Iterator[str]:
    """New people who worked, and disruptions in a run that had any."""
    for group, rows in zip(model.scenario.people.values(), model.network.groups, strict=True):
        old = rows["agent_last"] - sum(hire.agents for hire in group.hires)
        mine = log.sessions[log.sessions[:, Session.GROUP] == list(model.scenario.people.values()).index(group)]
        yield from ["new people"] * int((mine[:, Session.AGENT] >= old).sum())
        if (
            group.shrinkage.unplanned
            and group.shifts
            and len(np.unique(mine[:, Session.AGENT])) < len(range(*_span(rows)))
        ):
            yield "absence"
    yield from ["disruption"] * len(model.scenario.disruptions)


def _span(rows: Records) -> tuple[int, int]:
    return int(rows["agent_first"]), int(rows["agent_last"])


def _case(row: list[int]) -> Iterator[str]:
    number = row[Case.CASE]
    outcome = Outcome(row[Case.OUTCOME])
    if outcome in _OUTCOMES:
        yield _OUTCOMES[outcome]
    if number >= FIRST_INITIAL:
        yield "open before the start"
    elif number >= FIRST_SPAWNED:
        yield "spawned"
    found = {
        "came back": row[Case.REOPENED], "chasing contact": row[Case.CHASES], "another way in": row[Case.VARIANT],
        "customer left": row[Case.LEFT], "hand-over": row[Case.HANDOVERS], "customer counted": row[Case.CUSTOMER] >= 0,
    }  # fmt: skip
    yield from (name for name, acted in found.items() if acted)


def _clock_changes(model: Model) -> bool:
    """Whether the wall clock moved otherwise than time."""
    walls = model.clock.wall(model.network.end) - model.clock.wall(0)
    return bool(walls.total_seconds() * 1e6 != model.network.end)


def _drawn(model: Model, log: Log) -> Iterator[str]:
    """Forms of the durations from which a draw was made."""
    steps = _expanded(model)
    streams = list(model.scenario.demand.values())
    for row in log.visits.tolist():
        step = steps[row[Visit.STEP]]
        if model.network.steps[row[Visit.STEP]]["kind"] not in (Step.WORK, Step.DELAY) or step is None:
            continue
        served = row[Visit.AGENT] >= 0
        lengths = [step.delay, *((step.before, step.talk, step.hold, step.afterwards) if served else ())]
        if row[Visit.STARTED] != row[Visit.ENQUEUED] and step.work:
            lengths.append(step.patience if step.patience != "none" else None)
            lengths.append(streams[row[Visit.STREAM]].patience if step.patience is None else None)
        for length in lengths:
            if isinstance(length, Distribution):
                yield length.form
                yield from (
                    name for name in ("zero", "never", "plus", "at most") if getattr(length, name.replace(" ", "_"))
                )


def _expanded(model: Model) -> list[object]:
    """The scenario's step behind each number of a step."""
    process = model.scenario.expanded.process
    return [process[process_name][step] for process_name, step in (name.split(": ", 1) for name in model.names.steps)]

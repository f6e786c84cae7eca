"""The event loop, resumable between events: what the next one is, what it does, and what comes of it."""

from __future__ import annotations

from sim.codes import KIND_SHIFT, SEQUENCE_MASK, SUBJECT_SHIFT, Kind, Status
from sim.kernel._compiled import compiled, nth, plain, seldom
from sim.kernel.arrivals import arrive, set_arrival, set_initial
from sim.kernel.closing import close, is_full
from sim.kernel.contacts import move_on
from sim.kernel.ends import chase, end_strand, lose, redial, reopen
from sim.kernel.heap import SUBJECT_MASK, come_near, compact, foresee, is_before, is_idle_event, pop
from sim.kernel.lines import make_room
from sim.kernel.people import change_roster, next_of_round, note_change
from sim.kernel.service import complete, next_visit, release, start, who_serves
from sim.kernel.state import Phase, Scalar, Turn
from sim.kernel.steps import end_delay, enter
from sim.kernel.waiting import abandon, escalate, overflow, remain
from sim.primitives._cache import entry

_NOW, _EVENTS, _ROSTER, _ROWS, _TIGHT, _FREE, _LAST, _HANDLED, _PHASE = plain(
    Scalar.NOW,
    Scalar.EVENTS,
    Scalar.ROSTER,
    Scalar.ROSTER_ROWS,
    Scalar.TIGHT_LINE,
    Scalar.FREE,
    Scalar.LAST,
    Scalar.HANDLED,
    Scalar.PHASE,
)
_MOST_EVENTS, _MOST_STRANDS, _ROOM, _VISITS, _CASES, _SESSIONS = plain(
    Scalar.MOST_EVENTS, Scalar.MOST_STRANDS, Scalar.MOST_ROWS, Scalar.VISITS, Scalar.CASES, Scalar.SESSIONS
)
_RELEASED, _ROUND_GROUP, _AGENDA_NEXT, _AGENDA_SIZE = plain(
    Scalar.RELEASED, Scalar.ROUND_GROUP, Scalar.AGENDA_NEXT, Scalar.AGENDA_SIZE
)
_RESUME, _ASK, _LOSE, _END = plain(Turn.RESUME, Turn.ASK, Turn.LOSE, Turn.END)
_RUN_FIRST, _RUN_LAST, _CHANGE, _CHANGE_KEY, _SPARE_EVENTS, _SPARE_STRANDS = plain(
    Scalar.RUN_FIRST, Scalar.RUN_LAST, Scalar.CHANGE, Scalar.CHANGE_KEY, Scalar.SPARE_EVENTS, Scalar.SPARE_STRANDS
)
_RUNNING, _FAR, _COMING = plain(Phase.RUNNING, Scalar.FAR, Scalar.COMING)
_REACHED, _BUFFER_FULL, _STATE_FULL = plain(Status.REACHED, Status.BUFFER_FULL, Status.STATE_FULL)
_COMPLETION, _WRAP_END, _DELAY_END, _BRIEFING_END, _OVERFLOW, _ESCALATION, _ABANDONMENT = plain(
    Kind.COMPLETION, Kind.WRAP_END, Kind.DELAY_END, Kind.BRIEFING_END, Kind.OVERFLOW, Kind.ESCALATION, Kind.ABANDONMENT
)
_REDIAL, _REOPENING, _ARRIVAL = plain(Kind.REDIAL, Kind.REOPENING, Kind.ARRIVAL)
(_IN_CACHE,) = plain(1024)  # so many strands and their cases lie in a processor's own cache


@compiled
def handle(world, key, slot):
    """One event of the heap; what comes of it is left to do."""
    kind = key >> KIND_SHIFT
    if kind == _ARRIVAL:
        arrive(world, (key >> SUBJECT_SHIFT) & SUBJECT_MASK)
    elif kind == _COMPLETION:
        complete(world, slot)
    elif kind in (_WRAP_END, _BRIEFING_END):
        release(world, slot, key)
    elif kind == _DELAY_END:
        end_delay(world, slot)
    elif kind == _OVERFLOW:
        overflow(world, slot)
    elif kind == _ESCALATION:
        escalate(world, slot)
    elif kind == _ABANDONMENT:
        abandon(world, slot)
    elif kind == _REDIAL:
        redial(world, slot)
    elif kind == _REOPENING:
        reopen(world, slot)
    else:
        chase(world, slot, key & SEQUENCE_MASK)


@compiled
def settle(world):
    """Work off what an event left to do: strands move only when all else is done.

    Each rule is called, and so inlined, in one place.
    """
    state = world.state
    scalars = state.scalars
    while True:
        slot, agent = -1, -1
        if seldom(scalars[_RELEASED] >= 0):
            agent = scalars[_RELEASED]
            slot = next_visit(world, agent)
            if slot < 0 or state.agents[nth(agent)].most == 1:
                scalars[_RELEASED] = -1
        elif scalars[_AGENDA_NEXT] < scalars[_AGENDA_SIZE]:
            at = scalars[_AGENDA_NEXT]
            scalars[_AGENDA_NEXT] = at + 1
            strand, turn = state.agenda[nth(at), 0], state.agenda[nth(at), 1]
            if turn >= _RESUME:
                turn = enter(world, strand, turn)
            if turn == _ASK:
                agent = who_serves(world, strand)
                if agent >= 0:
                    slot = strand
                else:
                    turn = remain(world, strand)
            if seldom(turn == _LOSE):
                turn = lose(world, strand)
            if turn == _END:
                end_strand(world, strand)
        elif seldom(scalars[_ROUND_GROUP] < len(state.teams)):
            next_of_round(world)
        else:
            scalars[_AGENDA_NEXT] = scalars[_AGENDA_SIZE] = 0
            return
        if slot >= 0:
            start(world, slot, agent)


@compiled
def is_tight(state):
    """Whether the next event might not find room, even after tidying."""
    scalars = state.scalars
    if seldom(scalars[_TIGHT] != 0) and not make_room(state):
        return True
    if seldom(scalars[_EVENTS] + scalars[_FAR] + scalars[_SPARE_EVENTS] > len(state.events)):
        compact(state)
        if 2 * (scalars[_EVENTS] + scalars[_FAR] + scalars[_SPARE_EVENTS]) > len(state.events):
            return True
    return scalars[_FREE] < scalars[_SPARE_STRANDS]


@compiled
def _events_with_room(world):
    """How many events are sure to find room, lines apart: so many need not be preceded by a look."""
    state, rows = world.state, world.rows
    scalars = state.scalars
    room = scalars[_ROOM]
    return min(
        (len(rows.visits) - scalars[_VISITS]) // room,
        (len(rows.cases) - scalars[_CASES]) // room,
        (len(rows.sessions) - scalars[_SESSIONS]) // room,
        (len(state.events) - scalars[_EVENTS] - scalars[_FAR]) // scalars[_MOST_EVENTS],
        scalars[_FREE] // scalars[_MOST_STRANDS],
    )


@entry
def advance(world, until):
    """Handle every event before a time.

    Returns
    -------
    int
        `Status`; after BUFFER_FULL and STATE_FULL the caller makes room and calls again.
    """
    return handle_until(world, until)


@entry
def set_arrivals(world):
    """Set the first arrivals of every stream."""
    note_change(world)
    for number in range(len(world.state.sources)):
        set_arrival(world, number)
        set_initial(world, number, 0)


@compiled
def handle_until(world, until):
    """As `advance`."""
    state, network = world.state, world.network
    scalars = state.scalars
    limit = min(until, network.stop)
    safe = 0
    while scalars[_PHASE] == _RUNNING:
        if seldom((safe == 0) | (scalars[_TIGHT] != 0)):
            if seldom(is_full(world)):
                return _BUFFER_FULL
            if seldom(is_tight(state)):
                return _STATE_FULL
            safe = _events_with_room(world)
        safe -= 1
        if seldom((scalars[_EVENTS] == 0) & (scalars[_RUN_FIRST] == scalars[_RUN_LAST])):
            come_near(state)
        event, of_run = state.events[0], state.run[nth(scalars[_RUN_FIRST])]
        time, key, slot = event.time, event.key, event.slot
        is_run = is_before(of_run, time, key)
        if is_run:
            time, key, slot = of_run.time, of_run.key, of_run.slot
        is_arrival = is_before(state.coming[0], time, key)
        if is_arrival:
            time, key = state.coming[0].time, state.coming[0].key
        change, its_key = scalars[_CHANGE], scalars[_CHANGE_KEY]
        is_roster = (change < time) | ((change == time) & (its_key < key))
        if seldom(is_roster):
            time = change
        if seldom(time >= limit):
            break
        scalars[_NOW] = time
        if seldom(is_roster):
            change_roster(world)
        else:
            if is_run and not is_arrival:
                scalars[_RUN_FIRST] += 1
                scalars[_FAR] -= 1
            elif not is_arrival:
                pop(state)
            if len(state.strands) > _IN_CACHE:
                foresee(state)
            if seldom(is_idle_event(state, time, key, slot)):
                move_on(state, time, key, slot)
                continue
            scalars[_HANDLED] += 1
            scalars[_LAST] = time
            handle(world, key, slot)
        settle(world)
    return close(world) if is_over(world, until) else _REACHED


@compiled
def is_over(world, until):
    """Whether nothing more can happen."""
    scalars = world.state.scalars
    if scalars[_PHASE] != _RUNNING:
        return True
    is_empty = scalars[_EVENTS] + scalars[_FAR] + scalars[_COMING] == 0
    return until >= world.network.stop or (is_empty and scalars[_ROSTER] == scalars[_ROWS])

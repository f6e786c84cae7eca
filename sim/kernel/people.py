"""People come and go, and hand work back when their shift ends."""

from __future__ import annotations

from sim.codes import Ending, Kind
from sim.kernel._compiled import compiled, nth, plain
from sim.kernel.contacts import end_contact, note_load, set_next_end, work_left
from sim.kernel.rows import record, write_session
from sim.kernel.state import Scalar, Turn
from sim.kernel.steps import put_on_agenda
from sim.primitives import done_us
from sim.units import NEVER

_NOW, _ERA, _RELEASED, _SUSPENDS, _ROUND_GROUP, _ROUND_LEFT = plain(
    Scalar.NOW, Scalar.ERA, Scalar.RELEASED, Scalar.SUSPENDS, Scalar.ROUND_GROUP, Scalar.ROUND_LEFT
)
_CHANGE, _CHANGE_KEY, _ROSTER, _ROWS = plain(Scalar.CHANGE, Scalar.CHANGE_KEY, Scalar.ROSTER, Scalar.ROSTER_ROWS)
_LOG_ON, _ERA_BEGINS, _SUSPENDED, _RESUME = plain(Kind.LOG_ON, Kind.ERA, Ending.SUSPENDED, Turn.RESUME)


# The roster --------------------------------------------------------------------------------------------------------


@compiled
def change_roster(world):
    """Somebody logs on or off, or an era begins."""
    change = world.chance.roster[nth(world.state.scalars[_ROSTER])]
    world.state.scalars[_ROSTER] += 1
    note_change(world)
    agent = world.network.groups[nth(change.group)].agent_first + change.agent
    if change.kind == _ERA_BEGINS:
        world.state.scalars[_ERA] = change.agent
        world.state.scalars[_ROUND_GROUP], world.state.scalars[_ROUND_LEFT] = -1, 0
    elif change.agent < 0 and change.kind == _LOG_ON:
        _one_more(world, change.group, change.pace)
    elif change.agent < 0:
        _one_less(world, change.group)
    elif change.kind == _LOG_ON:
        _come(world, agent, change.pace)
    else:
        _go(world, agent, change.last)


@compiled
def note_change(world):
    """Keep when the next change of the roster comes."""
    scalars, roster = world.state.scalars, world.chance.roster
    scalars[_CHANGE], scalars[_CHANGE_KEY] = NEVER + 1, 0
    if scalars[_ROSTER] < scalars[_ROWS]:
        row = roster[nth(scalars[_ROSTER])]
        scalars[_CHANGE], scalars[_CHANGE_KEY] = row.time, row.key


@compiled
def next_of_round(world):
    """After a change of era: the next free agent to be released, group by group in the order of becoming free."""
    state = world.state
    scalars = state.scalars
    while scalars[_ROUND_LEFT] == 0:
        scalars[_ROUND_GROUP] += 1
        if scalars[_ROUND_GROUP] == len(state.teams):
            return
        scalars[_ROUND_LEFT] = state.teams[scalars[_ROUND_GROUP]].idle
    agent = state.teams[scalars[_ROUND_GROUP]].idle_first
    leave_idle(state, agent)
    scalars[_ROUND_LEFT] -= 1
    scalars[_RELEASED] = agent


@compiled
def _one_less(world, group):
    """The head count falls: whoever became free last goes, or hands work back and goes, or the next to be released."""
    state = world.state
    agent = state.teams[nth(group)].idle_last
    if agent >= 0:
        leave_idle(state, agent)
        log_off(world, agent)
        return
    if state.scalars[_SUSPENDS]:
        agent = _able_to_go(world, group)
        if agent >= 0:
            _suspend(world, agent)
            log_off(world, agent)
            return
    state.teams[nth(group)].debt += 1


@compiled
def _one_more(world, group, pace):
    """The head count rises: somebody who was to go stays, or the first who is away comes."""
    state = world.state
    if state.teams[nth(group)].debt:
        state.teams[nth(group)].debt -= 1
        return
    agent = world.network.groups[nth(group)].agent_first
    while state.agents[nth(agent)].on_since != NEVER:
        agent += 1
    _come(world, agent, pace)


@compiled
def _come(world, agent, pace):
    """An agent logs on, or stays after all."""
    person = world.state.agents[nth(agent)]
    person.pace, person.leaving = pace, 0
    note_load(world.state, agent)
    if person.on_since == NEVER:
        person.on_since, person.worked = world.state.scalars[_NOW], 0
        world.state.scalars[_RELEASED] = agent


@compiled
def _go(world, agent, last):
    """An agent logs off, now or when released; at the end of a shift work may be handed back."""
    state = world.state
    person = state.agents[nth(agent)]
    if person.idle:
        leave_idle(state, agent)
        log_off(world, agent)
    elif person.on_since != NEVER:
        person.leaving = 1
        note_load(state, agent)
        if last and state.scalars[_SUSPENDS]:
            _suspend(world, agent)
            if person.contacts == 0:
                log_off(world, agent)


@compiled
def log_off(world, agent):
    """An agent is gone."""
    person = world.state.agents[nth(agent)]
    write_session(world, agent, world.state.scalars[_NOW])
    person.on_since, person.leaving = NEVER, 0
    note_load(world.state, agent)


# Who is free -------------------------------------------------------------------------------------------------------


@compiled
def become_idle(state, agent):
    """Join the free agents of the group, as the last."""
    person = state.agents[nth(agent)]
    team = state.teams[nth(person.group)]
    last = team.idle_last
    person.idle, person.before, person.after = 1, last, -1
    if last >= 0:
        state.agents[nth(last)].after = agent
    else:
        team.idle_first = agent
    team.idle_last = agent
    team.idle += 1


@compiled
def leave_idle(state, agent):
    """Leave the free agents of the group."""
    person = state.agents[nth(agent)]
    team, one, other = state.teams[nth(person.group)], person.before, person.after
    person.idle = 0
    if one >= 0:
        state.agents[nth(one)].after = other
    else:
        team.idle_first = other
    if other >= 0:
        state.agents[nth(other)].before = one
    else:
        team.idle_last = one
    team.idle -= 1


# Suspended work ----------------------------------------------------------------------------------------------------


@compiled
def _may_suspend(world, slot):
    """Whether a strand is in the customer's part of a visit that can be handed back."""
    if slot < 0:
        return False
    strand = world.state.strands[nth(slot)]
    return world.network.steps[nth(strand.step)].suspends and not strand.unanswered


@compiled
def _able_to_go(world, group):
    """The agent with the highest number who is not due to leave and can hand all work back; -1: nobody."""
    state, row = world.state, world.network.groups[nth(group)]
    for agent in range(row.agent_last - 1, row.agent_first - 1, -1):
        person = state.agents[nth(agent)]
        if person.contacts == 0 or person.leaving:
            continue
        able = True
        for at in range(person.contacts):
            able = able and _may_suspend(world, _slot_of(state, agent, at))
        if able:
            return agent
    return -1


@compiled
def _slot_of(state, agent, at):
    """Whose customer's part one of an agent's contacts is; -1: nobody's."""
    if state.agents[nth(agent)].most == 1:
        return state.agents[nth(agent)].slot
    return state.contacts[nth(agent), nth(at)].slot


@compiled
def _suspend(world, agent):
    """Hand back what can be, in the order of its start."""
    state = world.state
    at = _first_to_suspend(world, agent)
    while at >= 0:
        slot = _slot_of(state, agent, at)
        _leave_rest(state, slot, agent, at)
        end_contact(state, agent, at)
        _hand_back(world, slot)
        at = _first_to_suspend(world, agent)
    if state.agents[nth(agent)].most > 1:
        state.agents[nth(agent)].due = NEVER
        set_next_end(state, agent)


@compiled
def _first_to_suspend(world, agent):
    """The contact that is handed back first; -1: none."""
    state = world.state
    best, best_slot = -1, -1
    for at in range(state.agents[nth(agent)].contacts):
        slot = _slot_of(state, agent, at)
        if _may_suspend(world, slot) and (best < 0 or _started_before(state, slot, best_slot)):
            best, best_slot = at, slot
    return best


@compiled
def _started_before(state, slot, other):
    one, rival = state.strands[nth(slot)], state.strands[nth(other)]
    if one.started != rival.started:
        return one.started < rival.started
    return one.address < rival.address or (one.address == rival.address and one.visit < rival.visit)


@compiled
def _leave_rest(state, slot, agent, at):
    """Keep what is left of a contact's work."""
    strand, now, person = state.strands[nth(slot)], state.scalars[_NOW], state.agents[nth(agent)]
    if person.most == 1:
        strand.work = max(0, strand.work - done_us(now - strand.started, strand.rate))
    else:
        strand.work = work_left(state.contacts[nth(agent), nth(at)], now, person.contacts)


@compiled
def _hand_back(world, slot):
    """A visit is suspended; a further one goes on with the rest."""
    state = world.state
    strand, now = state.strands[nth(slot)], state.scalars[_NOW]
    case = state.cases[nth(strand.root)]
    case.waited += strand.started - strand.enqueued
    case.worked += now - strand.started
    strand.ended, strand.released, strand.hold = now, now, 0
    record(world, slot, _SUSPENDED)
    put_on_agenda(state, slot, _RESUME)

"""Visits that wait: joining a queue, and all ways of leaving it without service."""

from __future__ import annotations

from sim.codes import CASE_BITS, Ending, Flag, Kind, Outcome
from sim.kernel._compiled import compiled, nth, plain, seldom
from sim.kernel.draws import chance_draw, seconds
from sim.kernel.heap import make_key, push
from sim.kernel.lines import join_line
from sim.kernel.rows import record
from sim.kernel.state import Place, Scalar, Turn
from sim.kernel.steps import let_go, put_on_agenda, set_rank
from sim.primitives import Purpose, round_us
from sim.units import NEVER

_NOW, _OUTCOME, _WAITING = plain(Scalar.NOW, Scalar.OUTCOME, Place.WAITING)
_NOTHING, _ASK, _TO_LOSE = plain(Turn.NOTHING, Turn.ASK, Turn.LOSE)
_OVERFLOW, _ESCALATION, _ABANDONMENT = plain(Kind.OVERFLOW, Kind.ESCALATION, Kind.ABANDONMENT)
_ABANDONED, _BLOCKED, _BALKED = plain(Ending.ABANDONED, Ending.BLOCKED, Ending.BALKED)
_LOST_ABANDONED, _LOST_BLOCKED = plain(Outcome.ABANDONED, Outcome.BLOCKED)
_RESUMED, _CALLBACK, _ESCALATED = plain(Flag.RESUMED, Flag.CALLBACK, Flag.ESCALATED)
_P_PATIENCE, _P_BALK, _P_CALLBACK = plain(Purpose.PATIENCE, Purpose.BALK, Purpose.CALLBACK)


@compiled
def remain(world, slot):
    """Nobody serves the visit at once: it is blocked, balks, waits, or waits on in the next line. What comes next."""
    state, network = world.state, world.network
    strand = state.strands[nth(slot)]
    queue = network.steps[nth(strand.step)].queue
    if seldom(strand.place == _WAITING):
        join_line(state, network.queues[nth(queue)].line_first + strand.level, slot)
        _await_overflow(world, slot)
        return _NOTHING
    waiting, row, table = state.waiting[nth(queue)], network.queues[nth(queue)], _patience_table(world, slot)
    if 0 <= row.waiting_places <= waiting and strand.parent < 0 and not strand.flags & _RESUMED:
        return _lose(world, slot, _BLOCKED, _LOST_BLOCKED)
    if table >= 0 and _is_drawn(world, slot, row.balk_from, row.balk_share, _P_BALK):
        return _lose(world, slot, _BALKED, _LOST_ABANDONED)
    _wait(world, slot, table)
    return _NOTHING


@compiled
def _patience_table(world, slot):
    """Table of a visit's patience, -1 for one that never hangs up."""
    network, strand = world.network, world.state.strands[nth(slot)]
    if seldom((strand.parent >= 0) | (strand.flags & _RESUMED != 0)):
        return -1
    table = network.steps[nth(strand.step)].patience
    return network.streams[nth(strand.address >> CASE_BITS)].patience if table == -2 else table


@compiled
def _is_drawn(world, slot, least, share, purpose):
    """Whether enough others wait, and a draw falls below a share."""
    strand = world.state.strands[nth(slot)]
    waiting = world.state.waiting[nth(world.network.steps[nth(strand.step)].queue)]
    if not seldom((least >= 0) & (waiting >= least)):
        return False
    return chance_draw(world, strand.address, strand.step, purpose, strand.repetition) < share


@compiled
def _wait(world, slot, table):
    """Join the queue: its first line, with timers for the end of patience, the next line and the deadline."""
    state, network = world.state, world.network
    strand = state.strands[nth(slot)]
    queue = network.steps[nth(strand.step)].queue
    row = network.queues[nth(queue)]
    if table >= 0 and _is_drawn(world, slot, row.callback_from, row.callback_share, _P_CALLBACK):
        strand.flags |= _CALLBACK
        table = -1
    strand.place, strand.patient = _WAITING, 1 if table >= 0 else 0
    state.waiting[nth(queue)] += 1
    _set_priority(world, slot)
    if not strand.flags & _RESUMED:
        set_rank(world, slot)
    join_line(state, row.line_first, slot)
    if table >= 0:
        patience = round_us(seconds(world, strand.address, table, strand.step, _P_PATIENCE, strand.repetition))
        if patience < NEVER:
            _set_timer(world, slot, strand.enqueued + patience, _ABANDONMENT)
    _await_overflow(world, slot)
    _await_escalation(world, slot)
    if seldom(strand.flags & _CALLBACK != 0):
        let_go(world, slot)


@compiled
def _set_priority(world, slot):
    network, strand = world.network, world.state.strands[nth(slot)]
    priority = world.state.cases[nth(strand.root)].priority
    if priority == 0:
        priority = network.steps[nth(strand.step)].priority
    if priority == 0:
        priority = network.streams[nth(strand.address >> CASE_BITS)].priority
    strand.priority = priority


@compiled
def _set_timer(world, slot, time, kind):
    """Set an event of a waiting visit; one that lies in the past is set for now."""
    state, strand = world.state, world.state.strands[nth(slot)]
    push(state, max(time, state.scalars[_NOW]), make_key(kind, strand.address, strand.visit), slot)


@compiled
def _await_overflow(world, slot):
    """Set the time at which the next line is open to the visit, if there is one."""
    network, strand = world.network, world.state.strands[nth(slot)]
    queue = network.steps[nth(strand.step)].queue
    following = network.queues[nth(queue)].line_first + strand.level + 1
    if seldom(following < network.queues[nth(queue)].line_last):
        _set_timer(world, slot, strand.enqueued + network.lines[nth(following)].after, _OVERFLOW)


@compiled
def _await_escalation(world, slot):
    """Set the time at which the visit gets a better priority, if there is one."""
    network, strand = world.network, world.state.strands[nth(slot)]
    row = network.queues[nth(network.steps[nth(strand.step)].queue)]
    if seldom(row.escalate_priority > 0):
        deadline = world.state.cases[nth(strand.root)].deadline
        if deadline < NEVER:
            _set_timer(world, slot, deadline - row.escalate_before, _ESCALATION)


@compiled
def overflow(world, slot):
    """More groups may serve the visit: they are asked, and else their line is joined."""
    world.state.strands[nth(slot)].level += 1
    put_on_agenda(world.state, slot, _ASK)


@compiled
def escalate(world, slot):
    """The visit gets a better priority, and its new place in each line that it has joined."""
    state, network = world.state, world.network
    strand = state.strands[nth(slot)]
    row = network.queues[nth(network.steps[nth(strand.step)].queue)]
    if row.escalate_priority < strand.priority:
        strand.priority = row.escalate_priority
        strand.flags |= _ESCALATED
        for line in range(row.line_first, row.line_first + strand.level + 1):
            join_line(state, line, slot)


@compiled
def abandon(world, slot):
    """Patience is over."""
    state = world.state
    strand = state.strands[nth(slot)]
    state.waiting[nth(world.network.steps[nth(strand.step)].queue)] -= 1
    state.cases[nth(strand.root)].waited += state.scalars[_NOW] - strand.enqueued
    put_on_agenda(state, slot, _lose(world, slot, _ABANDONED, _LOST_ABANDONED))


@compiled
def _lose(world, slot, ending, outcome):
    """A visit is lost, and its strand for the time being."""
    scalars = world.state.scalars
    world.state.strands[nth(slot)].ended = scalars[_NOW]
    record(world, slot, ending)
    let_go(world, slot)
    scalars[_OUTCOME] = outcome
    return _TO_LOSE

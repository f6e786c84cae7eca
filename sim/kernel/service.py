"""Who serves whom, and service from its start to the release of the agent."""

from __future__ import annotations

from sim.codes import AgentRule, Ending, Flag, Kind, Lead, Outcome, QueueRule
from sim.kernel._compiled import compiled, nth, plain, seldom
from sim.kernel.ahead import HOLD, TALK, WRAP
from sim.kernel.contacts import add_contact, end_contact, least_loaded, may_hold, set_next_end, wrap_contact
from sim.kernel.draws import chance_draw, ease, handling, work
from sim.kernel.heap import contact_at, make_key, push
from sim.kernel.lines import before, has_head, head, take_head
from sim.kernel.people import become_idle, leave_idle, log_off
from sim.kernel.rows import record, record_handing
from sim.kernel.state import Place, Scalar, Turn
from sim.kernel.steps import put_on_agenda
from sim.primitives import Purpose, rate_of, took_us
from sim.units import NEVER

_NOW, _ERA, _RELEASED, _CONTACT, _OUTCOME = plain(
    Scalar.NOW, Scalar.ERA, Scalar.RELEASED, Scalar.CONTACT, Scalar.OUTCOME
)
_WAITING, _IN_SERVICE, _LOSE = plain(Place.WAITING, Place.IN_SERVICE, Turn.LOSE)
_COMPLETION, _WRAP_END, _BRIEFING_END = plain(Kind.COMPLETION, Kind.WRAP_END, Kind.BRIEFING_END)
_LONGEST_IDLE, _LISTED_ORDER = plain(AgentRule.LONGEST_IDLE, AgentRule.LISTED_ORDER)
_LONGEST_WAIT, _WEIGHTED_WAIT = plain(QueueRule.LONGEST_WAIT, QueueRule.WEIGHTED_WAIT)
_ALWAYS, _HAND_OVER = plain(Lead.ALWAYS, Lead.HAND_OVER)
_SERVED, _UNANSWERED, _LOST_ABANDONED = plain(Ending.SERVED, Ending.UNANSWERED, Outcome.ABANDONED)
_CALLBACK, _RESUMED, _UNSOLVED, _LOOKED_UP = plain(Flag.CALLBACK, Flag.RESUMED, Flag.UNSOLVED, Flag.LOOKED_UP)
_P_LEAD, _P_TALK, _P_HOLD, _P_WRAP, _P_SOLVE, _P_ANSWER, _P_UNANSWERED, _P_BRIEFING = plain(
    Purpose.LEAD,
    Purpose.TALK,
    Purpose.HOLD,
    Purpose.WRAP,
    Purpose.SOLVE,
    Purpose.ANSWER,
    Purpose.UNANSWERED,
    Purpose.BRIEFING,
)


# Who serves --------------------------------------------------------------------------------------------------------


@compiled
def who_serves(world, slot):
    """The agent for a visit, of the groups of the line that it has come to; -1: nobody."""
    state, network = world.state, world.network
    strand, era = state.strands[nth(slot)], state.scalars[_ERA]
    queue = network.steps[nth(strand.step)].queue
    line = network.lines[nth(network.queues[nth(queue)].line_first + strand.level)]
    for place in range(line.server_first, line.server_last):
        server = network.servers[nth(state.asked[nth(era), nth(place)])]
        if network.skills[nth(era), nth(server.group), nth(queue)].speed > 0.0:
            if state.teams[nth(server.group)].idle > server.reserve:
                return _free_agent(world, server.group)
            if state.teams[nth(server.group)].most > 1:
                agent = _busy_agent(world, server.group, queue)
                if agent >= 0:
                    return agent
    return -1


@compiled
def _free_agent(world, group):
    """A free agent of a group, by its rule."""
    state, row = world.state, world.network.groups[nth(group)]
    agent = state.teams[nth(group)].idle_first
    if row.rule == _LONGEST_IDLE:
        return agent
    if row.rule == _LISTED_ORDER:
        agent = row.agent_first
        while not state.agents[nth(agent)].idle:
            agent += 1
        return agent
    other = state.agents[nth(agent)].after
    while other >= 0:
        if state.agents[nth(other)].worked < state.agents[nth(agent)].worked:
            agent = other
        other = state.agents[nth(other)].after
    return agent


@compiled
def _busy_agent(world, group, queue):
    """The agent of a group with the fewest contacts who may hold one more of a queue; -1: nobody."""
    state, row, team = world.state, world.network.groups[nth(group)], world.state.teams[nth(group)]
    if team.debt:
        return -1
    most = min(team.most, world.network.skills[nth(state.scalars[_ERA]), nth(group), nth(queue)].at_once)
    return least_loaded(state, row.agent_first, row.agent_last, most)


@compiled
def next_visit(world, agent):
    """The waiting visit that a released agent takes; -1: none, and the agent is free or gone or has other contacts."""
    state = world.state
    if state.scalars[_CONTACT] >= 0:
        end_contact(state, agent, state.scalars[_CONTACT])
        state.scalars[_CONTACT] = -1
    person = state.agents[nth(agent)]
    team = state.teams[nth(person.group)]
    if seldom((person.leaving | team.debt) != 0) and person.contacts == 0:
        if not person.leaving:
            team.debt -= 1
        log_off(world, agent)
        return -1
    if not person.leaving and not team.debt:
        line = _best_line(world, agent)
        if line >= 0:
            return take_head(state, line)
    if person.contacts == 0:
        become_idle(state, agent)
    elif person.most > 1:
        set_next_end(state, agent)
    return -1


@compiled
def _best_line(world, agent):
    """The line whose head an agent takes; -1: none."""
    state, network = world.state, world.network
    person = state.agents[nth(agent)]
    row = network.groups[nth(person.group)]
    best = -1
    for place in range(row.served_first, row.served_last):
        served = network.served[nth(place)]
        line = served.line
        if (
            state.standing[nth(line)] == 0
            or not _may_take(world, agent, line, served.reserve)
            or not has_head(state, line)
        ):
            continue
        if best < 0 or _comes_first(world, row.takes, line, best):
            best = line
    return best


@compiled
def _may_take(world, agent, line, reserve):
    """Whether an agent may take a visit of a line."""
    state, network = world.state, world.network
    person, queue = state.agents[nth(agent)], network.lines[nth(line)].queue
    if not network.skills[nth(state.scalars[_ERA]), nth(person.group), nth(queue)].speed > 0.0:
        return False
    if person.contacts == 0:
        return state.teams[nth(person.group)].idle >= reserve
    return may_hold(world, agent, queue)


@compiled
def _comes_first(world, rule, one, other):
    """Whether the head of a line is taken before that of another."""
    state = world.state
    first, rival = head(state, one), head(state, other)
    since, rival_since = state.strands[nth(first.slot)].enqueued, state.strands[nth(rival.slot)].enqueued
    if rule == _LONGEST_WAIT and since != rival_since:
        return since < rival_since
    if rule == _WEIGHTED_WAIT:
        weight, rival_weight = _weighted(world, one, since), _weighted(world, other, rival_since)
        if weight != rival_weight:
            return weight > rival_weight
    return before(first, rival)


@compiled
def _weighted(world, line, since):
    network = world.network
    return network.queues[nth(network.lines[nth(line)].queue)].weight * (world.state.scalars[_NOW] - since)


# Service -----------------------------------------------------------------------------------------------------------


@compiled
def start(world, slot, agent):
    """An agent and a strand meet; how much work it is is settled here."""
    state, network = world.state, world.network
    strand, person = state.strands[nth(slot)], state.agents[nth(agent)]
    queue, now = network.steps[nth(strand.step)].queue, state.scalars[_NOW]
    if strand.place == _WAITING:
        state.waiting[nth(queue)] -= 1
    if person.idle:
        leave_idle(state, agent)
    skill = network.skills[nth(state.scalars[_ERA]), nth(person.group), nth(queue)]
    strand.rate = rate_of(skill.speed, person.pace)
    _settle_work(world, slot, agent)
    strand.place, strand.agent, strand.started = _IN_SERVICE, agent, now
    if person.most > 1:
        add_contact(world, slot, agent, skill.slowdown, skill.at_once)
    else:
        person.contacts, person.slot, person.since = 1, slot, now
        strand.ended = now + took_us(strand.work, strand.rate)
        push(state, strand.ended, make_key(_COMPLETION, strand.address, strand.visit), slot)
    if not strand.chasing and not strand.unanswered:
        _note_service(world, slot, agent)


@compiled
def _settle_work(world, slot, agent):
    """Work with the customer and after; a suspended visit goes on with what is left."""
    network, strand = world.network, world.state.strands[nth(slot)]
    row, address, step, repetition = network.steps[nth(strand.step)], strand.address, strand.step, strand.repetition
    if seldom(strand.flags & _CALLBACK != 0):
        queue = network.queues[nth(row.queue)]
        if chance_draw(world, address, step, _P_ANSWER, repetition) >= queue.callback_answers:
            strand.unanswered, strand.wrap = 1, 0
            strand.work = work(world, address, queue.callback_unanswered, step, _P_UNANSWERED, repetition)
            return
    strand.wrap = handling(world, address, WRAP, row.wrap, step, _P_WRAP, repetition)
    if seldom(strand.flags & _RESUMED != 0):
        return
    hold = handling(world, address, HOLD, row.hold, step, _P_HOLD, repetition)
    strand.hold = took_us(hold, strand.rate) if hold > 0 else 0
    strand.work = hold + handling(world, address, TALK, row.talk, step, _P_TALK, repetition)
    if row.lead >= 0 and _is_lead_due(world, slot, agent):
        strand.flags |= _LOOKED_UP
        strand.work += work(world, address, row.lead, step, _P_LEAD, repetition)
    if seldom(strand.kept >= 0):
        strand.work += _hand_over(world, slot)


@compiled
def _is_lead_due(world, slot, agent):
    """Whether service begins with looking the customer up."""
    strand = world.state.strands[nth(slot)]
    when, last = world.network.steps[nth(strand.step)].lead_when, world.state.cases[nth(strand.root)].last_agent
    return when == _ALWAYS or (last != agent and (last >= 0 or when != _HAND_OVER))


@compiled
def _hand_over(world, slot):
    """Whoever keeps the strand briefs the next agent: the work of that."""
    state = world.state
    strand, kept = state.strands[nth(slot)], state.kept[nth(slot)]
    table = world.network.steps[nth(kept.step)].briefing
    briefing = work(world, strand.address, table, kept.step, _P_BRIEFING, kept.repetition)
    until = state.scalars[_NOW] + took_us(briefing, kept.rate)
    push(state, until, make_key(_BRIEFING_END, strand.address, kept.visit), strand.kept)
    record_handing(world, slot, until)
    return briefing


@compiled
def _note_service(world, slot, agent):
    """The case has been served: its first response, a hand-over, who served last."""
    state = world.state
    strand, group = state.strands[nth(slot)], state.agents[nth(agent)].group
    case = state.cases[nth(strand.root)]
    if strand.number == 0:
        case.first_response = min(case.first_response, state.scalars[_NOW])
    if case.last_group >= 0 and case.last_group != group:
        case.handovers += 1
    case.last_group, case.last_agent = group, agent


@compiled
def complete(world, slot):
    """The customer's part of a visit is over."""
    state, network = world.state, world.network
    strand = state.strands[nth(slot)]
    now, agent, row = state.scalars[_NOW], strand.agent, network.steps[nth(strand.step)]
    case, person = state.cases[nth(strand.root)], state.agents[nth(agent)]
    following = row.next
    if seldom(row.unsolved >= 0) and not strand.unanswered and not _is_solved(world, slot):
        following = row.unsolved
        strand.flags |= _UNSOLVED
    single = person.most == 1
    strand.released = now
    if strand.wrap > 0:
        strand.released += took_us(strand.wrap, strand.rate) if single else wrap_contact(state, slot)
    case.quiet = 0
    case.waited += strand.started - strand.enqueued
    case.worked += strand.released - strand.started
    record(world, slot, _UNANSWERED if strand.unanswered else _SERVED)
    person.slot = -1
    if strand.wrap > 0:
        if single:
            push(state, strand.released, make_key(_WRAP_END, strand.address, strand.visit), agent)
    elif seldom(row.briefing >= 0) and single and not strand.unanswered:
        _keep(world, slot)
    else:
        release(world, agent, make_key(_WRAP_END, strand.address, strand.visit))
    if seldom(strand.unanswered != 0):
        following = _LOSE
        state.scalars[_OUTCOME] = _LOST_ABANDONED
    put_on_agenda(state, slot, following)


@compiled
def _is_solved(world, slot):
    """Whether the agent can solve it."""
    state, strand = world.state, world.state.strands[nth(slot)]
    group, queue = state.agents[nth(strand.agent)].group, world.network.steps[nth(strand.step)].queue
    share = world.network.skills[state.scalars[_ERA], group, queue].solves
    return ease(world, strand.root, strand.step, _P_SOLVE, strand.repetition) < share


@compiled
def _keep(world, slot):
    """The agent stays with the strand until the next one takes over."""
    strand, kept = world.state.strands[nth(slot)], world.state.kept[nth(slot)]
    strand.kept, kept.visit, kept.step = strand.agent, strand.visit, strand.step
    kept.repetition, kept.since, kept.rate = strand.repetition, strand.ended, strand.rate


@compiled
def release(world, agent, key):
    """One contact of an agent is over: of several at once, the one that a key names."""
    state = world.state
    person = state.agents[nth(agent)]
    state.scalars[_RELEASED], state.scalars[_CONTACT] = agent, 0
    if person.most > 1:
        if person.contacts > 1:
            state.scalars[_CONTACT] = contact_at(state, agent, key)
        person.due = NEVER

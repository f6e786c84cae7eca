"""What events do: the same names and order as the reference engine, over arrays."""

from __future__ import annotations

from sim.codes import CASE_BITS, AgentRule, Ending, Kind, Outcome, Step
from sim.kernel.heap import CASE_MASK, make_key, push
from sim.kernel.lines import before, has_head, join_line
from sim.kernel.rows import end_case, record, write_session
from sim.kernel.state import Place, Scalar
from sim.primitives import Purpose, length_us, quantile_s, round_us, uniform, uniform_bits
from sim.primitives._cache import compiled
from sim.units import NEVER

# Scalars, fields and columns as plain integers: compiled code knows no enums.
NOW, FREE, LAST = int(Scalar.NOW), int(Scalar.FREE), int(Scalar.LAST)
NOWHERE, WAITING, IN_SERVICE, DELAYED = (int(p) for p in Place)
COMPLETION, WRAP_END, DELAY_END = int(Kind.COMPLETION), int(Kind.WRAP_END), int(Kind.DELAY_END)
OVERFLOW, ABANDONMENT, REDIAL = int(Kind.OVERFLOW), int(Kind.ABANDONMENT), int(Kind.REDIAL)
END_STEP, BRANCH_STEP, DELAY_STEP = int(Step.END), int(Step.BRANCH), int(Step.DELAY)
LISTED_ORDER = int(AgentRule.LISTED_ORDER)
SERVED, ABANDONED, BLOCKED, WAS_DELAYED = (
    int(Ending.SERVED), int(Ending.ABANDONED), int(Ending.BLOCKED), int(Ending.DELAYED))  # fmt: skip
LOST_ABANDONED, LOST_BLOCKED = int(Outcome.ABANDONED), int(Outcome.BLOCKED)
(P_PATIENCE, P_TALK, P_HOLD, P_WRAP, P_DELAY, P_BRANCH, P_REDIAL, P_REDIAL_AFTER) = (
    int(p) for p in (Purpose.PATIENCE, Purpose.TALK, Purpose.HOLD, Purpose.WRAP, Purpose.DELAY, Purpose.BRANCH,
                     Purpose.REDIAL, Purpose.REDIAL_AFTER))  # fmt: skip


# Draws -----------------------------------------------------------------------------------------------------------


@compiled
def seconds(world, case, table, step, purpose, repetition):
    """A quantile in seconds at a case's address; nothing for no table."""
    if table < 0:
        return 0.0
    network, address = world.network, case.address
    step_id = network.steps[step].id if step >= 0 else 0
    stream_id = network.streams[address >> CASE_BITS].id
    bits = uniform_bits(world.chance.key, address & CASE_MASK, stream_id, step_id, purpose, repetition)
    return quantile_s(network.tables, table, bits)


@compiled
def chance_draw(world, case, step, purpose, repetition):
    """A uniform number between 0 and 1 at a case's address."""
    network, address = world.network, case.address
    step_id = network.steps[step].id if step >= 0 else 0
    stream_id = network.streams[address >> CASE_BITS].id
    return uniform(world.chance.key, address & CASE_MASK, stream_id, step_id, purpose, repetition)


# Steps -----------------------------------------------------------------------------------------------------------


@compiled
def new_case(world, address):
    """A case in a free slot, before its first step."""
    state = world.state
    free = state.scalars[FREE] - 1
    state.scalars[FREE] = free
    slot = state.free[free]
    case = state.cases[slot]
    case.attempt, case.visits, case.handovers, case.waited, case.worked = 0, 0, 0, 0, 0
    case.address = address
    case.arrived = state.scalars[NOW]
    case.first_response = NEVER
    case.last_group = -1
    case.agent = -1
    state.repetitions[slot] = 0
    return slot


@compiled
def start_attempt(world, slot):
    """A case enters the first step of its process."""
    case = world.state.cases[slot]
    enter(world, slot, world.network.streams[case.address >> CASE_BITS].entry)


@compiled
def enter(world, slot, step):
    """A case goes on until it waits, is in service, is delayed or is gone."""
    state, steps, branches = world.state, world.network.steps, world.network.branches
    case = state.cases[slot]
    while True:
        kind = steps[step].kind
        if kind == END_STEP:
            end_case(world, slot, steps[step].outcome)
            return
        local = steps[step].local
        repetition = state.repetitions[slot, local]
        state.repetitions[slot, local] = repetition + 1
        if kind != BRANCH_STEP:
            break
        draw = chance_draw(world, case, step, P_BRANCH, repetition)
        option = steps[step].branch_first
        while branches[option].upto <= draw:
            option += 1
        step = branches[option].target
    now = state.scalars[NOW]
    case.step, case.repetition, case.level, case.agent, case.hold = step, repetition, 0, -1, 0
    case.enqueued, case.started, case.ended, case.released = now, NEVER, NEVER, NEVER
    case.visits += 1
    if kind == DELAY_STEP:
        case.place, case.started = DELAYED, now
        length = length_us(seconds(world, case, steps[step].delay, step, P_DELAY, repetition), 1.0)
        push(state, now + length, make_key(DELAY_END, case.address, case.visits - 1), slot)
    else:
        enter_work(world, slot)


@compiled
def end_delay(world, slot):
    """A stay that needed nobody is over."""
    case = world.state.cases[slot]
    case.ended = world.state.scalars[NOW]
    record(world, slot, WAS_DELAYED)
    enter(world, slot, world.network.steps[case.step].next)


@compiled
def enter_work(world, slot):
    """A case joins a queue: served at once, blocked, or waiting."""
    state, network = world.state, world.network
    case = state.cases[slot]
    queue = network.steps[case.step].queue
    if find_agent(world, slot, network.queues[queue].line_first):
        return
    places = network.queues[queue].waiting_places
    if 0 <= places <= state.waiting[queue]:
        case.ended = state.scalars[NOW]
        record(world, slot, BLOCKED)
        lose(world, slot, LOST_BLOCKED)
    else:
        wait(world, slot)


# Waiting ---------------------------------------------------------------------------------------------------------


@compiled
def wait(world, slot):
    """Join the queue: its first line, with timers for the end of patience and for the next line."""
    state, network = world.state, world.network
    case = state.cases[slot]
    step, stream = case.step, case.address >> CASE_BITS
    queue = network.steps[step].queue
    case.place = WAITING
    state.waiting[queue] += 1
    join(world, slot, network.queues[queue].line_first)
    table = network.steps[step].patience
    if table == -2:
        table = network.streams[stream].patience
    if table >= 0:
        patience = round_us(seconds(world, case, table, step, P_PATIENCE, case.repetition))
        if patience < NEVER:
            push(state, case.enqueued + patience, make_key(ABANDONMENT, case.address, case.visits - 1), slot)
    await_overflow(world, slot)


@compiled
def join(world, slot, line):
    """Stand in a line."""
    state, network = world.state, world.network
    case = state.cases[slot]
    stream = case.address >> CASE_BITS
    priority = network.steps[case.step].priority
    if priority == 0:
        priority = network.streams[stream].priority
    join_line(state, line, priority, case.enqueued - network.streams[stream].head_start, slot)


@compiled
def await_overflow(world, slot):
    """Set the time at which the next line is open to the visit, if there is one."""
    state, network = world.state, world.network
    case = state.cases[slot]
    queue = network.steps[case.step].queue
    following = network.queues[queue].line_first + case.level + 1
    if following < network.queues[queue].line_last:
        at = case.enqueued + network.lines[following].after
        push(state, at, make_key(OVERFLOW, case.address, case.visits - 1), slot)


@compiled
def overflow(world, slot):
    """More groups may serve the visit."""
    state, network = world.state, world.network
    case = state.cases[slot]
    queue = network.steps[case.step].queue
    case.level += 1
    line = network.queues[queue].line_first + case.level
    if find_agent(world, slot, line):
        state.waiting[queue] -= 1
    else:
        join(world, slot, line)
        await_overflow(world, slot)


@compiled
def abandon(world, slot):
    """Patience is over."""
    state = world.state
    case = state.cases[slot]
    now = state.scalars[NOW]
    state.waiting[world.network.steps[case.step].queue] -= 1
    case.ended = now
    case.waited += now - case.enqueued
    record(world, slot, ABANDONED)
    lose(world, slot, LOST_ABANDONED)


@compiled
def lose(world, slot, outcome):
    """Who abandoned or was blocked tries again later, or is lost."""
    state, streams = world.state, world.network.streams
    case = state.cases[slot]
    stream, attempt = case.address >> CASE_BITS, case.attempt
    tries = attempt + 1 < streams[stream].redial_most
    if tries and chance_draw(world, case, -1, P_REDIAL, attempt) < streams[stream].redial_share:
        after = length_us(seconds(world, case, streams[stream].redial_after, -1, P_REDIAL_AFTER, attempt), 1.0)
        push(state, state.scalars[NOW] + after, make_key(REDIAL, case.address, attempt + 1), slot)
    else:
        end_case(world, slot, outcome)


@compiled
def redial(world, slot):
    """The customer tries again."""
    case = world.state.cases[slot]
    case.attempt += 1
    case.last_group = -1
    start_attempt(world, slot)


# Service ---------------------------------------------------------------------------------------------------------


@compiled
def find_agent(world, slot, line):
    """Start service if one of a line's groups has a free agent."""
    state, network = world.state, world.network
    for server in range(network.lines[line].server_first, network.lines[line].server_last):
        group = network.servers[server].group
        agent = state.teams[group].idle_first
        if agent < 0:
            continue
        if network.groups[group].rule == LISTED_ORDER:
            agent = network.groups[group].agent_first
            while not state.agents[agent].idle:
                agent += 1
        leave_idle(state, agent)
        start(world, slot, agent, network.servers[server].speed)
        return True
    return False


@compiled
def start(world, slot, agent, speed):
    """An agent and a case meet; how long it takes is settled here."""
    state, steps = world.state, world.network.steps
    case = state.cases[slot]
    now, step, repetition = state.scalars[NOW], case.step, case.repetition
    talk = length_us(seconds(world, case, steps[step].talk, step, P_TALK, repetition), speed)
    hold = length_us(seconds(world, case, steps[step].hold, step, P_HOLD, repetition), speed)
    wrap = length_us(seconds(world, case, steps[step].wrap, step, P_WRAP, repetition), speed)
    group = state.agents[agent].group
    case.place, case.agent, case.started, case.hold = IN_SERVICE, agent, now, hold
    case.ended = now + talk + hold
    case.released = case.ended + wrap
    case.first_response = min(case.first_response, now)
    if case.last_group >= 0 and case.last_group != group:
        case.handovers += 1
    case.last_group = group
    push(state, case.ended, make_key(COMPLETION, case.address, case.visits - 1), slot)


@compiled
def complete(world, slot):
    """Talk and hold are over."""
    state = world.state
    case = state.cases[slot]
    agent, released = case.agent, case.released
    case.waited += case.started - case.enqueued
    case.worked += released - case.started
    record(world, slot, SERVED)
    if released == state.scalars[NOW]:
        release(world, agent)
    else:
        push(state, released, make_key(WRAP_END, case.address, case.visits - 1), agent)
    enter(world, slot, world.network.steps[case.step].next)


@compiled
def release(world, agent):
    """An agent is free: leaves if due, takes the best waiting case, or waits for one."""
    state, network = world.state, world.network
    person = state.agents[agent]
    group = person.group
    if person.leaving or state.teams[group].debt:
        if not person.leaving:
            state.teams[group].debt -= 1
        log_off(world, agent)
        return
    best, speed = -1, 1.0
    for served in range(network.groups[group].served_first, network.groups[group].served_last):
        line = network.served[served].line
        if has_head(state, line) and (best < 0 or before(state.lines[line, 0], state.lines[best, 0])):
            best, speed = line, network.served[served].speed
    if best < 0:
        become_idle(state, agent)
        return
    slot = state.lines[best, 0].slot
    state.waiting[network.lines[best].queue] -= 1
    start(world, slot, agent, speed)


# People come and go ----------------------------------------------------------------------------------------------


@compiled
def become_idle(state, agent):
    """Join the free agents of the group, as the last."""
    person = state.agents[agent]
    group = person.group
    last = state.teams[group].idle_last
    person.idle, person.before, person.after = 1, last, -1
    if last >= 0:
        state.agents[last].after = agent
    else:
        state.teams[group].idle_first = agent
    state.teams[group].idle_last = agent


@compiled
def leave_idle(state, agent):
    """Leave the free agents of the group."""
    person = state.agents[agent]
    group, one, other = person.group, person.before, person.after
    person.idle = 0
    if one >= 0:
        state.agents[one].after = other
    else:
        state.teams[group].idle_first = other
    if other >= 0:
        state.agents[other].before = one
    else:
        state.teams[group].idle_last = one


@compiled
def one_less(world, group):
    """The head count falls: whoever became free last goes, or the next to be released."""
    agent = world.state.teams[group].idle_last
    if agent >= 0:
        leave_idle(world.state, agent)
        log_off(world, agent)
    else:
        world.state.teams[group].debt += 1


@compiled
def one_more(world, group):
    """The head count rises: somebody who was to go stays, or the first who is away comes."""
    state = world.state
    if state.teams[group].debt:
        state.teams[group].debt -= 1
        return
    agent = world.network.groups[group].agent_first
    while state.agents[agent].on_since != NEVER:
        agent += 1
    come(world, agent)


@compiled
def come(world, agent):
    """An agent logs on, or stays after all."""
    person = world.state.agents[agent]
    if person.on_since == NEVER:
        person.on_since = world.state.scalars[NOW]
        release(world, agent)
    person.leaving = 0


@compiled
def go(world, agent):
    """An agent logs off, now or when released."""
    person = world.state.agents[agent]
    if person.idle:
        leave_idle(world.state, agent)
        log_off(world, agent)
    elif person.on_since != NEVER:
        person.leaving = 1


@compiled
def log_off(world, agent):
    """An agent is gone."""
    person = world.state.agents[agent]
    write_session(world, agent, world.state.scalars[NOW])
    person.on_since, person.leaving = NEVER, 0

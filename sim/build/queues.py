"""Queues, their lines, the groups that serve them, and what each group can do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np

from sim.build.numbers import Numbers, row
from sim.codes import AgentRule, Ask, QueueRule
from sim.network import GROUP, LINE, QUEUE, SERVED, SERVER, SKILL, Records
from sim.roster import agent_counts
from sim.schema.people import Skill
from sim.schema.routing import Routing, Target

SLOWDOWN_ONE = 1 << 16
_PICKS = {
    "longest idle": AgentRule.LONGEST_IDLE,
    "listed order": AgentRule.LISTED_ORDER,
    "least loaded": AgentRule.LEAST_LOADED,
}
_TAKES = {
    "priority": QueueRule.PRIORITY,
    "longest wait": QueueRule.LONGEST_WAIT,
    "weighted wait": QueueRule.WEIGHTED_WAIT,
}
_ASKS = {"listed order": Ask.LISTED_ORDER, "best skilled": Ask.BEST_SKILLED}


def queue_rows(numbers: Numbers) -> dict[str, Records]:
    """Queues, lines and groups with their cross references, by the field of `Network`."""
    scenario, routings = numbers.scenario, numbers.scenario.expanded.routing
    queues: list[tuple[object, ...]] = []
    lines: list[tuple[int, int, int, int]] = []
    servers: list[tuple[int, int]] = []
    serving: list[tuple[int, int, int]] = []  # group, line, reserve
    for queue, number in numbers.queue.items():
        routing = routings.get(queue, Routing())
        able = [Target(name) for name, group in scenario.people.items() if queue in group.skills]
        targets = able if routing.targets is None else routing.targets
        first = len(lines)
        for after in sorted({target.after for target in targets} | {0}):
            members = [(numbers.group[one.group], one.reserve) for one in targets if one.after == after]
            serving += [(group, len(lines), reserve) for group, reserve in members]
            lines.append((number, after, len(servers), len(servers) + len(members)))
            servers += members
        queues.append(row(QUEUE, {"line_first": first, "line_last": len(lines), **_queue(routing, numbers)}))
    serving.sort()
    return {
        "queues": np.array(queues, dtype=QUEUE),
        "lines": np.array(lines, dtype=LINE),
        "servers": np.array(servers, dtype=SERVER),
        "groups": _group_rows(numbers, [group for group, _, _ in serving]),
        "served": np.array([(line, reserve) for _, line, reserve in serving], dtype=SERVED),
    }


def _queue(routing: Routing, numbers: Numbers) -> dict[str, object]:
    escalate, balking, callback = routing.escalate, routing.balking, routing.callback
    return {
        "waiting_places": -1 if routing.waiting_places is None else routing.waiting_places,
        "ask": _ASKS[routing.ask],
        "deadline": int(routing.order == "earliest deadline"),
        "within": routing.within or 0,
        "weight": routing.weight,
        "escalate_before": escalate.before_deadline if escalate else 0,
        "escalate_priority": escalate.priority if escalate else 0,
        "balk_from": balking.when_waiting if balking else -1,
        "balk_share": balking.share if balking else 0.0,
        "callback_from": callback.when_waiting if callback else -1,
        "callback_share": callback.accepted if callback else 0.0,
        "callback_answers": callback.answers if callback else 1.0,
        "callback_unanswered": numbers.table(callback.unanswered if callback else None),
    }


def _group_rows(numbers: Numbers, serving: list[int]) -> Records:
    borders = np.cumsum([0, *agent_counts(numbers.scenario)])
    rows = []
    for number, group in enumerate(numbers.scenario.people.values()):
        part = bisect_left(serving, number), bisect_right(serving, number)
        contacts = max(skill.at_once for skill in group.skills.values())
        agents = borders[number], borders[number + 1]
        rows.append((*agents, _PICKS[group.picks], _TAKES[group.takes], *part, contacts))
    return np.array(rows, dtype=GROUP)


def skill_rows(numbers: Numbers) -> Records:
    """What each group does in each queue (one era x groups x queues)."""
    table = no_skills(numbers)
    for name, group in numbers.scenario.people.items():
        for skill, value in group.skills.items():
            table[0, numbers.group[name], numbers.queue[skill]] = skill_row(value)
    return table


def no_skills(numbers: Numbers) -> Records:
    """A table in which nobody can do anything."""
    table = np.zeros((1, len(numbers.group), len(numbers.queue)), SKILL)
    table["at_once"], table["solves"] = 1, 1.0
    return table


def skill_row(skill: Skill) -> tuple[float, float, int, int]:
    """A cell of the table."""
    return skill.speed, skill.solves, skill.at_once, round(skill.slowdown * SLOWDOWN_ONE)

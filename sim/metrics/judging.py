"""Cases counted with all that happened to them: promises, opinions, money, and whose work it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case, Outcome
from sim.log import Log
from sim.metrics.costs import case_costs
from sim.metrics.lives import Lives
from sim.metrics.opinion import Experience, scored, weights_of
from sim.metrics.promises import Promises, assigned_tiers, judge, true_tiers
from sim.metrics.service import TARGETS, Opinion, Service
from sim.metrics.sums import AgentSum, CaseSum, MoneySum, TierSum
from sim.metrics.tally import add, at_first_contact, sums_by, window_of
from sim.primitives import Scored, count_opinions
from sim.units import NEVER

if TYPE_CHECKING:
    from sim.metrics.totals import Totals

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

THOUSANDTHS = 1000


def follow(totals: Totals, log: Log, closing_us: int) -> None:
    """Count the cases whose rows have come, with their visits; keep the visits of the others."""
    lives = totals.pending.visits.close(totals.frame, totals.key, log.visits, log.cases)
    if not len(lives):
        return
    if "look-up" in totals.frame.parts:
        _add_by_stream(totals, CaseSum.LOOKUPS, lives, lives.lived.look_ups)
    if totals.frame.repeat_us is not None:
        _count_first_contacts(totals, lives, totals.frame.repeat_us, closing_us)
    if totals.frame.service is not None:
        _judge(totals, lives, totals.frame.service)


def _add_by_stream(totals: Totals, kind: CaseSum, lives: Lives, values: Ints | Mask) -> None:
    """Add values of cases by stream and arrival."""
    add(totals.case[kind], lives.cases[Case.STREAM], lives.cases[Case.ARRIVED], values, totals.frame)


def _count_first_contacts(totals: Totals, lives: Lives, within_us: int, closing_us: int) -> None:
    """Count cases solved at first contact: those that came back in time were not, those that came back later were."""
    cases = lives.cases
    due = (cases[Case.OUTCOME] != Outcome.OPEN) & (cases[Case.ARRIVED] + within_us <= closing_us)
    lasted = lives.lived.back_us - cases[Case.SOLVED] > within_us
    later = cases.copy()
    later[Case.REOPENED, lasted] = 0
    later[Case.OUTCOME, lasted] = Outcome.SOLVED
    first = due & (cases[Case.SOLVED] < NEVER) & at_first_contact(later)
    _add_by_stream(totals, CaseSum.FIRST_CONTACT, lives, first)
    _add_by_stream(totals, CaseSum.FIRST_CONTACT_DUE, lives, due)


def _judge(totals: Totals, lives: Lives, service: Service) -> None:
    draws = totals.draws()
    promises = None
    if service.tiers:
        true = true_tiers(service, lives, draws)
        promises = judge(service, lives, true)
        _count_promises(totals, promises, TierSum.RESPOND_DUE)
        _count_assigned(totals, lives, service, promises)
    if service.approvals:
        _count_approvals(totals, lives)
    if service.money is not None:
        _count_costs(totals, lives, case_costs(service.money, lives, draws))
    ended = lives.cases[Case.OUTCOME] != Outcome.OPEN
    lives, promises = lives.only(ended), promises.only(ended) if promises else None
    found = None
    if service.opinion is not None:
        found = scored(service.opinion, Experience(lives, promises, draws))
        _count_opinions(totals, service.opinion, service.customers, found)
    if service.scorecard:
        _count_agents(totals, lives, service, found)


def _count_promises(totals: Totals, promises: Promises, first: TierSum) -> None:
    """Count promises by the interval in which they fall due; what is late, lost or open then is not kept."""
    for target in range(len(TARGETS)):
        due = promises.due_us[target] < totals.frame.end_us
        kinds = totals.tier[first + 2 * target], totals.tier[first + 2 * target + 1]
        for sums, values in zip(kinds, (due, promises.kept[target]), strict=True):
            add(sums, promises.tier[due], promises.due_us[target][due], values[due], totals.frame)


def _count_assigned(totals: Totals, lives: Lives, service: Service, promises: Promises) -> None:
    """Count promises by the tier for which cases were taken; judged anew where it is another than the true one."""
    true, assigned = promises.tier, assigned_tiers(service, lives, promises.tier)
    differs = np.flatnonzero(assigned != true)
    taken_for = np.full(len(lives), -1)
    taken_for[differs] = assigned[differs]
    _count_promises(totals, promises.with_(differs, judge(service, lives, taken_for)), TierSum.ASSIGNED_RESPOND_DUE)
    known = true >= 0
    for kind, values in ((TierSum.CASES, known), (TierSum.ASSIGNED_RIGHT, assigned == true)):
        add(totals.tier[kind], true[known], lives.cases[Case.ARRIVED][known], values[known], totals.frame)


def _count_approvals(totals: Totals, lives: Lives) -> None:
    time_us = lives.lived.approval_us
    _add_by_stream(totals, CaseSum.APPROVED, lives, time_us > 0)
    _add_by_stream(totals, CaseSum.APPROVAL_TIME, lives, time_us)


def _count_costs(totals: Totals, lives: Lives, costs: Ints) -> None:
    first = len(totals.frame.groups)
    for line, cost in enumerate(costs):
        owners = np.full(len(lives), first + line)
        add(totals.money[MoneySum.COST], owners, lives.cases[Case.ARRIVED], cost, totals.frame)


def _count_opinions(totals: Totals, opinion: Opinion, customers: int, found: Scored) -> None:
    answers = totals.pending.answers_of(customers)
    count_opinions(found, weights_of(opinion), totals.opinion, answers, window_of(totals.frame, totals.frame.end_us))


def _count_agents(totals: Totals, lives: Lives, service: Service, found: Scored | None) -> None:
    """Count cases that ended for the agent who served them last, in person with the customer."""
    known = np.flatnonzero(lives.lived.agent >= 0)
    agent, cases = lives.lived.agent[known], lives.cases[:, known]

    def count(kind: AgentSum, which: Mask | None = None, weights: Ints | None = None) -> None:
        totals.agent[kind] += sums_by(agent if which is None else agent[which], totals.agent.shape[1], weights)

    count(AgentSum.ENDED)
    count(AgentSum.FIRST_CONTACT, at_first_contact(cases))
    count(AgentSum.SOLVED, cases[Case.OUTCOME] == Outcome.SOLVED)
    count(AgentSum.CAME_BACK, cases[Case.REOPENED] > 0)
    if found is not None and service.opinion is not None:
        score, answers = found.score[known], found.answers[known]
        count(AgentSum.SCORED)
        count(AgentSum.SCORE, weights=np.rint(score * THOUSANDTHS).astype(np.int64))
        count(AgentSum.SURVEYED, answers)
        count(AgentSum.PRAISED, answers & (score >= service.opinion.promoter))

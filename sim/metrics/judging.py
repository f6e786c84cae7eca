"""Cases counted with all that happened to them: promises, opinions, money, and whose work it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.codes import Case, Ending, Flag, Outcome, Visit
from sim.log import Log
from sim.metrics.costs import case_costs
from sim.metrics.lives import Lives
from sim.metrics.opinion import Lived, Scores, scores
from sim.metrics.promises import Promises, assigned_tiers, judge, true_tiers
from sim.metrics.service import TARGETS, Opinion, Service
from sim.metrics.sums import AgentSum, CaseSum, MoneySum, OpinionSum, TierSum
from sim.metrics.tally import Cells, at_first_contact
from sim.units import NEVER

if TYPE_CHECKING:
    from sim.metrics.totals import Totals

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

THOUSANDTHS = 1000


def follow(totals: Totals, log: Log, closing_us: int) -> None:
    """Count the cases whose rows have come, with their visits; keep the visits of the others."""
    lives = totals.pending.visits.close(log.visits, log.cases)
    counted = lives.cases[Case.ARRIVED] >= totals.frame.warm_up_us
    if not counted.all():
        lives = lives.only(counted)
    if not len(lives):
        return
    if "look-up" in totals.frame.parts:
        _count_lookups(totals, lives)
    if totals.frame.repeat_us is not None:
        _count_first_contacts(totals, lives, totals.frame.repeat_us, closing_us)
    if totals.frame.service is not None:
        _judge(totals, lives, totals.frame.service)


def _by_stream(totals: Totals, lives: Lives) -> Cells:
    """Cells of the cases by stream and arrival."""
    cases = lives.cases
    return Cells(totals.frame, cases[Case.STREAM], cases[Case.ARRIVED], len(totals.frame.streams))


def _count_lookups(totals: Totals, lives: Lives) -> None:
    cells = _by_stream(totals, lives)
    looked_up = lives.count((lives.visits[Visit.FLAGS] & Flag.LOOKED_UP) != 0)
    totals.case[CaseSum.LOOKUPS][:, cells.place] += cells.sums(looked_up)


def _count_first_contacts(totals: Totals, lives: Lives, within_us: int, closing_us: int) -> None:
    """Count cases solved at first contact: those that came back in time were not, those that came back later were."""
    cases, cells = lives.cases, _by_stream(totals, lives)
    due = (cases[Case.OUTCOME] != Outcome.OPEN) & (cases[Case.ARRIVED] + within_us <= closing_us)
    lasted = _came_back_us(lives) - cases[Case.SOLVED] > within_us
    later = cases.copy()
    later[Case.REOPENED, lasted] = 0
    later[Case.OUTCOME, lasted] = Outcome.SOLVED
    first = due & (cases[Case.SOLVED] < NEVER) & at_first_contact(later)
    totals.case[CaseSum.FIRST_CONTACT][:, cells.place] += cells.sums(of=first)
    totals.case[CaseSum.FIRST_CONTACT_DUE][:, cells.place] += cells.sums(of=due)


def _came_back_us(lives: Lives) -> Ints:
    """When each case came back after its first solution; `NEVER` if it did not."""
    visits = lives.visits
    after = visits[Visit.ENQUEUED] >= lives.cases[Case.SOLVED][lives.of]
    mine = (visits[Visit.STRAND] == 0) & (lives.cases[Case.REOPENED] > 0)[lives.of]
    return lives.first(visits[Visit.ENQUEUED], after & mine)


def _judge(totals: Totals, lives: Lives, service: Service) -> None:
    draws = totals.draws()
    promises = None
    if service.tiers:
        true = true_tiers(service, lives, draws)
        promises = judge(service, lives, true)
        _count_promises(totals, lives, promises, TierSum.RESPOND_DUE)
        _count_assigned(totals, lives, service, true)
    if service.approvals:
        _count_approvals(totals, lives, service)
    if service.money is not None:
        _count_costs(totals, lives, case_costs(service.money, lives, draws))
    found = None
    if service.opinion is not None:
        ended = lives.only(lives.cases[Case.OUTCOME] != Outcome.OPEN)
        kept = promises.only(lives.cases[Case.OUTCOME] != Outcome.OPEN) if promises else None
        if len(ended):
            found = scores(service.opinion, Lived(ended, kept, service.approvals, draws))
            _count_opinions(totals, ended, service, found)
    if service.scorecard:
        _count_agents(totals, lives, service, found)


def _count_promises(totals: Totals, lives: Lives, promises: Promises, first: TierSum) -> None:
    """Count promises by the interval in which they fall due; what is late, lost or open then is not kept."""
    for target in range(len(TARGETS)):
        due = promises.due_us[target] < totals.frame.end_us
        if not due.any():
            continue
        cells = Cells(totals.frame, promises.tier[due], promises.due_us[target][due], len(totals.frame.tiers))
        totals.tier[first + 2 * target][:, cells.place] += cells.sums()
        totals.tier[first + 2 * target + 1][:, cells.place] += cells.sums(of=promises.kept[target][due])


def _count_assigned(totals: Totals, lives: Lives, service: Service, true: Ints) -> None:
    assigned = assigned_tiers(service, lives, true)
    _count_promises(totals, lives, judge(service, lives, assigned), TierSum.ASSIGNED_RESPOND_DUE)
    known = true >= 0
    cells = Cells(totals.frame, true[known], lives.cases[Case.ARRIVED][known], len(totals.frame.tiers))
    totals.tier[TierSum.CASES][:, cells.place] += cells.sums()
    totals.tier[TierSum.ASSIGNED_RIGHT][:, cells.place] += cells.sums(of=(assigned == true)[known])


def _count_approvals(totals: Totals, lives: Lives, service: Service) -> None:
    cells, time_us = _by_stream(totals, lives), lives.time_at(service.approvals)
    totals.case[CaseSum.APPROVED][:, cells.place] += cells.sums(of=time_us > 0)
    totals.case[CaseSum.APPROVAL_TIME][:, cells.place] += cells.sums(time_us)


def _count_costs(totals: Totals, lives: Lives, costs: Ints) -> None:
    first = len(totals.frame.groups)
    cells = Cells(totals.frame, np.zeros(len(lives), np.int64), lives.cases[Case.ARRIVED], 1)
    for line, cost in enumerate(costs):
        totals.money[MoneySum.COST][first + line, cells.place] += cells.sums(cost)[0]


def _count_opinions(totals: Totals, lives: Lives, service: Service, found: Scores) -> None:
    cells, opinion = _by_stream(totals, lives), service.opinion
    assert opinion is not None

    def add(kind: int, sums: Ints) -> None:
        totals.opinion[kind][:, cells.place] += sums

    add(OpinionSum.SCORED, cells.sums())
    add(OpinionSum.SURVEYED, cells.sums(of=found.answers))
    add(OpinionSum.PRAISED, cells.sums(of=found.answers & (found.score >= opinion.promoter)))
    for whole, surveyed, values in (
        (OpinionSum.SCORE, OpinionSum.SURVEY_SCORE, found.score),
        (OpinionSum.SCORE_LOW, OpinionSum.SURVEY_LOW, found.low),
        (OpinionSum.SCORE_HIGH, OpinionSum.SURVEY_HIGH, found.high),
    ):
        add(whole, cells.sums(_thousandths(values)))
        add(surveyed, cells.sums(_thousandths(values), found.answers))
    for first, rows in ((OpinionSum.LOST_TO_WAIT, found.losses), (OpinionSum.RELIABILITY, found.dimensions)):
        for number, values in enumerate(rows):
            add(first + number, cells.sums(_thousandths(values)))
    _count_promoters(totals, lives, opinion, found)


def _thousandths(values: NDArray[np.float64]) -> Ints:
    return np.rint(values * THOUSANDTHS).astype(np.int64)


def _count_promoters(totals: Totals, lives: Lives, opinion: Opinion, found: Scores) -> None:
    """Count customers by the mean of the surveys they answered so far: what changes since the last is added.

    The changes add up to what customers are at the end. A case of a customer who is not counted stands for one.
    """
    cases, score = lives.cases, _thousandths(found.score)
    alone = found.answers & (cases[Case.CUSTOMER] < 0)
    _add_changes(totals, lives, np.flatnonzero(alone), _sides(opinion, score[alone]))
    answered = np.flatnonzero(found.answers & (cases[Case.CUSTOMER] >= 0))
    if not answered.size:
        return
    of, number = cases[Case.CUSTOMER][answered], totals.frame.service.customers if totals.frame.service else 0
    customers, last = np.unique(of[::-1], return_index=True)
    before = _sides(opinion, totals.pending.customers.means(customers, number))
    totals.pending.customers.add(of, score[answered])
    after = _sides(opinion, totals.pending.customers.means(customers, number))
    _add_changes(totals, lives, answered[::-1][last], after - before)


def _sides(opinion: Opinion, means: NDArray[np.float64] | Ints) -> Ints:
    """Whether somebody has answered, is a promoter, is a detractor: 1 or 0 (3 x customers)."""
    return np.array([
        ~np.isnan(means),
        means >= opinion.promoter * THOUSANDTHS,
        means < opinion.detractor * THOUSANDTHS,
    ]).astype(np.int64)  # fmt: skip


def _add_changes(totals: Totals, lives: Lives, chosen: Ints, changes: Ints) -> None:
    cases = lives.cases[:, chosen]
    cells = Cells(totals.frame, cases[Case.STREAM], cases[Case.ARRIVED], len(totals.frame.streams))
    for number, change in enumerate(changes):
        sums = cells.sums(np.maximum(change, 0)) - cells.sums(np.maximum(-change, 0))
        totals.opinion[OpinionSum.RESPONDENTS + number][:, cells.place] += sums


def _count_agents(totals: Totals, lives: Lives, service: Service, found: Scores | None) -> None:
    """Count cases that ended for the agent who served them last, in person with the customer."""
    ended = lives.only(lives.cases[Case.OUTCOME] != Outcome.OPEN)
    served = (ended.visits[Visit.ENDING] == Ending.SERVED) & ~ended.at(service.approvals)
    last = ended.last(served)
    known = np.flatnonzero(last >= 0)
    agent, cases = ended.visits[Visit.AGENT][last[known]], ended.cases[:, known]

    def add(kind: AgentSum, which: Mask | None = None, weights: Ints | None = None) -> None:
        of = agent if which is None else agent[which]
        np.add.at(totals.agent[kind], of, 1 if weights is None else weights)

    add(AgentSum.ENDED)
    add(AgentSum.FIRST_CONTACT, at_first_contact(cases))
    add(AgentSum.SOLVED, cases[Case.OUTCOME] == Outcome.SOLVED)
    add(AgentSum.CAME_BACK, cases[Case.REOPENED] > 0)
    if found is not None and service.opinion is not None:
        score, answers = found.score[known], found.answers[known]
        add(AgentSum.SCORED)
        add(AgentSum.SCORE, weights=_thousandths(score))
        add(AgentSum.SURVEYED, answers)
        add(AgentSum.PRAISED, answers & (score >= service.opinion.promoter))

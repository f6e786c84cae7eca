"""The one list of metrics: what each is called, what it means, and which sums it is made of."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from sim.errors import ParameterError, Problem
from sim.metrics.frame import Frame
from sim.metrics.service import DIMENSIONS
from sim.metrics.sums import Duration, Scope

Unit = Literal[
    "s",
    "h",
    "share",
    "contacts",
    "cases",
    "people",
    "customers",
    "per case",
    "per contact",
    "points",
    "net points",
    "money",
]
Better = Literal["higher", "lower", "neither"]
Terms = tuple[tuple[str, int], ...]

_PER: dict[str, float] = {"s": 1e-6, "h": 1 / 3.6e9, "points": 1e-3, "net points": 100.0, "money": 1e-3}
_SPAN: dict[str, tuple[float, float]] = {"share": (0.0, 1.0), "points": (0.0, 100.0), "net points": (-100.0, 100.0)}
OWNER: dict[Scope, str] = {
    "queue": "queue",
    "group": "group",
    "case": "stream",
    "tier": "tier",
    "opinion": "stream",
    "money": "cost line",
}
"""What a metric can be asked for, by its scope."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes
    ----------
    name, label : str
        The name in files and the name for readers.
    unit : str
    better : {"higher", "lower", "neither"}
    scope : {"queue", "group", "case", "tier", "opinion", "money"}
        Whose sums: visits of queues, time of groups, cases of streams, promises of tiers, opinions, cost lines.
    definition : str
        In words.
    over, under : str
        Sums above and below the line, such as ``"answered - blocked"``. Nothing below: a count per replication.
    quantile : (Duration, float) or None
        Histogram and share, for a quantile.
    words : str
        The formula for readers, where the sums do not say it.
    whole : bool
        Whether it says something about whole runs only.
    part : str
        What a scenario must have for the metric to say something (`sim.metrics.frame.PARTS`); empty: any scenario.
    """

    name: str
    label: str
    unit: Unit
    better: Better
    scope: Scope
    definition: str
    over: str = ""
    under: str = ""
    quantile: tuple[Duration, float] | None = None
    words: str = ""
    part: str = ""
    whole: bool = False

    @property
    def kind(self) -> str:
        """How the number of one run, and of many, is made."""
        if self.quantile:
            return "quantile"
        return "ratio of sums" if self.under else "count"

    @property
    def method(self) -> str:
        """How its confidence interval is made."""
        return _METHODS[self.kind]

    @property
    def formula(self) -> str:
        """The formula, in names of sums."""
        if self.words:
            return self.words
        if self.quantile:
            return f"time by which {self.quantile[1]:.0%} have ended, Kaplan–Meier"
        pieces = (_bracket(part) if " " in part else part for part in (self.over, self.under) if part)
        return " ÷ ".join(pieces) if self.under else self.over

    @property
    def scale(self) -> float:
        """From the sums' unit (microseconds, counts) to the metric's."""
        return _PER.get(self.unit, 1.0)

    @property
    def by_interval(self) -> bool:
        """Whether it exists by interval too."""
        return self.quantile is None and not self.whole

    @property
    def span(self) -> tuple[float, float]:
        """Least and greatest value that it can have."""
        return _SPAN.get(self.unit, (0.0, math.inf))

    def terms(self) -> tuple[Terms, Terms]:
        """Sums above and below the line, each with its sign."""
        return _terms(self.over), _terms(self.under)

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the metric in a result: ``{mean, low, high, unit}``."""
        lowest, highest = self.span
        number: dict[str, Any] = {"type": ["number", "null"], "minimum": lowest}
        if highest < math.inf:
            number["maximum"] = highest
        return {
            "type": "object",
            "title": self.label,
            "description": f"{self.definition} Confidence interval: {self.method}.",
            "properties": {"mean": number, "low": number, "high": number, "unit": {"const": self.unit}},
            "required": ["mean", "low", "high", "unit"],
        }


_METHODS = {
    "count": "mean over replications, Student t corrected for skewness",
    "ratio of sums": "ratio of sums over replications, linearised, Student t corrected for skewness",
    "quantile": "mean of the replications' quantiles, Student t corrected for skewness",
}


def _bracket(text: str) -> str:
    return f"({text})"


def _terms(text: str) -> Terms:
    return tuple((name, -1 if sign == "-" else 1) for sign, name in re.findall(r"([+-]?)\s*([a-z_0-9]+)", text))


def _promise(target: str, label: str, promised: str) -> tuple[Metric, ...]:
    """Attainment of one of the promises of tiers, by true and by assigned tier."""
    definition = (
        f"Promises of {promised} that were kept, among those that fell due in the time measured, by the tier's own "
        "clock and from the first contact on, a bot's included. What is late, lost or still open when it falls due is "
        "not kept. An interval counts what falls due in it."
    )
    part = f"{target} within"
    return (
        Metric(f"{target}_attainment", f"{label} promises kept", "share", "higher", "tier", definition,
               f"{target}_kept", f"{target}_due", part=part),
        Metric(f"{target}_promises", f"{label} promises due", "cases", "neither", "tier",
               f"Promises of {promised} that fell due in the time measured.", f"{target}_due", part=part),
        Metric(f"assigned_{target}_attainment", f"{label} promises kept, assigned tier", "share", "higher", "tier",
               f"The same by the tier for which a case was taken instead of its true one: promises of {promised} "
               "that were kept among those due.", f"assigned_{target}_kept", f"assigned_{target}_due",
               part=f"assigned {part}"),
    )  # fmt: skip


_LOST_BY = {
    "wait": "waiting in queues",
    "redials": "having to try again",
    "hand-overs": "being handed over",
    "look-ups": "having to say again who one is",
    "late": "promises of its tier that fell due unkept",
    "broken promise": "a time of solution that was told and not kept",
    "approval": "waiting for approvals",
    "chasing": "having to ask where the case stands",
    "reopening": "having to come back",
    "unsolved": "an end without a solution",
    "lost": "giving up or being turned away",
    "inconsistent": "answers that contradict earlier ones",
    "cold": "a cold tone",
}


# fmt: off
METRICS: tuple[Metric, ...] = (
    Metric("offered", "Offered", "contacts", "neither", "queue",
           "Contacts that asked a queue for service: answered, abandoned, blocked or still waiting; also those that "
           "balked or did not pick up when called back. Redials and hand-overs to another queue count again, work that "
           "was suspended and is taken up again does not.", "offered"),
    Metric("answered", "Answered", "contacts", "higher", "queue", "Contacts whose service began.", "answered"),
    Metric("abandoned", "Abandoned", "contacts", "lower", "queue", "Contacts that gave up waiting.", "abandoned"),
    Metric("blocked", "Blocked", "contacts", "lower", "queue",
           "Contacts turned away because the queue had no waiting place left.", "blocked"),
    Metric("still_waiting", "Still waiting", "contacts", "lower", "queue",
           "Contacts whose wait was not over when the run closed.", "still_waiting"),
    Metric("balked", "Balked", "contacts", "lower", "queue",
           "Contacts that saw how many were waiting and did not join.", "balked", part="balking"),
    Metric("balking_rate", "Balking rate", "share", "lower", "queue",
           "Share of offered contacts that did not join the queue.", "balked", "offered", part="balking"),
    Metric("callbacks", "Callbacks", "contacts", "neither", "queue",
           "Contacts that chose to be called back and kept their place; their waits count like all others.",
           "callbacks", part="callbacks"),
    Metric("callback_share", "Callback share", "share", "neither", "queue",
           "Share of offered contacts that chose to be called back.", "callbacks", "offered", part="callbacks"),
    Metric("unanswered_callbacks", "Callbacks not picked up", "share", "lower", "queue",
           "Share of the callbacks at which the customer did not pick up; they count as offered, not as answered.",
           "unanswered", "callbacks", part="callbacks"),
    Metric("service_level", "Service level", "share", "higher", "queue",
           "Share of contacts served within the acceptable wait, by the formula and the wait that the scenario gives "
           "each queue.", "service_good", "service_due", words="SL1, SL2, SL3 or SL4, as each queue's scenario says"),
    Metric("service_level_sl1", "Service level SL1", "share", "higher", "queue",
           "Contacts whose wait ended within the acceptable wait, answered or abandoned, among all whose wait ended.",
           "answered_in_time + abandoned_in_time", "answered + abandoned"),
    Metric("service_level_sl2", "Service level SL2", "share", "higher", "queue",
           "Contacts answered within the acceptable wait among the answered.", "answered_in_time", "answered"),
    Metric("service_level_sl3", "Service level SL3", "share", "higher", "queue",
           "Contacts answered within the acceptable wait among answered and abandoned.",
           "answered_in_time", "answered + abandoned"),
    Metric("service_level_sl4", "Service level SL4", "share", "higher", "queue",
           "Contacts answered within the acceptable wait among answered and abandoned, leaving out those who abandoned "
           "within it.", "answered_in_time", "answered + abandoned - abandoned_in_time"),
    Metric("abandonment_rate", "Abandonment rate", "share", "lower", "queue",
           "Share of contacts that gave up, among those whose wait ended.", "abandoned", "answered + abandoned"),
    Metric("blocking_rate", "Blocking rate", "share", "lower", "queue",
           "Share of offered contacts that were turned away.", "blocked", "offered"),
    Metric("asa", "Average speed of answer (ASA)", "s", "lower", "queue",
           "Mean wait of the answered.", "wait_answered", "answered"),
    Metric("mean_wait", "Mean wait", "s", "lower", "queue",
           "Mean wait of all who waited: answered, abandoned, and still waiting with their wait so far (so it is a "
           "lower bound where contacts are still waiting).",
           "wait_answered + wait_abandoned + wait_open", "answered + abandoned + still_waiting"),
    Metric("wait_abandoned", "Mean wait of the abandoned", "s", "neither", "queue",
           "Mean wait of those who gave up.", "wait_abandoned", "abandoned"),
    *(
        Metric(f"wait_p{percent}", f"Wait, {percent}th percentile" if percent != 50 else "Wait, median", "s", "lower",
               "queue", f"Time within which {percent} % of waits are over, by answer or by giving up; open waits are "
               "censored. Where a backlog grows the longest waits are still open, and this is too low; not defined "
               "where too few waits are over.", quantile=(Duration.WAIT, percent / 100))
        for percent in (50, 90, 95)
    ),
    Metric("queue_length", "Mean number waiting", "contacts", "lower", "queue",
           "Contacts waiting, averaged over time.", "waiting_time", "window"),
    Metric("aht", "Average handling time (AHT)", "s", "neither", "queue",
           "Talk, hold and wrap per contact served to its end, with what was done before an interruption.",
           "talk + hold + wrap", "handled"),
    Metric("talk_time", "Mean talk time", "s", "neither", "queue",
           "Talk, without hold, per contact served to its end.", "talk", "handled"),
    Metric("hold_time", "Mean hold time", "s", "neither", "queue",
           "Hold per contact served to its end.", "hold", "handled"),
    Metric("wrap_time", "Mean wrap time", "s", "neither", "queue",
           "Work after the contact, per contact served to its end.", "wrap", "handled"),
    Metric("redials", "Redials", "contacts", "lower", "queue",
           "Offered contacts that are a second or later attempt of the same customer.", "redials"),
    Metric("suspended", "Suspensions", "contacts", "neither", "queue",
           "Times that a shift ended during a contact and the rest waited for somebody to go on.", "suspended",
           part="suspension"),
    Metric("suspended_share", "Suspended share", "share", "lower", "queue",
           "Suspensions among all starts of service, resumed work included.", "suspended", "starts",
           part="suspension"),
    Metric("escalated", "Escalated", "contacts", "lower", "queue",
           "Contacts whose priority was raised because their deadline came near.", "escalated", part="escalation"),
    Metric("escalated_share", "Escalated share", "share", "lower", "queue",
           "Share of offered contacts whose priority was raised because their deadline came near.",
           "escalated", "offered", part="escalation"),
    Metric("lookups_per_contact", "Look-ups per contact", "per contact", "lower", "queue",
           "Services that began with looking the customer up, among all starts of service.", "lookups", "starts",
           part="look-up"),
    Metric("passed_on_share", "Passed-on share", "share", "lower", "queue",
           "Contacts served that the agent could not solve, among those served to their end.", "passed_on", "handled",
           part="solving"),
    Metric("occupancy", "Occupancy", "share", "neither", "group",
           "Time with at least one contact or in wrap, among the time logged on.", "busy", "staffed"),
    Metric("staffed_hours", "Staffed hours", "h", "neither", "group",
           "Time logged on, all people together.", "staffed"),
    Metric("busy_hours", "Busy hours", "h", "neither", "group",
           "Time with at least one contact or in wrap, all people together.", "busy"),
    Metric("staffed_people", "Mean number staffed", "people", "neither", "group",
           "People logged on, averaged over time.", "staffed", "window"),
    Metric("busy_people", "Mean number busy", "people", "neither", "group",
           "People with a contact or in wrap, averaged over time.", "busy", "window"),
    Metric("paid_hours", "Paid hours", "h", "neither", "group",
           "Time paid, all people together: shifts with their breaks, absence and training included.", "paid",
           part="paid hours", whole=True),
    Metric("utilisation", "Utilisation", "share", "neither", "group",
           "Time with at least one contact or in wrap, among the time paid.", "busy", "paid", part="paid hours",
           whole=True),
    Metric("shrinkage", "Shrinkage", "share", "lower", "group",
           "Time paid but not logged on, among the time paid.", "paid - staffed", "paid", part="paid hours",
           whole=True),
    Metric("cases", "Cases", "cases", "neither", "case",
           "Customers' needs that arrived; all attempts of one customer for one need are one case.", "cases"),
    Metric("solved", "Solved", "cases", "higher", "case", "Cases that ended solved.", "solved"),
    Metric("solved_rate", "Solved share", "share", "higher", "case",
           "Cases that ended solved, among those that ended.", "solved", "cases - open"),
    Metric("lost_rate", "Lost share", "share", "lower", "case",
           "Customers who gave up or were turned away for good, among cases that ended.",
           "abandoned + blocked", "cases - open"),
    Metric("first_response_time", "First response time", "s", "lower", "case",
           "Mean time from a case's arrival to its first service, over cases that had one; redials and waits between "
           "them included.", "response_time", "responded"),
    Metric("first_response_p90", "First response, 90th percentile", "s", "lower", "case",
           "Time within which 90 % of cases have their first service, over cases that had one or are still open "
           "(censored).", quantile=(Duration.FIRST_RESPONSE, 0.9)),
    Metric("time_to_resolve", "Time to resolve", "s", "lower", "case",
           "Mean time from arrival to the end of cases that ended solved; of a case that came back, to its last end.",
           "resolve_time", "solved"),
    Metric("time_to_resolve_p90", "Time to resolve, 90th percentile", "s", "lower", "case",
           "Time within which 90 % of cases are solved, over cases solved or still open (censored).",
           quantile=(Duration.RESOLVE, 0.9)),
    Metric("handovers_per_case", "Hand-overs per case", "per case", "lower", "case",
           "Moves from one work step to another, per case.", "handovers", "cases"),
    Metric("settled_without_person", "Settled without a person", "share", "neither", "case",
           "Cases that were solved and that no person ever served, among those that ended.", "unaided", "ended",
           part="bot"),
    Metric("approval_time", "Time in approval", "s", "lower", "case",
           "Mean time that cases spent with approvals, waits and rounds of all levels included, over cases with an "
           "approval that is over.", "approval_time", "approved", part="approvals"),
    Metric("approved_share", "Share with an approval", "share", "neither", "case",
           "Cases with at least one approval that is over, among all cases.", "approved", "cases", part="approvals"),
    Metric("handovers_per_handed_over", "Hand-overs per case handed over", "per case", "lower", "case",
           "Hand-overs per case that was handed over at least once.", "handovers", "handed_over", part="hand-over"),
    Metric("handed_over_share", "Handed-over share", "share", "lower", "case",
           "Cases that were handed over at least once.", "handed_over", "cases", part="hand-over"),
    Metric("first_contact_resolution", "First-contact resolution", "share", "higher", "case",
           "Cases solved by one attempt without a hand-over, a chasing contact or coming back, among those that ended. "
           "Where the scenario says within which time a case that comes back counts as not solved (`repeat within`), "
           "only cases that arrived at least that long before the end count, and coming back later does not.",
           "first_contact", "first_contact_due", part="repeats"),
    Metric("time_to_first_solution", "Time to first solution", "s", "lower", "case",
           "Mean time from arrival to the first end that solved the case, whether or not it came back.",
           "first_solved_time", "first_solved", part="reopening"),
    Metric("reopened_share", "Reopened share", "share", "lower", "case",
           "Cases that came back at least once after an end, among those that ended.", "came_back", "ended",
           part="reopening"),
    Metric("reopenings_per_case", "Reopenings per case", "per case", "lower", "case",
           "How often cases came back after an end, per case that ended.", "reopenings", "ended", part="reopening"),
    Metric("lookups_per_case", "Look-ups per case", "per case", "lower", "case",
           "Services that began with looking the customer up, per case.", "lookups", "cases", part="look-up"),
    Metric("chases_per_case", "Chasing contacts per case", "per case", "lower", "case",
           "Contacts of customers who asked where their case stands, per case.", "chases", "cases", part="chasing"),
    Metric("chased_share", "Chased share", "share", "lower", "case",
           "Cases with at least one chasing contact.", "chased", "cases", part="chasing"),
    Metric("repeat_rate", "Repeat share", "share", "lower", "case",
           "Further contacts for the same need among all contacts of customers: redials, chasing contacts and "
           "reopenings.", "attempts - cases + chases + reopenings", "attempts + chases + reopenings", part="repeats"),
    Metric("customers_left", "Customers who left", "customers", "lower", "case",
           "Customers who left for good because of a case.", "left", part="customers"),
    Metric("leaving_rate", "Leaving share", "share", "lower", "case",
           "Cases that made their customer leave, among those of counted customers that ended.",
           "left", "counted_customers", part="customers"),
    Metric("gone", "Contacts of lost customers", "cases", "lower", "case",
           "Cases that did not happen because their customer had left before.", "gone", part="customers"),
    Metric("attempts_per_case", "Attempts per case", "per case", "lower", "case",
           "Tries that a customer made, redials included, per case.", "attempts", "cases"),
    Metric("redial_rate", "Redial share", "share", "lower", "case",
           "Second and later attempts among all attempts.", "attempts - cases", "attempts"),
    Metric("backlog", "Backlog", "cases", "lower", "case",
           "Cases open at the horizon's end, whenever they arrived.", "backlog"),
    Metric("backlog_age", "Age of the backlog", "s", "lower", "case",
           "Mean age of the cases open at the horizon's end.", "backlog_age", "backlog"),
    Metric("backlog_age_p90", "Age of the backlog, 90th percentile", "s", "lower", "case",
           "Age that 90 % of the cases open at the horizon's end do not exceed.",
           quantile=(Duration.BACKLOG_AGE, 0.9)),
    *_promise("respond", "Response", "a first reply by a person (or a solution before that)"),
    *_promise("offer", "Offer", "a solution offered (or given before that)"),
    *_promise("solve", "Solution", "a solution"),
    Metric("tier_assigned_right", "Tier assigned right", "share", "higher", "tier",
           "Cases that were not taken for another tier.", "assigned_right", "cases", part="assigned tiers"),
    Metric("csi", "Customer satisfaction index (CSI)", "points", "higher", "opinion",
           "Mean score, 0 to 100, of cases that ended and whose customers answer the survey. The score is the "
           "scenario's own model of what customers lived through: without surveys only its direction can be claimed.",
           "survey_score", "surveyed", part="satisfaction"),
    Metric("csi_low", "CSI, harshest weights", "points", "higher", "opinion",
           "The same with each weight of the model at that end of its range that costs most.",
           "survey_low", "surveyed", part="ranges"),
    Metric("csi_high", "CSI, mildest weights", "points", "higher", "opinion",
           "The same with each weight of the model at that end of its range that costs least.",
           "survey_high", "surveyed", part="ranges"),
    Metric("satisfaction", "Satisfaction of all", "points", "higher", "opinion",
           "Mean score of all cases that ended, whether or not anybody asks.", "score", "scored", part="satisfaction"),
    Metric("survey_answers", "Surveys answered", "cases", "neither", "opinion",
           "Cases whose customers answer the survey.", "surveyed", part="satisfaction"),
    Metric("nps", "Net promoter score (NPS)", "net points", "higher", "opinion",
           "Promoters less detractors, per 100 customers who answered at least once; customers by the mean score of "
           "all surveys they answered. Where customers are not counted each case stands for one.",
           "promoters - detractors", "respondents", part="satisfaction", whole=True),
    Metric("promoters_share", "Promoters", "share", "higher", "opinion",
           "Customers whose mean score makes them promoters, among those who answered.", "promoters", "respondents",
           part="satisfaction", whole=True),
    Metric("detractors_share", "Detractors", "share", "lower", "opinion",
           "Customers whose mean score makes them detractors, among those who answered.", "detractors", "respondents",
           part="satisfaction", whole=True),
    *(
        Metric(f"lost_to_{effect.replace(' ', '_').replace('-', '_')}", f"Points lost: {effect}", "points", "lower",
               "opinion", f"Points that a case loses on average by {meaning}, of all cases that ended.",
               f"lost_to_{effect.replace(' ', '_').replace('-', '_')}", "scored", part=f"loss: {effect}")
        for effect, meaning in _LOST_BY.items()
    ),
    *(
        Metric(f"servqual_{dimension}", f"SERVQUAL: {dimension}", "points", "higher", "opinion",
               "Mean over cases that ended: 100 less what the effects of this dimension took, each as a share of the "
               "most it can take, weighted as the scenario says.", dimension, "scored", part=f"SERVQUAL: {dimension}")
        for dimension in DIMENSIONS
    ),
    Metric("cost", "Cost", "money", "lower", "money",
           "Paid hours, contacts, visits, payments and what was overpaid, customers who left, and the lines of the "
           "budget.", "cost", part="money"),
    Metric("cost_per_case", "Cost per case", "money", "lower", "money",
           "Cost over all cases that arrived.", "cost", "cases", part="money"),
)
# fmt: on


def metrics_of(frame: Frame) -> tuple[Metric, ...]:
    """The metrics that say something about a scenario."""
    return tuple(metric for metric in METRICS if not metric.part or metric.part in frame.parts)


_BY_NAME = {metric.name: metric for metric in METRICS}


def find(name: str) -> Metric:
    """A metric by its name.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    if name not in _BY_NAME:
        raise ParameterError(Problem(f"no such metric: {name!r}", allowed=", ".join(_BY_NAME), given=name))
    return _BY_NAME[name]

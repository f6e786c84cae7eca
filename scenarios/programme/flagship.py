"""The service programme of the library: what its baseline must show, and what it is to reach.

Facts and targets as in the documents behind it; where they leave open how something is counted, it is said here.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scenarios.programme.measures import (
    Answer,
    Caused,
    FirstAttempt,
    HandOvers,
    OfMetric,
    PerMonth,
    Response,
    Run,
    Spent,
    WithoutPerson,
)
from scenarios.programme.proposals import Fact
from scenarios.programme.study import Case
from scenarios.programme.targets import Target

NAME = "service-programme"
_APPROVAL = r".*: (refund|compensation): level \d( round)?"
_DEPARTMENTS = r"contact: (product|logistics|after-sales) desk|contact: sort: at .*"
_CONTACTS = r"contact: (call|chat|mailbox|own desk)|complaint: (letter|receive)"
_NEEDS = ("contact", "complaint")

MEASURES: dict[str, Callable[[Run], float]] = {
    "hand-overs": HandOvers(("contact",), _DEPARTMENTS, _APPROVAL),
    "approval": Spent(_APPROVAL, "office"),
    "wait for a technician": OfMetric("asa", "technical"),
    "without a person": WithoutPerson(("contact",), ("phone", "online")),
    "CSI": OfMetric("csi"),
    "NPS": OfMetric("nps"),
    "response": Answer(_CONTACTS),
    "response from first contact": Response(_NEEDS),
    "complaints at first attempt": FirstAttempt(("complaint",)),
    "urgent: respond": OfMetric("respond_attainment", "urgent"),
    "urgent: offer": OfMetric("offer_attainment", "urgent"),
    "important: respond": OfMetric("respond_attainment", "important"),
    "important: solve": OfMetric("solve_attainment", "important"),
    "ordinary: respond": OfMetric("respond_attainment", "ordinary"),
    "ordinary: solve": OfMetric("solve_attainment", "ordinary"),
    "supervised: first reply": OfMetric("respond_attainment", "supervised"),
    "supervised: result": OfMetric("solve_attainment", "supervised"),
    "complaints of service": Caused(("complaint",)),
    "of these, of classification": Caused(("complaint",), r"contact: complains of delay"),
    "complaints": PerMonth(("complaint",)),
    "cases": PerMonth(_NEEDS),
    "chases per case": OfMetric("chases_per_case"),
    "lost": OfMetric("lost_rate"),
    "cost": OfMetric("cost"),
}
"""Times in seconds, but approvals in hours; shares 0 to 1; CSI and NPS in points."""

UNITS = {
    "hand-overs": "per case", "approval": "h", "wait for a technician": "s", "response": "s",
    "response from first contact": "s", "CSI": "points",
    "NPS": "points", "complaints": "cases", "cases": "cases", "chases per case": "per case", "cost": "CNY",
}  # fmt: skip
"""Units of measures; of the others, share."""

FACTS = (
    Fact("hand-overs of a ticket that crosses departments", "hand-overs", 3.0, 3.4, "3.2 ± 0.2"),
    Fact("an approval, hours of office time", "approval", 2.25, 2.75, "2.5 h ± 10 %"),
    Fact("wait of a customer passed to a technician", "wait for a technician", 900, math.inf, "over 15 min"),
    Fact("settled without a person", "without a person", 0, 0.4, "under 40 %"),
    Fact("customer satisfaction index", "CSI", 81, 83, "82 ± 1"),
)

SHOWN = (
    Fact("complaints from slow replies or poor service", "complaints of service", 0.55, 0.65, "about 60 %"),
    Fact("of these, from late or unclear classification", "of these, of classification", 0.65, 0.75, "70 %"),
    Fact("cases a month", "cases", 100_000, math.inf, "100,000"),
)
"""Shown beside the facts; sets of parameters need not show them."""


def _goal(measure: str, words: str) -> Target:
    return Target(measure, measure, 0.9, unit="share", words=words)


TARGETS = (
    Target("response time", "response", 0.4, "cut", unit="share", words="mean response time 40 % shorter"),
    Target(
        "response time from first contact",
        "response from first contact",
        0.4,
        "cut",
        unit="share",
        words="the same, counted from the first contact: whom the bot only seemed to help waits for hours",
    ),
    _goal("complaints at first attempt", "complaints solved at the first attempt, at least 90 %"),
    Target("CSI", "CSI", 90, unit="points", words="CSI 90"),
    Target("NPS", "NPS", 20, "gain", unit="points", words="NPS 20 points higher"),
    _goal("urgent: respond", "device down: a person within 5 min, in 90 % of cases"),
    _goal("urgent: offer", "device down: a solution offered within 2 h"),
    _goal("important: respond", "account error: a person within 10 min"),
    _goal("important: solve", "account error: solved in 24 h"),
    _goal("ordinary: respond", "how-to: a person within 15 min"),
    _goal("ordinary: solve", "how-to: solved in 48 h"),
    _goal("supervised: first reply", "supervision channel: first reply in 24 h"),
    _goal("supervised: result", "supervision channel: result in 48 h"),
    Target("approval", "approval", 0.5, at_most=True, unit="h", words="approval in 30 min of office time (a claim)"),
)

PROGRAMME = (
    "verify identity once", "delegated approval", "responsibility list", "unified customer record", "process engine",
    "customer portal", "script library", "better bot", "video support", "rehearsal of complex products",
    "layered training", "scorecard", "enterprise desk", "first weeks", "two hundred more agents", "capacity moved",
    "programme budget",
)  # fmt: skip

CASE = Case(
    programme=PROGRAMME,
    measures=MEASURES,
    facts=FACTS,
    targets=TARGETS,
    shown=SHOWN,
    units=UNITS,
    compared=(
        "response", "CSI", "NPS", "complaints at first attempt", "hand-overs", "approval", "wait for a technician",
        "without a person", "urgent: respond", "urgent: offer", "important: solve", "ordinary: solve", "cost",
    ),
    alone=("two hundred in their first months",),
)  # fmt: skip

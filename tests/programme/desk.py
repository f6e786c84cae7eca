"""A desk with two interventions: a programme that runs in a moment."""

from __future__ import annotations

from concurrent.futures import Executor, Future

from scenarios.programme.measures import OfMetric
from scenarios.programme.proposals import Fact
from scenarios.programme.study import Case, Size, Study, Task, do, open_store
from scenarios.programme.targets import Target
from sim.schema import Document

TEXT = """\
queuewise: 1
name: A desk
start: 2026-03-02
horizon: 1 day
warm-up: 1 h
demand:
  calls: {type: call, per hour: 30, patience: 30 min}
people:
  desk: {agents: 3, skills: [talk]}
process:
  call:
    answer: {work: talk, talk: {mean: 5 min, cv: 0.8}}
    close: {end: solved}
interventions:
  one more:
    why: a fourth person
    add: {people.desk.agents: 1}
  shorter:
    why: promised
    requires: [one more]
    scale: {process.call.answer.talk: 0.8}
sources:
  horizon: "fact: a"
  warm-up: "fact: a"
  demand: "assumed x 0.9 to x 1.1, held: b"
  people: "fact: c"
  process.call.answer.talk: "assumed x 0.9 to x 1.1, tuned: d"
  demand.calls.patience: "assumed 20 min to 60 min: e"
  interventions: "fact: f"
  interventions.shorter.scale: "claim: a fifth shorter"
"""

CASE = Case(
    programme=("one more", "shorter"),
    measures={"wait": OfMetric("asa"), "occupancy": OfMetric("occupancy", "desk"), "cases": OfMetric("cases")},
    facts=(Fact("busy", "occupancy", 0.8, 0.84, "82 %"), Fact("enough", "cases", 100, float("inf"), "over 100")),
    targets=(Target("wait", "wait", 0.4, "cut", unit="share", words="40 % shorter"),
             Target("idle", "occupancy", 0.1, at_most=True, unit="share", words="hardly busy")),
    shown=(Fact("short waits", "wait", 0, 60, "under a minute"),),
    units={"wait": "s", "cases": "cases"},
    compared=("wait", "occupancy"),
)  # fmt: skip

SIZE = Size(sets=6, first=12, most=60, alone=4, claims=3, shares=(0.0, 0.5, 1.0))


class Here(Executor):
    """Runs jobs at once, in this process, and counts them."""

    def __init__(self, task, stop_after=None):
        self.task, self.done, self.stop_after = task, 0, stop_after

    def submit(self, function, job):
        if self.done == self.stop_after:
            raise KeyboardInterrupt
        self.done += 1
        future = Future()
        future.set_result(do(self.task, job))
        return future


def task(text=TEXT):
    return Task(Document.from_text(text, "desk.yaml"), CASE, 1)


def study(folder, stop_after=None, text=TEXT):
    made = task(text)
    return Study(made, SIZE, open_store(folder, made), Here(made, stop_after), 1, compiled=True)

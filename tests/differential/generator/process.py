"""Random processes: a main chain of steps with ways ahead and back, forks inside it, and one or two ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.differential.generator.dice import Dice
from tests.differential.generator.plan import WORDS, Plan
from tests.differential.generator.shorthand import random_bot, random_classification

KINDS = ("work",) * 6 + (
    "delay",
    "delay",
    "delay",
    "branch",
    "branch",
    "branch",
    "branch",
    "mark",
    "fork",
    "fork",
    "spawn",
)
SHORTHAND = ("approve", "classify", "bot")
KINDS += SHORTHAND
WAY_IN = ("branch", "branch", "branch", "branch", "mark", "mark", "delay", "bot", "classify")
IN_FORKS = ("work", "work", "work", "delay", "mark", "spawn", "aside", "fork")
Steps = dict[str, dict[str, Any]]


def random_process(dice: Dice, plan: Plan, name: str, size: int, plain: bool = False) -> Steps:
    """A process; ``plain`` without spawns and forks, as a side process is."""
    kinds = [dice.pick(*WAY_IN) for _ in range(size // 3)]
    kinds += [dice.pick(*KINDS) for _ in range(size - len(kinds))]
    kinds = ["work" if plain and kind in ("spawn", "fork", "approve") else kind for kind in kinds]
    kinds = [kind if plan.shorthand or kind not in SHORTHAND else "work" for kind in kinds]
    kinds[dice.rng.randrange(len(kinds))] = "work"
    made = _Process(dice, plan, [f"{kind} {i}" for i, kind in enumerate(kinds)])
    steps = made.steps()
    plan.entered[name] = [step for step in made.names if not step.startswith("fork")]
    return steps


@dataclass
class _Process:
    dice: Dice
    plan: Plan
    names: list[str]
    made: Steps = field(default_factory=dict)
    ends: list[str] = field(default_factory=lambda: ["done"])

    def steps(self) -> Steps:
        if self.dice.chance(0.7):
            self.ends.append("lost")
        for place, name in enumerate(self.names):
            self._main(place, name, name.split()[0])
        done = {"end": "solved"} | self._reopens()
        lost = {"lost": {"end": "unsolved"} | (self._reopens() if self.dice.chance(0.3) else {})}
        reached = any(
            "lost" in (*map(step.get, ("unsolved", "rejected", "misrouted")), *step.get("branch", {}))
            for step in self.made.values()
        )
        return self.made | {"done": done} | (lost if reached else {})

    def _reopens(self) -> dict[str, Any]:
        if not self.dice.chance(0.5):
            return {}
        at = self.dice.pick(*[name for name in self.names if not name.startswith("branch")])
        share, most = self.dice.pick("100 %", "40 %", "60 %"), self.dice.pick(1, 2)
        return {"reopens": {"share": share, "after": self.dice.length(1, 15), "at": at, "at most": most}}

    def _main(self, place: int, name: str, kind: str) -> None:
        if kind == "branch":
            self.made[name] = self._branch(place)
            return
        if kind == "fork":
            self._fork(name, depth=0)
            return
        step = self._simple(kind)
        ahead = [*self.names, *self.ends][place + 1 :]
        if kind == "classify" and self.dice.chance(0.4):
            step["misrouted"] = self.dice.pick(*ahead)
        if kind == "work" and self.dice.chance(0.5):
            step["unsolved"] = self.dice.pick(*ahead)
        if self.dice.chance(0.15):
            step["next"] = ahead[0]
        if self.plan.shorthand and self.plan.attributes and self.dice.chance(0.2):
            step["when"] = self.dice.pick("amount > 3", "kind = green")
        self.made[name] = step

    # Steps -----------------------------------------------------------------------------------------------------

    def _simple(self, kind: str) -> dict[str, Any]:
        if kind == "spawn" and not self.plan.spawned:
            kind = "mark"
        makers: dict[str, Callable[[], dict[str, Any]]] = {
            "work": self._work, "delay": self._delay, "mark": self._mark, "spawn": self._spawn,
            "approve": self._approve, "classify": self._classify, "bot": self._bot,
        }  # fmt: skip
        return makers[kind]()

    def _work(self) -> dict[str, Any]:
        dice = self.dice
        skill = dice.pick(*self.plan.skills)
        step: dict[str, Any] = {"work": skill, "talk": dice.length(dice.pick(0, 1, 1), dice.pick(4, 4, 7))}
        if dice.chance(0.4):
            step |= {"lead": dice.length(0, 2), "lead when": dice.pick("always", "new person", "hand-over")}
        if dice.chance(0.25):
            step["hold"] = dice.length(0, 2)
        if dice.chance(0.25):
            step["priority"] = dice.rng.randint(1, 3)
        if skill in self.plan.warm and dice.chance(0.4):
            step["briefing"] = dice.length(0, 3)
        elif dice.chance(0.5):
            step["wrap"] = dice.length(0, 3)
        if dice.chance(0.3):
            step |= {"suspends": True, "patience": "none"}
        elif dice.chance(0.35):
            step["patience"] = dice.pick("none", "none", dice.patience())
        return step

    def _delay(self) -> dict[str, Any]:
        dice = self.dice
        length, calendar = dice.length(dice.pick(0, 2), 12), dice.pick(*self.plan.calendars)
        made: dict[str, Any] = dice.pick(
            {"delay": length},
            {"delay": length, "in": calendar},
            {"until open": calendar},
            {"rounds at": dice.rounds(), "days": dice.pick("every day", "mon-sun")},
        )
        return made

    def _mark(self) -> dict[str, Any]:
        dice = self.dice
        priority, due = {"priority": dice.rng.randint(1, 3)}, {"due": dice.units(3, 40)}
        if dice.chance(0.4):
            due["in"] = dice.pick(*self.plan.calendars)
        return {"mark": dice.pick(priority, due, due, priority | due)}

    def _spawn(self) -> dict[str, Any]:
        return {"spawn": self.dice.pick(*self.plan.spawned), "after": self.dice.length(0, 10)}

    def _bot(self) -> dict[str, Any]:
        return {"bot": random_bot(self.dice), "contained": "done"}

    def _classify(self) -> dict[str, Any]:
        return {"classify": random_classification(self.dice, self.plan)}

    def _approve(self) -> dict[str, Any]:
        approval, ended = self.dice.pick(*self.plan.approvals), self.dice.pick("done", "lost")
        self.ends = ["done", "lost"]
        return {"approve": approval, "returned": ended, "rejected": ended}

    # Branches and forks ----------------------------------------------------------------------------------------

    def _branch(self, place: int) -> dict[str, Any]:
        """The next step, another one ahead, and perhaps one to go back to (by chance or for some times only)."""
        dice, ahead = self.dice, [*self.names, *self.ends][place + 1 :]
        on, aside = ahead[0], dice.pick(*(ahead[1:] or ahead))
        back = [dice.pick(*self.names[:place])] if place and dice.chance(0.6) else []
        if back and dice.chance(0.5):
            return {"branch": {back[0]: f"times < {dice.pick(1, 2)}", on: "otherwise"}}
        if aside == on:
            return {"branch": dict.fromkeys(back, "30 %") | {on: "otherwise"}} | ({} if back else self._easy())
        if dice.chance(0.75):
            return {"branch": {aside: self._condition(), on: "otherwise"}}
        shares = {aside: 0.4} | dict.fromkeys(back, 0.25)
        return {"branch": {**shares, on: "otherwise"}} | (
            {} if back else self._easy()
        )  # easy cases would go back for ever

    def _easy(self) -> dict[str, Any]:
        return {"easy first": True} if self.dice.chance(0.5) else {}

    def _condition(self) -> str:
        dice = self.dice
        asked = dice.rng.choices(["served", "open", "arrived", "times", "attribute"], (3, 3, 3, 1, 1))[0]
        if asked == "attribute" and self.plan.attributes:
            number, word = f"amount {dice.pick('>', '<', '>=', '<=')} 5", f"kind = {dice.pick(*WORDS)}"
            return str(dice.pick(number, number, word, "kind is not red"))
        options = {
            "served": f"served by {dice.pick(*self.plan.held)}",
            "open": f"open {dice.pick(*self.plan.calendars)}",
            "arrived": f"arrived before {dice.at.moment(dice.rng.randrange(dice.at.length))}",
        }
        return options.get(asked, f"times < {dice.pick(1, 2)}")

    def _fork(self, name: str, depth: int) -> None:
        """A fork, its branches below it, and its join."""
        join, heads = f"join of {name}", []
        chains = [
            [f"{name}{letter}{i}" for i in range(self.dice.pick(1, 1, 2))]
            for letter in "abc"[: self.dice.pick(2, 2, 3)]
        ]
        self.made[name] = {"fork": heads}
        for chain in chains:
            heads.append(chain[0])
            for step, following in zip(chain, [*chain[1:], join], strict=True):
                self._in_fork(step, following, join, depth)
        self.made[join] = {"join": True}

    def _in_fork(self, name: str, following: str, join: str, depth: int) -> None:
        kind = self.dice.pick(*IN_FORKS)
        if kind == "fork" and depth == 0:
            self._fork(name, depth=1)
            self.made[f"join of {name}"]["next"] = following
        elif kind == "aside" and following != join:
            self.made[name] = {"branch": {join: "40 %", following: "otherwise"}} | self._easy()
        else:
            self.made[name] = self._simple("work" if kind in ("fork", "aside") else kind) | {"next": following}

"""What is attributed: interventions in the order of the roll-out, outcomes, targets and costs; a file or defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from scenarios.attribution.orders import Precedence
from scenarios.attribution.outcomes import OF, Names, Outcomes, is_flagship
from scenarios.interventions import apply
from scenarios.programme import flagship
from scenarios.programme.targets import Form, Target
from scenarios.replications import goals_of
from sim.errors import ParameterError, Problem, ScenarioError
from sim.schema import Document, load
from sim.schema.base import Amount, Misfit, Part, exactly_one, to_key
from sim.units import parse_duration, parse_share

COST = "cost"
_FORMS = ("at_least", "at_most", "lower_by", "higher_by")
GENERAL = ("service_level", "asa")
_BUDGET = ("programme budget",)
"""Part of every run of the service programme: no document says which intervention costs how much of it."""
_FLAGSHIP = ("response time", "complaints at first attempt", "CSI")
"""Targets of the service programme that are attributed unless a file names others."""


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class WantedTarget(Part):
    """A value that a metric must reach: of itself, or against the baseline (``lower by`` a share, ``higher by``).

    The service programme's targets can be given by ``name`` alone.
    """

    name: str | None = None
    metric: str | None = None
    at_least: Any = None
    at_most: Any = None
    lower_by: Any = None
    higher_by: Any = None

    @property
    def how(self) -> str:
        """Which of the forms it has."""
        return exactly_one(self, *_FORMS, what="a target")

    @model_validator(mode="after")
    def _is_whole(self) -> WantedTarget:
        exactly_one(self, "name", "metric", what="a target")
        if self.name is None:
            _ = self.how
        elif given := [to_key(form) for form in _FORMS if getattr(self, form) is not None]:
            raise Misfit("a target by its name says all already", given=", ".join(given))
        return self


class ProgrammeFile(Part):
    """A programme as a file says it.

    ``interventions`` in the order of the roll-out; ``always``: switched on in every run, the baseline's too; ``costs``
    of each; ``metrics`` to attribute besides those of the ``targets``.
    """

    interventions: list[str] = Field(min_length=1)
    always: list[str] = Field(default_factory=list)
    costs: dict[str, Amount] = Field(default_factory=dict)
    metrics: list[str] = Field(default_factory=list)
    targets: list[Annotated[WantedTarget, BeforeValidator(_named)]] | None = None


@dataclass(frozen=True)
class Programme:
    """What is attributed.

    Attributes
    ----------
    document : Document
        The scenario.
    precedence : Precedence
    always : tuple of str
    outcomes : Outcomes
        What is measured in a run, and its effect shared out.
    targets : tuple of Target
    costs : mapping of str to float
        Of each intervention, where a file gives them.
    """

    document: Document
    precedence: Precedence
    always: tuple[str, ...]
    outcomes: Outcomes
    targets: tuple[Target, ...]
    costs: Mapping[str, float] = field(default_factory=dict)

    @property
    def price(self) -> str:
        """What a set costs: ``given``, ``simulated`` (the scenario has money) or ``number`` of interventions."""
        return "given" if self.costs else "simulated" if COST in self.outcomes.names else "number"


def read_programme(document: Document, file: Path | None = None, metrics: Sequence[str] = ()) -> Programme:
    """The programme of a file; without one, the service programme's own, or all interventions and goals of a scenario.

    Raises
    ------
    ScenarioError
        If the file cannot be read or does not fit the scenario, or the interventions cannot be switched on together.
    ParameterError
        If there is no such metric, or nothing to attribute.
    """
    given = load(file) if file else Document({})
    asked = given.read_as(ProgrammeFile) if file else _by_default(document)
    _check_names(document, given, asked)
    names = Names(document)
    targets = tuple(_Targets(names, given).read(asked.targets))
    chosen = [*(one.measure for one in targets), *map(names.known, (*asked.metrics, *metrics))]
    chosen = chosen or [names.known(name) for name in GENERAL]
    if not asked.costs and COST in names.defined:
        chosen.append(COST)
    return Programme(
        document,
        _precedence(document, given, asked),
        tuple(asked.always),
        names.outcomes(chosen),
        targets,
        {name: asked.costs.get(name, 0.0) for name in asked.interventions} if asked.costs else {},
    )


def judged_by(names: Names) -> list[str]:
    """Outcomes that a scenario's own targets look at, or those that suit any scenario."""
    targets = _Targets(names, names.document).read(None)
    return list(dict.fromkeys(one.measure for one in targets)) or [names.known(name) for name in GENERAL]


def _by_default(document: Document) -> ProgrammeFile:
    always = list(_BUDGET) if is_flagship(document) else []
    whole = flagship.PROGRAMME if is_flagship(document) else _in_order(document)
    named = [name for name in whole if name not in always]
    if not named:
        raise ParameterError(Problem("a scenario without interventions: nothing to attribute", file=document.file))
    return ProgrammeFile.model_construct(interventions=named, always=always, costs={}, metrics=[], targets=None)


def _in_order(document: Document) -> list[str]:
    """All interventions, each after what it requires."""
    left, found = dict(document.scenario.interventions), list[str]()
    while left:
        ready = [name for name, one in left.items() if set(one.requires) <= set(found)] or list(left)
        found.append(ready[0])
        del left[ready[0]]
    return found


def _check_names(document: Document, given: Document, asked: ProgrammeFile) -> None:
    known = document.scenario.interventions
    places = [(("interventions", place), name) for place, name in enumerate(asked.interventions)]
    places += [(("always", place), name) for place, name in enumerate(asked.always)]
    seen: set[str] = set()
    for path, name in places:
        if name not in known:
            raise ScenarioError(given.problem(path, f"no such intervention: {name!r}", allowed=", ".join(known)))
        if name in seen:
            raise ScenarioError(given.problem(path, f"{name!r} is named twice", allowed="each once"))
        seen.add(name)
    for name in asked.costs:
        if name not in asked.interventions:
            allowed = ", ".join(asked.interventions)
            raise ScenarioError(given.problem(("costs", name), f"costs of {name!r}, which is not attributed", allowed))


def _precedence(document: Document, given: Document, asked: ProgrammeFile) -> Precedence:
    """Who requires whom, checked by switching everything on."""
    known = document.scenario.interventions
    for place, name in enumerate(asked.interventions):
        for needed in known[name].requires:
            if needed not in (*asked.always, *asked.interventions[:place]):
                what = f"{name!r} requires {needed!r}, which is not listed before it"
                raise ScenarioError(
                    given.problem(("interventions", place), what, fix="Give the order of the roll-out.")
                )
    try:
        apply(document, [*asked.always, *asked.interventions])
    except ScenarioError as error:
        fix = "List interventions that go together in a file, and give it with --interventions."
        raise ScenarioError(*error.problems, Problem("the interventions cannot all be switched on", fix=fix)) from None
    return Precedence.of({
        name: [other for other in known[name].requires if other not in asked.always] for name in asked.interventions
    })  # fmt: skip


@dataclass(frozen=True)
class _Targets:
    """Targets by name, or as a file writes them."""

    names: Names
    given: Document

    def read(self, asked: Sequence[WantedTarget] | None) -> Iterator[Target]:
        """Targets as they are written; by default the scenario's own."""
        if asked is None:
            yield from self._own()
        for place, one in enumerate(asked or ()):
            yield self._preset(one.name, place) if one.name else self._target(one, place)

    def _presets(self) -> dict[str, Target]:
        return {one.name: one for one in flagship.TARGETS} if self.names.measures else {}

    def _preset(self, name: str, place: int) -> Target:
        presets = self._presets()
        if name not in presets:
            allowed = ", ".join(presets) or "{metric: NAME, at least: VALUE}"
            raise ScenarioError(self.given.problem(("targets", place), f"no such target: {name!r}", allowed))
        return presets[name]

    def _own(self) -> Iterator[Target]:
        if self.names.measures:
            yield from (self._presets()[name] for name in _FLAGSHIP)
            return
        frame = self.names.frame
        for name, metric, number, goal in goals_of(frame):
            of = frame.queues[number] if metric.scope == "queue" else frame.tiers[number]
            measure = f"{metric.name}{OF}{of}"
            yield Target(measure, measure, goal, unit="share", words=f"{name}: {metric.label} of {100 * goal:g} %")

    def _target(self, one: WantedTarget, place: int) -> Target:
        how, metric = one.how, self._checked(one.metric or "", place)
        value, unit = getattr(one, how), self.names.unit(metric)
        form: Form = {"lower_by": "cut", "higher_by": "gain"}.get(how, "value")  # type: ignore[assignment]
        goal = self._goal(value, "share" if form == "cut" else unit, (place, to_key(how)))
        words = f"{metric} {to_key(how)} {value}"
        return Target(words, metric, goal, form, how == "at_most", "share" if form == "cut" else unit, words)

    def _checked(self, name: str, place: int) -> str:
        try:
            return self.names.known(name)
        except ParameterError as error:
            first = error.problems[0]
            problem = self.given.problem(
                ("targets", place, "metric"), first.what, first.allowed, first.given, first.fix
            )
            raise ScenarioError(problem) from None

    def _goal(self, value: Any, unit: str, at: tuple[int, str]) -> float:
        try:
            if unit == "share":
                return parse_share(value)
            if unit == "s":
                return parse_duration(value) / 1e6
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return float(value)
            raise ParameterError(Problem("not a number", allowed="a number, without quotes or unit"))
        except ParameterError as error:
            first = error.problems[0]
            path = ("targets", *at)
            raise ScenarioError(self.given.problem(path, first.what, first.allowed, repr(value))) from None

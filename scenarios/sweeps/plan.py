"""The plan of a sweep: a YAML file that names a scenario, what to vary, and how."""

from __future__ import annotations

import copy
import csv
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema, field_validator, model_validator

from scenarios import library
from scenarios.interventions import apply, change, path_of
from scenarios.sweeps import designs
from scenarios.sweeps.factors import Action, Factor, Span, span_of
from scenarios.sweeps.fractions import LETTERS, Fraction, fraction, from_words
from sim.errors import ParameterError, Problem, ProblemsError, ScenarioError
from sim.metrics import METRICS, find, owner
from sim.run import Engine
from sim.schema import Document, load
from sim.schema.base import Misfit, Part, fits
from sim.units import HOUR_US, SECOND_US, parse_duration, parse_share

DESIGNS = ("grid", "latin hypercube", "sobol", "factorial", "fractional factorial", "list")
Design = Literal["grid", "latin hypercube", "sobol", "factorial", "fractional factorial", "list"]
_MOST_FACTORS, _MOST_SCENARIOS = len(LETTERS), 1_000_000
Steps = Annotated[int, Field(ge=2, le=10_000)]
Bound = Annotated[float | None, WithJsonSchema({"type": ["number", "string", "null"]})]
Count = Annotated[int, Field(ge=1, le=_MOST_SCENARIOS)]


def _spanned(low: Any, high: Any) -> Span:
    """The range between two ends."""
    found = span_of(low, high)
    if found is None:
        allowed = "two numbers, two shares such as 10 %, or two durations such as 3 min"
        raise Misfit("not a range", allowed=allowed, given=f"from {low!r} to {high!r}")
    if found.low >= found.high:
        raise Misfit("a range that does not rise", given=f"from {low!r} to {high!r}")
    return found


class Ends(Part):
    """A range of one kind of quantity: whole numbers, numbers, shares or durations."""

    from_: Any
    to: Any
    steps: Steps | None = None

    @model_validator(mode="after")
    def _make_a_range(self) -> Ends:
        _ = self.span
        return self

    @property
    def span(self) -> Span:
        """The range."""
        return _spanned(self.from_, self.to)


class Varied(Part):
    """What happens at a path: it is set to values, scaled or increased; a list alone is a list of values."""

    values: list[Any] | None = None
    from_: Any = None
    to: Any = None
    steps: Steps | None = None
    scale: list[float] | Ends | None = None
    add: list[Any] | Ends | None = None

    @model_validator(mode="before")
    @classmethod
    def _list_alone(cls, data: Any) -> Any:
        return {"values": data} if isinstance(data, list) else data

    @model_validator(mode="after")
    def _say_one_thing(self) -> Varied:
        ranged = self.from_ is not None or self.to is not None
        if sum((self.values is not None, ranged, self.scale is not None, self.add is not None)) != 1:
            raise Misfit("needs exactly one of: a list of values; from and to; scale; add")
        if self.steps and not ranged:
            raise Misfit("steps of nothing", allowed="steps beside from and to", inside=("steps",))
        if ranged:
            _ = self.span
        for listed in (self.values, self.scale, self.add):
            if isinstance(listed, list) and (not listed or any(one in listed[:at] for at, one in enumerate(listed))):
                raise Misfit("a list of different values is needed", given=repr(listed)[:60])
        return self

    @property
    def action(self) -> Action:
        """What is done at the path."""
        return "scale" if self.scale is not None else "add" if self.add is not None else "set"

    @property
    def span(self) -> Span | None:
        """The range, if it is one."""
        for one in (self.scale, self.add):
            if isinstance(one, Ends):
                return one.span
        return _spanned(self.from_, self.to) if self.from_ is not None or self.to is not None else None

    @property
    def stepped(self) -> int | None:
        """Values to be taken from a range, if that is said."""
        ends = [one.steps for one in (self.scale, self.add) if isinstance(one, Ends)]
        return ends[0] if ends else self.steps

    @property
    def cut(self) -> int:
        """Values that a grid takes from a range."""
        return self.stepped or 2

    def factor(self, path: str) -> Factor:
        """As a factor."""
        listed = next((one for one in (self.values, self.scale, self.add) if isinstance(one, list)), [])
        return Factor(path, self.action, self.span or tuple(listed))


class Limit(Part):
    """Bounds of a metric's mean: ``80 %``, ``20 s``, or numbers in its own unit (shares in parts of one)."""

    at_least: Bound = None
    at_most: Bound = None
    of: str | None = None

    @model_validator(mode="after")
    def _bounds_something(self) -> Limit:
        if self.at_least is None and self.at_most is None:
            raise Misfit("a limit without a bound", allowed="at least, at most, or both")
        return self

    def fit(self, span: tuple[float, float], place: tuple[str, str]) -> None:
        """Refuse a bound beyond what the metric can be, such as 80 for 80 %."""
        for key, bound in (("at least", self.at_least), ("at most", self.at_most)):
            if bound is not None and not span[0] <= bound <= span[1]:
                allowed = f"{span[0]:g} to {span[1]:g}" if math.isfinite(span[1]) else f"{span[0]:g} or more"
                raise Misfit("out of what the metric can be", allowed=allowed, given=f"{bound:g}", inside=(*place, key))


def _in_own_unit(name: str, bounds: Any) -> Any:
    """Bounds of a metric as numbers in its unit; what is none of a metric stays for others to refuse."""
    unit = next((metric.unit for metric in METRICS if metric.name == name), "")
    if not isinstance(bounds, dict) or unit not in _READERS:
        return bounds
    read = _READERS[unit]
    return {
        key: fits(read, value, (name, key)) if key in ("at least", "at most") and isinstance(value, str) else value
        for key, value in bounds.items()
    }


_READERS: dict[str, Callable[[str], float]] = {
    "share": parse_share,
    "s": lambda text: parse_duration(text) / SECOND_US,
    "h": lambda text: parse_duration(text) / HOUR_US,
}


class Best(Part):
    """Which scenario is the best: the highest or lowest of a metric, among those that keep to limits."""

    metric: str
    of: str | None = None
    seek: Literal["highest", "lowest"] | None = None
    where: dict[str, Limit] = Field(default_factory=dict)

    @field_validator("where", mode="before")
    @classmethod
    def _read_bounds(cls, data: Any) -> Any:
        return {name: _in_own_unit(name, bounds) for name, bounds in data.items()} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _know_the_metric(self) -> Best:
        for place, name in (("metric",), self.metric), *((("where", name), name) for name in self.where):
            fits(find, name, place)
        for name, limit in self.where.items():
            limit.fit(find(name).span, ("where", name))
        if self.seek is None and find(self.metric).better == "neither":
            raise Misfit("neither high nor low is better", allowed="seek: highest, or seek: lowest", inside=("metric",))
        return self

    @property
    def sign(self) -> int:
        """1 if the highest is the best, -1 if the lowest is."""
        seek = self.seek or ("highest" if find(self.metric).better == "higher" else "lowest")
        return 1 if seek == "highest" else -1


class Plan(Part):
    """A sweep: the scenario, what to vary, the design, and how often each combination is run."""

    sweep: Literal[1]
    scenario: str
    with_: list[str] = Field(default_factory=list)
    design: Design = "grid"
    paths: dict[str, Varied] = Field(default_factory=dict)
    samples: Count | None = None
    runs: Count | None = None
    resolution: Annotated[int, Field(ge=3, le=8)] | None = None
    generators: list[str] = Field(default_factory=list)
    csv: str | None = None
    replications: Annotated[int, Field(ge=1, le=100_000)] = 20
    seed: Annotated[int, Field(ge=0)] = 1
    engine: Engine = "kernel"
    metrics: list[str] = Field(default_factory=list)
    best: Best | None = None

    @model_validator(mode="after")
    def _fit_the_design(self) -> Plan:
        for place, metric in enumerate(self.metrics):
            fits(find, metric, ("metrics", place))
        allowed = _OPTIONS[self.design]
        for name in ("paths", "samples", "runs", "resolution", "generators", "csv"):
            if getattr(self, name) and name not in allowed:
                raise Misfit(f"{name!r} has no meaning for a {self.design}", allowed=", ".join(allowed), inside=(name,))
        if self.design == "list":
            if self.csv is None:
                raise Misfit("a list needs its file", allowed="csv: FILE.csv, with a path at the head of each column")
        elif not self.paths:
            raise Misfit("nothing to vary", allowed="at least one path under paths")
        for path, varied in self.paths.items():
            if varied.stepped and self.design != "grid":
                raise Misfit(f"'steps' has no meaning for a {self.design}", allowed="from, to", inside=("paths", path))
        if "samples" in allowed and self.samples is None:
            raise Misfit("how many combinations?", allowed="samples: 64")
        if self.design == "sobol" and self.samples and self.samples & (self.samples - 1):
            near = 1 << (self.samples.bit_length() - 1)
            raise Misfit(
                "Sobol points are balanced only for a power of two",
                allowed=f"{near} or {2 * near}", given=str(self.samples), inside=("samples",),
            )  # fmt: skip
        if sum(map(bool, (self.runs, self.resolution, self.generators))) > 1:
            raise Misfit("one of runs, resolution and generators says it all", inside=("runs",))
        return self


_OPTIONS: dict[str, tuple[str, ...]] = {
    "grid": ("paths",),
    "latin hypercube": ("paths", "samples"),
    "sobol": ("paths", "samples"),
    "factorial": ("paths",),
    "fractional factorial": ("paths", "runs", "resolution", "generators"),
    "list": ("csv",),
}
"""What each design needs, or may have."""


@dataclass(frozen=True)
class Sweep:
    """A plan that was read, with its scenario.

    Attributes
    ----------
    plan : Plan
    document : Document
        The plan's file, for messages.
    base : Document
        The scenario that is varied.
    """

    plan: Plan
    document: Document
    base: Document

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """What is varied."""
        if self.plan.design != "list":
            return tuple(varied.factor(path) for path, varied in self.plan.paths.items())
        points = list(self._listed.values())
        return tuple(Factor(head, "set", tuple(dict.fromkeys(point[head] for point in points))) for head in points[0])

    @cached_property
    def fraction(self) -> Fraction | None:
        """The fraction that is run, of a two-level design."""
        plan, size = self.plan, len(self.factors)
        if plan.design not in ("factorial", "fractional factorial"):
            return None
        if size > _MOST_FACTORS:
            raise self._problem(("paths",), f"up to {_MOST_FACTORS} paths, {size} given")
        for factor in self.factors:
            if factor.ends[0] == factor.ends[1]:
                raise self._problem(("paths", factor.path), "a two-level design needs two values")
        if plan.design == "factorial":
            return Fraction(size, size)
        try:
            if plan.generators:
                return from_words([factor.name for factor in self.factors], plan.generators)
            return fraction(size, plan.runs, plan.resolution)
        except ParameterError as error:
            raise self._told(error, ("generators",) if plan.generators else ("runs",)) from None

    @cached_property
    def points(self) -> dict[str, designs.Point]:
        """The combinations by number, as texts of the same length."""
        found = self._points()
        width = len(str(len(found)))
        return {f"{number:0{width}d}": point for number, point in enumerate(found, 1)}

    def _points(self) -> list[designs.Point]:
        plan = self.plan
        if plan.design == "list":
            return list(self._listed.values())
        if plan.design == "latin hypercube":
            return designs.latin_hypercube(self.factors, plan.samples or 1, plan.seed)
        if plan.design == "sobol":
            return designs.sobol(self.factors, plan.samples or 1, plan.seed)
        if self.fraction is not None:
            return designs.two_level(self.factors, self.fraction)
        return designs.grid(self.factors, self._steps)

    @property
    def _steps(self) -> dict[str, int]:
        """Values that a grid takes from the range of each factor."""
        return {varied.factor(path).name: varied.cut for path, varied in self.plan.paths.items()}

    @property
    def _size(self) -> int:
        """Number of combinations, without making them."""
        if self.fraction is not None:
            return self.fraction.runs
        return designs.grid_size(self.factors, self._steps) if self.plan.design == "grid" else len(self.points)

    def variant(self, point: Mapping[str, Any]) -> Document:
        """The scenario with a combination in it; whether it can run is not looked at.

        Raises
        ------
        ParameterError
            If a path leads nowhere, or a value does not fit there.
        """
        data = copy.deepcopy(self.base.data)
        for factor in self.factors:
            change(data, factor.action, factor.path, point[factor.name])
        if data.get("sources"):
            data["sources"] = {}  # a source of what was changed would be none any more
        return Document(data, self.base.file)

    def variants(self) -> dict[str, Document]:
        """All combinations."""
        return {name: self.variant(point) for name, point in self.points.items()}

    @cached_property
    def _listed(self) -> dict[int, designs.Point]:
        """Combinations of a list, by their lines in its file."""
        file = self._listing
        try:
            with file.open(encoding="utf-8-sig", newline="") as text:
                lines = csv.reader(text, strict=True)
                rows = dict((lines.line_num, [cell.strip() for cell in row]) for row in lines if row)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise self._problem(("csv",), f"{file} cannot be read: {reason}") from None
        if len(rows) < 2:
            allowed = "a path at the head of each column, and a line for each combination"
            raise ScenarioError(Problem("a list without a line", file=str(file), allowed=allowed))
        (first, heads), *below = rows.items()
        for head in heads:
            if not head or heads.count(head) > 1:
                what = "two columns of one path" if head else "a column without a path"
                raise ScenarioError(Problem(what, file=str(file), line=first, allowed="each path once", given=head))
        for line, row in below:
            if len(row) != len(heads) or not all(row):
                raise ScenarioError(Problem("a value for each column is needed", file=str(file), line=line))
        return {line: dict(zip(heads, map(_read_cell, row), strict=True)) for line, row in below}

    @property
    def _listing(self) -> Path:
        """The file of a list."""
        return Path(self.document.file).parent / str(self.plan.csv)

    def check(self) -> None:
        """Try every end or value of every path by itself.

        Raises
        ------
        ScenarioError
            With the place in the plan of each value that leads to no scenario that can run.
        """
        problems = [problem for factor in self.factors for problem in self._misfits(factor)]
        if problems:
            raise ScenarioError(*problems)
        if self._size > _MOST_SCENARIOS:
            raise self._problem(("paths",), f"{self._size:,} combinations; up to {_MOST_SCENARIOS:,} are run")
        self._check_owners()

    def _misfits(self, factor: Factor) -> Iterator[Problem]:
        tried = factor.ends if isinstance(factor.values, Span) else factor.values
        for number, value in enumerate(tried):
            data = copy.deepcopy(self.base.data)
            try:
                change(data, factor.action, factor.path, value)
                data["sources"] = {}
                _ = Document(data, self.base.file).scenario
            except ProblemsError as error:
                for problem in error.problems:
                    said = f"{problem.path}: {problem.what}" if problem.path else problem.what
                    yield self._at(factor, number, replace(problem, what=f"with {value!r} here: {said}"))
                return

    def _at(self, factor: Factor, number: int, problem: Problem) -> Problem:
        """A problem with a value of a factor where that stands: in the plan, or in the file of a list."""
        if not isinstance(factor.values, Span) and self.plan.design == "list":
            value = repr(factor.values[number])
            line = next(line for line, point in self._listed.items() if repr(point[factor.path]) == value)
            return replace(problem, file=str(self._listing), line=line, column=None, path=factor.path)
        place = self._place(factor, number)
        return self.document.problem(place, problem.what, problem.allowed, problem.given, problem.fix)

    def _place(self, factor: Factor, number: int) -> tuple[Any, ...]:
        """Where a value of a factor stands in the plan."""
        written = self.document.data["paths"][factor.path]
        below = () if factor.action == "set" else (factor.action,)
        for key in (*below, "values"):
            written = written[key] if isinstance(written, dict) and key in written else written
            below = (*below, key) if key == "values" and isinstance(written, dict) else below
        return ("paths", factor.path, *below, *((number,) if isinstance(written, list) else ()))

    def _check_owners(self) -> None:
        from sim.build import build

        best = self.plan.best
        if best is None:
            return
        frame = build(self.base.scenario).frame
        asked: list[tuple[tuple[str, ...], str, str | None]] = [(("best", "of"), best.metric, best.of)]
        asked += [(("best", "where", name, "of"), name, limit.of) for name, limit in best.where.items()]
        for place, metric, of in asked:
            try:
                owner(frame, find(metric), of)
            except ParameterError as error:
                raise self._told(error, place) from None

    def _problem(self, place: tuple[Any, ...], what: str) -> ScenarioError:
        return ScenarioError(self.document.problem(place, what))

    def _told(self, error: ParameterError, place: tuple[Any, ...]) -> ScenarioError:
        one = error.problems[0]
        return ScenarioError(self.document.problem(place, one.what, one.allowed, one.given, one.fix))


def _read_cell(text: str) -> Any:
    """A cell of a list as the value that it would be in a scenario file."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.strip()


def read_plan(path: str | Path) -> Sweep:
    """Read a plan and its scenario, and try what it varies.

    Raises
    ------
    ScenarioError
        With every problem found, each with its place.
    """
    document = load_plan(Path(path))
    plan = document.read_as(Plan)
    for name in plan.paths:
        try:
            path_of(name)
        except ParameterError as error:
            one = error.problems[0]
            raise ScenarioError(document.problem(("paths", name), one.what, one.allowed, one.given)) from None
    sweep = Sweep(plan, document, _base(plan, document))
    sweep.check()
    return sweep


def load_plan(path: Path) -> Document:
    """The plan's file as a document."""
    if path.is_dir():
        raise ScenarioError(Problem("a folder, where the plan of a sweep is needed", file=str(path)))
    document = load(path)
    if "sweep" not in document.data:
        fix = "A plan begins with: sweep: 1."
        raise ScenarioError(Problem("not the plan of a sweep", file=str(path), fix=fix))
    return document


def _base(plan: Plan, document: Document) -> Document:
    """The scenario that is varied: beside the plan, or of the library; its interventions may be switched on."""
    beside = Path(document.file).parent / plan.scenario
    try:
        if beside.exists():
            found = load(beside)
        elif plan.scenario in library.names():
            found = library.read(plan.scenario)
        else:
            known = ", ".join(library.names())
            what = f"no such scenario: {plan.scenario!r}"
            allowed = f"a file beside the plan, or a name of the library: {known}"
            raise ScenarioError(document.problem(("scenario",), what, allowed))
        _ = found.scenario
        return apply(found, plan.with_) if plan.with_ else found
    except ScenarioError as error:
        if plan.with_ and any("intervention" in one.what for one in error.problems):
            raise ScenarioError(*(replace(one, path="with") for one in error.problems)) from None
        raise

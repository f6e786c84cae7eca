"""How a duration varies: a constant, a named shape, a measured curve, or a mixture of these."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.schema.base import Duration, Misfit, Number, Part, PositiveDuration, PositiveNumber, Share, exactly_one
from sim.units import SECOND_US

Shape = Literal["exponential", "lognormal", "gamma", "weibull"]
LEAST_WEIBULL_CV = 0.005


class Component(Part):
    """One part of a mixture."""

    share: Share
    of: Distribution


class ScipyLaw(Part):
    """Any continuous distribution of ``scipy.stats`` by its name, parameters and unit."""

    name: str
    parameters: dict[str, Number] = Field(default_factory=dict)
    unit: PositiveDuration = 1_000_000

    @model_validator(mode="after")
    def _law_exists(self) -> ScipyLaw:
        from scipy import stats

        law = getattr(stats, self.name, None)
        if not isinstance(law, stats.rv_continuous):
            raise Misfit(
                "no such distribution in scipy.stats", "a continuous one, such as burr12", self.name, "", ("name",)
            )
        try:
            low, middle = law(**self.parameters).ppf([0.0, 0.5])
        except TypeError as error:
            raise Misfit(f"wrong parameters: {error}", given=str(self.parameters), inside=("parameters",)) from None
        if not low >= 0 or not middle < float("inf"):
            raise Misfit("a duration below zero or without a median", "a law on 0 and above", str(self.parameters))
        return self

    @property
    def span(self) -> tuple[float, float]:
        """The ends of its values, in seconds."""
        from scipy import stats

        low, high = getattr(stats, self.name)(**self.parameters).support()
        return float(low) * self.unit / SECOND_US, float(high) * self.unit / SECOND_US


class Distribution(Part):
    """A duration. Exactly one of constant, mean, median, between, quantiles, values, scipy, mixture says its form.

    ``mean`` with ``cv`` (coefficient of variation) is lognormal unless ``shape`` says otherwise; ``median`` with
    ``spread`` (standard deviation of the logarithm) is lognormal. ``zero`` is a share that takes no time at all,
    ``never`` a share that does not end; the form describes the rest. ``plus`` is added; ``at most`` cuts.
    """

    constant: Duration | None = None
    mean: Duration | None = None
    cv: Annotated[PositiveNumber, Field(le=1000)] | None = None
    median: Duration | None = None
    spread: Annotated[PositiveNumber, Field(le=20)] | None = None
    shape: Shape | None = None
    between: tuple[Duration, Duration] | None = None
    quantiles: list[tuple[Share, Duration]] | None = None
    values: list[Duration] | None = None
    shares: list[Share] | None = None
    scipy: ScipyLaw | None = None
    mixture: list[Component] | None = None
    zero: Share = 0.0
    never: Share = 0.0
    plus: Duration = 0
    at_most: Duration | None = None

    @model_validator(mode="before")
    @classmethod
    def _text_is_a_constant(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return data
        return {"constant": data}

    @model_validator(mode="after")
    def _is_complete(self) -> Distribution:
        form = self.form
        if form == "mean" and not (self.cv or self.shape == "exponential"):
            raise Misfit("a mean needs its variation", allowed="cv: 0.8, or shape: exponential", given="mean alone")
        if form == "mean" and self.cv and self.shape == "exponential":
            raise Misfit("an exponential has no cv of its own", allowed="mean and shape, without cv")
        if self.shape == "weibull" and self.cv is not None and self.cv < LEAST_WEIBULL_CV:
            raise Misfit("hardly any variation", allowed=f"{LEAST_WEIBULL_CV} or more, or a constant",
                         given=f"{self.cv:g}", inside=("cv",))  # fmt: skip
        if form == "median" and not (self.spread and self.shape in (None, "lognormal")):
            raise Misfit("a median goes with a lognormal spread", allowed="{median: 4 min, spread: 1.1}")
        for name, owner in (("cv", "mean"), ("spread", "median"), ("shares", "values")):
            if getattr(self, name) is not None and form != owner:
                raise Misfit(f"{name!r} goes with {owner!r} only", given=f"{name} beside {form}")
        if self.shape is not None and form not in ("mean", "median"):
            raise Misfit("'shape' goes with 'mean' or 'median' only", given=f"shape beside {form}")
        if form in ("mean", "median") and getattr(self, form) == 0:
            raise Misfit(f"a {form} of zero", allowed="a duration above zero, or a constant 0 s", inside=(form,))
        self._check_lists()
        if self.zero + self.never > 1 + 1e-9:
            raise Misfit("zero and never together exceed 100 %", given=f"{self.zero:.3g} + {self.never:.3g}")
        return self

    def _check_lists(self) -> None:
        if self.between and self.between[0] > self.between[1]:
            raise Misfit("the lower end lies above the upper", allowed="[lower, upper]", inside=("between",))
        if self.quantiles is not None:
            shares = [share for share, _ in self.quantiles]
            durations = [duration for _, duration in self.quantiles]
            rising = all(a < b for a, b in pairwise(shares)) and durations == sorted(durations)
            if len(shares) < 2 or not rising or shares[0] != 0:
                raise Misfit("quantiles must rise from share 0", allowed="[[0 %, 2 s], [50 %, 3 min], [100 %, 9 min]]")
        if self.values is not None and not self.values:
            raise Misfit("an empty list of values", allowed="at least one duration", inside=("values",))
        if self.shares is not None:
            if len(self.shares) != len(self.values or []):
                raise Misfit("as many shares as values", given=f"{len(self.shares)} shares", inside=("shares",))
            if abs(sum(self.shares) - 1) > 1e-6:
                raise Misfit("shares must add up to 100 %", given=f"{sum(self.shares):.4%}", inside=("shares",))
        if self.mixture is not None and abs(sum(part.share for part in self.mixture) - 1) > 1e-6:
            raise Misfit("shares of a mixture must add up to 100 %", inside=("mixture",))

    @property
    def form(self) -> str:
        """Which field says the distribution's form."""
        return exactly_one(
            self,
            *("constant", "mean", "median", "between", "quantiles", "values", "scipy", "mixture"),
            what="a duration",
        )

    @property
    def takes_time(self) -> bool:
        """Whether the duration is surely above zero (quantile tables of named shapes always are)."""
        if self.zero > 0:
            return False
        if self.plus > 0:
            return True
        if self.at_most == 0:
            return False
        if self.form == "constant":
            return bool(self.constant)
        if self.form in ("values", "quantiles", "between"):
            lowest = min(self.values or [d for _, d in self.quantiles or []] or list(self.between or (0,)))
            return lowest > 0
        if self.form == "mixture":
            return all(part.of.takes_time for part in self.mixture or [])
        return True

    @property
    def surely_ends(self) -> bool:
        """Whether no share of it lasts for ever."""
        open_ended = self.quantiles is not None and self.quantiles[-1][0] < 1
        return self.never == 0 and not open_ended and all(part.of.surely_ends for part in self.mixture or [])


def reach(length: Distribution) -> list[tuple[float, float]]:
    """Where its values lie: pairs of ends, in seconds; equal ends are one value that has a share of its own."""
    found = [span for span in _form_reach(length) if span[0] < inf]
    if length.at_most is not None:
        most = length.at_most / SECOND_US
        cut = [(most, most)] if any(high > most for _, high in found) else []
        found = [(low, min(high, most)) for low, high in found if low <= most] + cut
    found = [(low + length.plus / SECOND_US, high + length.plus / SECOND_US) for low, high in found]
    return [(0.0, 0.0), *found] if length.zero > 0 else found


def _form_reach(length: Distribution) -> list[tuple[float, float]]:
    if length.mixture is not None:
        return [span for part in length.mixture if part.share > 0 for span in reach(part.of)]
    if length.scipy is not None:
        return [length.scipy.span]
    if length.quantiles is not None:
        points = [value / SECOND_US for _, value in length.quantiles]
        return list(pairwise(points))
    if length.values is not None:
        shares = length.shares or [1.0] * len(length.values)
        return [(value / SECOND_US,) * 2 for value, share in zip(length.values, shares, strict=True) if share > 0]
    if length.between is not None:
        return [(length.between[0] / SECOND_US, length.between[1] / SECOND_US)]
    return [(0.0, inf)] if length.constant is None else [(length.constant / SECOND_US,) * 2]


def _as_seconds(raw: Any, inside: tuple[Any, ...] = ()) -> str:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise Misfit("not a number", allowed="a number, without quotes or unit", given=repr(raw), inside=inside)
    if not 0 <= raw < 1e9:
        raise Misfit("out of range", allowed="0 or more, below 1e9", given=repr(raw), inside=inside)
    return f"{raw:.6f} s"


def read_numbers(raw: Any) -> Distribution:
    """Read a distribution of plain numbers: seconds stand for units."""
    return Distribution.model_validate(_numbers(raw) if isinstance(raw, dict) else {"constant": _as_seconds(raw)})


def _numbers(raw: dict[str, Any]) -> dict[str, Any]:
    found = dict(raw)
    for name in ("constant", "mean", "median", "plus", "at most"):
        if name in raw:
            found[name] = _as_seconds(raw[name], (name,))
    for name in ("between", "values"):
        if isinstance(raw.get(name), list):
            found[name] = [_as_seconds(value, (name, place)) for place, value in enumerate(raw[name])]
    if isinstance(raw.get("quantiles"), list):
        found["quantiles"] = [
            [point[0], _as_seconds(point[1], ("quantiles", place, 1))] if isinstance(point, list) and len(point) == 2
            else point for place, point in enumerate(raw["quantiles"])
        ]  # fmt: skip
    if isinstance(raw.get("mixture"), list):
        found["mixture"] = [
            {**part, "of": _numbers(part["of"]) if isinstance(part["of"], dict) else _as_seconds(part["of"])}
            if isinstance(part, dict) and "of" in part else part for part in raw["mixture"]
        ]  # fmt: skip
    return found


Length = Annotated[Distribution, Field(description="a duration such as 5 min, or {mean: 5 min, cv: 0.8} and the like")]
Component.model_rebuild()

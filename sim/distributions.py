"""Distributions as quantile tables.

A distribution is first a `Law`: pieces of [0, 1], each with a continuous quantile function of its own. Borders of
pieces are where the quantile function jumps, bends or becomes infinite; a cell of the table that holds such a border
keeps exact segments (see `sim.primitives.quantile`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from sim.network import SEGMENT, Tables
from sim.primitives.quantile import CELLS, OCTAVES, PER_OCTAVE, SIDE, TAIL, first_segment, mark_of
from sim.schema.distribution import Distribution
from sim.units import SECOND_US

Floats = NDArray[np.float64]
Inverse = Callable[[Floats, Floats], Floats]
"""Quantile from the probability below and the probability above, so that both tails stay exact."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A quantile function between two probabilities, given by the conditional probabilities inside the piece."""

    start: float
    end: float
    inverse: Inverse

    def at(self, below: Floats, above: Floats) -> Floats:
        """Quantiles at probabilities (below + above = 1) inside the piece."""
        width = self.end - self.start
        inner = np.clip((below - self.start) / width, 0.0, 1.0)
        outer = np.clip((above - (1.0 - self.end)) / width, 0.0, 1.0)
        return self.inverse(inner, outer)


Law = tuple[Piece, ...]


def law_of(spec: Distribution) -> Law:
    """The law of a duration as the scenario file describes it, in seconds."""
    core = _FORMS[spec.form](spec)
    if spec.at_most is not None:
        core = _cut(core, spec.at_most / SECOND_US)
    if spec.plus:
        core = tuple(Piece(p.start, p.end, _shifted(p.inverse, spec.plus / SECOND_US)) for p in core)
    low, high = spec.zero, 1.0 - spec.never
    pieces = [Piece(low + p.start * (high - low), low + p.end * (high - low), p.inverse) for p in core]
    if low > 0:
        pieces.insert(0, Piece(0.0, low, _constant(0.0)))
    if high < 1:
        pieces.append(Piece(high, 1.0, _constant(math.inf)))
    return tuple(p for p in pieces if p.end > p.start)


def _constant(value: float) -> Inverse:
    return lambda below, above: np.full(np.shape(below), value)


def _shifted(inverse: Inverse, by: float) -> Inverse:
    return lambda below, above: inverse(below, above) + by


def _line(start: float, end: float) -> Inverse:
    return lambda below, above: np.where(below < 0.5, start + (end - start) * below, end - (end - start) * above)


def frozen(law: Any) -> Inverse:
    """The inverse of a frozen scipy distribution."""

    def inverse(below: Floats, above: Floats) -> Floats:
        low = np.clip(below, TAIL, None)
        high = np.clip(above, TAIL, None)
        values: Floats = np.where(below < 0.5, law.ppf(low), law.isf(high))
        return values

    return inverse


def _mean(spec: Distribution) -> Law:
    mean = (spec.mean or 0) / SECOND_US
    cv = spec.cv or 1.0
    match spec.shape or "lognormal":
        case "exponential":
            law = stats.expon(scale=mean)
        case "gamma":
            law = stats.gamma(1 / cv**2, scale=mean * cv**2)
        case "weibull":
            shape = weibull_shape(cv)
            law = stats.weibull_min(shape, scale=mean / special.gamma(1 + 1 / shape))
        case _:
            sigma = math.sqrt(math.log1p(cv**2))
            law = stats.lognorm(sigma, scale=mean * math.exp(-(sigma**2) / 2))
    return (Piece(0.0, 1.0, frozen(law)),)


def weibull_shape(cv: float) -> float:
    """Shape of the Weibull distribution with a coefficient of variation."""

    def gap(log_shape: float) -> float:
        inverse = math.exp(-log_shape)
        return float(special.gammaln(1 + 2 * inverse) - 2 * special.gammaln(1 + inverse)) - math.log1p(cv**2)

    return math.exp(optimize.brentq(gap, math.log(0.05), math.log(500.0)))


def _median(spec: Distribution) -> Law:
    law = stats.lognorm(spec.spread, scale=(spec.median or 0) / SECOND_US)
    return (Piece(0.0, 1.0, frozen(law)),)


def _between(spec: Distribution) -> Law:
    low, high = spec.between or (0, 0)
    return (Piece(0.0, 1.0, _line(low / SECOND_US, high / SECOND_US)),)


def _quantiles(spec: Distribution) -> Law:
    points = spec.quantiles or []
    pieces = [Piece(p, q, _line(low / SECOND_US, high / SECOND_US)) for (p, low), (q, high) in pairwise(points)]
    if points[-1][0] < 1:
        pieces.append(Piece(points[-1][0], 1.0, _constant(math.inf)))
    return tuple(pieces)


def _values(spec: Distribution) -> Law:
    values = np.array(spec.values or []) / SECOND_US
    shares = np.array(spec.shares) if spec.shares else np.full(len(values), 1 / len(values))
    order = np.argsort(values, kind="stable")
    values, borders = values[order], np.concatenate([[0.0], np.cumsum(shares[order])])
    borders[-1] = 1.0
    last = np.append(values[1:] != values[:-1], True)
    ends = borders[1:][last]
    starts = np.concatenate([[0.0], ends[:-1]])
    return tuple(
        Piece(float(a), float(b), _constant(float(v)))
        for a, b, v in zip(starts, ends, values[last], strict=True)
        if b > a
    )


def _scipy(spec: Distribution) -> Law:
    assert spec.scipy is not None
    law = getattr(stats, spec.scipy.name)(**spec.scipy.parameters)
    inner, unit = frozen(law), spec.scipy.unit / SECOND_US
    return (Piece(0.0, 1.0, lambda below, above: inner(below, above) * unit),)


def _mixture(spec: Distribution) -> Law:
    """Bisect the mixture's distribution function, piece by piece between the jumps and bends of its parts."""
    parts = [
        (part.share * (piece.end - piece.start), piece) for part in spec.mixture or [] for piece in law_of(part.of)
    ]
    curves = [(weight, piece.inverse(*EDGES)) for weight, piece in parts]
    curves = [(weight, curve) for weight, curve in curves if weight > 0 and np.isfinite(curve[0])]
    finite = sum(weight for weight, _ in curves)

    def upto(x: Floats, at_atom: bool) -> Floats:
        """Share at or below x (at_atom), or strictly below it."""
        total = np.zeros(np.shape(x))
        for weight, curve in curves:
            if curve[0] == curve[-1]:
                total += weight * (x >= curve[0] if at_atom else x > curve[0])
            else:
                total += weight * np.interp(x, curve, EDGES[0], left=0.0, right=1.0)
        return total / finite

    def bisected(low: float, high: float, start: float, end: float) -> Inverse:
        def inverse(below: Floats, above: Floats) -> Floats:
            target = start + below * (end - start)
            left, right = np.full(np.shape(below), low), np.full(np.shape(below), high)
            for _ in range(60):
                middle = (left + right) / 2
                enough = upto(middle, True) >= target
                left, right = np.where(enough, left, middle), np.where(enough, middle, right)
            return right

        return inverse

    ends = np.unique([value for _, curve in curves for value in (curve[0], curve[-1])])
    pieces = []
    reached, value = 0.0, ends[0]
    for end in ends:
        before, after = float(upto(end, False)), float(upto(end, True))
        if before > reached:
            pieces.append(Piece(reached * finite, before * finite, bisected(value, end, reached, before)))
        if after > before:
            pieces.append(Piece(before * finite, after * finite, _constant(end)))
        reached, value = after, end
    if finite < 1:
        pieces.append(Piece(finite, 1.0, _constant(math.inf)))
    return tuple(pieces)


def _cut(law: Law, most: float) -> Law:
    """The law of the smaller of a duration and ``most``."""
    pieces: list[Piece] = []
    for piece in law:
        ends = piece.inverse(np.array([0.0, 1.0]), np.array([1.0, 0.0]))
        if ends[1] <= most:
            pieces.append(piece)
            continue
        share = 0.0
        if ends[0] < most:
            share = optimize.brentq(lambda w, f=piece.inverse: float(f(np.array(w), np.array(1 - w))) - most, 0.0, 1.0)
            border = piece.start + share * (piece.end - piece.start)
            pieces.append(Piece(piece.start, border, _part(piece.inverse, share)))
        pieces.append(Piece(pieces[-1].end if pieces else 0.0, 1.0, _constant(most)))
        break
    return tuple(pieces)


def _part(inverse: Inverse, share: float) -> Inverse:
    return lambda below, above: inverse(below * share, 1.0 - below * share)


def _constant_form(spec: Distribution) -> Law:
    return (Piece(0.0, 1.0, _constant((spec.constant or 0) / SECOND_US)),)


_FORMS: dict[str, Callable[[Distribution], Law]] = {
    "constant": _constant_form,
    "mean": _mean,
    "median": _median,
    "between": _between,
    "quantiles": _quantiles,
    "values": _values,
    "scipy": _scipy,
    "mixture": _mixture,
}


def _edges() -> tuple[Floats, Floats]:
    """Probabilities below and above each border of cells, ``CELLS + 1`` of each."""
    octaves = np.arange(OCTAVES)
    top = 0.5 ** (octaves + 1.0)
    low = np.where(octaves < OCTAVES - 1, top / 2, 0.0)
    inside = np.arange(PER_OCTAVE) / PER_OCTAVE
    rising = (low[:, None] + (top - low)[:, None] * inside)[::-1].ravel()
    assert len(rising) == SIDE
    below = np.concatenate([rising, [0.5], 1.0 - rising[::-1]])
    above = np.concatenate([1.0 - rising, [0.5], rising[::-1]])
    return below, above


EDGES = _edges()
_Segment = tuple[float, float, float, float]
_BEYOND = 1.0 + 1e-9
"""End of the last segment of a cell, to which a place inside it never comes."""


def table_of(law: Law) -> tuple[Floats, Floats, dict[int, list[_Segment]]]:
    """Cells of a law: values at the left and right ends, and exact segments of the cells that hold a border."""
    below, above = EDGES
    left, right = np.empty(CELLS), np.empty(CELLS)
    broken: dict[int, list[_Segment]] = {}
    for piece in law:
        first = int(np.searchsorted(below, piece.start, "left"))
        last = int(np.searchsorted(below, piece.end, "right")) - 1
        if last > first:
            values = piece.at(below[first : last + 1], above[first : last + 1])
            left[first:last], right[first:last] = values[:-1], values[1:]
        for cell in {first - 1, last} if last >= first - 1 else {first - 1}:
            if 0 <= cell < CELLS:
                _add_segment(broken, cell, piece)
    for cell in broken:
        left[cell] = math.nan
    return left, right, broken


def _add_segment(broken: dict[int, list[_Segment]], cell: int, piece: Piece) -> None:
    below, _above = EDGES
    low, width = below[cell], below[cell + 1] - below[cell]
    start, end = max(piece.start, low), min(piece.end, below[cell + 1])
    if end <= start:
        return
    values = piece.at(np.array([start, end]), np.array([1 - start, 1 - end]))
    broken.setdefault(cell, []).append(((start - low) / width, (end - low) / width, values[0], values[1]))


_Table = tuple[Floats, Floats, dict[int, list[_Segment]]]
_KNOWN: dict[str, _Table] = {}
_MOST_KNOWN = 1000


def _known_table(spec: Distribution) -> _Table:
    """The table of a distribution, kept for scenarios that differ in few places."""
    text = repr(spec)
    if text not in _KNOWN:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[text] = table_of(law_of(spec))
    return _KNOWN[text]


@cache
def _unit_exponential() -> _Table:
    return table_of((Piece(0.0, 1.0, frozen(stats.expon())),))


def build_tables(specs: Sequence[Distribution]) -> Tables:
    """Tables of all distributions of a scenario, after the unit exponential as table 0."""
    made = [_unit_exponential(), *(_known_table(spec) for spec in specs)]
    segments: list[_Segment] = [(0.0, _BEYOND, math.inf, math.inf)]
    cells = np.stack([_row(table, segments) for table in made])
    return Tables(cells, np.array(segments, dtype=SEGMENT))


def _row(table: _Table, segments: list[_Segment]) -> Floats:
    """Values at the left ends of all cells, and marks of those that have segments; these are added.

    Before the segments of a marked cell stands the straight line of the cell before it, whose right end the mark hides.
    """
    left, right, broken = table
    row = np.append(left, right[-1])
    never = np.isinf(left)  # a straight line between two infinities would be no number
    row[:-1][never] = mark_of(0)
    parts = {int(cell): [(0.0, 1.0, math.inf, math.inf)] for cell in np.flatnonzero(never & ~np.roll(never, 1))}
    for place in np.flatnonzero(np.isfinite(left) & np.isfinite(row[1:]) & (row[1:] != right)):
        parts[int(place)] = [(0.0, 1.0, left[place], right[place])]  # the next one begins elsewhere
    for cell, own in sorted((parts | broken).items()):
        if cell > 0 and not math.isnan(row[cell - 1]):
            begin, end = left[cell - 1], right[cell - 1]
            segments += [(0.0, 1.0, begin, end), (1.0, _BEYOND, end, end)]
        row[cell] = mark_of(len(segments))
        segments += [*own[:-1], (own[-1][0], _BEYOND, *own[-1][2:])]
    return row


def table_mean(tables: Tables, table: int) -> float:
    """Mean of a table in seconds; infinite where it holds mass at infinity."""
    widths = np.diff(EDGES[0])
    upper = np.diff(-EDGES[1])
    widths = np.where(np.arange(CELLS) < SIDE, widths, upper)
    left, right = tables.cells[table, :-1], tables.cells[table, 1:]
    plain = ~np.isnan(right - left)
    total = float((widths[plain] * (left[plain] + right[plain]) / 2).sum())
    for cell in np.flatnonzero(~plain):
        segment, at = int(first_segment(left[cell], right[cell])), 0.0
        while at < 1.0:
            start, end, low, high = tables.segments[segment].item()
            at = min(end, 1.0)
            total += float(widths[cell] * (at - start) * (low + high) / 2)
            segment += 1
    return total

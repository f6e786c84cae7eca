"""A value-stream map as a picture: Graphviz's DOT text, and a layered layout of our own for where Graphviz is not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import isotonic_regression

from scenarios.valuestream import MARKS, VALUE_WORDS, Mark, Move, ProcessMap, StepLine
from sim.units import SECOND_US, format_duration

WAIT_COLOURS = ("#eef6ee", "#fdf3d3", "#fbdcb4", "#f6b7a3")
"""Fill of a step by its wait share, in quarters: from hardly any waiting to hardly anything else."""
FEWEST = 0.01
"""Moves made by a smaller share of the cases are left out of pictures; tables have them all."""
_ENDS = tuple(MARKS[mark] for mark in (Mark.SOLVED, Mark.UNSOLVED, Mark.GAVE_UP, Mark.TURNED_AWAY))


def short_name(step: str, process: str) -> str:
    """A step's name without its process, where that is plain."""
    return step.removeprefix(f"{process}: ")


def wait_colour(line: StepLine) -> str:
    """The fill of a step."""
    return WAIT_COLOURS[min(int(line.wait_share * len(WAIT_COLOURS)), len(WAIT_COLOURS) - 1)]


def lines_of(line: StepLine, process: str) -> list[str]:
    """What a step's box says: its name, its share of the cases, its times, whether it adds value."""
    numbers = {name: one.mean or 0.0 for name, one in line.numbers.items()}
    again = f", {numbers['visits']:.2g} times" if numbers["visits"] >= 1.05 else ""
    times = (
        f"work {_length(numbers['touch'])}, wait {_length(numbers['wait'])}"
        if line.works
        else f"delay {_length(numbers['delay'])}"
    )
    return [
        short_name(line.step, process),
        f"{100 * numbers['share']:.3g} % of cases{again}",
        times,
        VALUE_WORDS[line.value],
    ]


def _length(seconds: float) -> str:
    return format_duration(seconds * SECOND_US) if seconds >= 0.001 else "0 s"


def shown_moves(one: ProcessMap, fewest: float = FEWEST) -> list[Move]:
    """Moves that a picture shows: those made often enough."""
    return [move for move in one.moves if move.per_case >= fewest]


# --- DOT -------------------------------------------------------------------------------------------------------------


def dot_text(maps: Iterable[ProcessMap], name: str, fewest: float = FEWEST) -> str:
    """The maps as one graph in Graphviz's DOT language, a cluster for each process.

    Parameters
    ----------
    maps : iterable of ProcessMap
    name : str
        The scenario's.
    fewest : float
        Moves of fewer cases than this share are left out.
    """
    clusters = [_cluster(number, one, fewest) for number, one in enumerate(maps)]
    head = [
        f"digraph {_quoted(name)} {{",
        f"  label={_quoted(name)}; labelloc=t; rankdir=TB; fontname=Helvetica;",
        '  node [shape=box, style="filled,rounded", fillcolor=white, fontname=Helvetica, fontsize=10];',
        "  edge [fontname=Helvetica, fontsize=9, color=gray40];",
    ]
    return "\n".join([*head, *clusters, "}"]) + "\n"


def _cluster(number: int, one: ProcessMap, fewest: float) -> str:
    moves = shown_moves(one, fewest)
    marks = dict.fromkeys(place for move in moves for place in (move.origin, move.target) if place in MARKS.values())
    title = (
        f"{one.process}: lead time {_length(one.lead_s.mean or 0.0)}, cycle efficiency {_percent(one.efficiency.mean)}"
    )
    lines = [f"  subgraph cluster_{number} {{", f"    label={_quoted(title)}; color=gray70;"]
    lines += [_step_node(number, one, line) for line in one.steps]
    lines += [f"    {_id(number, mark)} [label={_quoted(mark)}, shape=ellipse, fillcolor=gray92];" for mark in marks]
    lines += [_edge(number, move) for move in moves]
    return "\n".join([*lines, "  }"])


def _step_node(number: int, one: ProcessMap, line: StepLine) -> str:
    label = _quoted(*lines_of(line, one.process))
    colour, border = _quoted(wait_colour(line)), {"adds": 2, "necessary": 1, "none": 1}[line.value]
    style = "filled,rounded" if line.value != "none" else "filled,rounded,dashed"
    return (
        f"    {_id(number, line.step)} [label={label}, fillcolor={colour}, penwidth={border}, style={_quoted(style)}];"
    )


def _edge(number: int, move: Move) -> str:
    width = 1 + 3 * min(move.per_case, 1.0)
    label = _quoted(_percent(move.share))
    return f"    {_id(number, move.origin)} -> {_id(number, move.target)} [label={label}, penwidth={width:.2f}];"


def _id(number: int, place: str) -> str:
    return _quoted(f"{number}/{place}")


def _quoted(*lines: str) -> str:
    r"""A DOT string: quotes and backslashes escaped, line ends as ``\n``, other control characters as spaces."""
    escaped = (re.sub(r"[\x00-\x1f\x7f]", " ", line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.3g} %"


# --- layout ----------------------------------------------------------------------------------------------------------

BOX = (168.0, 62.0)
_GAP = (30.0, 58.0)
_LANE = 26.0
"""Width kept free for a move that passes a layer."""
_SWEEPS = 12

Point = tuple[float, float]
Vertex = str | tuple[int, int]
"""A place of the picture by its name; or where a move passes a layer: the move's number and the layer's."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place of the picture: its left upper corner, and the step that it stands for, if any."""

    name: str
    x: float
    y: float
    line: StepLine | None

    @property
    def top(self) -> float:
        """Upper edge; a place that is no step is lower than others."""
        return self.y if self.line else self.y + BOX[1] / 4

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y + BOX[1] if self.line else self.y + BOX[1] * 3 / 4


@dataclass(frozen=True, slots=True)
class Way:
    """How a move is drawn: points from its begin to its end, between which it goes down (``onward``) or up.

    A move from a place to itself leaves its right side and comes back there.
    """

    move: Move
    points: tuple[Point, ...]
    onward: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes in layers from top to bottom, and the ways between them, which pass beside boxes, never through one."""

    boxes: dict[str, Box]
    ways: list[Way]
    width: float
    height: float


def layout(one: ProcessMap, fewest: float = FEWEST) -> Layout:
    """Place a map's steps in layers, each below the last of those that lead to it.

    The method is that of Sugiyama, Tagawa and Toda (1981): moves against the scenario's order of steps are turned
    round for the time being; moves that pass layers get a lane there; in each layer, places are sorted by the mean
    place of their neighbours, and then moved as near to it as the others let them (isotonic regression).
    """
    moves = shown_moves(one, fewest)
    names = _in_order(one, moves)
    rank = {name: number for number, name in enumerate(names)}
    ends = [sorted((move.origin, move.target), key=rank.__getitem__) for move in moves]
    depth = _depths(names, ends)
    chains = [_chain(number, pair, depth) for number, pair in enumerate(ends)]
    layers = _layers(names, depth, chains)
    x = _across(layers, chains)
    height = BOX[1] + _GAP[1]
    lines = {line.step: line for line in one.steps}
    boxes = {
        name: Box(name, x[name] - BOX[0] / 2, depth[name] * height + _GAP[1] / 2, lines.get(name)) for name in names
    }
    ports = _ports(chains, boxes, x)
    ways = []
    for number, move in enumerate(moves):
        points = _points(chains[number], boxes, x, (ports[0].get(number, 0.0), ports[1].get(number, 0.0)))
        way = rank[move.target] - rank[move.origin]
        ways.append(Way(move, points[::-1] if way < 0 else points, onward=way > 0))
    right = max([x[place] + _width(place) / 2 for place in x], default=0.0) + _GAP[0]
    return Layout(boxes, ways, right, len(layers) * height)


def _in_order(one: ProcessMap, moves: list[Move]) -> list[str]:
    """Places in the order in which cases come to them: arrival, steps as the scenario lists them, ends.

    What lies between two attempts stands right before the step that it leads to.
    """
    steps = [line.step for line in one.steps]
    used = dict.fromkeys(place for move in moves for place in (move.origin, move.target))
    order = [place for place in (MARKS[Mark.ARRIVES], *steps) if place in used or place in steps]
    for mark in (Mark.ASKS, Mark.COMES_BACK, Mark.TRIES_AGAIN):
        if MARKS[mark] in used:
            led = [order.index(move.target) for move in moves if move.origin == MARKS[mark] and move.target in order]
            order.insert(min(led, default=len(order)), MARKS[mark])
    return [*order, *(end for end in _ENDS if end in used)]


def _depths(names: list[str], ends: list[list[str]]) -> dict[str, int]:
    """Layer of each place: one below the lowest of those that lead to it."""
    above: dict[str, list[str]] = {name: [] for name in names}
    for upper, lower in ends:
        if upper != lower:
            above[lower].append(upper)
    depth: dict[str, int] = {}
    for name in names:
        depth[name] = max((depth[other] + 1 for other in above[name]), default=0)
    return depth


def _chain(number: int, ends: list[str], depth: dict[str, int]) -> list[Vertex]:
    """A move's places from top to bottom, with a lane in each layer that it passes."""
    upper, lower = ends
    return [upper, *((number, layer) for layer in range(depth[upper] + 1, depth[lower])), lower]


def _layers(names: list[str], depth: dict[str, int], chains: list[list[Vertex]]) -> list[list[Vertex]]:
    layers: list[list[Vertex]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in names:
        layers[depth[name]].append(name)
    for chain in chains:
        for place in chain[1:-1]:
            layers[int(place[1])].append(place)
    return layers


def _width(place: Vertex) -> float:
    return BOX[0] if isinstance(place, str) else _LANE


def _across(layers: list[list[Vertex]], chains: list[list[Vertex]]) -> dict[Vertex, float]:
    """The middle of each place, from left to right."""
    near: dict[Vertex, list[Vertex]] = {place: [] for layer in layers for place in layer}
    for chain in chains:
        for upper, lower in pairwise(chain):
            if upper != lower:
                near[upper].append(lower)
                near[lower].append(upper)
    x: dict[Vertex, float] = {}
    for layer in layers:
        x |= _spread(layer, [0.0] * len(layer))
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wanted = {place: sum(x[other] for other in near[place]) / max(len(near[place]), 1) for place in layer}
            if sweep < _SWEEPS - 4:
                layer.sort(key=wanted.__getitem__)
            x |= _spread(layer, [wanted[place] for place in layer])
    left = min((x[place] - _width(place) / 2 for place in x), default=0.0) - _GAP[0]
    return {place: value - left for place, value in x.items()}


def _spread(layer: list[Vertex], wanted: list[float]) -> dict[Vertex, float]:
    """Places of a layer in their order, as near to where they want to be as their widths allow (least squares)."""
    if not layer:
        return {}
    apart = [(_width(a) + _width(b)) / 2 + _GAP[0] / 2 for a, b in pairwise(layer)]
    offset = np.concatenate([[0.0], np.cumsum(apart)])
    found = isotonic_regression(np.array(wanted) - offset).x + offset
    return dict(zip(layer, found.tolist(), strict=True))


def _ports(
    chains: list[list[Vertex]], boxes: dict[str, Box], x: dict[Vertex, float]
) -> tuple[dict[int, float], dict[int, float]]:
    """Where each move meets its upper and its lower box: spread along the edge, in the order of their other ends."""
    found: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for side, (own, other) in enumerate(((0, 1), (-1, -2))):
        for name in boxes:
            mine = [number for number, chain in enumerate(chains) if chain[own] == name and chain[0] != chain[-1]]
            mine.sort(key=lambda number: x[chains[number][other]])
            for place, number in enumerate(mine):
                found[side][number] = x[name] + BOX[0] * 0.72 * ((place + 0.5) / len(mine) - 0.5)
    return found


def _points(
    chain: list[Vertex], boxes: dict[str, Box], x: dict[Vertex, float], ports: tuple[float, float]
) -> tuple[Point, ...]:
    """Points of a move from top to bottom: its boxes' edges, and borders of the layers that it passes."""
    upper, lower = boxes[str(chain[0])], boxes[str(chain[-1])]
    if upper is lower:
        return tuple((upper.x + BOX[0], upper.y + BOX[1] * share) for share in (0.72, 0.28))
    points, top = [(ports[0], upper.bottom)], upper.y
    for place in chain[1:-1]:
        top += BOX[1] + _GAP[1]
        points += [(x[place], top), (x[place], top + BOX[1])]
    return (*points, (ports[1], lower.top))

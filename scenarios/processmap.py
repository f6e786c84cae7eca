"""A value-stream map as a picture: Graphviz's DOT text, and a layered layout of our own for where Graphviz is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

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
_GAP = (26.0, 52.0)
_SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Box:
    """A place of the picture: its corner, left and top, and the step that it stands for, if any."""

    name: str
    x: float
    y: float
    line: StepLine | None

    @property
    def bottom(self) -> tuple[float, float]:
        """Where moves leave."""
        return self.x + BOX[0] / 2, self.y + BOX[1]

    @property
    def top(self) -> tuple[float, float]:
        """Where moves come in."""
        return self.x + BOX[0] / 2, self.y


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes in layers from top to bottom, and the moves between them.

    Attributes
    ----------
    boxes : dict of str to Box
    moves : list of Move
        Those that are shown.
    width, height : float
    """

    boxes: dict[str, Box]
    moves: list[Move]
    width: float
    height: float


def layout(one: ProcessMap, fewest: float = FEWEST) -> Layout:
    """Place a map's steps in layers: each below the last of those that lead to it (Sugiyama and others 1981).

    A move against the order of the scenario's steps counts as a way back and moves nothing. In a layer, places stand
    near what they are connected with.
    """
    moves = shown_moves(one, fewest)
    names = _in_order(one, moves)
    rank = {name: number for number, name in enumerate(names)}
    onward = [move for move in moves if rank[move.target] > rank[move.origin]]
    layers = _layers(names, onward)
    places = _across(layers, onward)
    width, height = BOX[0] + _GAP[0], BOX[1] + _GAP[1]
    lines = {line.step: line for line in one.steps}
    boxes = {
        name: Box(name, _GAP[0] + places[name] * width, _GAP[1] / 2 + number * height, lines.get(name))
        for number, layer in enumerate(layers)
        for name in layer
    }
    right = max((box.x for box in boxes.values()), default=0.0) + width
    return Layout(boxes, moves, right, len(layers) * height)


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


def _layers(names: list[str], onward: list[Move]) -> list[list[str]]:
    depth = dict.fromkeys(names, 0)
    for name in names:
        above = [depth[move.origin] + 1 for move in onward if move.target == name]
        depth[name] = max(above, default=0)
    ends = [name for name in names if name in _ENDS]
    lowest = max((depth[name] for name in names if name not in ends), default=0) + 1
    depth |= dict.fromkeys(ends, lowest)
    known: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in names:
        known[depth[name]].append(name)
    return [layer for layer in known if layer]


def _across(layers: list[list[str]], onward: list[Move]) -> dict[str, float]:
    """Place of each name in its layer, in widths of a box: sorted by the mean place of its neighbours."""
    near: dict[str, list[str]] = {name: [] for layer in layers for name in layer}
    for move in onward:
        near[move.origin].append(move.target)
        near[move.target].append(move.origin)
    widest = max(map(len, layers), default=0)
    place = _centred(layers, widest)
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            layer.sort(key=_mean_place(near, place))
            place |= _centred([layer], widest)
    return place


def _mean_place(near: dict[str, list[str]], place: dict[str, float]) -> Callable[[str], float]:
    return lambda name: sum(place[other] for other in near[name]) / len(near[name]) if near[name] else place[name]


def _centred(layers: Iterable[list[str]], widest: int) -> dict[str, float]:
    return {name: number + (widest - len(layer)) / 2 for layer in layers for number, name in enumerate(layer)}

"""A process map as SVG, drawn from our own layout."""

from __future__ import annotations

from itertools import pairwise

from markupsafe import Markup, escape

from scenarios.processmap import BOX, Box, Point, Way, layout, lines_of, wait_colour
from scenarios.valuestream import ProcessMap

_INK, _SOFT, _EDGE, _BACK = "#1f2933", "#52606d", "#7b8794", "#b05c2e"
_SIZE, _SMALL, _MOST = 12.0, 10.0, 300
"""Sizes of texts, and how many letters of size 1 fit into a box."""


def map_svg(one: ProcessMap, fewest: float) -> Markup:
    """The picture of a map.

    Parameters
    ----------
    one : ProcessMap
    fewest : float
        Moves of fewer cases than this share are left out.
    """
    found = layout(one, fewest)
    width = found.width
    parts = [_move(way) for way in found.ways]
    parts += [_box(box, one.process) for box in found.boxes.values()]
    name = escape(f"Process map of {one.process}")
    style = f"max-width:{width:.0f}px;margin:0 auto"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}" style="{style}" '
    size = f'viewBox="0 0 {width:.0f} {found.height:.0f}" font-family="inherit" font-size="{_SIZE}">'
    return Markup(head + size + "".join(parts) + "</svg>")


def _box(box: Box, process: str) -> str:
    """A step with its numbers, or a place that is no step."""
    line = box.line
    if line is None:
        place = f'x="{box.x:.1f}" y="{box.top:.1f}" width="{BOX[0]:.0f}" height="{box.bottom - box.top:.1f}" rx="15"'
        middle = box.x + BOX[0] / 2, (box.top + box.bottom) / 2 + 4
        return f'<rect {place} fill="#e4e7eb" stroke="{_EDGE}"/>' + _text(*middle, box.name, _SIZE, _INK)
    dashes = ' stroke-dasharray="5 3"' if line.value == "none" else ""
    broad = 2 if line.value == "adds" else 1
    shape = (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{BOX[0]:.0f}" height="{BOX[1]:.0f}" rx="7" '
        f'fill="{wait_colour(line)}" stroke="{_INK}" stroke-width="{broad}"{dashes}/>'
    )
    said = lines_of(line, process)
    title = f"<title>{escape('; '.join(said))}</title>"
    texts = [_text(box.x + BOX[0] / 2, box.y + 15, said[0], _SIZE, _INK, bold=True)]
    texts += [_text(box.x + BOX[0] / 2, box.y + 28 + 12.5 * n, text, _SMALL, _SOFT) for n, text in enumerate(said[1:])]
    return f"<g>{title}{shape}{''.join(texts)}</g>"


def _text(x: float, y: float, text: str, size: float, colour: str, bold: bool = False) -> str:
    most = int(_MOST / size)
    shown = text if len(text) <= most else text[: most - 1] + "…"
    weight = ' font-weight="650"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size:g}"'
    return f'<text {place} fill="{colour}"{weight}>{escape(shown)}</text>'


def _move(way: Way) -> str:
    """An arrow, as thick as the move is frequent, with its share among all that leave."""
    move, wide = way.move, 0.8 + 3.2 * min(way.move.per_case, 1.0)
    colour = _EDGE if way.onward else _BACK
    if move.origin == move.target:
        path, tip, turn = _loop(way.points)
    else:
        down = way.points[-1][1] > way.points[-2][1]
        tip, turn = (way.points[-1][0], way.points[-1][1] + (-6 if down else 6)), 0 if down else 180
        path = _curve([*way.points[:-1], tip])
    place = f"translate({tip[0]:.1f} {tip[1]:.1f}) rotate({turn})"
    head = f'<path d="M -5 -2 L 5 -2 L 0 6 Z" transform="{place}" fill="{colour}"/>'
    line = f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{wide:.2f}" opacity="0.85"/>'
    title = escape(f"{move.origin} → {move.target}: {100 * move.per_case:.3g} per 100 cases")
    return f"<g><title>{title}</title>{line}{head}{_share(way)}</g>"


def _share(way: Way) -> str:
    """A move's share, near where it begins."""
    move = way.move
    if move.share > 0.995:
        return ""
    text = f"{100 * move.share:.0f} %" if move.share >= 0.005 else "&lt; 1 %"
    x, y = (0.65 * a + 0.35 * b for a, b in zip(way.points[0], way.points[1], strict=True))
    x += _BULGE / 2 if move.origin == move.target else 0
    place = f'x="{x:.1f}" y="{y + 3:.1f}" text-anchor="middle" font-size="{_SMALL}" fill="{_INK}"'
    return f'<text {place} paint-order="stroke" stroke="#fff" stroke-width="3">{text}</text>'


def _curve(points: list[Point]) -> str:
    """A curve that is upright at each point."""
    path = "M {:.1f} {:.1f}".format(*points[0])
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (y + to_y) / 2
        path += f" C {x:.1f} {middle:.1f}, {to_x:.1f} {middle:.1f}, {to_x:.1f} {to_y:.1f}"
    return path


def _loop(points: tuple[Point, ...]) -> tuple[str, Point, int]:
    """Out of a box's right side and back into it: the curve, its tip, and where the tip points."""
    (x, low), (_, high) = points
    tip = x + 6, high
    return (
        f"M {x:.1f} {low:.1f} C {x + _BULGE:.1f} {low:.1f}, {x + _BULGE:.1f} {high:.1f}, {tip[0]:.1f} {high:.1f}",
        tip,
        90,
    )


_BULGE = 34.0

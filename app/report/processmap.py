"""A process map as SVG, drawn from our own layout."""

from __future__ import annotations

from itertools import pairwise

from markupsafe import Markup, escape

from scenarios.processmap import BOX, Box, Point, Way, layout, lines_of, wait_colour
from scenarios.valuestream import Move, ProcessMap

_INK, _SOFT, _EDGE, _BACK = "#1f2933", "#52606d", "#7b8794", "#b05c2e"
_SIZE, _SMALL, _MOST = 12.0, 10.0, 27


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
    shown = text if len(text) <= _MOST else text[: _MOST - 1] + "…"
    weight = ' font-weight="650"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size:g}"'
    return f'<text {place} fill="{colour}"{weight}>{escape(shown)}</text>'


def _move(way: Way) -> str:
    """An arrow, as thick as the move is frequent, with its share among all that leave."""
    move, wide = way.move, 0.8 + 3.2 * min(way.move.per_case, 1.0)
    colour = _EDGE if way.onward else _BACK
    points = _loop(way.points) if move.origin == move.target else list(way.points)
    down = points[-1][1] > points[-2][1]
    tip = points[-1][0], points[-1][1] + (-6 if down else 6)
    head = f'<path d="{_arrow(tip, down)}" fill="{colour}"/>'
    path = _curve([*points[:-1], tip])
    line = f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{wide:.2f}" opacity="0.85"/>'
    title = escape(f"{move.origin} → {move.target}: {100 * move.per_case:.3g} per 100 cases")
    return f"<g><title>{title}</title>{line}{head}{_share(move, points)}</g>"


def _share(move: Move, points: list[Point]) -> str:
    """A move's share, near where it begins."""
    if move.share > 0.995:
        return ""
    text = f"{100 * move.share:.0f} %" if move.share >= 0.005 else "&lt; 1 %"
    x, y = (0.65 * a + 0.35 * b for a, b in zip(points[0], points[1], strict=True))
    place = f'x="{x:.1f}" y="{y + 3:.1f}" text-anchor="middle" font-size="{_SMALL}" fill="{_INK}"'
    return f'<text {place} paint-order="stroke" stroke="#fff" stroke-width="3">{text}</text>'


def _curve(points: list[Point]) -> str:
    """A curve that is upright at each point."""
    path = "M {:.1f} {:.1f}".format(*points[0])
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (y + to_y) / 2
        path += f" C {x:.1f} {middle:.1f}, {to_x:.1f} {middle:.1f}, {to_x:.1f} {to_y:.1f}"
    return path


def _loop(points: tuple[Point, ...]) -> list[Point]:
    """From a box's lower edge round its right side to its upper edge."""
    (x, low), (to_x, high) = points[0], points[-1]
    side = max(x, to_x) + BOX[0] * 0.62
    return [(x, low), (x + 20, low + 14), (side, (low + high) / 2), (to_x + 20, high - 14), (to_x, high)]


def _arrow(tip: Point, down: bool) -> str:
    x, y = tip
    turn = 1 if down else -1
    return f"M {x - 5:.1f} {y - 2 * turn:.1f} L {x + 5:.1f} {y - 2 * turn:.1f} L {x:.1f} {y + 6 * turn:.1f} Z"

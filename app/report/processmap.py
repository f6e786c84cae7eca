"""A process map as SVG, drawn from our own layout."""

from __future__ import annotations

from markupsafe import Markup, escape

from scenarios.processmap import BOX, Box, Layout, layout, lines_of, wait_colour
from scenarios.valuestream import Move, ProcessMap

_INK, _SOFT, _EDGE, _BACK = "#1f2933", "#52606d", "#7b8794", "#b05c2e"
_SIZE, _SMALL, _MOST = 12.0, 10.0, 27
_SIDE = 46.0
"""Room at the right for ways back."""


def map_svg(one: ProcessMap, fewest: float) -> Markup:
    """The picture of a map.

    Parameters
    ----------
    one : ProcessMap
    fewest : float
        Moves of fewer cases than this share are left out.
    """
    found = layout(one, fewest)
    width = found.width + _SIDE
    parts = [_move(found, move) for move in found.moves]
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
        x, y = box.x + BOX[0] / 2, box.y + BOX[1] / 2
        shape = f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{BOX[0] / 2.4:.1f}" ry="17" fill="#e4e7eb" stroke="{_EDGE}"/>'
        return shape + _text(x, y + 4, box.name, _SIZE, _INK)
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


def _move(found: Layout, move: Move) -> str:
    """An arrow, as thick as the move is frequent, with its share among all that leave."""
    origin, target = found.boxes[move.origin], found.boxes[move.target]
    wide = 0.8 + 3.2 * min(move.per_case, 1.0)
    onward = target.y > origin.y
    colour = _EDGE if onward else _BACK
    path, tip, label = _down(origin, target) if onward else _up(origin, target, found.width)
    head = f'<path d="{_arrow(tip, onward)}" fill="{colour}"/>'
    line = f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{wide:.2f}" opacity="0.85"/>'
    share = f"{100 * move.share:.0f} %" if move.share >= 0.005 else "&lt; 1 %"
    place = f'x="{label[0]:.1f}" y="{label[1]:.1f}" text-anchor="middle" font-size="{_SMALL}" fill="{_INK}"'
    text = f'<text {place} paint-order="stroke" stroke="#fff" stroke-width="3">{share}</text>'
    title = escape(f"{move.origin} → {move.target}: {100 * move.per_case:.3g} per 100 cases")
    return f"<g><title>{title}</title>{line}{head}{'' if move.share > 0.995 else text}</g>"


Point = tuple[float, float]


def _down(origin: Box, target: Box) -> tuple[str, Point, Point]:
    """From the lower edge to the upper edge of a box below; round boxes in between by its side."""
    (x, y), (to_x, to_y) = origin.bottom, target.top
    to_y -= 6
    far = to_y - y > BOX[1] * 1.5
    bend = BOX[0] * 0.62 if far else 0.0
    middle = (to_y - y) / 2
    bends = f"{x + bend:.1f} {y + middle:.1f}, {to_x + bend:.1f} {to_y - middle:.1f}"
    path = f"M {x:.1f} {y:.1f} C {bends}, {to_x:.1f} {to_y:.1f}"
    return path, (to_x, to_y), ((x + to_x) / 2 + bend * 0.75, (y + to_y) / 2 + 4)


def _up(origin: Box, target: Box, right: float) -> tuple[str, Point, Point]:
    """Back: out of the right side, along the picture's edge, and into the right side of a box above or beside."""
    x, y = origin.x + BOX[0], origin.y + BOX[1] * 0.6
    to_x, to_y = target.x + BOX[0] + 6, target.y + BOX[1] * 0.4
    reach = min(max(x, to_x) + 70, right + _SIDE - 8)
    path = f"M {x:.1f} {y:.1f} C {reach:.1f} {y:.1f}, {reach:.1f} {to_y:.1f}, {to_x:.1f} {to_y:.1f}"
    return path, (to_x, to_y), ((x + to_x) / 8 + reach * 0.75, (y + to_y) / 2 + 4)


def _arrow(tip: Point, down: bool) -> str:
    x, y = tip
    if down:
        return f"M {x - 5:.1f} {y - 2:.1f} L {x + 5:.1f} {y - 2:.1f} L {x:.1f} {y + 6:.1f} Z"
    return f"M {x + 2:.1f} {y - 5:.1f} L {x + 2:.1f} {y + 5:.1f} L {x - 6:.1f} {y:.1f} Z"

"""Ways in: which cases of a stream enter the process of which phase."""

from __future__ import annotations

import numpy as np

from sim.build.numbers import Numbers
from sim.build.steps import Span, number_spans, word_spans
from sim.network import ENTRY, Records
from sim.phases.merge import Merged, Way
from sim.schema.condition import Condition
from sim.units import NEVER

WayNames = dict[str, tuple[str, ...]]
_NO_ATTRIBUTE: tuple[int, list[Span]] = (-1, [(0.0, 0.0)])


def entries_over(merged: Merged, numbers: Numbers, streams: Records) -> tuple[Records, Records, WayNames]:
    """Rows of `Network.entries`, the streams that point into them, and the phase behind each."""
    rows: list[tuple[object, ...]] = []
    streams, names = streams.copy(), {}
    for number, (name, stream) in enumerate(merged.scenario.demand.items()):
        streams["entry_first"][number] = len(rows)
        phases: list[str] = []
        for way in merged.ways[name]:
            attribute, spans = _attribute(way, name, numbers)
            step = numbers.first_step(name, way.process)
            found = [(*part, attribute, *span, step) for part in way.variant.ramp(merged.clock) for span in spans]
            rows += found
            phases += [way.variant.name] * len(found)
        rows.append((-NEVER, NEVER, 1.0, 1.0, -1, 0.0, 0.0, numbers.first_step(name, stream.type)))
        streams["entry_last"][number] = len(rows)
        origin = merged.origin(name)
        names[name] = (*phases, merged.variants[origin[0]].name if origin else "")
    return np.array(rows, ENTRY), streams, names


def _attribute(way: Way, stream: str, numbers: Numbers) -> tuple[int, list[Span]]:
    """Number of the attribute that a way asks for, and where it holds."""
    if not way.conditions:
        return _NO_ATTRIBUTE
    name = way.conditions[0].name
    spans = [_spans(condition, numbers) for condition in way.conditions]
    found = spans[0]
    for more in spans[1:]:
        met = [(max(a, c), min(b, d)) for a, b in found for c, d in more]
        found = [span for span in met if span[0] < span[1]]
    return numbers.attribute(stream, name), found


def _spans(condition: Condition, numbers: Numbers) -> list[Span]:
    words = numbers.words.get(condition.name, [])
    if not words:
        return number_spans(condition.relation, float(condition.value))
    if condition.value in words:
        return word_spans(condition.relation, words.index(condition.value))
    return [] if condition.relation == "=" else [(-float("inf"), float("inf"))]

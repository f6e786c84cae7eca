"""Pictures of maps: DOT text that Graphviz's grammar accepts, and a layout in which nothing overlaps."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import pairwise

import pytest
from handmade import case, delay, log, work

from scenarios.processmap import BOX, dot_text, layout, lines_of
from scenarios.valuestream import Outline, maps_of, tally
from sim.codes import Ending

NASTY = 'claim: say "yes" \\ or no\n; } -> {'
OUTLINE = Outline(
    processes=("claim",),
    process_of_stream=(0,),
    steps=("claim: answer", NASTY, "claim: 决定"),
    values=("adds", "none", "necessary"),
    works=(True, False, True),
    chasing=(False,) * 3,
    step_of=(0, 1, 2),
)

# The part of https://graphviz.org/doc/info/lang.html that a graph of ours may use.
NAME = r"[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|-?[\d.]+"
TOKEN = re.compile(r'\s*(?:->|[{}\[\];,=]|"(?:[^"\\]|\\.)*"|' + NAME + ")", re.S)


def tokens(text):
    place, found = 0, []
    text = text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        assert match, text[place : place + 60]
        found.append(match[0].strip())
        place = match.end()
    return found


class Graph:
    """A recursive-descent reader: nodes, edges, and nesting of subgraphs."""

    def __init__(self, text):
        self.left, self.nodes, self.edges, self.clusters = tokens(text), {}, [], 0
        assert self.left.pop(0) == "digraph"
        self.identifier()
        self.block()
        assert self.left == []

    def identifier(self):
        token = self.left.pop(0)
        assert re.fullmatch(r'".*"|\w+|-?[\d.]+', token, re.S), token
        return token

    def block(self):
        assert self.left.pop(0) == "{"
        while self.left[0] != "}":
            self.statement()
            if self.left[0] == ";":
                self.left.pop(0)
        self.left.pop(0)

    def statement(self):
        if self.left[0] == "subgraph":
            self.left.pop(0)
            self.identifier()
            self.clusters += 1
            return self.block()
        first = self.identifier()
        if self.left[0] == "=":
            self.left.pop(0)
            self.identifier()
        elif self.left[0] == "->":
            self.left.pop(0)
            self.edges.append((first, self.identifier(), self.attributes()))
        else:
            self.nodes[first] = self.attributes()

    def attributes(self):
        found = {}
        if self.left[0] != "[":
            return found
        self.left.pop(0)
        while self.left[0] != "]":
            name = self.identifier()
            assert self.left.pop(0) == "="
            found[name] = self.identifier()
            if self.left[0] == ",":
                self.left.pop(0)
        self.left.pop(0)
        return found


@pytest.fixture(scope="module")
def maps():
    """Ten cases: all answered, six delayed, of these two twice; four gave up before and tried again."""
    visits, cases = [], []
    for number in range(10):
        rows, at = [], 0
        if number >= 6:
            rows.append(work(number, 0, 0, (0, None, 2, None), Ending.ABANDONED))
            at = 10
        rows.append(work(number, len(rows), 0, (at, at + 3, at + 4, at + 4), attempt=int(number >= 6)))
        at += 4
        for _ in range(0 if number >= 6 else 2 if number >= 4 else 1):
            rows.append(delay(number, len(rows), 1, at, at + 60))
            at += 60
        rows.append(work(number, len(rows), 2, (at, at, at + 5, at + 5), attempt=int(number >= 6)))
        visits += rows
        cases.append(case(number, 0, at + 5))
    return maps_of(OUTLINE, [tally(log(visits, cases), OUTLINE)])


def test_dot_is_a_graph_of_all_steps_and_frequent_moves(maps):
    graph = Graph(dot_text(maps, "A 'map' of \"claims\""))
    assert graph.clusters == 1
    steps = [node for node, said in graph.nodes.items() if said.get("shape") != "ellipse" and node.startswith('"')]
    assert len(steps) == 3
    assert {said["shape"] for node, said in graph.nodes.items() if node in ('"0/arrives"', '"0/solved"')} == {"ellipse"}
    known = set(graph.nodes)
    assert all(a in known and b in known for a, b, _ in graph.edges)
    moves = {(a, b): said["label"] for a, b, said in graph.edges}
    assert moves['"0/arrives"', '"0/claim: answer"'] == '"100 %"'
    assert moves['"0/claim: answer"', '"0/tries again"'] == '"28.6 %"'  # 4 of 14 visits
    assert '"0/claim: 决定"' in known


def test_rare_moves_are_left_out_of_pictures(maps):
    often = Graph(dot_text(maps, "claims", fewest=0.5)).edges
    assert 0 < len(often) < len(Graph(dot_text(maps, "claims")).edges) == len(maps[0].moves)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_it(maps):
    done = subprocess.run(["dot", "-Tsvg"], input=dot_text(maps, "claims"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_boxes_do_not_overlap_and_ways_on_lead_down(maps):
    found = layout(maps[0])
    boxes = list(found.boxes.values())
    assert {"arrives", "claim: answer", NASTY, "claim: 决定", "tries again", "solved"} == set(found.boxes)
    for number, one in enumerate(boxes):
        assert 0 <= one.x <= found.width - BOX[0]
        assert 0 <= one.y <= found.height - BOX[1]
        for other in boxes[:number]:
            assert abs(one.x - other.x) >= BOX[0] or abs(one.y - other.y) >= BOX[1]
    height = {name: box.y for name, box in found.boxes.items()}
    assert height["arrives"] < height["claim: answer"] < height[NASTY] < height["claim: 决定"] < height["solved"]
    assert height["tries again"] < height["claim: answer"]


def test_no_way_passes_through_a_box(maps):
    found = layout(maps[0])
    [again] = [way for way in found.ways if way.move.origin == way.move.target]
    assert again.move.origin == NASTY
    assert {x for x, _ in again.points} == {found.boxes[NASTY].x + BOX[0]}
    for way in (way for way in found.ways if way is not again):
        for (x, y), (to_x, to_y) in pairwise(way.points):
            if to_x == x:  # upright: past a layer
                assert all(not box.x < x < box.x + BOX[0] for box in found.boxes.values() if box.y == min(y, to_y))
            else:
                assert abs(to_y - y) < 2 * BOX[1]
        first, last = found.boxes[way.move.origin], found.boxes[way.move.target]
        assert first.x < way.points[0][0] < first.x + BOX[0]
        assert last.x < way.points[-1][0] < last.x + BOX[0]
        assert way.onward == (way.points[-1][1] > way.points[0][1])
    assert [way.move.origin for way in found.ways if not way.onward] == ["claim: answer", NASTY]


def test_a_box_says_its_times(maps):
    answer, papers, _ = maps[0].steps
    assert lines_of(answer, "claim")[1:] == ["100 % of cases, 1.4 times", "work 1 min, wait 2.71 min", "adds value"]
    assert lines_of(papers, "claim")[1:] == ["60 % of cases, 1.3 times", "delay 1 h", "adds no value"]

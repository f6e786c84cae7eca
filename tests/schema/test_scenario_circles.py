"""Cases that would go in circles for ever are found before a run, and only those."""

import pytest

from sim.errors import ScenarioError
from tests.schema.small import WORK, call, document, stream

DEAR = {"amount": {"median": 300, "spread": 1}, "customer": {"firm": "20 %", "home": "otherwise"}}
HARD = {"difficulty": "100 %"}
EASY_FIRST = {"branch": {"close": "60 %", "answer": "otherwise"}, "easy first": True}
SOLVES = {"desk": {"agents": 2, "skills": {"talk": {"solves": "70 %"}}}}
TWO = {**SOLVES, "experts": {"agents": 1, "skills": ["talk"]}}

FOR_EVER = {
    "the hardest": (call({"answer": WORK, "well": EASY_FIRST}), {"demand": stream(**HARD)}, "call.well | than 80 %"),
    "never solved": (
        call({"answer": {**WORK, "unsolved": "answer"}}),
        {"demand": stream(**HARD), "people": SOLVES},
        "call.answer | harder than 85 %",
    ),
    "who can solve nothing": (
        call({"answer": {**WORK, "unsolved": "answer"}}),
        {"people": {"desk": {"agents": 2, "skills": {"talk": {"solves": "0 %"}}}}},
        "call.answer | come here too often",
    ),
    "dear": (
        call({"answer": WORK, "dear": {"branch": {"answer": "amount >= 500", "close": "otherwise"}}}),
        {"demand": stream(attributes=DEAR)},
        "call.dear | amount = 501",
    ),
    "dear firms": (
        call({"answer": WORK, "dear": {"branch": {"firm": "amount >= 500", "close": "otherwise"}},
              "firm": {"branch": {"answer": "customer = firm", "close": "otherwise"}}}),
        {"demand": stream(attributes=DEAR)},
        "call.dear | amount = 501, customer = firm",
    ),
    "late": (
        call({"answer": WORK, "old": {"branch": {"close": "arrived before 2026-03-04", "answer": "otherwise"}}}),
        {},
        "call.old | arrived 2026-03-04",
    ),
    "for ever after the second time": (
        call({"answer": WORK, "count": {"branch": {"chance": "times < 2", "answer": "otherwise"}},
              "chance": {"branch": {"answer": "50 %", "close": "otherwise"}}}),
        {},
        "call.count | come here too often",
    ),
    "served by the only ones": (
        call({"answer": WORK, "who": {"branch": {"answer": "served by desk", "close": "otherwise"}}}),
        {},
        "call.who | come here too often",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOR_EVER)
def test_circles_that_never_end(name):
    process, changes, pieces = FOR_EVER[name]
    with pytest.raises(ScenarioError, match="cases that go in circles for ever") as caught:
        _ = document(process=process, **changes).scenario
    assert all(piece in str(caught.value) for piece in pieces.split(" | ")), str(caught.value)


FINE = {
    "hard, but not always": (call({"answer": WORK, "well": EASY_FIRST}), {"demand": stream(difficulty="99 %")}),
    "spared are not met": (
        call({"answer": WORK, "well": {"branch": {"answer": "40 %", "close": "otherwise"}, "easy first": True}}),
        {"demand": stream(**HARD, spared="40 %")},
    ),
    "somebody solves everything": (
        call({"answer": {**WORK, "unsolved": "answer"}}), {"demand": stream(**HARD), "people": TWO},
    ),
    "dear cases that do not come": (
        call({"answer": WORK, "dear": {"branch": {"answer": "amount > 500", "close": "otherwise"}}}),
        {"demand": stream(attributes={"amount": {"between": [0, 500]}})},
    ),
    "only twice": (
        call({"answer": WORK, "again": {"branch": {"answer": "times < 2", "close": "otherwise"}}}), {},
    ),
    "never again": (
        call({"answer": WORK, "again": {"branch": {"answer": "times > 2", "close": "otherwise"}}}), {},
    ),
    "served by others too": (
        call({"answer": WORK, "who": {"branch": {"answer": "served by desk", "close": "otherwise"}}}),
        {"people": {"desk": {"agents": 2, "skills": ["talk"]}, "experts": {"agents": 1, "skills": ["talk"]}}},
    ),
    "two conditions that exclude each other": (
        call({"answer": WORK, "dear": {"branch": {"cheap": "amount > 500", "close": "otherwise"}},
              "cheap": {"branch": {"answer": "amount < 400", "close": "otherwise"}}}),
        {"demand": stream(attributes=DEAR)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_circles_that_end(name):
    process, changes = FINE[name]
    assert document(process=process, **changes).scenario


def test_a_chasing_contact_in_circles():
    chasing = {"first after": "1 d", "every": "1 d", "type": "ask"}
    ask = {
        "say": WORK,
        "well": {"branch": {"over": "60 %", "say": "otherwise"}, "easy first": True},
        "over": {"end": "solved"},
    }
    with pytest.raises(ScenarioError, match=r"process.ask.well: cases that go in circles"):
        _ = document(demand=stream(**HARD, chasing=chasing), process={**call({"answer": WORK}), "ask": ask}).scenario


def test_of_too_many_combinations_each_thing_is_followed_alone():
    words = {f"word {n}": {"yes": "50 %", "no": "50 %"} for n in range(9)}
    steps = {
        f"ask {n}": {"branch": {"answer": f"word {n} = yes", f"ask {n + 1}" if n < 8 else "close": "otherwise"}}
        for n in range(9)
    }
    with pytest.raises(ScenarioError, match=r"call.ask 0: cases that go in circles for ever.*given: word 0 = yes"):
        _ = document(demand=stream(attributes=words), process=call({"answer": WORK, **steps})).scenario

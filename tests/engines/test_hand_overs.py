"""Traces by hand, from docs/semantics.md alone: looking up, passing on, hand-overs, contacts at once, suspension."""

import pytest

from tests.engines.trace import agents, check, model, serve

ONE = {"g": agents(1)}
DONE = {"done": {"end": "solved"}}
HOUR = 3600


def able(number, **skills):
    """A group with what its skills say."""
    return {"agents": number, "skills": skills}


# Looking up ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("when", "second", "third"), [("always", 10, 10), ("new person", 0, 10), ("hand-over", 0, 10)])
def test_when_a_customer_is_looked_up(engine, when, second, third):
    """Twice with g, then with h, talk 20 s and look-up 10 s each; the first is a new person and no hand-over."""
    work = {"talk": "20 s", "lead": "10 s", "lead when": when}
    steps = {"one": work | {"work": "s"}, "two": work | {"work": "s"}, "three": work | {"work": "u"}}
    made = model({"a": {"at": [0]}}, {"g": agents(1), "h": agents(1, "u")}, {"t": steps | DONE})
    first = 0 if when == "hand-over" else 10
    ends = [first + 20, first + second + 40, first + second + third + 60]
    words = ["looked-up" if lead else "" for lead in (first, second, third)]
    check(
        engine,
        made,
        visits=f"""
            a0 one   g0 0         0         {ends[0]} {ends[0]} served {words[0]}
            a0 two   g0 {ends[0]} {ends[0]} {ends[1]} {ends[1]} served {words[1]}
            a0 three h0 {ends[1]} {ends[1]} {ends[2]} {ends[2]} served {words[2]}
        """,
    )


def test_another_agent_of_the_same_group_looks_up_again(engine):
    """g1 has been free longer than g0, who has just served the case and still wraps."""
    steps = {"one": {"work": "s", "talk": "20 s", "wrap": "50 s"},
             "two": {"work": "s", "talk": "20 s", "lead": "10 s", "lead when": "hand-over"}}  # fmt: skip
    made = model({"a": {"at": [0]}}, {"g": agents(2)}, {"t": steps | DONE})
    check(
        engine,
        made,
        visits="""
            a0 one g0  0  0 20 70 served
            a0 two g1 20 20 50 50 served looked-up
        """,
        cases="a0 0 0 50 solved 1 2 0 0 100",
    )


# Passing on ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("solves", "passed"), [("0 %", True), ("100 %", False)])
def test_who_only_knows_the_basics_passes_on(engine, solves, passed):
    steps = {
        "first": {"work": "s", "talk": "20 s", "unsolved": "technician"},
        "done": {"end": "solved"},
        "technician": {"work": "u", "talk": "30 s", "next": "done"},
    }
    people = {"g": able(1, s={"solves": solves}), "h": able(1, u={})}
    made = model({"a": {"at": [0]}}, people, {"t": steps})
    if passed:
        visits = "a0 first g0 0 0 20 20 served unsolved\na0 technician h0 20 20 50 50 served"
    else:
        visits = "a0 first g0 0 0 20 20 served"
    check(engine, made, visits=visits)


def test_ping_pong_between_departments(engine):
    """Each sends the case back to the other, twice: four hand-overs until the third time at g's desk ends it."""
    steps = {
        "desk": {"work": "s", "talk": "10 s", "unsolved": "enough"},
        "enough": {"branch": {"other": "times < 2", "done": "otherwise"}},
        "other": {"work": "u", "talk": "10 s", "unsolved": "desk"},
        "done": {"end": "unsolved"},
    }
    people = {"g": able(1, s={"solves": "0 %"}), "h": able(1, u={"solves": "0 %"})}
    made = model({"a": {"at": [0]}}, people, {"t": steps})
    check(engine, made, cases="a0 0 0 50 unsolved 1 5 4 0 50")


# Warm hand-overs -------------------------------------------------------------------------------------------------

WARM = {
    "first": {"work": "s", "talk": "30 s", "briefing": "20 s"},
    "second": {"work": "u", "talk": "40 s"},
    "done": {"end": "solved"},
}


def test_warm_hand_over_to_a_free_agent(engine):
    """At 30 the second agent is free: briefed until 50 while the first is held, talks until 90; b0 waits for that."""
    made = model({"a": {"at": [0]}, "b": {"at": [10]}}, {"g": agents(1), "h": agents(1, "u")}, {"t": WARM})
    check(
        engine,
        made,
        visits="""
            a0 first  g0  0  0  30  30 served
            a0 first  g0 30 30  50  50 handing
            b0 first  g0 10 50  80  80 served
            a0 second h0 30 30  90  90 served
            b0 first  g0 80 80 110 110 handing
            b0 second h0 80 90 150 150 served
        """,
        cases="""
            a0  0  0  90 solved 1 2 1  0  90
            b0 10 50 150 solved 1 2 1 50  90
        """,
    )


def test_both_are_held_while_the_second_is_awaited(engine):
    """c0 keeps h until 70; a0 waits with g from 30: held until 70 and, briefing, until 90; a0 is served until 130."""
    process = {"t": WARM, "v": {"other": {"work": "u", "talk": "70 s"}} | DONE}
    made = model({"a": {"at": [0, 40]}, "c": {"at": [0], "type": "v"}}, {"g": agents(1), "h": agents(1, "u")}, process)
    check(
        engine,
        made,
        visits="""
            a0 first  g0  0   0  30  30 served
            c0 other  h0  0   0  70  70 served
            a0 first  g0 30  30  90  90 handing
            a1 first  g0 40  90 120 120 served
            a0 second h0 30  70 130 130 served
            a1 first  g0 120 120 150 150 handing
            a1 second h0 120 130 190 190 served
        """,
    )


def test_who_holds_is_released_when_the_customer_hangs_up(engine):
    """Patience 25 s: a0 waits from 30 with g and leaves at 55; g is free for a1 then."""
    people = {"g": agents(1), "h": agents(0, "u")}
    made = model({"a": {"at": [0, 40], "patience": "25 s"}}, people, {"t": WARM}, horizon="60 s")
    check(
        engine,
        made,
        visits="""
            a0 first  g0  0  0 30 30 served
            a0 second -  30  - 55  - abandoned
            a0 first  g0 30 30 55 55 handing
            a1 first  g0 40 55  -  - still-in-service
        """,
    )


def test_cold_transfer(engine):
    """Without a briefing the first agent is free at once and the customer waits alone."""
    steps = WARM | {"first": {"work": "s", "talk": "30 s"}}
    made = model({"a": {"at": [0, 10]}}, {"g": agents(1), "h": agents(1, "u")}, {"t": steps})
    check(
        engine,
        made,
        visits="""
            a0 first  g0  0  0  30  30 served
            a1 first  g0 10 30  60  60 served
            a0 second h0 30 30  70  70 served
            a1 second h0 60 70 110 110 served
        """,
    )


# Several contacts at once ----------------------------------------------------------------------------------------


def test_two_chats_at_once_with_slowdown(engine):
    """Twice as slow beside the other. At 30 a0 has 30 s left: 60 s at half pace, until 90. a1 has done 30 s by then.

    a2 waits for a place until 90 and works beside a1, whose other 30 s last until 150; then a2 has 30 s left, alone.
    """
    people = {"g": able(1, s={"at once": 2, "slowdown": "100 %"})}
    made = model({"a": {"at": [0, 30, 40]}}, people)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  90  90 served
            a1 serve g0 30 30 150 150 served
            a2 serve g0 40 90 180 180 served
        """,
        cases="""
            a0  0  0  90 solved 1 1 0  0 90
            a1 30 30 150 solved 1 1 0  0 120
            a2 40 90 180 solved 1 1 0 50 90
        """,
    )


def beside(talk, wrap, at, short):
    """Chats of a stream a beside those of 10 s of a stream b, with one agent for two at half pace."""
    people = {"g": able(1, s={"at once": 2, "slowdown": "100 %"})}
    long = {"chat": {"work": "s", "talk": talk, "wrap": wrap}} | DONE
    process = {"t": long, "v": {"note": {"work": "s", "talk": "10 s"}} | DONE}
    return model({"a": {"at": at}, "b": {"at": short, "type": "v"}}, people, process)


def test_the_end_of_a_chat_moves_to_later_and_to_earlier_again(engine):
    """a0 would end at 60, beside b0 at 110, alone again at 70, beside b1 at 100, and alone at last at 80."""
    check(
        engine,
        beside("60 s", "0 s", [0], [10, 40]),
        visits="""
            b0 note g0 10 10 30 30 served
            b1 note g0 40 40 60 60 served
            a0 chat g0  0  0 80 80 served
        """,
    )


def test_the_end_of_a_wrap_moves_to_later_twice(engine):
    """The wrap of a0 would end at 80; beside b0, until 50, it takes until 90, and beside b1 until 95, when a1 comes in.

    b1 has done 5 s by then, the others take until 105; a1 has done 5 s by then, and the others until 120.
    """
    check(
        engine,
        beside("20 s", "60 s", [0, 88], [30, 85]),
        visits="""
            a0 chat g0  0  0  20  80 served
            b0 note g0 30 30  50  50 served
            b1 note g0 85 85 105 105 served
            a1 chat g0 88 95 120 180 served
        """,
    )


def test_two_at_once_without_slowdown_and_their_wraps(engine):
    """a2 comes in at 70, when the wrap of a0 is over: a wrap takes a place too."""
    people = {"g": able(1, s={"at once": 2})}
    made = model({"a": {"at": [0, 30, 40]}}, people, serve(wrap="10 s"))
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0  60  70 served
            a1 serve g0 30 30  90 100 served
            a2 serve g0 40 70 130 140 served
        """,
    )


def test_who_has_none_takes_a_contact_before_who_has_one(engine):
    """a1 goes to the free agent; a2 and a3 to the first and the second, who hold one each."""
    people = {"g": able(2, s={"at once": 2})}
    made = model({"a": {"at": [0, 10, 20, 30]}}, people)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0  0 60 60 served
            a1 serve g1 10 10 70 70 served
            a2 serve g0 20 20 80 80 served
            a3 serve g1 30 30 90 90 served
        """,
    )


def calls_and_chats(chats, calls):
    """Calls (u) one at a time, chats (s) two at once, with one agent."""
    people = {"g": able(1, s={"at once": 2}, u={})}
    process = {"t": {"chat": {"work": "s", "talk": "60 s"}} | DONE, "v": {"call": {"work": "u", "talk": "30 s"}} | DONE}
    return model({"a": {"at": chats}, "b": {"at": calls, "type": "v"}}, people, process)


def test_a_call_is_served_alone(engine):
    """No call beside a chat, no chat beside a call."""
    check(
        engine,
        calls_and_chats([0, 20], [10]),
        visits="""
            a0 chat g0  0  0  60  60 served
            a1 chat g0 20 20  80  80 served
            b0 call g0 10 80 110 110 served
        """,
    )
    check(
        engine,
        calls_and_chats([10, 20], [0]),
        visits="""
            b0 call g0  0  0 30 30 served
            a0 chat g0 10 30 90 90 served
            a1 chat g0 20 30 90 90 served
        """,
    )


def test_who_becomes_free_takes_as_many_as_may_be_held(engine):
    """At 30 two of three chats; the third and the next call wait until both are over, the call behind the chat."""
    check(
        engine,
        calls_and_chats([10, 20, 25], [0, 40]),
        visits="""
            b0 call g0  0   0  30  30 served
            a0 chat g0 10  30  90  90 served
            a1 chat g0 20  30  90  90 served
            a2 chat g0 25  90 150 150 served
            b1 call g0 40 150 180 180 served
        """,
    )


# Suspended work --------------------------------------------------------------------------------------------------

TASK = {"t": {"task": {"work": "s", "talk": "2 h", "suspends": True, "patience": "none"}} | DONE}


def test_suspended_task_over_a_weekend(engine):
    """Friday 16:30: an hour until the end of the shift, the other one from Monday 09:00, 64.5 h after the start."""
    office = {"g": {"shifts": {"office": {"hours": "09:00-17:30", "days": "mon-fri", "agents": 1}}, "skills": ["s"]}}
    made = model({"a": {"at": [0]}}, office, TASK, start="2026-03-06 16:30", horizon="4 days")
    check(
        engine,
        made,
        HOUR,
        visits="""
            a0 task g0 0    0    1    1 suspended
            a0 task g0 1 64.5 65.5 65.5 served resumed
        """,
        cases="a0 0 0 65.5 solved 1 2 0 63.5 2",
    )


def test_a_task_that_does_not_suspend_is_finished(engine):
    office = {"g": {"shifts": {"office": {"hours": "09:00-17:30", "days": "mon-fri", "agents": 1}}, "skills": ["s"]}}
    finish = {"t": {"task": {"work": "s", "talk": "2 h", "patience": "none"}} | DONE}
    made = model({"a": {"at": [0]}}, office, finish, start="2026-03-06 16:30", horizon="1 day")
    check(engine, made, HOUR, visits="a0 task g0 0 0 2 2 served", sessions="g0 0 2")


def test_a_break_does_not_suspend(engine):
    """The break of 60 is taken when the task is done, at 100, and is over at 120."""
    shift = {"hours": "00:00-00:10", "break": {"at": "00:01", "for": "1 min"}, "agents": 1}
    steps = serve(talk="100 s", suspends=True, patience="none")
    made = model({"a": {"at": [0]}}, {"g": {"shifts": {"early": shift}, "skills": ["s"]}}, steps)
    check(engine, made, visits="a0 serve g0 0 0 100 100 served", sessions="g0 0 100\ng0 120 300")


def test_suspended_work_is_taken_over_by_a_free_colleague(engine):
    """Head count 2 falls to 1 at 60 while both are busy with tasks of 100 s: g1 suspends, 50 s are left.

    The task goes on when g0 is free, at 100: until 150.
    """
    steps = serve(talk="100 s", suspends=True, patience="none")
    people = {"g": agents({"every day": {"00:00-00:01": 2, "00:01-01:00": 1}})}
    made = model({"a": {"at": [0, 10]}}, people, steps)
    check(
        engine,
        made,
        visits="""
            a1 serve g1 10  10  60  60 suspended
            a0 serve g0  0   0 100 100 served
            a1 serve g0 60 100 150 150 served resumed
        """,
        sessions="g1 0 60\ng0 0 300",
    )


def test_suspended_work_keeps_its_place(engine):
    """a0 came at 0, so it goes on before a1, which came at 20; 40 s are left, at the new agent's half speed 80 s."""
    shifts = {"early": {"hours": "00:00-00:01", "agents": 1}}
    people = {
        "g": {"shifts": shifts, "skills": {"s": {}}},
        "h": {"agents": {"every day": {"00:02-01:00": 1}}, "skills": {"s": {"speed": 0.5}}},
    }
    steps = serve(talk="100 s", suspends=True, patience="none")
    made = model({"a": {"at": [0, 20]}}, people, steps)
    check(
        engine,
        made,
        visits="""
            a0 serve g0  0   0  60  60 suspended
            a0 serve h0 60 120 200 200 served resumed
            a1 serve h0 20 200   -   - still-in-service
        """,
    )

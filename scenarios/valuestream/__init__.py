"""Value-stream map of a scenario: what happens to a case, how long it takes, and how much of that adds value.

A case's lead time runs from its arrival to its end. Every instant of it is one of: worked on, waiting for people,
delayed, or apart (between two attempts, or before it came back). Where branches of a fork run side by side, the first
of these that holds for any of them counts, so that the parts add up to the lead time exactly. Process-cycle
efficiency is the part of the lead time in which somebody does what adds value (Rother and Shook, Learning to See,
1999; George, Lean Six Sigma, 2002). Work that goes on after the customer's part (wrap) is touch time of the step; the
case has gone on by then. Counted are cases that arrived after the warm-up and have ended; how many have not is said
beside it.
"""

from scenarios.valuestream.counting import Sums, tally
from scenarios.valuestream.estimates import maps_of, value_stream
from scenarios.valuestream.leadtime import PARTS, Part
from scenarios.valuestream.maps import COLUMNS, Column, Move, ProcessMap, StepLine, ValueStream
from scenarios.valuestream.outline import MARKS, VALUE_WORDS, VALUES, Mark, Outline, Value, outline

__all__ = [
    "COLUMNS", "MARKS", "PARTS", "VALUES", "VALUE_WORDS", "Column", "Mark", "Move", "Outline", "Part", "ProcessMap",
    "StepLine", "Sums", "Value", "ValueStream", "maps_of", "outline", "tally", "value_stream",
]  # fmt: skip

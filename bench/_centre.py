"""A mid-size contact centre: four streams, three groups in shifts, 44,000 contacts a day, the same every day.

Every day is alike, so that a run of two days and one of a year differ in length only.
"""

from __future__ import annotations

PER_DAY = 16_000_000 / 364
"""Contacts a day: 16 million in 52 weeks."""
SHAPE = (1, 0.6, 0.5, 0.5, 0.5, 0.8, 1.5, 3, 6, 8, 9, 8.5, 7.5, 7.5, 8, 8, 7.5, 6.5, 5, 3.5, 2.8, 2.2, 1.8, 1.3)
"""Weights of a day's hours."""
STREAMS = {
    "billing": (0.40, "3 min", "2 min"),
    "technical": (0.27, "5 min", "3 min"),
    "sales": (0.20, "4 min", "90 s"),
    "chat": (0.13, "7 min", "4 min"),
}
"""Share of the contacts, mean handling, mean patience."""
REDIALS = 0.3
SHIFTS = (("early", "06:30-15:00"), ("day", "08:30-17:00"), ("late", "12:30-21:00"), ("night", "20:30-07:00"))
GROUPS = {
    "front": ("billing: {}, sales: {}", (74, 66, 58, 17)),
    "technicians": ("technical: {}, chat: {at once: 3, slowdown: 20 %}", (66, 60, 54, 15)),
    "generalists": ("billing: {speed: 0.9}, technical: {speed: 0.9}, sales: {speed: 0.9}", (12, 12, 10, 4)),
}
"""Skills, and people in each shift."""


def _stream(name: str) -> str:
    share, _, patience = STREAMS[name]
    values = ", ".join(f"{PER_DAY * share * weight / sum(SHAPE):.3f}" for weight in SHAPE)
    return (
        f"  {name}:\n    type: {name}\n    channel: {'chat' if name == 'chat' else 'phone'}\n"
        f'    per hour: {{every day: {{from: "00:00", every: 1 h, values: [{values}]}}}}\n'
        f"    patience: {{mean: {patience}, cv: 1.2}}\n"
        f"    redial: {{share: {REDIALS}, after: {{mean: 10 min, shape: exponential}}, attempts: 3}}\n"
    )


def _group(name: str) -> str:
    skills, people = GROUPS[name]
    shifts = "".join(
        f'      {shift}: {{hours: "{hours}", agents: {number}}}\n'
        for (shift, hours), number in zip(SHIFTS, people, strict=True)
    )
    return f"  {name}:\n    shifts:\n{shifts}    skills: {{{skills}}}\n    shrinkage: {{unplanned: 4 %}}\n"


def _process(name: str) -> str:
    mean = STREAMS[name][1]
    answer = f"{{work: {name}, talk: {{mean: {mean}, cv: 0.9}}, wrap: 30 s}}"
    return f"  {name}:\n    answer: {answer}\n    close: {{end: solved}}\n"


def _routing(name: str, own: str) -> str:
    overflow = "" if name == "chat" else ", {generalists: after 20 s}"
    return f"  {name}: {{to: [{own}{overflow}]}}\n"


def scenario(contacts: int) -> str:
    """The centre, until about so many contacts have come."""
    minutes = round(contacts / PER_DAY * 1440)
    owns = {"billing": "front", "sales": "front", "technical": "technicians", "chat": "technicians"}
    return (
        f"queuewise: 1\nname: contact centre\nstart: 2026-01-05\nhorizon: {minutes} min\n"
        f"demand:\n{''.join(map(_stream, STREAMS))}people:\n{''.join(map(_group, GROUPS))}"
        f"routing:\n{''.join(_routing(name, own) for name, own in owns.items())}"
        f"process:\n{''.join(map(_process, STREAMS))}"
    )

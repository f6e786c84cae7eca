"""Whatever is wrong with an input: one clear message, exit code 2, no traceback, nothing left behind."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

HISTORY = "call_id,arrived,answered,ended,agent,outcome\n"
ROWS = [
    f"{n},2026-03-02 {9 + n // 12:02d}:{5 * (n % 12):02d}:00,2026-03-02 {9 + n // 12:02d}:{5 * (n % 12):02d}:10,"
    f"2026-03-02 {9 + n // 12:02d}:{5 * (n % 12) + 3:02d}:00,anna,answered\n"
    for n in range(36)
]
GOOD_HISTORY = HISTORY + "".join(ROWS)
MAPPING = """\
kind: calls
time zone: Europe/Berlin
columns: {contact: call_id, arrived: arrived, started: answered, ended: ended, agent: agent, outcome: outcome}
outcomes: {answered: [answered], abandoned: [abandoned]}
"""

# From what stands in the good scenario to what goes wrong, and pieces that the message must hold.
SCENARIOS = {
    "misspelt key": ("per hour:", "per hours:", ["unknown key", "bad.yaml:9:5", "Did you mean 'per hour'?"]),
    "negative rate": ('"08:00-18:00": 30', '"08:00-18:00": -30', ["out of range", "0 or more", "-30", "bad.yaml:9:"]),
    "overlapping hours": (
        '{"08:00-18:00": 30}', '{"08:00-12:00": 30, "11:00-18:00": 20}', ["hours overlap", "08:00-12:00 and"],
    ),
    "unknown skill": ("skills: [talk]", "skills: [talk, sing]", ["no such skill", "'sing'", "bad.yaml:"]),
    "a step nobody can do": ("{work: talk,", "{work: sing,", ["a step nobody can do: skill 'sing'", "allowed: talk"]),
    "unreachable step": (
        "again: {delay: 2 min, next: answer}", "again: {delay: 2 min, next: answer}\n    lost: {delay: 1 min}",
        ["a step that no case reaches", "process.call.lost"],
    ),
    "end missing": ("    close: {end: solved}\n", "    close: {delay: 1 min}\n", ["end missing", "{end: solved}"]),
    "a cycle that takes no time": (
        "    again: {delay: 2 min, next: answer}\n", "    again: {branch: {done: 50 %, close: 50 %}}\n",
        ["a cycle that may take no time", "process.call.done"],
    ),
    "a condition that is none": (
        "again: {delay: 2 min,", "again: {when: amount, delay: 2 min,", ["bad.yaml:22:", "again.when: not a condition"],
    ),
    "a level of approval": (
        "interventions:", "approvals: {refunds: [{by: talk, takes: 1 min, up to: {sum: 5}}]}\ninterventions:",
        ["bad.yaml:24:", "approvals.refunds[0].up to.sum: no such attribute"],
    ),
    "a bot without an end": (
        "    answer: {work",
        "    robot: {bot: {covers: 1, contains: 1, turn: 1 s}, contained: clos}\n    answer: {work",
        ["bad.yaml:20:", "robot.contained: no such step", "Did you mean 'close'?"],
    ),
    "a wrong queue of nobody": (
        "    answer: {work", "    sort: {classify: {right: 1, wrong: [sing], diagnosis: 1 s}}\n    answer: {work",
        ["bad.yaml:20:5: process.call.sort: a step nobody can do: skill 'sing'"],
    ),
    "text where a number belongs": ("agents: 3}", "agents: three}", ["early.agents: not a whole number", "'three'"]),
    "a duration without a unit": ("horizon: 1 day", "horizon: 24", ["not a duration", "a number and a unit", "24"]),
    "an end before its start": ('at: "12:00"', 'at: "17:00"', ["a break outside the shift", "08:00-16:00"]),
    "branch shares": ("again: 10 %", "again: 20 %", ["shares of a branch must add up to 100 %", "110"]),
    "daylight-saving gap": (
        "start: 2026-03-02", "start: 2026-03-29 02:30", ["does not exist: clocks go forward", "2026-03-29 02:30"],
    ),
    "duplicate key": ("name: One desk\n", "name: One desk\nname: Two desks\n", ["3:1: name: a key given twice"]),
    "unknown zone": ("Europe/Berlin", "Europe/Berlim", ["no such time zone", "Europe/Berlim", "bad.yaml:3:1"]),
    "warm-up longer than the horizon": (
        "horizon: 1 day", "horizon: 1 day\nwarm-up: 2 days", ["bad.yaml:6:1: warm-up", "leaves nothing to measure"],
    ),
    "never in talk": (
        "talk: {mean: 4 min, cv: 0.8}", "talk: {mean: 4 min, cv: 0.8, never: 5 %}", ["a talk that may never end"],
    ),
    "a mean without its variation": ("{mean: 4 min, cv: 0.8}", "{mean: 4 min}", ["a mean needs its variation"]),
    "a redial that takes no time": (
        "{share: 40 %, after: 5 min}", "{share: 100 %, after: 0 s}", ["a redial that takes no time"],
    ),
    "another format version": ("queuewise: 1", "queuewise: 7", ["an unknown version of the scenario format"]),
    "not YAML": ("demand:\n", "demand: [\n", ["not readable as YAML", "bad.yaml:"]),
    "tab": ("  calls:\n", "\tcalls:\n", ["not readable as YAML", "bad.yaml:7"]),
    "negative id": ("type: call\n", "type: call\n    id: -1\n", ["demand.calls.id: out of range; allowed: 0 or more"]),
    "a patch that leads nowhere": ("people.desk.shifts.late.agents: 1", "people.desk.shift.late.agents: 1",
                                   ["has no 'shift'", "Did you mean 'shifts'?", "interventions.one more.add"]),
    "a patch below zero": ("late.agents: 1", "late.agents: -5", ["would fall below zero"]),
}  # fmt: skip


def listing(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def refused(queuewise, folder):
    """Call a command that must fail, and give what it says."""

    def run(*arguments, holds=()):
        before = listing(folder)
        answer = queuewise(*arguments)
        assert answer.code == 2, answer
        assert "Traceback" not in answer.err + answer.out
        assert answer.out == ""
        assert listing(folder) == before
        for piece in holds:
            assert piece in answer.err, answer.err
        assert 1 <= len(answer.err.strip().splitlines()) <= 4, answer.err
        return answer.err

    return run


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name, folder, good, refused):
    before, after, pieces = SCENARIOS[name]
    assert before in good
    (folder / "bad.yaml").write_text(good.replace(before, after, 1), encoding="utf-8")
    refused("validate", "bad.yaml", holds=pieces)
    if not name.startswith("a patch"):
        refused("run", "bad.yaml", "--report", "out.html", "--log", "rows", holds=pieces)
        refused("compare", "bad.yaml", "--with", "one more", "--report", "out.html", holds=pieces)
    else:
        refused("compare", "bad.yaml", "--with", "one more", "--report", "out.html", holds=pieces)


def test_empty_scenario(folder, refused):
    (folder / "bad.yaml").write_text("")
    refused("run", "bad.yaml", holds=["an empty file", "demand, people, process"])


def test_overlapping_shifts_of_one_group_are_two_sets_of_people_but_hours_of_a_table_are_not(folder, good, refused):
    table = 'agents: {mon-fri: {"08:00-16:00": 3, "15:00-18:00": 2}}'
    start, end = good.index("    shifts:"), good.index("    skills:")
    (folder / "bad.yaml").write_text(good[:start] + f"    {table}\n" + good[end:])
    refused("validate", "bad.yaml", holds=["hours overlap", "people.desk.agents"])


@pytest.mark.parametrize(
    ("arguments", "pieces"),
    [
        (["run", "nothing.yaml"], ["nothing.yaml: cannot be read", "Check the path"]),
        (["run", "help-dusk"], ["no such scenario: 'help-dusk'", "Did you mean 'help-desk'?"]),
        (["run", "."], ["no such scenario"]),
        (["run", "good.yaml", "--with", "two more"], ["no such intervention: 'two more'", "one more, shorter"]),
        (["run", "good.yaml", "--engine", "fast"], ["no such engine", "kernel, reference", "fast"]),
        (["run", "good.yaml", "--replications", "0"], ["no replications", "1 or more"]),
        (["run", "good.yaml", "-n", "many"], ["--replications: not a whole number", "'many'"]),
        (["run", "good.yaml", "--workers", "0"], ["no workers"]),
        (["run", "good.yaml", "--confidence", "150%"], ["--confidence", "not a share", "150%"]),
        (["run", "good.yaml", "--confidence", "100%"], ["not a confidence"]),
        (["run", "good.yaml", "--report", "out.txt"], ["a name that ends in .html"]),
        (["run", "good.yaml", "--report", "no/such/out.html"], ["no such folder"]),
        (["run", "good.yaml", "--log-format", "xls", "--log", "rows"], ["no such format", "parquet, csv"]),
        (["run", "good.yaml", "--log", "."], ["exists already"]),
        (["compare", "good.yaml"], ["nothing to compare with", "'one more', 'shorter'"]),
        (["compare", "good.yaml", "--with", "shorter", "-n", "1"], ["too few replications"]),
        (["compare", "good.yaml", "--with", "shorter", "--metric", "asaa"], ["no such metric: 'asaa'"]),
        (["compare", "good.yaml", "--against", "nothing.yaml"], ["cannot be read"]),
        (["staff", "good.yaml", "--shrinkage", "100%"], ["not a shrinkage"]),
        (["staff", "good.yaml", "--service-level", "80"], ["--service-level", "not a share"]),
        (["staff", "good.yaml", "--within", "20"], ["--within", "not a duration"]),
        (["staff", "help-desk"], ["staffing works for one group at a time"]),
        (["theory", "erlang-c", "--calls", "120", "--aht", "5 min", "--agents", "9"], ["more work than agents"]),
        (["theory", "erlang-c", "--calls", "-1", "--aht", "5 min"], ["calls per hour out of range"]),
        (["theory", "erlang-c", "--calls", "100", "--aht", "0 s"], ["average handling time out of range"]),
        (["theory", "erlang-c", "--calls", "100", "--aht", "5 min", "--target", "100%"], ["not a target"]),
        (["calibrate", "nothing.csv"], ["nothing.csv"]),
        (["map", "nothing.yaml"], ["nothing.yaml: cannot be read"]),
        (["map", "good.yaml", "-n", "0"], ["no replications"]),
        (["map", "good.yaml", "--process", "cal"], ["no such process", "allowed: call", "cal"]),
        (["map", "good.yaml", "--dot", "no/such/m.dot"], ["no such folder"]),
        (["map", "good.yaml", "--moves-from", "3"], ["--moves-from", "not a share"]),
        (["map", "good.yaml", "--engine", "fast"], ["no such engine"]),
        (["quality"], ["nothing to report on", "--history FILE"]),
        (["quality", "good.yaml", "--history", "calls.csv"], ["--history", "has no meaning for a scenario"]),
        (["quality", "good.yaml", "--by", "day"], ["--by: no such period", "week, month"]),
        (["quality", "good.yaml", "--replication", "-1"], ["no such replication"]),
        (["quality", "good.yaml", "--complaints", "calls"], ["--complaints", "no case gives rise to cases of 'calls'"]),
        (["quality", "good.yaml", "--standards", "nothing.yaml"], ["nothing.yaml: cannot be read"]),
        (["quality", "--history", "nothing.csv"], ["nothing.csv"]),
        (["quality", "--history", "nothing.csv", "--with", "shorter"], ["--with", "has no meaning for a log"]),
        (["backlog", "good.yaml"], ["no open cases", "docs/open-cases.md"]),
        (["backlog", "good.yaml", "--by", "tomorrow"], ["--by: not a local date and time", "tomorrow"]),
        (["backlog", "good.yaml", "--csv", "."], ["a folder, where a file is to be written"]),
        (["demo", "--out", "good.yaml"], ["exists already and is no folder"]),
        (["app", "--port", "99999999"], ["not a port"]),
        (["fly"], ["fly"]),
        (["run", "good.yaml", "--wiht", "shorter"], ["--wiht"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_command_line(arguments, pieces, refused):
    refused(*arguments, holds=pieces)


STANDARD = "standards:\n  quick: {metric: service_level, value: 80 %}\n"


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("service_level", "servicelevel", ["bad.yaml:2", "standards.quick.metric", "not one of the words"]),
        ("80 %", "20 s", ["standards.quick.value: not a share", "20 s"]),
        ("service_level, value: 80 %", "asa, value: 80 %", ["standards.quick.value: not a duration"]),
        ("service_level, value: 80 %", "contacts, value: 80", ["a standard of contacts needs 'direction'"]),
        ("80 %}", "80 %, of: dusk}", ["standards.quick.of: nothing of this name is in the report", "department: desk"]),
        ("80 %}", "80 %, of: {team: desk}}", ["standards.quick.of"]),
        ("80 %}", "80 %, revision: 0}", ["standards.quick.revision: out of range"]),
        ("80 %}", "80 %, since: May}", ["standards.quick.since: not a date", "'May'"]),
        ("service_level", "complaint_rate", ["standards.quick.metric: not measured here"]),
        ("quick:", "quick: 80 %\n  other:", ["standards.quick: not a mapping"]),
        ("standards:", "standard:", ["unknown key 'standard'", "Did you mean 'standards'?"]),
    ],
)
def test_standards(before, after, pieces, folder, refused):
    assert before in STANDARD
    (folder / "bad.yaml").write_text(STANDARD.replace(before, after, 1), encoding="utf-8")
    refused("quality", "good.yaml", "--standards", "bad.yaml", "--report", "out.html", holds=pieces)


@pytest.fixture
def history(folder):
    """A history and its mapping, written after a change."""

    def write(text=GOOD_HISTORY, mapping=MAPPING):
        (folder / "calls.csv").write_text(text, encoding="utf-8")
        (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
        return ["calibrate", "calls.csv", "--mapping", "mapping.yaml", "--out", "new.yaml", "--evidence", "new.html"]

    return write


def test_timestamps_in_two_formats(history, refused):
    rows = [row.replace("2026-03-02 ", "02/03/2026 ", 1) if n % 3 == 0 else row for n, row in enumerate(ROWS)]
    refused(*history(HISTORY + "".join(rows)), holds=["arrived", "format"])


def test_empty_history(history, refused):
    refused(*history(""), holds=["calls.csv"])


def test_history_without_rows(history, refused):
    refused(*history(HISTORY), holds=["calls.csv"])


def test_wrong_mapping(history, refused):
    arguments = history(mapping=MAPPING.replace("started: answered", "started: picked_up"))
    refused(*arguments, holds=["no column named 'picked_up'", "call_id, arrived, answered", "Correct the mapping"])


def test_misspelt_key_of_a_mapping(history, refused):
    refused(
        *history(mapping=MAPPING.replace("started:", "startet:")), holds=["unknown key 'startet'", "mapping.yaml:3:"]
    )


def test_unexplained_outcome(history, refused):
    rows = [row.replace("answered\n", "voicemail\n") if n == 7 else row for n, row in enumerate(ROWS)]
    refused(*history(HISTORY + "".join(rows)), holds=["'voicemail'", "Put each under answered, abandoned or drop"])


def test_ends_before_starts(history, refused):
    rows = [f"{n},2026-03-02 10:00:00,2026-03-02 10:01:00,2026-03-02 09:00:00,anna,answered\n" for n in range(30)]
    refused(*history(HISTORY + "".join(rows)), holds=["end before start", "30 rows"])


def test_times_inside_the_daylight_saving_gap(history, refused):
    rows = [
        f"{n},2026-03-29 02:{n:02d}:00,2026-03-29 02:{n:02d}:10,2026-03-29 02:59:00,anna,answered\n" for n in range(40)
    ]
    refused(*history(HISTORY + "".join(rows)), holds=["clocks skipped", "Europe/Berlin"])


def test_file_that_is_not_a_table(folder, history, refused):
    arguments = history()
    with gzip.open(folder / "calls.csv.gz", "wb") as stream:
        stream.write(bytes(range(256)) * 40)
    refused("calibrate", "calls.csv.gz", *arguments[2:], holds=["calls.csv.gz"])


def test_dates_and_existing_files(history, refused):
    arguments = history()
    refused(*arguments, "--from", "tomorrow", holds=["--from: not a date", "2026-03-02"])
    refused(*arguments, "--hindcast", "2026-03-02", "soon", holds=["--hindcast: not a date"])
    refused("calibrate", "calls.csv", "--out", "good.yaml", holds=["good.yaml: exists already", "--force"])


def test_json_says_the_same(queuewise, folder, good):
    (folder / "bad.yaml").write_text(good.replace("per hour:", "per hours:"))
    answer = queuewise("run", "bad.yaml", "--json")
    assert answer.code == 2
    error = json.loads(answer.out)["error"]
    assert error["kind"] == "ScenarioError"
    assert error["message"] in answer.err
    assert (error["problems"][0]["line"], error["problems"][0]["column"]) == (9, 5)
    assert "Traceback" not in answer.err


def test_unexpected_fault_is_one_line(queuewise, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("a fault\nin two lines")

    monkeypatch.delenv("QUEUEWISE_DEBUG", raising=False)
    monkeypatch.setattr("app.commands.validate.open_scenario", broken)
    answer = queuewise("validate", "good.yaml")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "Please report it" in answer.err
    assert "Traceback" not in answer.err
    monkeypatch.setenv("QUEUEWISE_DEBUG", "1")
    assert "Traceback" in queuewise("validate", "good.yaml").err

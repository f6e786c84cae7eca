"""Plans: what they say, the combinations that follow, and what is wrong with them at file, line and column."""

import textwrap
from collections import Counter

import pytest

from scenarios import library
from scenarios.sweeps.plan import read_plan
from sim.errors import ScenarioError

PLAN = """\
sweep: 1
scenario: order-line
replications: 3
"""


def read(tmp_path, text, scenario="order-line"):
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN.replace("order-line", scenario) + textwrap.dedent(text), encoding="utf-8")
    return read_plan(file)


def test_grid(tmp_path):
    found = read(tmp_path, """
        paths:
          people.desk.agents: {add: [0, 1]}
          process.order.answer.wrap: {from: 10 s, to: 30 s, steps: 3}
          demand.orders.per hour: {scale: {from: 1.0, to: 1.2}}
        """)  # fmt: skip
    assert len(found.points) == 2 * 3 * 2
    assert found.points["01"] == {
        "add people.desk.agents": 0,
        "process.order.answer.wrap": "10 s",
        "scale demand.orders.per hour": 1.0,
    }
    assert found.points["12"] == {
        "add people.desk.agents": 1,
        "process.order.answer.wrap": "30 s",
        "scale demand.orders.per hour": 1.2,
    }
    data = found.variant(found.points["12"]).data
    assert data["people"]["desk"]["agents"]["mon"]["08:00-10:00"] == 7
    assert data["process"]["order"]["answer"]["wrap"] == "30 s"
    assert data["demand"]["orders"]["per hour"]["mon"]["08:00-10:00"] == 72


def test_latin_hypercube_uses_each_part_of_a_range_once(tmp_path):
    found = read(tmp_path, """
        design: latin hypercube
        samples: 20
        paths:
          process.order.answer.talk.mean: {from: 100 s, to: 300 s}
          demand.orders.busyness: {from: 0 %, to: 20 %}
          people.desk.agents: {from: 5, to: 9}
          process.order.answer.talk.cv: [0.5, 1.0]
        """)  # fmt: skip
    from sim.units import parse_duration, parse_share

    points = found.points.values()
    lengths = [parse_duration(point["process.order.answer.talk.mean"]) / 1e6 for point in points]
    assert sorted(int((length - 100) // 10) for length in lengths) == list(range(20))
    shares = [parse_share(point["demand.orders.busyness"]) for point in points]
    assert sorted(int(share // 0.01) for share in shares) == list(range(20))
    assert Counter(point["people.desk.agents"] for point in points) == dict.fromkeys(range(5, 10), 4)
    assert Counter(point["process.order.answer.talk.cv"] for point in points) == {0.5: 10, 1.0: 10}


def test_sobol_goes_on_where_a_smaller_one_ended(tmp_path):
    text = """
        design: sobol
        samples: {}
        paths: {{process.order.answer.talk.cv: {{from: 0.5, to: 1.5}}, demand.orders.busyness: {{from: 0 %, to: 20 %}}}}
        """
    few = list(read(tmp_path, text.format(8)).points.values())
    more = list(read(tmp_path, text.format(16)).points.values())
    assert more[:8] == few
    assert sorted(int((point["process.order.answer.talk.cv"] - 0.5) * 16) for point in more) == list(range(16))


def test_factorial_and_fraction(tmp_path):
    paths = textwrap.dedent("""
        paths:
          people.desk.agents: [5, 8]
          process.order.answer.talk.cv: {from: 0.5, to: 1.0}
          demand.orders.busyness: [0 %, 10 %, 20 %]
        """)
    full = read(tmp_path, "design: factorial" + paths)
    assert len(full.points) == 8
    assert {point["demand.orders.busyness"] for point in full.points.values()} == {"0 %", "20 %"}
    unordered = read(tmp_path, "design: factorial" + paths.replace("[0 %, 10 %, 20 %]", "[20 %, 0 %, 10 %]"))
    assert unordered.points == full.points
    half = read(tmp_path, "design: fractional factorial\nruns: 4" + paths)
    assert len(half.points) == 4
    assert half.fraction.resolution == 3


def test_list(tmp_path):
    (tmp_path / "points.csv").write_text("people.desk.agents,process.order.answer.wrap\n5,30 s\n6,0 s\n")
    found = read(tmp_path, "design: list\ncsv: points.csv")
    assert list(found.points.values()) == [{"people.desk.agents": 5, "process.order.answer.wrap": "30 s"},
                                           {"people.desk.agents": 6, "process.order.answer.wrap": "0 s"}]  # fmt: skip


def test_what_is_wrong_in_a_list_is_said_at_its_line(tmp_path):
    for text, said in {
        "people.desk.agents,people.desk.agents\n5,6\n": r":1: two columns of one path; .*given: people.desk.agents",
        "people.desk.agents,\n5,6\n": ":1: a column without a path",
        "people.desk.agents\n": ": a list without a line",
        "\npeople.desk.agents,process.order.answer.wrap\n\n5,30 s\n6\n": ":5: a value for each column",
        "people.desk.agents\n5\n\n6\n-3\n": r":5: people.desk.agents: with -3 here: .*out of range",
        "demand.orders.per hour\n50\nnan\n": ":3: demand.orders.per hour: with nan here: ",
        "people.dusk.agents\n5\n": r":2: people.dusk.agents: with 5 here: people has no 'dusk'.*Did you mean 'desk'",
    }.items():
        (tmp_path / "my points.csv").write_text(text)
        with pytest.raises(ScenarioError, match=rf"my points.csv{said}"):
            read(tmp_path, "design: list\ncsv: my points.csv")


def test_too_large_a_grid_is_refused_without_making_it(tmp_path):
    ranged = "{from: 1.0, to: 2.0, steps: 10000}"
    with pytest.raises(ScenarioError, match=r"plan.yaml:5:1: paths: 1,000,000,000,000 combinations; up to 1,000,000"):
        read(tmp_path, f"""
            paths:
              process.order.answer.talk.cv: {ranged}
              process.order.answer.talk.mean: {{from: 3 min, to: 5 min, steps: 10000}}
              demand.orders.per hour: {{scale: {ranged}}}
            """)  # fmt: skip


def test_interventions_are_switched_on(tmp_path):
    found = read(tmp_path, "with: [no work after the call]\npaths: {people.desk.agents: [5, 6]}")
    assert found.base.data["process"]["order"]["answer"]["wrap"] == "0 s"


def test_a_scenario_beside_the_plan(tmp_path):
    (tmp_path / "order-line.yaml").write_text(library.text_of("order-line").replace("name: Order line", "name: Mine"))
    found = read(tmp_path, "paths: {people.desk.agents: [5, 6]}", "order-line.yaml")
    assert found.base.scenario.name == "Mine"


def test_bounds_have_units_or_are_numbers_of_the_metric(tmp_path):
    paths = "paths: {people.desk.agents: [5, 6]}"
    where = "best: {metric: asa, where: {service_level: {at least: %s}, wait_p90: {at most: %s}, staffed_hours: %s}}"
    one = read(tmp_path, where % ("80 %", "2 min", "{at least: 40 h, at most: 60 h}") + "\n" + paths)
    other = read(tmp_path, where % ("0.8", "120", "{at least: 40, at most: 60}") + "\n" + paths)
    assert one.plan.best == other.plan.best
    assert one.plan.best.where["wait_p90"].at_most == 120


WRONG = {
    "a bound of another unit": (
        "best: {metric: asa, where: {wait_p90: {at most: 80 %}}}\npaths: {people.desk.agents: [5, 6]}",
        ["plan.yaml:4:40: best.where.wait_p90.at most: not a duration", "given: '80 %'"],
    ),
    "a key that is none": ("path: {}", ["plan.yaml:4:1", "unknown key 'path'", "Did you mean 'paths'?"]),
    "nothing to vary": ("design: grid", ["nothing to vary"]),
    "a path that leads nowhere": (
        "paths:\n  people.dusk.agents: [5, 6]", ["plan.yaml:5:", "people has no 'dusk'", "Did you mean 'desk'?"],
    ),
    "no path": ("paths:\n  people.[: [5, 6]", ["plan.yaml:5:3", "not a path"]),
    "a value that does not fit": (
        "paths:\n  process.order.answer.wrap: [10 s, soon]", ["plan.yaml:5:37", "with 'soon' here", "not a duration"],
    ),
    "not a range": ("paths:\n  people.desk.agents: {from: 5, to: 3 min}", ["plan.yaml:5:3", "not a range"]),
    "a range that falls": ("paths:\n  people.desk.agents: {from: 5, to: 3}", ["plan.yaml:5:3", "does not rise"]),
    "twice the same": ("paths:\n  people.desk.agents: [5, 5]", ["plan.yaml:5:3", "different values"]),
    "two things at once": ("paths:\n  people.desk.agents: {scale: [1, 2], add: [1]}", ["needs exactly one of"]),
    "samples of a grid": (
        "samples: 8\npaths:\n  people.desk.agents: [5, 6]", ["plan.yaml:4:1", "'samples' has no meaning for a grid"],
    ),
    "no samples": ("design: sobol\npaths:\n  people.desk.agents: [5, 6]", ["how many combinations?", "samples: 64"]),
    "Sobol": (
        "design: sobol\nsamples: 20\npaths:\n  people.desk.agents: [5, 6]",
        ["plan.yaml:5:1", "power of two", "16 or 32", "given: 20"],
    ),
    "a fraction that is none": (
        "design: fractional factorial\nruns: 3\n"
        "paths: {people.desk.agents: [5, 6], demand.orders.busyness: [0 %, 5 %]}",
        ["plan.yaml:5:1", "no such fraction", "given: 3 runs"],
    ),
    "steps of a hypercube": (
        "design: latin hypercube\nsamples: 8\npaths:\n  people.desk.agents: {scale: {from: 1, to: 2, steps: 3}}",
        ["plan.yaml:7:", "'steps' has no meaning for a latin hypercube"],
    ),
    "one value for two levels": (
        "design: factorial\npaths:\n  people.desk.agents: [5]", ["plan.yaml:6:3", "needs two values"],
    ),
    "no factor": ("paths:\n  people.desk.agents: {scale: [1, .nan]}", ["plan.yaml:5:", "cannot scale", "finite"]),
    "no summand": ("paths:\n  people.desk.agents: {add: [.inf]}", ["plan.yaml:5:", "no number any more"]),
    "a bound that no share reaches": (
        "best: {metric: asa, where: {service_level: {at least: 80}}}\npaths: {people.desk.agents: [5, 6]}",
        ["plan.yaml:4:", "out of what the metric can be", "0 to 1", "given: 80"],
    ),
    "no such metric": ("metrics: [happiness]\npaths: {people.desk.agents: [5, 6]}", ["plan.yaml:4:", "happiness"]),
    "no such queue": (
        "best: {metric: asa, of: sales}\npaths: {people.desk.agents: [5, 6]}",
        ["plan.yaml:4:", "no such queue", "orders"],
    ),
    "neither is better": (
        "best: {metric: cases}\npaths: {people.desk.agents: [5, 6]}",
        ["plan.yaml:4:", "neither high nor low", "seek: highest"],
    ),
    "no such design": ("design: triangle\npaths: {people.desk.agents: [5, 6]}", ["plan.yaml:4:1", "'sobol'"]),
    "a list without a file": ("design: list", ["a list needs its file"]),
    "a file that is not there": ("design: list\ncsv: none.csv", ["plan.yaml:5:1", "cannot be read"]),
    "no such intervention": ("with: [magic]\npaths: {people.desk.agents: [5, 6]}", ["no such intervention: 'magic'"]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_where_it_stands(name, tmp_path):
    text, pieces = WRONG[name]
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN + text + "\n")
    with pytest.raises(ScenarioError) as caught:
        read_plan(file)
    for piece in pieces:
        assert piece in str(caught.value)


def test_no_such_scenario(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text("sweep: 1\nscenario: nowhere\npaths: {people.desk.agents: [5, 6]}\n")
    with pytest.raises(
        ScenarioError, match=r"plan.yaml:2:1: scenario: no such scenario: 'nowhere'; allowed: a file beside"
    ):
        read_plan(file)


def test_a_scenario_is_no_plan():
    with pytest.raises(ScenarioError, match="not the plan of a sweep"):
        read_plan(library.path_of("order-line"))


@pytest.mark.parametrize("name", library.plan_names())
def test_plans_of_the_library(name):
    assert len(read_plan(library.plan_path(name)).points) > 20

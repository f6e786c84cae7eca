"""Commands on what changes with time: phases, pilots, risks."""

import pytest

CITIES = """
queuewise: 1
name: two cities
start: 2026-03-02
horizon: 2 days
demand:
  north: {type: call, per hour: 20, region: North}
  south: {type: call, per hour: 20, region: South}
people: {front: {agents: 6, skills: [call]}}
process:
  call:
    answer: {work: call, talk: {mean: 4 min, shape: exponential}}
    close: {end: solved}
interventions:
  faster: {scale: {process.call.answer.talk: 0.5}}
phases:
  pilot: {from: 2026-03-02 12:00, interventions: [faster], regions: [North]}
risks:
  outage: {from: 2026-03-02 09:00, for: 2 h, no work on: [call], likelihood: 10 %, response: accept, costs: 1000}
  leak: {from: 2026-03-02, for: 1 h, likelihood: 1 %, costs: 50000, response: transfer, owner: legal}
"""


@pytest.fixture
def cities(folder):
    (folder / "cities.yaml").write_text(CITIES)
    return "cities.yaml"


def test_run_follows_the_phases_when_asked(queuewise, cities):
    """Work in the north takes half as long in three quarters of the time: 5/8 of half, with the south's, 13/16."""
    plain, phased = (queuewise("run", cities, *flag, "-n", "4", "--json").data for flag in ([], ["--phases"]))
    aht = [data["metrics"]["aht"]["mean"] for data in (plain, phased)]
    assert aht[1] / aht[0] == pytest.approx(13 / 16, abs=0.03)
    assert phased["run"]["replications"] == 4


def test_run_without_phases_to_follow(queuewise):
    answer = queuewise("run", "good.yaml", "--phases")
    assert answer.code == 2
    assert "no phases to follow" in answer.err


def test_pilot_shows_what_it_can_detect(queuewise, cities, folder):
    data = queuewise("pilot", cities, "pilot", "-n", "6", "--csv", "pilot.csv", "--json").data
    work = data["measures"]["work"]
    assert work["effect"] == pytest.approx(-120, abs=25)
    assert 0 < work["detectable"] < 60
    assert (folder / "pilot.csv").read_text().startswith("measure,unit,pilot,others")
    shown = queuewise("pilot", cities, "pilot", "-n", "3").out
    assert "is told from chance" in shown
    assert "first response time" in shown


def test_pages_of_pilots_and_risks(queuewise, cities, folder):
    assert queuewise("pilot", cities, "pilot", "-n", "3", "--report", "p.html").err == "Report: p.html\n"
    assert queuewise("risks", cities, "-n", "2", "--report", "k.html").err == "Report: k.html\n"
    pilot, risks = ((folder / name).read_text(encoding="utf-8") for name in ("p.html", "k.html"))
    for piece in ("Can show from", "interventions faster", "time to solve", "<svg"):
        assert piece in pilot
    for piece in ("outage", "legal", "50,000", "Times likelihood", "<svg"):
        assert piece in risks


@pytest.mark.parametrize("left", [1, 4])
def test_an_interrupted_pilot_says_on_what_it_rests_or_nothing(queuewise, cities, monkeypatch, left):
    import scenarios.logs as logs

    whole, runs = logs.chunks, []

    def chunks(*arguments):
        runs.append(arguments)
        if len(runs) == left:
            raise KeyboardInterrupt
        return whole(*arguments)

    monkeypatch.setattr(logs, "chunks", chunks)
    found = queuewise("pilot", cities, "pilot", "-n", "9", "--json")
    assert found.code == 130
    if left == 1:
        assert found.data["error"]["kind"] == "Interrupted"
    else:
        assert (found.data["run"]["replications"], found.data["run"]["asked"]) == (3, 9)
        assert "rest on 3 of 9 replications" in found.err


def test_interrupted_risks_are_not_weighed(queuewise, cities, monkeypatch):
    import dataclasses

    import scenarios.risks as risks

    whole = risks.replicate
    monkeypatch.setattr(risks, "replicate", lambda *a, **k: dataclasses.replace(whole(*a, **k), asked=99))
    found = queuewise("risks", cities, "-n", "2")
    assert (found.code, found.out) == (130, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pilot", "cities.yaml", "pilot", "--power", "100%"], "not a power; allowed: above 0.05 and below 1"),
        (["risks", "cities.yaml", "-n", "1"], "too few replications to compare with and without a risk"),
        (["risks", "cities.yaml", "-m", "speed"], "no such metric: 'speed'"),
        (["programme", "--months", "1"], "--months: too few months; allowed: 2 or more; given: 1"),
        (["programme", "--workers", "-1"], "--workers: no workers; allowed: 1 or more; given: -1"),
        (["programme", "--tune", "--report", "p.html"], "--report: --tune writes no report; given: p.html"),
    ],
)
def test_what_means_nothing_is_refused_before_anything_runs(queuewise, cities, folder, arguments, said):
    found = queuewise(*arguments)
    assert found.code == 2
    assert said in found.err
    assert not (folder / "programme-results").exists()


def test_pilot_of_no_phase(queuewise, cities):
    answer = queuewise("pilot", cities, "pilott")
    assert answer.code == 2
    assert "no such phase: 'pilott'; allowed: pilot" in answer.err


def test_risks_are_weighed(queuewise, cities):
    data = queuewise("risks", cities, "-n", "3", "--json").data
    assert list(data["risks"]) == ["outage", "leak"]
    outage = data["risks"]["outage"]
    effect = outage["metrics"]["service_level"]
    assert -0.2 < effect["effect"] < -0.02
    assert effect["expected"] == pytest.approx(effect["effect"] / 10)
    assert (outage["expected_costs"], data["risks"]["leak"]["expected_costs"]) == (100, 500)
    shown = queuewise("risks", cities, "-n", "2", "-m", "lost_rate").out
    assert "If it happens" in shown
    assert "transfer" in shown


def test_risks_where_there_are_none(queuewise):
    answer = queuewise("risks", "good.yaml")
    assert answer.code == 2
    assert "no risks to weigh" in answer.err

"""``queuewise theory``: closed forms of queueing theory, for a first guess within a second."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.options import Json
from app.console import Output
from app.inputs import duration_us, share
from sim.errors import ParameterError, Problem
from sim.units import SECOND_US

theory = typer.Typer(
    no_args_is_help=True,
    help="Erlang B, C and A, priorities and staffing rules: exact for steady traffic, a first guess for real days.",
)


Calls = Annotated[float, typer.Option("--calls", help="Calls offered an hour.")]
Aht = Annotated[str, typer.Option("--aht", help="Average handling time, such as 5min.")]
Agents = Annotated[int | None, typer.Option("--agents", help="People; left out, the fewest that reach the target.")]
Within = Annotated[str, typer.Option("--within", help="Acceptable wait, such as 20s.")]
Target = Annotated[str, typer.Option("--target", help="Service level to reach if --agents is left out.")]
Patience = Annotated[str, typer.Option("--patience", help="Mean time until a waiting caller hangs up, such as 3min.")]
Places = Annotated[int | None, typer.Option("--places", help="Callers who may wait; the next one is turned away.")]
Rates = Annotated[list[float], typer.Option("--calls", help="Calls an hour of each class, most urgent first; repeat.")]


@theory.command("erlang-c")
def erlang_c(
    calls: Calls,
    aht: Aht,
    agents: Agents = None,
    within: Within = "20s",
    target: Target = "80%",
    as_json: Json = False,
) -> None:
    """Everybody waits until answered (M/M/s, Erlang 1917)."""
    _waiting("Erlang C (M/M/s; Erlang 1917)", (calls, aht, agents), None, None, (within, target), as_json)


@theory.command("erlang-a")
def erlang_a(
    calls: Calls,
    aht: Aht,
    patience: Patience,
    agents: Agents = None,
    places: Places = None,
    within: Within = "20s",
    target: Target = "80%",
    as_json: Json = False,
) -> None:
    """Callers hang up when their patience is over (M/M/s/r+M, Palm 1957)."""
    name = "Erlang A (M/M/s/r+M; Palm 1957)"
    _waiting(name, (calls, aht, agents), patience, places, (within, target), as_json)


@theory.command("erlang-b")
def erlang_b(
    calls: Calls,
    aht: Aht,
    agents: Annotated[int | None, typer.Option("--agents", help="Lines or people; left out, the fewest.")] = None,
    blocked: Annotated[
        str, typer.Option("--blocked", help="Share turned away, at most, if --agents is left out.")
    ] = "1%",
    as_json: Json = False,
) -> None:
    """Nobody waits: who meets no free line is turned away (M/G/s/s, Erlang 1917)."""
    from sim import theory as closed_forms

    queue = closed_forms.call_queue(calls, _seconds("--aht", aht), agents or 1, waiting_places=0)
    most = share("--blocked", blocked)
    number = agents or closed_forms.agents_needed(lambda q: closed_forms.erlang_b(q.load, q.agents) <= most, queue)
    values = {
        "load": (queue.load, "erlangs"),
        "agents": (number, "people"),
        "blocking_rate": (closed_forms.erlang_b(queue.load, number), "share"),
    }
    _show("Erlang B (M/G/s/s; Erlang 1917)", values, Output(as_json))


@theory.command("priorities")
def priorities(calls: Rates, aht: Aht, agents: Annotated[int, typer.Option("--agents")], as_json: Json = False) -> None:
    """Mean wait of each class when the more urgent go first (Cobham 1954, equation 8)."""
    from sim.theory import cobham

    waits = cobham([rate / 3600 for rate in calls], 1 / _seconds("--aht", aht), agents)
    values = {f"mean_wait_class_{number}": (wait, "s") for number, wait in enumerate(waits, 1)}
    _show("Non-preemptive priorities (M/M/s; Cobham 1954)", values, Output(as_json))


@theory.command("mg1")
def mg1(
    calls: Calls,
    aht: Aht,
    cv: Annotated[float, typer.Option("--cv", help="Coefficient of variation of the handling time.")] = 1.0,
    as_json: Json = False,
) -> None:
    """One person, handling times of any variation (Pollaczek 1930, Khinchine 1932)."""
    from sim.theory import mg1_wait

    wait = mg1_wait(calls / 3600, _seconds("--aht", aht), cv)
    _show("One server (M/G/1; Pollaczek and Khinchine)", {"mean_wait": (wait, "s")}, Output(as_json))


@theory.command("square-root")
def square_root(
    calls: Calls,
    aht: Aht,
    wait: Annotated[str, typer.Option("--wait", help="Share of callers who may have to wait at all.")] = "20%",
    as_json: Json = False,
) -> None:
    """People by the square-root rule (Halfin and Whitt 1981)."""
    from sim.theory import call_queue, square_root_staffing

    load = call_queue(calls, _seconds("--aht", aht), 1, waiting_places=0).load
    people = square_root_staffing(load, share("--wait", wait))
    values = {"load": (load, "erlangs"), "agents": (people, "people")}
    _show("Square-root staffing (Halfin and Whitt 1981)", values, Output(as_json))


def _seconds(option: str, text: str) -> float:
    return duration_us(option, text) / SECOND_US


def _waiting(
    name: str,
    load: tuple[float, str, int | None],
    patience: str | None,
    places: int | None,
    goal: tuple[str, str],
    as_json: bool,
) -> None:
    """Show a queue in which callers wait, with the agents given or the fewest that reach the target."""
    from sim import theory as closed_forms

    (calls, aht, agents), (within, target) = load, goal
    within_s, level = _seconds("--within", within), share("--target", target)
    patience_s = _seconds("--patience", patience) if patience else None
    if agents is None and not 0 < level < 1:
        raise ParameterError(Problem("not a target", "--target", allowed="above 0 % and below 100 %", given=target))
    if agents is None:
        wanted = closed_forms.Target(level, within_s)
        agents = closed_forms.agents_for(wanted, calls, _seconds("--aht", aht), patience_s, places)
    queue = closed_forms.call_queue(calls, _seconds("--aht", aht), agents, patience_s, places)
    state = closed_forms.steady_state(queue)
    values = {
        "load": (queue.load, "erlangs"),
        "agents": (agents, "people"),
        "service_level": (closed_forms.service_level(queue, within_s), "share"),
        "asa": (state.mean_wait_served, "s"),
        "probability_of_waiting": (state.probability_of_waiting, "share"),
        "abandonment_rate": (state.abandonment_rate, "share"),
        "blocking_rate": (state.probability_of_blocking, "share"),
        "queue_length": (state.queue_length, "contacts"),
        "occupancy": (state.occupancy, "share"),
    }
    _show(f"{name}; service level within {within}", values, Output(as_json))


_LABELS = {
    "load": "Offered load (erlangs)",
    "agents": "People",
    "service_level": "Service level (SL4)",
    "asa": "Average speed of answer (ASA)",
    "probability_of_waiting": "Must wait",
    "abandonment_rate": "Hang up",
    "blocking_rate": "Turned away",
    "queue_length": "Mean number waiting",
    "occupancy": "Occupancy",
    "mean_wait": "Mean wait",
}


def _show(title: str, values: dict[str, tuple[float, str]], output: Output) -> None:
    if not output.as_json:
        from app.numbers import with_unit
        from app.tables import plain_table

        rows = [(_label(name), with_unit(value, unit)) for name, (value, unit) in values.items()]
        output.show(plain_table(title, ("Steady state", ""), rows))
    metrics = {name: {"mean": value, "low": None, "high": None, "unit": unit} for name, (value, unit) in values.items()}
    output.document({"method": title, "metrics": metrics})


def _label(name: str) -> str:
    return _LABELS.get(name) or name.replace("_", " ").capitalize()

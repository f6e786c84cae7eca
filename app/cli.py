"""The command line: ``queuewise``. Exit codes: 0 fine, 2 something to correct, 130 interrupted, 1 a fault of ours."""

from __future__ import annotations

import functools
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar, cast

import typer
from typer.exceptions import TyperException

from app import interrupts, progress
from app.commands import (
    attribute,
    backlog,
    calibrate,
    compare,
    demo,
    engines,
    library,
    pilot,
    programme,
    quality,
    results,
    risks,
    run,
    select,
    sensitivity,
    serve,
    staff,
    stress,
    sweep,
    theory,
    validate,
    warmup,
)
from app.commands import map as map_command
from app.console import Output
from sim.errors import ProblemsError, QueuewiseError

Command = TypeVar("Command", bound=Callable[..., Any])
FINE, FAULT, CORRECT, INTERRUPTED = 0, 1, 2, 130


class _Commands(typer.Typer):
    """Commands of which an interrupt is told: Typer by itself would end them without a word."""

    def command(self, name: str | None = None, **more: Any) -> Callable[[Command], Command]:
        """Register a command."""
        return lambda one: super(_Commands, self).command(name, **more)(_stoppable(one))


def _stoppable(command: Command) -> Command:
    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except KeyboardInterrupt:
            raise typer.Abort from None

    return cast(Command, run)


app = _Commands(
    name="queuewise",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Simulate a customer-service operation: will we meet our targets, and what is the cheapest change that does?",
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("compare")(compare.compare)
app.command("select")(select.select)
app.command("warmup")(warmup.warmup)
app.command("stress")(stress.stress)
app.command("staff")(staff.staff)
app.command("sweep")(sweep.sweep)
app.command("results")(results.results)
app.command("map")(map_command.map_)
app.command("backlog")(backlog.backlog)
app.command("quality")(quality.quality)
app.command("pilot")(pilot.pilot)
app.command("risks")(risks.risks)
app.command("calibrate")(calibrate.calibrate)
app.command("app")(serve.serve)
app.command("scenarios")(library.scenarios)
app.command("validate")(validate.validate)
app.command("programme")(programme.programme)
app.add_typer(theory.theory, name="theory")
app.command("engines")(engines.engines)
app.command("attribute")(attribute.attribute)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("schema")(library.schema)


def main() -> None:
    """Entry point of the ``queuewise`` command."""
    sys.exit(call(sys.argv[1:]))


def call(arguments: Sequence[str]) -> int:
    """Run a command and give its exit code; no error leaves a traceback.

    Parameters
    ----------
    arguments : sequence of str
        As on the command line, without the program's name.
    """
    progress.begin()
    with interrupts.heard(even_if_deaf=progress.followed()):
        code = INTERRUPTED if progress.unwanted() else _call(list(arguments))
    progress.end("done" if code == FINE else "stopped" if code == INTERRUPTED else "failed")
    return code


def _call(arguments: list[str]) -> int:
    output = Output("--json" in arguments)
    try:
        code = app(arguments, prog_name="queuewise", standalone_mode=False)
        return code if isinstance(code, int) else FINE
    except QueuewiseError as error:
        return _report(output, CORRECT, str(error), _error_data(error))
    except TyperException as error:
        text = f"queuewise: {error.format_message()} See 'queuewise --help'."
        return _report(output, CORRECT, text, {"kind": "UsageError", "message": error.format_message()})
    except (KeyboardInterrupt, typer.Abort):
        return _report(output, INTERRUPTED, "Stopped.", {"kind": "Interrupted", "message": "stopped"})
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAULT
    except Exception as error:
        return _fault(output, error)


def _report(output: Output, code: int, text: str, data: dict[str, Any]) -> int:
    progress.fail(text)
    output.note(text)
    output.document({"error": data})
    return code


def _error_data(error: QueuewiseError) -> dict[str, Any]:
    problems = [asdict(problem) for problem in error.problems] if isinstance(error, ProblemsError) else []
    return {"kind": type(error).__name__, "message": str(error), "problems": problems}


def _fault(output: Output, error: Exception) -> int:
    """A fault of ours: one line, the details only if asked for."""
    if os.environ.get("QUEUEWISE_DEBUG"):
        traceback.print_exc()
    text = (
        f"Queuewise made a mistake ({type(error).__name__}: {error}). Please report it with the command that you gave; "
        "QUEUEWISE_DEBUG=1 shows the details."
    )
    return _report(output, FAULT, " ".join(text.split()), {"kind": "Fault", "message": str(error)})


if __name__ == "__main__":
    main()

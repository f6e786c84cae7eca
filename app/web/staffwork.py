"""The search for required staff as a task."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from app.web.job import Job
from app.web.tasks import ANSWER, Order, Task, follow, launch
from scenarios.staffing import Staffing, Target
from scenarios.store import text_of
from sim.schema import Document
from sim.units import exact_duration

_FOUND = "required.yaml"


def search(
    document: Document, target: Target, shrinkage: float, how: tuple[int, int], about: dict[str, Any]
) -> Callable[[Job], Staffing | None]:
    """A job's target that looks for staff in a process of its own.

    Parameters
    ----------
    document : Document
    target : Target
    shrinkage : float
        0 to 1.
    how : (int, int)
        Replications and seed.
    about : dict
        What `Work.resume` needs.

    Raises
    ------
    StoreError
        If the results folder cannot be written to.
    """
    replications, seed = how
    arguments = ["staff", "0.yaml", "--json", "--out", _FOUND, "--force"]
    arguments += [
        "--service-level",
        f"{100 * target.service_level:.10g}%",
        "--within",
        exact_duration(target.within_us),
    ]
    arguments += ["--confidence", f"{100 * target.confidence:.10g}%", "--shrinkage", f"{100 * shrinkage:.10g}%"]
    arguments += ["--replications", str(replications), "--seed", str(seed), *(["--overall"] if target.overall else [])]
    order = Order("staffing", str(document.data["name"]), arguments, about)
    return attached(launch(order, {"0.yaml": text_of(document.data)}))


def attached(task: Task) -> Callable[[Job], Staffing | None]:
    """A job's target that follows such a task and reads what it found; nothing if it was stopped."""

    def read() -> Staffing | None:
        try:
            found = json.loads((task.path / ANSWER).read_text(encoding="utf-8"))
            text = (task.path / _FOUND).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        return Staffing.read(found, Document.from_text(text, task.order.about["document"]["file"]))

    return follow(task, read, {"staffing": task.order.title})

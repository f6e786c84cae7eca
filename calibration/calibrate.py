"""The way from a history file to a scenario, in one call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from calibration.events import EventFits, event_evidence, event_scenario, fit_events
from calibration.evidence import Evidence
from calibration.fitting import INTERVAL_US, Fits, fit_history
from calibration.history import Drops, History
from calibration.mapping import Mapping
from calibration.reading import Progress, quiet, read_history
from calibration.report import evidence_of
from calibration.scenario import forecast, week_after
from calibration.staffing_level import StaffingLevel, find_level
from calibration.write import scenario_text, sources_of, write_files
from sim.schema import Document

Days = tuple[dt.date | None, dt.date | None]


@dataclass(frozen=True)
class Calibration:
    """A history, what was fitted to it, and the scenario that follows.

    Attributes
    ----------
    history : History
        What was read.
    mapping : Mapping
        How the file was read.
    document : Document
        The scenario: the week after the history.
    evidence : Evidence
        What stands behind its numbers.
    fits : Fits or EventFits
        All estimators, of a call log or of an event log.
    staffing : StaffingLevel or None
        The calibrated level of staffing; None for an event log.
    """

    history: History
    mapping: Mapping
    document: Document
    evidence: Evidence
    fits: Fits | EventFits
    staffing: StaffingLevel | None

    @property
    def drops(self) -> Drops:
        """What was left out of the file."""
        return self.history.drops

    @cached_property
    def text(self) -> str:
        """The scenario as commented YAML."""
        return scenario_text(self.document, self.evidence)

    def write(self, path: str | Path, force: bool = False) -> None:
        """Write the scenario file, whole or not at all.

        Raises
        ------
        DataError
            If the file exists and ``force`` is not given, or cannot be written.
        """
        write_files([(Path(path), self.text)], force)


def calibrate(
    path: str | Path,
    mapping: Mapping | None = None,
    window: Days | None = None,
    interval_us: int = INTERVAL_US,
    progress: Progress = quiet,
) -> Calibration:
    """Fit a scenario to a history file.

    Parameters
    ----------
    path
        A call log or an event log: CSV, TSV (gzip too), XLSX or Parquet.
    mapping
        What its columns mean; guessed from their names if not given.
    window
        First and last local day to use, both included; None: as far as the history goes.
    interval_us
        Length of the intervals of the rates; divides a day.
    progress
        Called with what is being done and the share done.

    Raises
    ------
    DataError
        If the file or the mapping cannot be used.
    """
    history, mapping = read_history(path, mapping, window, progress)
    return calibrate_history(history, mapping, interval_us, progress)


def calibrate_history(
    history: History, mapping: Mapping, interval_us: int = INTERVAL_US, progress: Progress = quiet
) -> Calibration:
    """As `calibrate`, from contacts that were read already."""
    if mapping.kind == "events":
        events = fit_events(history, interval_us, progress)
        evidence = event_evidence(events)
        document = _finished(event_scenario(events, f"Calibrated from {evidence.source}"), evidence)
        return Calibration(history, mapping, document, evidence, events, None)
    fits = fit_history(history, mapping, interval_us, progress)
    staffing = find_level(fits, progress)
    evidence = evidence_of(fits, staffing)
    plain = forecast(fits, f"Calibrated from {evidence.source}", week_after(fits), staffing.level)
    return Calibration(history, mapping, _finished(plain, evidence), evidence, fits, staffing)


def _finished(plain: Document, evidence: Evidence) -> Document:
    """The scenario with what it is about and the sources of its numbers; checked."""
    about = f"Fitted to {evidence.period}; simulates the week after it."
    head = {"queuewise": 1, "name": plain.data["name"], "about": about}
    document = replace(plain, data={**head, **plain.data, "sources": sources_of(evidence, plain.data)})
    _ = document.scenario  # what is written can be read
    return document

"""The way from a history file to a scenario, in one call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

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
    fits : Fits
        All estimators.
    staffing : StaffingLevel
        The calibrated level of staffing.
    document : Document
        The scenario: the week after the history.
    evidence : Evidence
        What stands behind its numbers.
    mapping : Mapping
        How the file was read.
    """

    fits: Fits
    staffing: StaffingLevel
    document: Document
    evidence: Evidence
    mapping: Mapping

    @property
    def history(self) -> History:
        """The contacts."""
        return self.fits.history

    @property
    def drops(self) -> Drops:
        """What was left out of the file."""
        return self.fits.history.drops

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
        A call log: CSV, TSV (gzip too), XLSX or Parquet.
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
    fits = fit_history(history, mapping, interval_us, progress)
    staffing = find_level(fits, progress)
    progress("writing the scenario", 1.0)
    evidence = evidence_of(fits, staffing)
    name = f"Calibrated from {evidence.source}"
    plain = forecast(fits, name, week_after(fits), staffing.level)
    data = {**plain.data, "sources": sources_of(evidence)}
    about = f"Fitted to {evidence.period}; simulates the week after it."
    ordered = {
        "queuewise": 1,
        "name": name,
        "about": about,
        **{k: v for k, v in data.items() if k not in ("queuewise", "name")},
    }
    document = replace(plain, data=ordered)
    _ = document.scenario  # what is written can be read
    return Calibration(fits, staffing, document, evidence, mapping)

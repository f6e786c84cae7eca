"""From a history to a scenario, with the evidence for each number."""

from calibration.calibrate import Calibration, calibrate, calibrate_history
from calibration.evidence import Evidence, Plot, Row, Section, Series, Table
from calibration.files import read_frame
from calibration.mapping import Mapping, guess_mapping, load_mapping
from calibration.reading import read_history

__all__ = [
    "Calibration",
    "Evidence",
    "Mapping",
    "Plot",
    "Row",
    "Section",
    "Series",
    "Table",
    "calibrate",
    "calibrate_history",
    "guess_mapping",
    "load_mapping",
    "read_frame",
    "read_history",
]

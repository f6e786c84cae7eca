"""The sample history: synthetic calls that the simulator makes from a known scenario.

``python -m calibration.sample`` writes it again, byte for byte.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import scenarios
from calibration.history import History
from calibration.mapping import Mapping, load_mapping
from calibration.moments import to_local, zone_named
from calibration.reading import contacts
from calibration.write import write_bytes
from sim.build import Model, build
from sim.codes import Ending, Visit
from sim.log import Log
from sim.run import run
from sim.schema import load
from sim.units import NEVER

FOLDER = Path(scenarios.__file__).parent / "library" / "sample"
SCENARIO = FOLDER / "known.yaml"
MAPPING = FOLDER / "mapping.yaml"
HISTORY = FOLDER / "history.csv.gz"
SEED = 2026

_MOMENTS = {"arrived": Visit.ENQUEUED, "answered": Visit.STARTED, "ended": Visit.ENDED, "wrap_end": Visit.RELEASED}


def call_log(model: Model, log: Log) -> pd.DataFrame:
    """A call log as a telephone system would export it, from a simulated log.

    Parameters
    ----------
    model, log
        A run of a scenario whose streams are calls with one work step each.

    Returns
    -------
    DataFrame
        call_id, customer_id, call_type, arrived, answered, ended, wrap_end, outcome, agent; moments in local wall
        time, missing where something did not happen. Calls still open at the end are left out.
    """
    visits = log.visits
    done = visits[(visits[:, Visit.ENDING] == Ending.SERVED) | (visits[:, Visit.ENDING] == Ending.ABANDONED)]
    done = done[np.argsort(done[:, Visit.ENQUEUED], kind="stable")]
    served = done[:, Visit.ENDING] == Ending.SERVED
    names = np.array(model.names.streams, dtype=object)[done[:, Visit.STREAM]]
    types = [model.scenario.demand[name].type for name in names]
    customer = [f"{name}-{case}" for name, case in zip(names, done[:, Visit.CASE], strict=True)]
    frame = pd.DataFrame(
        {
            "call_id": [f"{name}-{visit}" for name, visit in zip(customer, done[:, Visit.VISIT], strict=True)],
            "customer_id": customer,
            "call_type": types,
        }
    )
    for column, source in _MOMENTS.items():
        known = served if column in ("answered", "wrap_end") else np.ones(len(done), dtype=bool)
        frame[column] = _local(done[:, source], known, model)
    frame["outcome"] = np.where(served, "answered", "abandoned")
    groups = np.array(model.names.groups, dtype=object)[np.maximum(done[:, Visit.GROUP], 0)]
    agents = [f"{group} {agent + 1:02d}" for group, agent in zip(groups, done[:, Visit.AGENT], strict=True)]
    frame["agent"] = np.where(served, agents, "")
    return frame


def _local(times: np.ndarray, known: np.ndarray, model: Model) -> pd.Series:
    start = int(model.clock.start_utc.timestamp()) * 1_000_000
    utc = np.where(known & (times < NEVER), times, 0) + start
    local = to_local(utc, zone_named(model.scenario.time_zone))
    return pd.Series(local.view("datetime64[us]")).where(known)


def simulated_history(model: Model, mapping: Mapping, seed: int, replication: int = 0) -> History:
    """A run of a scenario, read back as a history."""
    return contacts(call_log(model, run(model, seed, replication)), mapping, None, "simulated")


def write_sample(folder: Path) -> Path:
    """Write the sample history into a folder."""
    model = build(load(SCENARIO).scenario)
    frame = call_log(model, run(model, SEED))
    for column in _MOMENTS:
        frame[column] = frame[column].dt.strftime("%Y-%m-%d %H:%M:%S.%f").str.slice(0, 23)
    text = frame.to_csv(index=False, lineterminator="\n")
    path = folder / HISTORY.name
    write_bytes(path, gzip.compress(text.encode(), 9, mtime=0))
    return path


def sample_mapping() -> Mapping:
    """The mapping of the sample history."""
    return load_mapping(MAPPING)


if __name__ == "__main__":
    print(write_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))

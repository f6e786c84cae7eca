"""The results folder as pages read it: what was read once is not read again until the folder has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import streamlit as st

from app.results import COMPARED
from app.web.shell import t
from app.web.tasks import results_path
from scenarios.store import Folder
from scenarios.store.contents import Stored, contents, metrics_in
from scenarios.store.folder import MANIFEST
from scenarios.stored import Rows, read_rows
from scenarios.sweeps.stored import Explored, StoredSweep, explore
from sim.metrics import METRICS

_KNOWN = {metric.name for metric in METRICS}


def need_folder() -> tuple[Folder, list[Stored]]:
    """The folder and what it knows, or a hint and the end of the page if there is nothing yet."""
    folder = Folder.open(results_path()) if (results_path() / MANIFEST).exists() else None
    those = contents(folder) if folder else []
    if folder is None or not those:
        st.info(t("stored.none"))
        st.stop()
    return folder, those


def stamp(folder: Folder) -> str:
    """Changes whenever something is finished."""
    return hashlib.sha256("\n".join(file.name for file in folder.results.spans).encode()).hexdigest()


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs={Folder: lambda one: str(one.path)})
def rows_of(folder: Folder, _those: Sequence[Stored], runs: list[str], metrics: list[str], at: str) -> dict[str, Rows]:
    """Rows of stored scenarios."""
    return read_rows(folder, [one for one in _those if one.run in runs], metrics)


@st.cache_data(max_entries=20, show_spinner=False, hash_funcs={Folder: lambda one: str(one.path)})
def exploration(
    folder: Folder, _sweep: StoredSweep, key: str, metrics: list[str], confidence: float, at: str
) -> Explored:
    """A sweep as far as it is finished."""
    return explore(folder, _sweep, metrics, confidence)


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs={Folder: lambda one: str(one.path)})
def metrics_of_run(folder: Folder, run: str, at: str) -> list[str]:
    """Metrics of a run's results, those that are usually compared first."""
    found = [name for name in metrics_in(folder, run) if name in _KNOWN]
    return [*(name for name in COMPARED if name in found), *(name for name in found if name not in COMPARED)]

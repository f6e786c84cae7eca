"""A call log that is uploaded, mapped and calibrated on the spot; the file is removed as soon as it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app.web import evidence
from app.web.job import Job
from app.web.shell import t, watch, work
from app.web.work import Work
from calibration import Calibration, calibrate, guess_mapping, load_mapping, read_frame
from calibration.mapping import Columns, mapping_from
from scenarios import library
from sim.errors import DataError, QueuewiseError

_TYPES = ["csv", "tsv", "txt", "gz", "xlsx", "xls", "ods", "parquet"]
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class _File:
    """A file in memory."""

    name: str
    content: bytes

    @staticmethod
    def read(path: Path) -> _File:
        """One that comes with Queuewise."""
        return _File(path.name, path.read_bytes())


def _uploaded(upload: Any) -> _File | None:
    return None if upload is None else _File(upload.name, upload.getvalue())


def show() -> None:
    """Upload, mapping, calibration, evidence."""
    desk = work()
    log = _uploaded(st.file_uploader(t("log.upload"), type=_TYPES, help=t("log.upload_help"), key="log-file"))
    mapping = _uploaded(st.file_uploader(t("log.mapping_file"), type=["yaml", "yml"], key="mapping-file"))
    if log is None and st.toggle(t("log.sample"), key="sample"):
        log, mapping = (_File.read(library.SAMPLE / name) for name in ("history.csv.gz", "mapping.yaml"))
    if log is not None:
        try:
            frame, data = _first_mapping(log, mapping)
            _calibrate(desk, log, _edited(frame, data))
        except QueuewiseError as error:
            st.error(str(error))
    if watch(desk):
        return
    if desk.done is not None and desk.done.kind == "log":
        _ended(desk)
    if desk.calibration is not None:
        evidence.show(desk.calibration)


@contextmanager
def _on_disk(file: _File) -> Iterator[Path]:
    """A file for those who read files; errors name it as the visitor does."""
    with tempfile.TemporaryDirectory(prefix="queuewise-") as folder:
        path = Path(folder, Path(file.name).name)
        path.write_bytes(file.content)
        try:
            yield path
        except DataError as error:
            raise DataError(*(replace(problem, file=path.name) for problem in error.problems)) from None


def _first_mapping(log: _File, mapping: _File | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """First rows of the file, and the mapping: as uploaded, or guessed from the columns' names."""
    kept = st.session_state.get("log-begun")
    if kept is None or kept[0] != (log, mapping):
        given = None
        if mapping is not None:
            with _on_disk(mapping) as path:
                given = load_mapping(path)
        with _on_disk(log) as path:
            frame = read_frame(path, *(given.delimiter, given.encoding, given.sheet) if given else ())
        data = (given or guess_mapping(frame)).model_dump(by_alias=True, exclude_unset=True, mode="json")
        kept = (log, mapping), frame.head(_EXAMPLES), data
        st.session_state["log-begun"] = kept
    return kept[1], kept[2]


def _edited(frame: pd.DataFrame, mapping: dict[str, Any]) -> dict[str, Any]:
    """The mapping with the columns and the time zone that the visitor chooses."""
    st.markdown("**" + t("log.mapping") + "**")
    st.caption(t("log.mapping_help"))
    named = {key: value for key, value in mapping["columns"].items() if value}
    rows = [(key, t(f"log.meaning.{key}"), _one(named.get(key))) for key in Columns.model_fields]
    table = pd.DataFrame(rows, columns=["key", "meaning", "column"]).set_index("key")
    headings = {
        "key": None,
        "meaning": st.column_config.TextColumn(t("log.means"), disabled=True),
        "column": st.column_config.SelectboxColumn(t("log.column"), options=list(map(str, frame.columns))),
    }
    left, right = st.columns([3, 2])
    with left:
        edited = st.data_editor(table, column_config=headings, key="mapping", hide_index=True, placeholder="–")
    with right:
        zone = st.text_input(t("log.zone"), mapping.get("time zone", "UTC"), help=t("log.zone_help"), key="zone")
        st.caption(t("log.first_rows"))
        st.dataframe(frame.T.rename(columns=str))
    columns = {key: column for key, column in edited["column"].items() if isinstance(column, str) and column}
    columns |= {key: value for key, value in named.items() if isinstance(value, list) and key not in columns}
    return mapping | {"columns": columns, "time zone": zone}


def _one(value: Any) -> str | None:
    """The one column of an entry; several together stay as the mapping file says and are not edited."""
    return value if isinstance(value, str) else None


def _calibrate(desk: Work, log: _File, data: dict[str, Any]) -> None:
    busy = desk.job is not None
    if st.button(t("log.start"), type="primary", key="calibrate", icon=":material/query_stats:", disabled=busy):
        mapping_from(data)
        desk.start("log", _target(log, data))
        st.rerun()


def _target(log: _File, data: dict[str, Any]) -> Callable[[Job], Calibration]:
    def target(job: Job) -> Calibration:
        with _on_disk(log) as path:
            return calibrate(path, mapping_from(data), progress=lambda what, share: job.report(log.name, share, what))

    return target


def _ended(desk: Work) -> None:
    """Open what was calibrated, or say why it failed."""
    assert desk.done is not None
    if desk.done.error:
        st.error(desk.done.error)
    elif desk.done.result is not None:
        calibration: Calibration = desk.done.result
        desk.open(calibration.document, "log", calibration)
        st.rerun()

"""History files as tables of text: CSV and TSV (gzip too), XLSX, Parquet."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import pandas as pd

from sim.errors import DataError, Problem

_DELIMITERS = (",", ";", "\t", "|")
_LARGEST_BYTES = 2_000_000_000


def read_frame(
    path: str | Path, delimiter: str | None = None, encoding: str | None = None, sheet: str | None = None
) -> pd.DataFrame:
    """Read a history file.

    Parameters
    ----------
    path
        ``.csv``, ``.tsv``, ``.txt`` (with ``.gz`` too), ``.xlsx``, ``.xls``, ``.ods`` or ``.parquet``.
    delimiter, encoding
        Of a text file; found out if not given.
    sheet
        Of a workbook; the first if not given.

    Returns
    -------
    DataFrame
        Text columns (a Parquet file's moments stay moments); the index counts rows from 0, so that row ``i`` stands in
        line ``i + 2`` of the file.

    Raises
    ------
    DataError
        If the file is missing, empty, has no rows, or cannot be read as what its name says.
    """
    path = Path(path)
    raw = _bytes(path)
    suffix = path.suffixes[-2] if path.suffix.lower() == ".gz" and len(path.suffixes) > 1 else path.suffix
    if suffix.lower() in (".xlsx", ".xls", ".xlsm", ".ods"):
        frame = _workbook(raw, path, sheet)
    elif suffix.lower() == ".parquet":
        frame = _parquet(raw, path)
    else:
        frame = _text(raw, path, delimiter, encoding)
    if frame.empty:
        raise DataError(Problem("no rows below the header", file=str(path), fix="Check that the export ran."))
    return frame.reset_index(drop=True)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise DataError(Problem("too large", file=str(path), allowed="up to 2 GB", fix="Export fewer months."))
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError(Problem("a damaged gzip file", file=str(path), fix="Fetch it again.")) from None
    except OSError as error:
        raise DataError(Problem(f"cannot be read: {error.strerror}", file=str(path), fix="Check the path.")) from None
    if not raw.strip():
        raise DataError(Problem("an empty file", file=str(path), fix="Check that the export ran."))
    return raw


def _text(raw: bytes, path: Path, delimiter: str | None, encoding: str | None) -> pd.DataFrame:
    text = _decode(raw, path, encoding)
    try:
        return pd.read_csv(
            io.StringIO(text),
            sep=delimiter or _delimiter(text),
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            index_col=False,
            skipinitialspace=True,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        what = str(error).split("C error: ")[-1].strip()
        raise DataError(Problem(f"not a table: {what}", file=str(path), fix="Check delimiter and quotes.")) from None


def _decode(raw: bytes, path: Path, encoding: str | None) -> str:
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    for name in [encoding] if encoding else ["utf-16"] if wide else ["utf-8-sig", "gb18030", "cp1252"]:
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        except LookupError:
            break
        if "\x00" not in text:
            return text
    raise DataError(
        Problem("not a text file in a known encoding", file=str(path), given=encoding or "", fix="Save it as UTF-8.")
    )


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into equally many, and the most, fields."""
    lines = [line for line in text[:100_000].splitlines()[:30] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in _DELIMITERS}
    even = [mark for mark, found in counts.items() if len(set(found)) == 1 and found[0] > 0]
    return max(even or _DELIMITERS, key=lambda mark: counts[mark][0])


def _workbook(raw: bytes, path: Path, sheet: str | None) -> pd.DataFrame:
    try:
        return pd.read_excel(
            io.BytesIO(raw), sheet_name=sheet or 0, dtype=str, engine="calamine", keep_default_na=False, na_filter=False
        )
    except ValueError as error:
        raise DataError(Problem(str(error), file=str(path), fix="Say 'sheet:' in the mapping.")) from None
    except Exception as error:  # the reader's own errors have no common base
        raise DataError(Problem(f"not a workbook that can be read: {error}", file=str(path))) from None


def _parquet(raw: bytes, path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(io.BytesIO(raw))
    except (ValueError, OSError) as error:
        what = str(error).split("\n")[0]
        raise DataError(Problem(f"not a Parquet file that can be read: {what}", file=str(path))) from None
    frame = frame.reset_index(drop=True)
    for column in frame:
        if not isinstance(frame[column].dtype, pd.DatetimeTZDtype) and frame[column].dtype.kind != "M":
            frame[column] = frame[column].astype("str").where(frame[column].notna(), "")
    return frame

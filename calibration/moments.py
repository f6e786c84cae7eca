"""Moments and lengths as text: formats found out, local time put on the UTC line, clocks that jump."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import DataError, Problem
from sim.units import DAY_US, SECOND_US

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NAT = np.iinfo(np.int64).min
"""A moment that is not there, before `NEVER` takes its place."""

FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%Y-%m-%d",
)
TIME_FORMATS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p")
DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%y%m%d", "%d-%m-%Y")


def zone_named(name: str) -> ZoneInfo:
    """The time zone of a name.

    Raises
    ------
    DataError
        If there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DataError(
            Problem("no such time zone", "time zone", allowed="an IANA name such as Europe/Berlin", given=name)
        ) from None


def parse(texts: pd.Series, form: str) -> pd.Series:
    """Texts as moments in one format, fractions of a second allowed or missing; what does not fit is NaT.

    Moments with an offset come out in UTC.
    """
    zoned = form.endswith("%z")
    moments = pd.to_datetime(texts, format=form, errors="coerce", utc=zoned)
    unread = moments.isna() & texts.notna()
    if "%S" in form and unread.any():
        twin = form.replace(".%f", "") if ".%f" in form else form.replace("%S", "%S.%f")
        others = pd.to_datetime(texts[unread], format=twin, errors="coerce", utc=zoned)
        moments = moments.astype(others.dtype).where(~unread, others)
    return moments


def to_us(moments: pd.Series) -> Ints:
    """Moments as integer microseconds since 1970 on their own clock; `NAT` where there is none."""
    naive = moments.dt.tz_localize(None) if moments.dt.tz is not None else moments
    return np.asarray(naive.astype("datetime64[us]").astype("int64"), dtype=np.int64)


def find_format(texts: pd.Series, formats: tuple[str, ...], column: str) -> str:
    """The one format in which every text of a column can be read.

    Parameters
    ----------
    texts : Series of str
        Texts that are not empty.

    Raises
    ------
    DataError
        If the column mixes formats, if two readings are possible (day or month first), or if none fits.
    """
    sample = texts if len(texts) <= 4_000 else pd.concat([texts.iloc[:2_000], texts.iloc[:: len(texts) // 2_000]])
    sample = sample.reset_index(drop=True)
    readable = {form: int(parse(sample, form).notna().sum()) for form in formats}
    best = max(readable.values(), default=0)
    if best < max(1, len(sample) // 2):
        raise DataError(
            Problem(
                "not times that can be read",
                f"column {column!r}",
                allowed="such as 2026-03-02 08:15:00, or say 'times:' in the mapping",
                given=repr(str(texts.iloc[0])),
            )
        )
    likely = [form for form, count in readable.items() if count == best]
    if len(likely) > 1:
        whole = {form: int(parse(texts, form).notna().sum()) for form in likely}
        likely = [form for form in likely if whole[form] == max(whole.values())]
        read = parse(texts, likely[0]).notna()
        likely = [form for form in likely if parse(texts, form).notna().equals(read)]
    if len(likely) > 1:
        raise DataError(
            Problem(
                "times that can be read in two ways",
                f"column {column!r}",
                allowed=" or ".join(likely),
                given=repr(str(texts.iloc[0])),
                fix="Say which by 'times:' (or 'date: {format: ...}') in the mapping.",
            )
        )
    return likely[0]


def refuse_mixture(texts: pd.Series, form: str, formats: tuple[str, ...], column: str) -> None:
    """Complain if texts that do not fit a format fit another one.

    Raises
    ------
    DataError
        Naming both formats, each with an example row.
    """
    if texts.empty:
        return
    for other in formats:
        if other != form and parse(texts.iloc[:1000], other).notna().any():
            row = int(texts.index[int(parse(texts.iloc[:1000], other).notna().to_numpy().argmax())])
            raise DataError(
                Problem(
                    f"timestamps in two formats: {form}, and in row {row + 2} {other}",
                    f"column {column!r}",
                    allowed="one format in a column",
                    given=repr(str(texts.loc[row])),
                    fix="Export the column again in one format.",
                )
            )


def to_utc(local_us: Ints, zone: ZoneInfo) -> tuple[Ints, Flags]:
    """Local wall time to UTC.

    A wall time that comes twice means the first of the two.

    Returns
    -------
    (int64 array, bool array)
        Microseconds since 1970 in UTC (`NAT` where there is none), and which wall times do not exist because clocks
        go forward over them.
    """
    wall = pd.Series(local_us.view("datetime64[us]"))
    placed = wall.dt.tz_localize(zone, ambiguous=np.ones(len(wall), dtype=bool), nonexistent="NaT")
    utc = to_us(placed.dt.tz_convert("UTC"))
    return utc, (utc == NAT) & (local_us != NAT)


def to_local(utc_us: Ints, zone: ZoneInfo) -> Ints:
    """UTC to local wall time, both microseconds since 1970."""
    return to_us(pd.Series(utc_us.view("datetime64[us]")).dt.tz_localize("UTC").dt.tz_convert(zone))


def lengths_us(texts: pd.Series) -> Ints:
    """Lengths written as seconds or as ``h:mm:ss``; `NAT` where the text is neither or is negative."""
    plain = texts.astype(str).str.strip()
    seconds = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    clocks = plain.str.extract(r"^(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)$").astype(float).to_numpy(dtype=float)
    seconds = np.where(np.isnan(seconds), clocks @ np.array([3600.0, 60.0, 1.0]), seconds)
    bad = ~(seconds >= 0) | (seconds > 1e10)
    return np.where(bad, NAT, np.floor(np.where(bad, 0, seconds) * SECOND_US + 0.5).astype(np.int64))


def roll_over_midnight(moments: Ints, after: Ints) -> Ints:
    """Moments made of one date and several times of day: more than half a day before the forerunner is the next day."""
    rolled = (moments != NAT) & (after != NAT) & (moments < after - DAY_US // 2)
    return np.where(rolled, moments + DAY_US, moments)

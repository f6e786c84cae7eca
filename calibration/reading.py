"""From a history file and its mapping to contacts, with every row that is left out counted by its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.files import read_frame
from calibration.history import COLUMNS, NOBODY, Drop, Drops, History, day_number, never
from calibration.mapping import Columns, Mapping, guess_mapping
from calibration.moments import (
    DATE_FORMATS,
    FORMATS,
    NAT,
    TIME_FORMATS,
    Flags,
    Ints,
    find_format,
    lengths_us,
    parse,
    refuse_mixture,
    roll_over_midnight,
    to_local,
    to_us,
    to_utc,
    zone_named,
)
from sim.errors import DataError, Problem
from sim.units import DAY_US, NEVER, format_duration

Progress = Callable[[str, float], None]
"""Called with what is being done and the share that is done."""

MOMENTS = ("arrived", "queued", "started", "ended", "released", "left")
_OPTIONAL = ("released", "left")
_BLANK = ("", "NA", "N/A", "null", "NULL", "None", "NaT", "nan", "-")
_LONGEST_US = 7 * DAY_US


def quiet(_: str, __: float) -> None:
    """No progress shown."""


@dataclass
class Sieve:
    """Which rows are still in, and why the others are not."""

    rows: int
    kept: Flags = field(init=False)
    drops: list[Drop] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kept = np.ones(self.rows, dtype=bool)

    def drop(self, which: Flags | pd.Series, reason: str) -> None:
        """Leave rows out, unless they are out already."""
        out = np.asarray(which, dtype=bool) & self.kept
        if out.any():
            self.drops.append(Drop(reason, int(out.sum()), int(out.argmax()) + 2))
            self.kept &= ~out

    def account(self) -> Drops:
        """What was read, kept and dropped."""
        return Drops(self.rows, int(self.kept.sum()), tuple(self.drops), tuple(self.notes))


def read_history(
    path: str | Path,
    mapping: Mapping | None = None,
    window: tuple[dt.date | None, dt.date | None] | None = None,
    progress: Progress = quiet,
) -> tuple[History, Mapping]:
    """Read a call log, or an event log (each activity of a case is then a row of its own).

    Parameters
    ----------
    path
        The file.
    mapping
        What its columns mean; guessed from their names if not given.
    window
        First and last local day to use, both included; wins over the mapping's.
    progress
        Called as the work goes on.

    Returns
    -------
    (History, Mapping)
        The contacts, and the mapping that was used.

    Raises
    ------
    DataError
        If the file or mapping as a whole cannot be used; a single bad row is dropped and counted instead.
    """
    progress("reading the file", 0.0)
    if mapping is None:
        frame = read_frame(path)
        mapping = guess_mapping(frame)
    else:
        frame = read_frame(path, mapping.delimiter, mapping.encoding, mapping.sheet)
    _columns_exist(frame, mapping, str(path))
    progress("reading times", 0.3)
    return contacts(frame, mapping, window, str(path)), mapping


def contacts(
    frame: pd.DataFrame,
    mapping: Mapping,
    window: tuple[dt.date | None, dt.date | None] | None,
    source: str,
) -> History:
    """Contacts from a file that is in memory already; as `read_history`."""
    zone = zone_named(mapping.time_zone)
    sieve = Sieve(len(frame))
    if mapping.kind == "events":
        mapping = _activities_as_contacts(mapping)
    _filter(frame, mapping, sieve)
    moments = read_moments(frame, mapping, zone, sieve)
    table = _table(frame, mapping, moments, sieve)
    first, last = _window(table["enqueued"].to_numpy(), zone, sieve, _ends(mapping, window), source)
    _mostly_kept(sieve, source)
    table = table[sieve.kept].sort_values("enqueued", kind="stable").reset_index(drop=True)
    return History(table[list(COLUMNS)], zone, source, sieve.account(), first, last)


def _activities_as_contacts(mapping: Mapping) -> Mapping:
    columns = mapping.columns
    as_contacts = Columns.model_construct(
        type=columns.activity,
        customer=columns.contact,
        agent=columns.agent,
        arrived=columns.started,
        started=columns.started,
        ended=columns.ended,
        department=columns.department,
        channel=columns.channel,
    )
    return mapping.model_copy(update={"columns": as_contacts, "outcomes": None})


def _ends(
    mapping: Mapping, window: tuple[dt.date | None, dt.date | None] | None
) -> tuple[dt.date | None, dt.date | None]:
    given = window or (None, None)
    return given[0] or mapping.window.from_, given[1] or mapping.window.to


def _columns_exist(frame: pd.DataFrame, mapping: Mapping, source: str) -> None:
    wanted = [name for names in mapping.columns.named().values() for name in names]
    wanted += [mapping.date.column] if mapping.date else []
    missing = [name for name in [*wanted, *mapping.keep] if name not in frame]
    if missing:
        raise DataError(
            Problem(
                f"no column named {', '.join(map(repr, missing))}",
                file=source,
                allowed=", ".join(map(str, frame.columns))[:400],
                fix="Correct the mapping, or see whether the delimiter was read rightly.",
            )
        )


def _filter(frame: pd.DataFrame, mapping: Mapping, sieve: Sieve) -> None:
    for column, values in mapping.keep.items():
        sieve.drop(~frame[column].isin(values), f"filtered out: {column} is not {' or '.join(values)}")
    names = mapping.columns.named().get("contact")
    if names:
        sieve.drop(frame.duplicated(names), f"contact listed twice: same {' and '.join(names)}")


# --- moments ---------------------------------------------------------------------------------------------------------


def read_moments(frame: pd.DataFrame, mapping: Mapping, zone: ZoneInfo, sieve: Sieve) -> dict[str, Ints]:
    """Every moment that the mapping names, in UTC microseconds, `NAT` where it is missing.

    Raises
    ------
    DataError
        If a column's format cannot be found out, or the column mixes two.
    """
    found: dict[str, Ints] = {}
    previous: Ints | None = None
    for name in MOMENTS:
        column = getattr(mapping.columns, name)
        if column is None or (name in _OPTIONAL and _empty(frame[column], mapping).all()):
            continue
        local, bad, is_utc = _local_moments(frame, mapping, column)
        if mapping.date is not None and previous is not None:
            local = roll_over_midnight(local, previous)
        if name in ("arrived", "queued"):
            previous = local if previous is None else np.where(local == NAT, previous, local)
        sieve.drop(bad, f"{column}: not a time")
        if is_utc:
            found[name] = local
            continue
        found[name], skipped = to_utc(local, zone)
        sieve.drop(skipped, f"{column}: a local time that clocks skipped ({zone.key})")
    return found


def _local_moments(frame: pd.DataFrame, mapping: Mapping, column: str) -> tuple[Ints, Flags, bool]:
    """A column's moments, which texts are no time, and whether they carry their own offset."""
    raw = frame[column]
    if isinstance(raw.dtype, pd.DatetimeTZDtype) or raw.dtype.kind == "M":
        zoned = isinstance(raw.dtype, pd.DatetimeTZDtype)
        return to_us(raw.dt.tz_convert("UTC") if zoned else raw), np.zeros(len(raw), dtype=bool), zoned
    texts, empty = raw.str.strip(), _empty(raw, mapping)
    present = texts[~empty]
    if present.empty:
        raise DataError(Problem("a column without a single time", f"column {column!r}", fix="Correct the mapping."))
    formats = (mapping.times,) if mapping.times else TIME_FORMATS if mapping.date else FORMATS
    form = mapping.times or find_format(present, formats, column)
    parsed = parse(texts.where(~empty, None), form)
    bad = (parsed.isna() & ~empty).to_numpy()
    refuse_mixture(texts[bad], form, TIME_FORMATS if mapping.date else FORMATS, column)
    local = to_us(parsed)
    if mapping.date is not None:
        dates, wrong = _dates(frame, mapping)
        local = np.where((local == NAT) | wrong, NAT, local % DAY_US + dates)
        bad = bad | wrong
    return local, bad, form.endswith("%z")


def _empty(raw: pd.Series, mapping: Mapping) -> pd.Series:
    if raw.dtype.kind == "M" or isinstance(raw.dtype, pd.DatetimeTZDtype):
        return raw.isna()
    return raw.str.strip().isin([*_BLANK, *mapping.not_applicable])


def _dates(frame: pd.DataFrame, mapping: Mapping) -> tuple[Ints, Flags]:
    assert mapping.date is not None
    texts = frame[mapping.date.column].astype("str").str.strip()
    present = texts[~texts.isin(_BLANK)]
    if present.empty:
        raise DataError(Problem("a column without a single date", f"column {mapping.date.column!r}"))
    form = mapping.date.format or find_format(present, DATE_FORMATS, mapping.date.column)
    parsed = parse(texts, form)
    refuse_mixture(texts[parsed.isna() & ~texts.isin(_BLANK)], form, DATE_FORMATS, mapping.date.column)
    wrong = parsed.isna().to_numpy()
    return to_us(parsed), wrong


# --- contacts --------------------------------------------------------------------------------------------------------


def _table(frame: pd.DataFrame, mapping: Mapping, moments: dict[str, Ints], sieve: Sieve) -> pd.DataFrame:
    columns = mapping.columns
    missing = np.full(len(frame), NAT)
    arrived = moments.get("arrived", moments.get("queued", missing))
    queued = moments.get("queued", arrived)
    sieve.drop(queued == NAT, "no time of arrival")
    lengths = {name: _lengths(frame, getattr(columns, name), sieve) for name in ("wait", "talk", "hold", "wrap")}
    started = moments.get("started", _later(queued, lengths["wait"]))
    talked = _later(_later(started, lengths["talk"]), _or_zero(lengths["hold"])) if columns.talk else missing
    ended = moments.get("ended", talked)
    answered = _answered(frame, mapping, started, sieve)
    left = _first_known(moments.get("left", missing), _later(queued, lengths["wait"]), ended, started)
    _settle(mapping, sieve, (queued, started, ended, left), answered)
    short = answered & _too_short(mapping, sieve, started, ended)
    answered, left = answered & ~short, np.where(short, started, left)
    started = np.where(answered, np.maximum(started, queued), NAT)
    ended = np.where(answered, np.maximum(ended, started), np.maximum(_first_known(left, queued), queued))
    released = _first_known(moments.get("released", missing), _later(ended, _or_zero(lengths["wrap"])), ended)
    return pd.DataFrame(
        {
            "contact": _text(frame, columns.named().get("contact")),
            "customer": _text(frame, columns.named().get("customer"), mapping.no_customer),
            "type": _type(frame, columns.named().get("type")),
            "priority": _text(frame, columns.named().get("priority")),
            "agent": _text(frame, columns.named().get("agent"), mapping.no_agent),
            "arrived": np.minimum(arrived, queued),
            "enqueued": queued,
            "started": never(started, NAT),
            "ended": ended,
            "released": np.where(answered, np.maximum(released, ended), NEVER),
            "hold": _or_zero(lengths["hold"]),
            "answered": answered,
            "department": _text(frame, columns.named().get("department")),
            "channel": _text(frame, columns.named().get("channel")),
        }
    )


def _lengths(frame: pd.DataFrame, column: str | None, sieve: Sieve) -> Ints:
    if column is None:
        return np.full(len(frame), NAT)
    lengths = lengths_us(frame[column])
    blank = frame[column].astype("str").str.strip().isin(_BLANK)
    sieve.drop((lengths == NAT) & ~blank.to_numpy(), f"{column}: not a length in seconds or h:mm:ss, or negative")
    return lengths


def _later(moments: Ints, lengths: Ints) -> Ints:
    return np.where((moments == NAT) | (lengths == NAT), NAT, moments + np.where(lengths == NAT, 0, lengths))


def _or_zero(lengths: Ints) -> Ints:
    return np.where(lengths == NAT, 0, lengths)


def _first_known(*moments: Ints) -> Ints:
    known = moments[-1]
    for earlier in reversed(moments[:-1]):
        known = np.where(earlier == NAT, known, earlier)
    return known


def _text(frame: pd.DataFrame, names: list[str] | None, none: list[str] | None = None) -> pd.Series:
    if not names:
        return pd.Series(NOBODY, index=frame.index, dtype="str")
    text = frame[names[0]].astype("str").str.strip()
    for name in names[1:]:
        text = text + " " + frame[name].astype("str").str.strip()
    return text.where(~text.isin([*_BLANK, *(none or [])]), NOBODY)


def _type(frame: pd.DataFrame, names: list[str] | None) -> pd.Series:
    if not names:
        return pd.Series("contact", index=frame.index, dtype="str")
    text = _text(frame, names)
    return text.where(text != "", "unnamed")


def _answered(frame: pd.DataFrame, mapping: Mapping, started: Ints, sieve: Sieve) -> Flags:
    if mapping.columns.outcome is None:
        return started != NAT
    texts = frame[mapping.columns.outcome].astype("str").str.strip()
    outcomes = mapping.outcomes
    if outcomes is None:
        raise DataError(
            Problem("an outcome column without 'outcomes'", "outcomes", allowed="answered, abandoned, drop")
        )
    known = [*outcomes.answered, *outcomes.abandoned, *outcomes.drop]
    strange = sorted(set(texts.unique()) - set(known))
    if strange:
        raise DataError(
            Problem(
                "texts of the outcome column that the mapping does not explain",
                "outcomes",
                allowed=", ".join(known),
                given=", ".join(map(repr, strange[:8])),
                fix="Put each under answered, abandoned or drop.",
            )
        )
    for text in outcomes.drop:
        sieve.drop(texts == text, f"outcome {text}: dropped by the mapping")
    return texts.isin(outcomes.answered).to_numpy()


def _settle(mapping: Mapping, sieve: Sieve, times: tuple[Ints, Ints, Ints, Ints], answered: Flags) -> None:
    """Drop rows whose times contradict each other by more than the clocks' tolerance."""
    queued, started, ended, left = times
    sieve.drop(answered & (started == NAT), "answered without a time of answer")
    sieve.drop(answered & (ended == NAT), "answered without an end")
    sieve.drop(answered & (ended < started), "end before start")
    tolerance = mapping.clock_tolerance
    early = answered & (started < queued - tolerance)
    sieve.drop(early, f"answered more than {format_duration(tolerance)} before joining the queue")
    if mapping.never_queued == "left before":
        sieve.drop(~answered & (left == NAT), "left before the queue (no time in the queue)")
    hung = ~answered & (left != NAT)
    sieve.drop(hung & (left < queued - tolerance), "hung up before joining the queue")
    sieve.drop(answered & (ended - started > _LONGEST_US), "a service longer than a week")
    sieve.drop(hung & (left - queued > _LONGEST_US), "a wait longer than a week")


def _too_short(mapping: Mapping, sieve: Sieve, started: Ints, ended: Ints) -> Flags:
    """Services that count as hang-ups."""
    rule = mapping.short_service
    if rule is None or rule.means == "served":
        return np.zeros(len(started), dtype=bool)
    short = (started != NAT) & (ended != NAT) & (ended - started < rule.below)
    if rule.means == "drop":
        sieve.drop(short, f"a service under {format_duration(rule.below)}")
    else:
        sieve.notes.append(
            f"{int((short & sieve.kept).sum())} services under {format_duration(rule.below)} are hang-ups."
        )
    return short


def _window(
    enqueued: Ints, zone: ZoneInfo, sieve: Sieve, ends: tuple[dt.date | None, dt.date | None], source: str
) -> tuple[dt.date, dt.date]:
    known = np.where(enqueued == NAT, 0, enqueued)
    day = to_local(known, zone) // DAY_US
    first, last = ends
    if first is not None:
        sieve.drop(day < day_number(first), f"before the window, which begins on {first}")
    if last is not None:
        sieve.drop(day > day_number(last), f"after the window, which ends on {last}")
    if not sieve.kept.any():
        raise DataError(Problem("no row is left", file=source, given=_reasons(sieve), fix="Correct the mapping."))
    epoch = dt.date(1970, 1, 1)
    inside: NDArray[np.int64] = day[sieve.kept]
    return (
        first or epoch + dt.timedelta(days=int(inside.min())),
        last or epoch + dt.timedelta(days=int(inside.max())),
    )


def _mostly_kept(sieve: Sieve, source: str) -> None:
    """A mapping that loses most rows for faults of the rows is a wrong mapping."""
    meant = ("before the window", "after the window", "filtered out", "outcome ")
    faulty = sum(drop.rows for drop in sieve.drops if not drop.reason.startswith(meant))
    if faulty > sieve.kept.sum():
        raise DataError(
            Problem(
                f"more than half of the rows cannot be used ({faulty} of {faulty + int(sieve.kept.sum())})",
                file=source,
                given=_reasons(sieve),
                fix="The mapping is probably wrong: compare its columns with the file's.",
            )
        )


def _reasons(sieve: Sieve) -> str:
    worst = sorted(sieve.drops, key=lambda drop: -drop.rows)[:3]
    return "; ".join(f"{drop.rows} rows: {drop.reason} (first in row {drop.example_row})" for drop in worst)

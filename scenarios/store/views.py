"""The folder as tables of SQL: DuckDB over its files, each replication once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar

import duckdb
import pandas as pd

from scenarios.store.blocks import SCHEMA
from scenarios.store.errors import StoreError
from scenarios.store.files import read_whole
from scenarios.store.folder import Folder
from sim.errors import Problem

T = TypeVar("T")
_ATTEMPTS = 5
_ESTIMATES = """
create view estimates as
with sums as (
    select run, metric, "of", "owner", count(*) as n, sum(numerator) as above, sum(denominator) as below
    from results group by all
), residuals as (
    select run, metric, "of", "owner", n, above, below, numerator - above / nullif(below, 0) * denominator as residual
    from results join sums using (run, metric, "of", "owner")
)
select run, metric, "of", "owner", any_value(n) as n, any_value(above) as above, any_value(below) as below,
    any_value(above / nullif(below, 0)) as mean,
    sqrt(sum(residual ** 2) / nullif(any_value(n) - 1, 0) / any_value(n))
        / nullif(any_value(below) / any_value(n), 0) as error,
    sqrt(any_value(n) * (any_value(n) - 1)) / nullif(greatest(any_value(n) - 2, 0), 0)
        * sum(residual ** 3) / nullif(sum(residual ** 2) ** 1.5, 0) as lean
from residuals
group by run, metric, "of", "owner"
"""
"""A metric's ratio of sums, its standard error (Cochran 1977, equation 2.45), and its skewness over the root of n."""


def connect(folder: Folder) -> duckdb.DuckDBPyConnection:
    """A connection with the views ``scenarios``, ``results`` and ``estimates``.

    The folder may grow meanwhile; the connection sees the files that were there.
    """
    folder.refresh()
    made = duckdb.connect()
    made.register("scenarios", folder.described())
    files = ", ".join(f"'{_quoted(str(file))}'" for file in folder.results.spans)
    made.register("nothing", SCHEMA.empty_table())
    source = f"read_parquet([{files}])" if files else "nothing"
    distinct = "distinct" if folder.results.twice else ""
    made.execute(f"create view results as select {distinct} * from {source}")
    made.execute(_ESTIMATES)
    return made


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def ask(folder: Folder, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
    """The answer to a question in SQL; asked again if files were joined meanwhile."""
    return patiently(folder, lambda: connect(folder).execute(sql, list(parameters)).df())


def patiently(folder: Folder, read: Callable[[], T]) -> T:
    """What a reader reads, again if files were joined meanwhile.

    Raises
    ------
    StoreError
        If a file is damaged, with its name.
    """
    for _ in range(_ATTEMPTS):
        try:
            return read()
        except (duckdb.IOException, duckdb.InvalidInputException) as error:
            failure = error
    for file in folder.results.spans:
        with contextlib.suppress(FileNotFoundError):
            read_whole(file)
    raise StoreError(Problem(f"results cannot be read: {str(failure).splitlines()[0]}"))


def numbers(folder: Folder, runs: Sequence[str], metrics: Sequence[str]) -> pd.DataFrame:
    """Sums of some metrics of some runs: run, metric, owner, replication, numerator, denominator."""
    columns = 'run, metric, "owner", replication, numerator, denominator'
    sql = f"select {columns} from results where list_contains(?, run) and list_contains(?, metric)"
    return ask(folder, sql, [list(runs), list(metrics)])

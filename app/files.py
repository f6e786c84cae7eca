"""Files that commands write: whole or not at all, and checked before the work that fills them begins."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.errors import ParameterError, Problem

PAGES = (".html", ".htm")


def checked_page(path: Path | None) -> Path | None:
    """The path of a page that is to be written, if it can be.

    Raises
    ------
    ParameterError
        If it does not end in .html, is a folder, or its folder cannot be written to.
    """
    if path is None:
        return None
    if path.suffix.lower() not in PAGES:
        raise ParameterError(Problem("not the name of a page", allowed="a name that ends in .html", given=str(path)))
    return checked_target(path)


def checked_target(path: Path, ending: str = "", force: bool = True) -> Path:
    """The path of a file that is to be written, if it can be.

    Raises
    ------
    ParameterError
        If it ends otherwise, is a folder, exists and ``force`` is not given, or its folder does not exist or cannot be
        written to.
    """
    if ending and path.suffix.lower() != ending:
        what = "the name of another kind of file"
        raise ParameterError(Problem(what, allowed=f"a name that ends in {ending}", given=str(path)))
    if path.is_dir():
        raise ParameterError(Problem("a folder, where a file is to be written", file=str(path)))
    if path.exists() and not force:
        raise ParameterError(Problem("exists already", file=str(path), fix="Choose another name, or use --force."))
    _check_folder(path.absolute().parent)
    return path


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ParameterError(Problem("no such folder", file=str(folder), fix="Create it, or choose another."))
    if not os.access(folder, os.W_OK):
        raise ParameterError(Problem("a folder that you may not write to", file=str(folder), fix="Choose another."))


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then rename it.

    Raises
    ------
    ParameterError
        If it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(name).chmod(0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ParameterError(Problem(f"cannot be written: {error.strerror}", file=str(path))) from None


def checked_folder(path: Path) -> Path:
    """The path of a folder that is to be made, if it can be.

    Raises
    ------
    ParameterError
        If it exists and is not an empty folder, or the folder around it cannot be written to.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ParameterError(Problem("exists already", file=str(path), fix="Choose a new or an empty folder."))
    _check_folder(path.absolute().parent)
    return path


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of ``path`` once everything in it is written, or vanishes."""
    with tempfile.TemporaryDirectory(dir=path.absolute().parent, prefix=f".{path.name}.") as work:
        inside = Path(work, "folder")
        inside.mkdir()
        yield inside
        if path.exists():
            path.rmdir()
        os.replace(inside, path)

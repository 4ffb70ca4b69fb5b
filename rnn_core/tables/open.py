"""The table in a file or a folder, whatever its format: found by what is in it, then by its name."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.registry import Registry
from rnn_core.tables.folder import files_in, is_text, open_folder, texts_in, zip_files
from rnn_core.tables.guess import guess_encoding
from rnn_core.tables.lines import open_delimited, open_json_lines
from rnn_core.tables.parquet import open_parquet
from rnn_core.tables.source import ZIP_BEGINNINGS, FileSource, Member, Source, is_folder, opened_zip
from rnn_core.tables.table import GUESS, Options, Table
from rnn_core.tables.workbook import open_workbook

_AS = "Save it as CSV or .xlsx"
_REFUSED = {
    b"\xd0\xcf\x11\xe0": f"is a workbook with a password, or an old one (.xls). {_AS}, without a password",
    b"\x1f\x8b": "is packed with gzip. Unpack it first",
    b"BZh": "is packed with bzip2. Unpack it first",
    b"\xfd7zXZ": "is packed with xz. Unpack it first",
    b"\x28\xb5\x2f\xfd": "is packed with Zstandard. Unpack it first",
    b"7z\xbc\xaf": "is packed as 7z. Unpack it, or pack it as a zip",
    b"Rar!": "is packed as RAR. Unpack it, or pack it as a zip",
    b"<!DOCTYPE html": "is a web page, perhaps an error message in place of the file. Download it again",
    b"<!doctype html": "is a web page, perhaps an error message in place of the file. Download it again",
    b"%PDF": f"is a PDF. {_AS}",
    b"{\\rtf": f"is a text document. {_AS}",
    b"PARE": "is an encrypted Parquet file. Write it without encryption",
    b"ARROW1": "is an Arrow file. Write it as Parquet",
    b"SQLite format 3": "is a database. Export a table of it as CSV",
}
"""The beginning of files that are no table -> what to do with them."""
_WORKBOOK = "xl/workbook.xml"
_OFFICE = {_WORKBOOK, "[Content_Types].xml", "mimetype"}
"""Files in the zip that a document of an office program is."""
_FIRST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """A format of tables."""

    suffixes: tuple[str, ...]
    """The ends of its files' names, by which a table is found in a zip."""
    is_it: Callable[[Source, bytes], bool]
    """True for a file of this format, given its first bytes."""
    open: Callable[[Source, Options], Table]
    """Raises DataError where there is no table in it."""


_JSON = (".jsonl", ".ndjson", ".json")


def _office_files(source: Source, start: bytes) -> set[str]:
    if not start.startswith(ZIP_BEGINNINGS):
        return set()
    with source.open_seekable() as stream, opened_zip(stream, source.name) as archive:
        return _OFFICE.intersection(archive.namelist())


def _is_json_lines(source: Source, start: bytes) -> bool:
    """True by the name, or if the first line is a JSON object."""
    if source.suffix in _JSON:
        return True
    text = start.decode(guess_encoding(start), "replace").lstrip("\ufeff \t\r\n")
    line = text.split("\n", 1)[0]
    if not line.startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def open_table(path: Path, options: Options = GUESS) -> Table:
    """The table at a path; what the options leave open is guessed. Raises DataError where there is none."""
    return open_folder(path, options) if is_folder(path) else _opened(FileSource(path), options)


def _opened(source: Source, options: Options) -> Table:
    start = source.sample(_FIRST_BYTES)
    for beginning, what in _REFUSED.items():
        if start.startswith(beginning):
            raise DataError(f"{source.name} {what}.")
    for form in FORMATS.values():
        if form.is_it(source, start):
            return form.open(source, options)
    if source.suffix in {".parquet", ".xlsx", ".xlsm", ".xls", ".zip"}:
        raise DataError(
            f"{source.name} isn't what its name says: it doesn't begin as a {source.suffix} file does. "
            "It may be damaged, or have another format."
        )
    return open_delimited(source, options)  # which any text can be


def _open_zip(source: Source, options: Options) -> Table:
    """Open the table in a zip, or its texts. Raises DataError for anything else."""
    with source.open_seekable() as stream, opened_zip(stream, source.name) as archive:
        if _OFFICE.intersection(archive.namelist()):
            raise DataError(f"{source.name} is an office document, but not an .xlsx workbook. {_AS}.")
        if isinstance(source, Member):
            raise DataError(f"{source.name} is a zip inside a zip. Unpack the outer one.")
        members = files_in(archive, source)
    del archive  # with what zipfile keeps of the files, which is ten times as long as their names
    suffixes = (".csv", ".tsv", ".tab", *(suffix for form in FORMATS.values() for suffix in form.suffixes))
    tables = [member for member in members if member.name.lower().endswith(suffixes)]
    if len(tables) > 1:
        names = ", ".join(shown(member.name) for member in tables[:20])
        raise DataError(
            f"{source.name} holds {len(tables):,} tables: {names}. Unpack it and give one of them."
        )
    texts = [member for member in members if is_text(member.name)]
    # A table may be called .txt too.
    if single := tables or (texts if len(members) == len(texts) == 1 else []):
        return _opened(Member(source, single[0].name, single[0].size), options)
    if not texts:
        kinds = ", ".join(shown(member.name) for member in members[:5]) or "nothing"
        raise DataError(f"{source.name} holds no table and no folders of .txt files, but {kinds}.")
    return texts_in(source.path, "zip", texts, partial(zip_files, source), options)


FORMATS: Registry[FileFormat] = Registry(
    "format of tables",
    {
        "Parquet": FileFormat(
            suffixes=(".parquet",), is_it=lambda _, start: start.startswith(b"PAR1"), open=open_parquet
        ),
        "Excel": FileFormat(
            suffixes=(".xlsx",),
            is_it=lambda source, start: _WORKBOOK in _office_files(source, start),
            open=open_workbook,
        ),
        "zip": FileFormat(
            suffixes=(), is_it=lambda _, start: start.startswith(ZIP_BEGINNINGS), open=_open_zip
        ),
        "JSON Lines": FileFormat(suffixes=_JSON, is_it=_is_json_lines, open=open_json_lines),
    },
)
"""The formats by name, in the order in which they are tried; what is of none is CSV."""

"""The table in a file or a folder, whatever its format: found by what is in it, then by its name."""

import json
import stat
from pathlib import Path

from rnn_core.errors import DataError
from rnn_core.tables.archive import Member, content_of, opened_zip
from rnn_core.tables.delimited import DelimitedTable
from rnn_core.tables.folder import open_folder
from rnn_core.tables.guess import guess_encoding
from rnn_core.tables.jsonl import JsonLinesTable
from rnn_core.tables.parquet import ParquetTable
from rnn_core.tables.source import FileSource, Source, unreadable
from rnn_core.tables.table import GUESS, Options, Table
from rnn_core.tables.workbook import WorkbookTable

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
_OF_OFFICE = {_WORKBOOK, "[Content_Types].xml", "mimetype"}
"""Files in the zip that a document of an office program is."""
_FIRST_BYTES = 1_000_000
_JSON = {".jsonl", ".ndjson", ".json"}


def open_table(path: Path, options: Options = GUESS) -> Table:
    """The table at a path; what the options leave open is guessed. Raises DataError where there is none."""
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(kind):
        return open_folder(path, options)
    if not stat.S_ISREG(kind):
        raise DataError(f"{path} is neither a file nor a folder, so it can't be read.")
    return _opened(FileSource(path), options)


def _opened(source: Source, options: Options) -> Table:
    start = source.sample(_FIRST_BYTES)
    for beginning, what in _REFUSED.items():
        if start.startswith(beginning):
            raise DataError(f"{source.name} {what}.")
    if start.startswith(b"PAR1"):
        return ParquetTable(source)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with source.open_seekable() as stream, opened_zip(stream, source.name) as archive:
            names = _OF_OFFICE.intersection(archive.namelist())
        del archive  # with its list of names, which may be long
        if _WORKBOOK in names:
            return WorkbookTable(source, options)
        if names:
            raise DataError(f"{source.name} is an office document, but not an .xlsx workbook. {_AS}.")
        if isinstance(source, Member):
            raise DataError(f"{source.name} is a zip inside a zip. Unpack the outer one.")
        content = content_of(source, options)
        return _opened(content, options) if isinstance(content, Member) else content
    if source.suffix in _JSON or _is_object(start):
        return JsonLinesTable(source, options)
    if source.suffix in {".parquet", ".xlsx", ".xlsm", ".xls", ".zip"}:
        raise DataError(
            f"{source.name} isn't what its name says: it doesn't begin as a {source.suffix} file does. "
            "It may be damaged, or have another format."
        )
    return DelimitedTable(source, options)


def _is_object(start: bytes) -> bool:
    """True if the first line is a JSON object."""
    text = start.decode(guess_encoding(start), "replace").lstrip("\ufeff \t\r\n")
    line = text.split("\n", 1)[0]
    if not line.startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False

"""JSON Lines: one object a line, whose keys are the columns.

The keys of the first thousand objects count. A key that is missing is an empty cell; lists and objects are no
cells.
"""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from typing_extensions import override

from rnn_core.errors import DataError
from rnn_core.files import FormatError
from rnn_core.refusals import shown
from rnn_core.tables.lines import FIRST_BYTES, Lines, TableByLine, encoding_of
from rnn_core.tables.source import Source
from rnn_core.tables.table import Cell, Options, as_cell, unique_names

_FIRST_OBJECTS = 1_000


class JsonLinesTable(TableByLine):
    """A file of JSON Lines."""

    def __init__(self, source: Source, options: Options) -> None:
        """Raises DataError where it holds no object, or none with a text in it."""
        self._source = source
        encoding = encoding_of(source, options.encoding, source.sample(FIRST_BYTES))
        options = replace(options, encoding=encoding, delimiter="", sheet="")
        super().__init__(source.path, "JSON Lines", options, (), source.total_bytes)
        is_nested: dict[str, bool] = {}
        with source.open() as stream:
            for item in itertools.islice(self._objects(Lines(stream, encoding)), _FIRST_OBJECTS):
                for key, value in item.items():
                    is_nested[key] = is_nested.get(key, False) or isinstance(value, list | dict)
        flat = tuple(key for key, nested in is_nested.items() if not nested)
        self.left_out = tuple(key for key in is_nested if key not in flat)
        if not flat:
            nested = ", ".join(map(shown, self.left_out[:20]))
            what = f"only lists and objects: {nested}" if nested else "no values"
            raise DataError(f"{source.name} holds {what}. Each line must have a text, and best a label.")
        self.columns = unique_names(flat, source.name)
        self._keys = dict(zip(self.columns, flat, strict=True))

    @override
    def _rows(self, lines: Lines, columns: Sequence[str]) -> Iterator[Sequence[Cell]]:
        keys = [self._keys[column] for column in columns]
        for row, item in enumerate(self._objects(lines), start=1):
            cells: list[Cell] = []
            for key in keys:
                value = item.get(key)
                if isinstance(value, list | dict):
                    raise DataError(
                        f"Row {row:,} of {self._source.name} (line {lines.number:,}), column {shown(key)}: "
                        "the cell holds a list or an object where a text or a number must be."
                    )
                cells.append(as_cell(value))
            yield cells

    def _objects(self, lines: Lines) -> Iterator[dict[str, Any]]:
        """The object of each line that isn't blank. Raises DataError for a line with anything else."""
        row = 1
        try:
            for line in lines:
                if not line.isspace():
                    yield self._object(line, row, lines.number)
                    row += 1
        except FormatError as error:
            raise DataError(f"Row {row:,} of {self._source.name} {error}.") from error

    def _object(self, line: str, row: int, number: int) -> dict[str, Any]:
        where = f"Row {row:,} of {self._source.name} (line {number:,})"
        try:
            item = _decoder.decode(line)
        except (ValueError, RecursionError) as error:
            if row == 1 and line.lstrip().startswith(("[", "{")):
                where = (
                    f"{self._source.name} is no JSON Lines, where each line is a JSON object of its own, "
                    f"as a list or an object over several lines is not. Row {row:,} (line {number:,})"
                )
            why = "it is nested too deeply"
            if isinstance(error, json.JSONDecodeError):
                why = f"{error.msg[0].lower()}{error.msg[1:]} at character {error.colno:,}"
            raise DataError(f"{where} is no JSON: {why}.") from error
        if not isinstance(item, dict):
            came = "a list" if isinstance(item, list) else "a single value"
            raise DataError(
                f'{where} must be a JSON object such as {{"text": "...", "label": "..."}}, got {came}. '
                "A file that is one long list must be written again with one object a line."
            )
        return {_whole(key): _whole(value) for key, value in item.items()} if "\\u" in line else item


def _whole(value: Any) -> Any:
    r"""Returns a text with ? for half a letter, which JSON can write as \ud83d and no file can hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


# NaN and Infinity, which JSON doesn't have, Python writes for missing numbers.
_decoder = json.JSONDecoder(parse_int=str, parse_constant=lambda _: None)

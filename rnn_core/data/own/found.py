"""What was found in a table, as it passes between two processes."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from rnn_core.errors import DataError, reason
from rnn_core.files import FormatError, from_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Round-trips through JSON."""

    def to_dict(self) -> dict[str, Any]:
        """A dictionary that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """The inverse of `to_dict`, after JSON. Raises DataError."""
        try:
            made: Any = from_value(values, cls)
        except FormatError as error:
            raise DataError(f"What was found in the table can't be read: {reason(error)}.") from error
        return made

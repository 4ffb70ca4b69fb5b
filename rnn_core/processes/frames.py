"""Questions and replies on their way between two processes: JSON and some arrays.

8 bytes that only we write, 8 bytes of length, then a block of safetensors whose metadata has the JSON. What
comes is read inertly, and may have only so many bytes: the other side may run code that is not ours.
"""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO, TypedDict

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

from rnn_core.files import FormatError, from_json, to_json
from rnn_core.processes.bounds import Bounds

Said = dict[str, Any]
"""A value that JSON can hold, and dataclasses of such."""
Arrays = Mapping[str, NDArray[Any]]

LOST = 74
"""Status of a process that can't answer, since its pipes were closed or are others now."""
_MOST_BLOCK = 1_000_000_000
_MOST_JSON = 20_000_000
_LENGTH_BYTES = 8
READY = b"ready"
"""The first block of the side that answers; later ones say how far the answer is, or hold it."""
_BEGINNING = b"\0answer\0"
"""The first bytes of a block on its way: anything else there was written by code that is not ours."""
_DTYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32,
    "I16": np.int16, "I8": np.int8, "U8": np.uint8, "BOOL": np.bool_,
}  # fmt: skip


class Terms(TypedDict):
    """The argument with which a process that answers is started."""

    answers: str
    """Name of the function that returns the one that answers, "module:function"."""
    given: list[str]
    """Its arguments."""
    stack: str
    """Path of the file in which it writes where it is, if it has to end."""
    bounds: Bounds


class Question(TypedDict):
    """A question, its number, and the seconds that its answer may be computed."""

    said: Said
    number: int
    seconds: float | None


class Reply(TypedDict, total=False):
    """One of these: how far the work is, the answer, why there is none, or that memory was lacking."""

    progress: tuple[str, int, int]
    answer: Said
    refused: str
    lacks_memory: bool


def to_block(said: Mapping[str, Any], arrays: Arrays) -> bytes:
    """JSON and arrays as they are sent, without the length; of a dataclass its fields are sent."""
    written = to_json(msgspec.to_builtins(said, enc_hook=_plain))
    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, {"said": written})


def _plain(value: object) -> int | float | str:
    """A number or a text of another class, such as NumPy's, as Python's own. Raises TypeError."""
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"a {type(value).__name__} can't be sent")


def from_block(block: bytes, shape: Any = Said) -> tuple[Any, dict[str, NDArray[Any]]]:
    """The inverse of `to_block`; the arrays can be written to. Raises FormatError for anything else."""
    try:
        found = deserialize(block)
        header = json.loads(
            block[_LENGTH_BYTES : _LENGTH_BYTES + int.from_bytes(block[:_LENGTH_BYTES], "little")]
        )
        text = header["__metadata__"]["said"]
        arrays = {
            name: np.frombuffer(bytearray(part["data"]), _DTYPES[part["dtype"]]).reshape(part["shape"])
            for name, part in found
        }
    except (SafetensorError, ValueError, KeyError) as error:
        raise FormatError(f"it must be a block of safetensors: {error!r}") from error
    return from_json(text, shape, most_bytes=_MOST_JSON), arrays


def write_block(pipe: BinaryIO, block: bytes) -> None:
    """Write a block to a pipe without a buffer. Raises OSError."""
    rest = memoryview(_BEGINNING + len(block).to_bytes(_LENGTH_BYTES, "little") + block)
    while rest:
        rest = rest[pipe.write(rest) :]


def read_block(pipe: BinaryIO) -> bytes:
    """The next block; empty at the end. Raises FormatError where something else comes, or one too long."""
    beginning = _exactly(pipe, len(_BEGINNING))
    if beginning not in (b"", _BEGINNING):
        raise FormatError("another program has written here")
    length = int.from_bytes(_exactly(pipe, _LENGTH_BYTES), "little")
    if length > _MOST_BLOCK:
        raise FormatError(f"a block may have {_MOST_BLOCK:,} bytes, and this one has {length:,}")
    return _exactly(pipe, length)


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    got = bytearray()
    while len(got) < length and (some := pipe.read(min(length - len(got), 2**20))):
        got += some
    return bytes(got) if len(got) == length else b""


def mark_of(number: int) -> bytes:
    """The mark behind all that was printed up to the answer with this number."""
    return b"\0%d\0" % number

"""What goes over the pipe to a process that answers: JSON and arrays, read inertly."""

import json

import numpy as np
import pytest

from rnn_core.files import FormatError
from rnn_core.warm_process import from_block, to_block

SAID = {"operation": "step", "E": 3, "names": ["é", ""]}
ARRAYS = {
    "x": np.arange(6, dtype=np.float32).reshape(2, 3),
    "t": np.zeros((2, 3)).T,
    "n": np.array(3),
    "none": np.zeros((0, 4), np.float32),
    "held": np.array([True, False]),
}


def test_a_question_arrives_as_it_was_asked_and_its_arrays_can_be_written_to():
    said, arrays = from_block(to_block(SAID, ARRAYS))
    assert said == SAID
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype
    arrays["x"][0, 0] = 7


def spoilt():
    block = to_block(SAID, ARRAYS)
    length = int.from_bytes(block[:8], "little")
    header = json.loads(block[8 : 8 + length])
    yield b""
    yield b"no block at all, but long enough"
    for end in (4, 8, 40, len(block) - 1):
        yield block[:end]
    yield block + b"0"
    for change in (
        {"__metadata__": {}},
        {"__metadata__": {"said": "[1]"}},
        {"__metadata__": {"said": "{"}},
        {"x": {**header["x"], "shape": [10**12, 10**12]}},
        {"x": {**header["x"], "dtype": "OBJECT"}},
        {"x": {**header["x"], "data_offsets": [0, 2**40]}},
    ):
        text = json.dumps({**header, **change}).encode()
        yield len(text).to_bytes(8, "little") + text + block[8 + length :]


@pytest.mark.parametrize("block", [*spoilt()])
def test_anything_else_is_refused(block):
    with pytest.raises(FormatError):
        from_block(block)

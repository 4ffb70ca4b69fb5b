"""A made-up answer: it comes step by step, is refused, breaks its bounds, and is ended."""

import contextlib
import math
import os
import sys
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import psutil
import pytest

from rnn_core.errors import ConfigError, DataError
from rnn_core.processes.asking import AnswerRefusedError, End, EndedError, Process, apart
from rnn_core.processes.bounds import Bounds
from rnn_core.progress import Progress, finish
from rnn_core.tables.apart import ask
from rnn_core.tables.table import Options
from tests.data.own.made import finish as finish_saying

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("real_processes")]

ANSWERS = f"{__name__}:answers"


def answers():
    """Registers itself by its name alone."""
    return work


def work(said, arrays):
    yield Progress("Beginning", 1, 3)
    match said["do"]:
        case "refuse":
            raise ConfigError("There is no such cell.")
        case "fill":
            kept = [bytearray(100_000_000) for _ in range(1_000)]
            return {"kept": len(kept)}, {}
        case "compute":
            while True:
                pass
        case "print":
            while True:
                print("x" * 100_000)
        case "crash":
            os.abort()
        case "leave":
            print("no file of that name")
            sys.exit(3)
        case "garble":
            os.write(4, b"\0answer\0")
            for place in range(3, 8):
                with contextlib.suppress(OSError):
                    os.write(place, b"of another kind")
        case "work":
            try:
                for step in range(10_000):
                    time.sleep(0.05)
                    yield Progress("Working", step, 10_000)
            finally:
                Path(said["cleared"]).touch()
    print("done")
    return {"seen": said}, {"twice": 2 * arrays["x"]}


@pytest.fixture(scope="module")
def process():
    process = Process(ANSWERS)
    yield process
    process.close()
    assert process.pid is None


def test_an_answer_comes_with_its_progress(process):
    asked = process.ask({"do": "it"}, {"x": np.arange(3.0)}, first=Progress("First", 0, 1))
    seen, answer = finish_saying(asked)
    assert seen[0] == ("First", 0, 1)
    assert answer.said == {"seen": {"do": "it"}}
    np.testing.assert_array_equal(answer.arrays["twice"], [0, 2, 4])
    assert answer.printed == "done\n"


def test_a_refusal_leaves_the_process_there(process):
    process.start()
    before = process.pid
    with pytest.raises(AnswerRefusedError, match=r"^There is no such cell\.$"):
        finish(process.ask({"do": "refuse"}, {}))
    assert process.pid == before


@pytest.mark.parametrize(
    ("do", "bounds", "seconds", "end"),
    [
        ("fill", Bounds(memory=400_000_000), math.inf, End.MEMORY),
        ("fill", Bounds(memory=None, data=800_000_000), math.inf, End.MEMORY),
        ("compute", Bounds(), 0.3, End.TIME),
        ("print", Bounds(printed=300_000), math.inf, End.PRINTED),
        ("crash", Bounds(), math.inf, End.ITSELF),
        ("garble", Bounds(), math.inf, End.GARBLED),
    ],
)
def test_a_bound_that_is_broken_ends_it(do, bounds, seconds, end):
    if bounds.data and sys.platform != "linux":
        pytest.skip("other systems bound no memory")
    process = Process(ANSWERS, bounds)
    with pytest.raises(EndedError) as ended:
        finish(process.ask({"do": do}, {}, seconds=seconds))
    assert ended.value.end is end
    assert process.pid is None


@pytest.mark.parametrize("patience", [0.0, 5.0])
def test_one_that_is_closed_ends_and_may_clear_away(tmp_path, patience):
    cleared = tmp_path / "cleared"
    process = Process(ANSWERS, Bounds(patience=patience))
    steps = process.ask({"do": "work", "cleared": str(cleared)}, {})
    assert any(step.doing == "Working" for step in steps)
    child = psutil.Process(process.pid)
    steps.close()
    assert not psutil.wait_procs([child], timeout=5)[1]
    assert cleared.exists() == (patience > 0)


def table_work(do: str, table: Options):
    """A made-up work on a table; what it is given has types, as JSON has none."""
    assert isinstance(table, Options)
    found, _ = yield from work({"do": do}, {"x": np.arange(3.0)})
    return found


def wrong_work() -> int:
    """Return another type than the annotation says."""
    return "seven"


def test_what_comes_back_has_the_type_that_is_said():
    assert isinstance(finish(ask(typed_work, table=Options(sheet="two"))), Options)
    with pytest.raises(EndedError) as ended:
        finish(apart(wrong_work))
    assert ended.value.end is End.GARBLED


def typed_work(table: Options) -> Generator[Progress, None, Options]:
    """Return what came."""
    yield Progress("Beginning", 0, 1)
    return table


def test_on_a_table_each_end_is_a_sentence():
    assert finish(ask(table_work, do="it", table=Options(sheet="one"))) == {"seen": {"do": "it"}}
    for do, sentence in {
        "refuse": r"^There is no such cell\.$",
        "leave": r"ended without an answer \(no file of that name\)\. It may have had too little memory",
        "fill": r"takes more than 0\.8 GB of memory, which is the bound\. Cut it into several files",
    }.items():
        with pytest.raises(DataError, match=sentence):
            finish(ask(table_work, most_memory=800_000_000, do=do, table=Options()))

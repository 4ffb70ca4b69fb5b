"""The ground: progress, the machine and its bounds, registries, refusals, files, what processes say."""

import contextlib
import json
import mmap
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from rnn_core import machine, progress
from rnn_core.config.readouts import ReadoutDeclaration
from rnn_core.errors import ConfigError, DataError
from rnn_core.files import FormatError, check_spares, whole_folder, write_whole, written_whole
from rnn_core.paths import import_folder
from rnn_core.processes.bounds import TimeBound
from rnn_core.processes.frames import from_block, to_block
from rnn_core.progress import Progress, RateLimit, Stopwatch, duration, roughly
from rnn_core.refusals import refusal
from rnn_core.registry import Registry, UnknownNameError


class Clock:
    """A clock that stands still until it is moved, and of which a thread gets a share."""

    def __init__(self, share=1.0):
        self.now, self.share = 0.0, share

    def monotonic(self):
        return self.now

    perf_counter = monotonic

    def thread_time(self):
        return self.now * self.share


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_the_time_left_follows_the_pace_of_now(clock):
    """Nothing is said of it before a second is over, or while nothing goes on."""
    stopwatch = Stopwatch()
    left = [stopwatch.seconds_left()]
    for passed, progress_now in (
        (0, Progress("Downloading", 10, 100)),
        (0.9, Progress("Downloading", 15, 100)),
        (4.1, Progress("Downloading", 20, 100)),
        (0, Progress("Preparing", 0, 10)),
        (2, Progress("Preparing", 5, 10)),
        (0, Progress("Waiting", 0, 1)),
        (60, Progress("Waiting", 0, 1)),
    ):
        clock.now += passed
        stopwatch.note(progress_now)
        left.append(stopwatch.seconds_left())
    assert left == [None, None, None, 40, None, 2, None, None]


def test_a_rate_limit_lets_one_through_at_a_time(clock):
    at_once, later = RateLimit(2), RateLimit(2, from_now=True)
    assert [at_once(), at_once(), later()] == [True, False, False]
    clock.now += 2
    assert [at_once(), at_once(), later(), later()] == [True, False, True, False]


def test_estimates_and_durations_have_units_that_fit():
    estimates = {0.2: "5 s", 57: "55 s", 58: "1 min", 115: "2 min", 590: "10 min", 3_590: "1 h 00 min"}
    estimates |= {3_790: "1 h 05 min", 86_300: "24 h 00 min"}
    assert {seconds: roughly(seconds) for seconds in estimates} == estimates
    durations = {0.2: "0 s", 59.6: "1 min 00 s", 599: "9 min 59 s", 600: "10 min", 3_599: "1 h 00 min"}
    assert {seconds: duration(seconds) for seconds in durations} == durations


@pytest.mark.parametrize(
    ("gets", "said", "seconds"), [(1.0, 1.0, 0.2), (0.25, 0.25, 1.7), (0.001, 0.02, 1.7)]
)
def test_the_share_of_a_core_is_what_a_thread_gets(monkeypatch, gets, said, seconds):
    clock = Clock(gets)

    def works(_block):
        clock.now += 0.01

    monkeypatch.setattr(machine, "time", clock)
    monkeypatch.setattr(machine, "zlib", SimpleNamespace(crc32=works))
    assert machine.share_of_a_core() == pytest.approx(said)
    assert clock.now == pytest.approx(seconds, abs=0.03)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS says the most that it ever took")
def test_memory_grows_by_what_a_process_holds():
    written = b"x" * 50_000_000
    before = machine.memory_in_use()
    with mmap.mmap(-1, len(written)) as held:  # pages of its own, where malloc may give back what was freed
        held.write(written)
        assert machine.memory_in_use() - before > 0.8 * len(written)


def test_values_are_found_by_name_in_their_order():
    cells = Registry("cell", {"lstm": 1})
    cells.register("elman", 2)
    assert list(cells.items()) == [("lstm", 1), ("elman", 2)]
    assert cells.get("gru") is None
    with pytest.raises(ConfigError, match="already a cell called 'lstm'"):
        cells.register("lstm", 3)
    cells.remove("lstm")
    cells.register("lstm", 3)
    assert cells["lstm"] == 3


@pytest.mark.parametrize("name", ["gur", "", ["gru"]])
def test_an_unknown_name_brings_up_the_known_ones(name):
    assert issubclass(UnknownNameError, ConfigError)
    with pytest.raises(UnknownNameError, match=r"^There is no cell called .*\. Choose one of: gru, lstm\.$"):
        Registry("cell", {"gru": 1, "lstm": 2})[name]


def test_a_declaration_is_completed_from_above():
    readouts = Registry("readout", {"first": ReadoutDeclaration(reads="a", choice="b", of_states="c")})
    readouts.complete("first", made_by=max)
    assert (readouts["first"].made_by, readouts["first"].reads) == (max, "a")
    with pytest.raises(UnknownNameError, match="There is no readout called 'second'"):
        readouts.complete("second", made_by=max)


def test_other_words_of_msgspec_are_one_short_line():
    sentences = {
        "Value 2.0 at /3/accuracy is above 1.0": "value 2.0 at /3/accuracy is above 1.0",
        "No float - at `$[3].accuracy`": "record 4, accuracy: no float",
        "Expected `decimal` - at `$`": "it must be decimal",
        "x" * 1_000: "x" * 197 + "...",
        "": "",
    }
    assert {said: refusal(said, b"", "record") for said in sentences} == sentences


def test_a_file_is_not_written_over_its_source(tmp_path):
    source, other = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text("old")
    other.hardlink_to(source)
    with pytest.raises(DataError, match=r"b\.csv would replace .*a\.csv, which is read"):
        write_whole(other, b"new", sources=[source])
    assert source.read_text() == other.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv"]
    write_whole(tmp_path / "c.csv", b"new", sources=[source])
    assert (tmp_path / "c.csv").read_text() == "new"


def test_a_folder_replaced_has_nothing_that_is_read(tmp_path):
    source = tmp_path / "corpus" / "deeper" / "aclImdb"
    source.mkdir(parents=True)
    (tmp_path / "lnk").symlink_to(source, target_is_directory=True)
    with pytest.raises(DataError, match="would replace"):
        check_spares(tmp_path / "corpus", [tmp_path / "lnk"])
    check_spares(source, [tmp_path / "corpus"])
    check_spares(tmp_path / "not there", [source])


KILLED = """
import os, signal, sys
from pathlib import Path
from rnn_core.files import written_whole

with written_whole(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), getattr(signal, sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind")
@pytest.mark.parametrize(("end", "left"), [("SIGKILL", 1), ("SIGINT", 0)])
def test_what_a_killed_process_left_goes_with_the_next(tmp_path, end, left):
    words = [sys.executable, "-c", KILLED, str(tmp_path / "a.csv"), end]
    subprocess.run(words, cwd=import_folder(), stderr=subprocess.DEVNULL, check=False)
    assert len(list(tmp_path.iterdir())) == left
    write_whole(tmp_path / "b.csv", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind")
def test_tests_get_ctrl_c_where_it_was_ignored():
    """It is under `nohup make test &`: the tests that send it, and what they start, would wait for ever."""
    code = "import tests.conftest; from signal import *; exit(getsignal(SIGINT) is SIG_IGN)"
    words = ["sh", "-c", 'trap "" INT; exec "$0" -c "$1"', sys.executable, code]
    assert subprocess.run(words, cwd=import_folder(), check=False).returncode == 0


def test_what_another_process_writes_now_stays(tmp_path):
    (tmp_path / ".gatescope-notes").write_text("mine")
    with written_whole(tmp_path / "long.csv") as file:
        file.write(b"half, ")
        write_whole(tmp_path / "short.csv", b"new")
        file.write(b"whole")
    assert (tmp_path / "long.csv").read_text() == "half, whole"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".gatescope-notes", "long.csv", "short.csv"]


def test_an_error_of_what_is_read_keeps_its_file(tmp_path):
    source = tmp_path / "gone.csv"
    with pytest.raises(FileNotFoundError) as caught, written_whole(tmp_path / "a.csv"):
        source.open("rb")
    assert caught.value.filename == str(source)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails", ["within", "in its place", ""])
def test_a_folder_is_the_old_one_or_the_new(tmp_path, fails):
    folder = tmp_path / "corpora" / "mine"
    with whole_folder(folder) as new:
        (new / "old.txt").write_text("old")

    def write():
        with whole_folder(folder) as new:
            (new / "new.txt").write_text("new")
            assert [path.name for path in folder.iterdir()] == ["old.txt"]
            if fails == "within":
                raise OSError("full")
            if fails:
                (new / "new.txt").unlink()
                new.rmdir()  # so that it can't be renamed

    with pytest.raises(OSError, match=r"full|No such") if fails else contextlib.nullcontext():
        write()
    assert [path.name for path in folder.iterdir()] == ["old.txt" if fails else "new.txt"]
    assert [*folder.parent.iterdir()] == [folder]


COMPUTES, SLEEPS, STOPPED = psutil.STATUS_RUNNING, psutil.STATUS_SLEEPING, psutil.STATUS_STOPPED


class Process:
    """A process with so much processor time and this state at each look."""

    def __init__(self):
        self.used, self.state = 5.0, COMPUTES

    oneshot = staticmethod(contextlib.nullcontext)

    def cpu_times(self):
        return self.used - 1, 0.25, 0.5, 0.25, 99.0

    def status(self):
        return self.state


def after(*looks):
    """The words on a bound of 10 s after looks at so many seconds, used seconds and states from before."""
    process, now = Process(), 0.0
    bound = TimeBound(10, lambda: [process], clock=lambda: now)
    assert bound.broken() == ""
    for passed, used, state in looks:
        now, process.used, process.state = now + passed, process.used + used, state
        bound.broken()
    return bound.broken()


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        ([(1, 1, COMPUTES)] * 9, ""),
        ([(1, 1, COMPUTES)] * 11, "computed for 10 s and did not come to an end (an endless loop?)"),
        ([(1, 8, COMPUTES)] * 9, ""),  # eight cores
        ([(1, 0.01, SLEEPS)] * 49, ""),
        ([(1, 0.01, SLEEPS)] * 52, "waited for 50 s and did not go on (does it sleep?)"),
        ([(1, 0, STOPPED)] * 9_999, ""),
        ([(9_999, 0, SLEEPS)], ""),  # this process was stopped
        ([(9_999, 9_999, COMPUTES)], ""),
        pytest.param(
            [(1, 0.001, COMPUTES)] * 9_999,
            "",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="states say less elsewhere"),
        ),
    ],
)
def test_only_its_own_computing_and_waiting_count(looks, words):
    """No time counts in which it is stopped, as is the one that looks, or in which others have the cores."""
    assert after(*looks) == words


SAID = {"operation": "step", "E": 3, "names": ["é", ""]}
ARRAYS = {
    "x": np.arange(6, dtype=np.float32).reshape(2, 3),
    "t": np.zeros((2, 3)).T,
    "n": np.array(3),
    "none": np.zeros((0, 4), np.float32),
    "held": np.array([True, False]),
}


def test_a_question_arrives_as_it_was_asked():
    said, arrays = from_block(to_block(SAID, ARRAYS))
    assert said == SAID
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype
    arrays["x"][0, 0] = 7
    plain, _ = from_block(to_block({"state": np.str_("h"), "rate": np.float64(0.5)}, {}))
    assert plain == {"state": "h", "rate": 0.5}


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

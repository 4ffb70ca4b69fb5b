"""A student's code in a process of its own, and how that ends."""

import contextlib
import signal
import subprocess
import sys
import time

import psutil
import pytest
import torch

from rnn_core.errors import OwnCellError
from rnn_core.own_cells import process as kept
from rnn_core.own_cells.process import OwnProcess
from rnn_core.paths import import_folder
from rnn_core.processes.bounds import Bounds
from rnn_core.progress import finish
from tests.own_cells.files import LEAKY, a_file, leaky_that
from tests.own_cells.in_process import ask
from tests.runs.workers import wait_until

pytestmark = pytest.mark.slow

STEP = {
    "operation": "step",
    "said": {"E": 3, "H": 4},
    "arrays": {"x": torch.ones(2, 3), "s0": torch.zeros(2, 4), "d0": torch.ones(2, 4)},
}
IGNORES = "import signal; signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n        while True: pass"
WAITS = "import threading; threading.Event().wait()"


def test_what_is_printed_comes_beside_the_answer(process):
    answer = ask(process, leaky_that("print('hello')"), **STEP)
    assert answer.printed == "hello\n"
    assert answer.arrays["new0"].shape == (2, 4)
    assert ask(process, a_file(LEAKY), "open").printed == ""


def test_files_may_be_written_and_it_is_said(process, tmp_path):
    path = tmp_path / "notes.txt"
    answer = ask(process, leaky_that(f"open({str(path)!r}, 'w').write('n')"), **STEP)
    assert answer.wrote == (str(path),)
    assert path.read_text() == "n"
    is_gone = "import tempfile; tempfile.gettempdir(); tempfile.TemporaryFile().close()"
    assert ask(process, leaky_that(is_gone), **STEP).wrote == ()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("while True: pass", "The code computed for 0.5 s and did not come to an end (an endless loop?)"),
        (WAITS, "The code waited for 1 s and did not go on (does it sleep?)"),
        ("import sys; sys.exit(0)", "It ends the process, as sys.exit() does: leave that out"),
        ("import os; os._exit(0)", "It ends the process with os._exit(0): leave that out"),
        ("import ctypes; ctypes.string_at(0)", "The process that ran the code crashed"),
        ("import os; os.abort()", "The process that ran the code crashed"),
        ("import os; os.fork()", "It starts another process, which the code of a cell may not do"),
        ("import subprocess; subprocess.run(['true'])", "It starts another process"),
        ("import os; os.kill(os.getpid(), 9)", "It sends a signal to a process"),
        ("import nothing_of_it", "The package nothing_of_it isn't installed here"),
        ("input()", "It reads standard input, which has nothing here"),
        ("while True: print('x' * 100_000)", "The code prints more than a screen can show"),
        ("self.run = lambda: self.run(); self.run()", "A function calls itself without an end"),
        ("torch.ones(25_000_000_000)", "It needs more memory than it may have"),
    ],
)
def test_a_bad_end_is_a_sentence_that_names_the_line(process, statement, sentence):
    if "torch" in statement and sys.platform != "linux":
        pytest.skip("elsewhere memory that is not used is given to anybody")
    seconds = {WAITS: 0.2, "while True: pass": 0.5}.get(statement, 20)
    with pytest.raises(OwnCellError) as error:
        ask(process, leaky_that(statement), **STEP, seconds=seconds)
    assert error.value.line == 15
    assert str(error.value).startswith(f"leaky.py, line 15: {sentence}")
    assert str(error.value).endswith(f"`{statement}`.")
    assert ask(process, a_file(LEAKY), "open").said["line"]


@pytest.mark.usefixtures("real_processes")
def test_a_real_process_has_no_compiler_and_a_bound():
    """The compiler of torch takes seconds to be imported. What needs more memory bit by bit is ended."""
    own = OwnProcess(Bounds(memory=500_000_000))
    ask(own, leaky_that("import sys; assert 'torch._dynamo' not in sys.modules"), **STEP)
    ask(own, leaky_that("import sys; assert 'torch._dynamo' not in sys.modules, 'by a time step'"), **STEP)
    with pytest.raises(OwnCellError, match=r"takes more than 0\.5 GB of memory") as error:
        ask(own, leaky_that("kept = [torch.ones(1_000_000) for _ in range(10_000)]"), **STEP)
    assert error.value.line in (15, None)
    assert own.pid is None


@pytest.mark.skipif(sys.platform == "win32", reason="there is no signal that stops")
def test_time_in_which_it_is_stopped_is_not_its(process):
    ask(process, a_file(LEAKY), **STEP)
    stops = leaky_that(f"import ctypes, os; ctypes.CDLL(None).kill(os.getpid(), {int(signal.SIGSTOP)})")
    asking = process.asking(stops, **STEP, seconds=0.5)
    child = psutil.Process(process.pid)
    wait_until(lambda: next(asking) and child.status() == psutil.STATUS_STOPPED)
    until = time.monotonic() + 1.6
    while time.monotonic() < until:
        next(asking)
    child.resume()
    assert finish(asking).said["backward_error"] is None


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize("then", ["\n        while True: pass", "; pass"])
def test_nothing_is_left_even_of_what_was_not_refused(then):
    """A library in C can start processes of which Python does not know."""
    own = OwnProcess()
    statement = f"import ctypes, time; c = ctypes.CDLL(None).fork() or time.sleep(600){then}"
    ask(own, a_file(LEAKY), "open")
    child = psutil.Process(own.pid)
    asking = own.asking(leaky_that(statement), **STEP)
    until = time.monotonic() + 20
    while not (left := child.children(recursive=True)) and time.monotonic() < until:
        next(asking, None)
    assert left
    asking.close()
    own.close()
    assert not psutil.wait_procs([child, *left], timeout=5)[1]


def test_it_ends_when_the_process_that_asks_is_killed():
    """Though the code holds the lock of Python."""
    script = (
        "from tests.own_cells.test_process import *\n"
        "own = OwnProcess()\n"
        "for _ in own.asking(leaky_that('10 ** 10 ** 9'), **STEP, seconds=1):\n"
        "    print(own.pid, flush=True)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=import_folder(), stdout=subprocess.PIPE, text=True
    )
    child = psutil.Process(int(parent.stdout.readline()))
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert not psutil.wait_procs([child], timeout=120)[1]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("import sys; sys.stdout = None", None),
        ("import threading; threading.Thread(target=lambda: sum(0 for _ in iter(int, 1))).start()", None),
        ("class Odd(Exception): __str__ = None\n        raise Odd()", "leaky.py, line 16: Odd"),
        (IGNORES, "an endless"),
    ],
)
def test_odd_code_harms_only_itself(process, statement, sentence):
    with pytest.raises(OwnCellError, match=sentence) if sentence else contextlib.nullcontext():
        answer = ask(process, leaky_that(statement), **STEP, seconds=1 if sentence else 20)
        assert answer.said["backward_error"] is None
    assert ask(process, a_file(LEAKY), "open").said["line"]


@pytest.mark.usefixtures("real_processes")  # which have no descriptors but their own
def test_its_own_pipes_are_no_business_of_a_file():
    own = OwnProcess()
    for statement in (
        "for one in range(10):\n            with contextlib.suppress(OSError): os.write(one, b'x')",
        "os.closerange(0, 10); [open(os.devnull) for _ in range(10)]",
    ):
        with pytest.raises(OwnCellError) as error:
            ask(own, leaky_that(f"import contextlib, os\n        {statement}"), **STEP)
        assert error.value.sentence.startswith("The answer of the code can't be read")
        assert "does it close files that it did not open, or write to them?" in error.value.sentence
        assert "Traceback" not in error.value.printed
    own.close()


def test_two_files_stay_warm_and_the_next_was_ready(monkeypatch):
    files = [a_file(f"{LEAKY}# {number}\n") for number in range(3)]
    try:
        first = kept.warm(files[0])
        assert ask(first, files[0], "open").said["line"]
        assert kept.warm(files[0]) is first
        wait_until(lambda: kept._spare)
        [spare] = kept._spare
        assert kept.warm(files[1]) is spare
        pids = [first.pid, spare.pid]
        ask(kept.warm(files[2]), files[2], "open")
        assert not psutil.pid_exists(pids[0])
        assert psutil.pid_exists(pids[1])
        long_ago = time.monotonic() - kept.IDLE_SECONDS  # its zero is the start of the machine
        monkeypatch.setattr(kept, "_used", long_ago)
        pids = [one.pid for one in (*kept._warm.values(), *kept._spare)]
        kept._close_idle()
        assert not any(pid is not None and psutil.pid_exists(pid) for pid in pids)
    finally:
        kept.close_all()

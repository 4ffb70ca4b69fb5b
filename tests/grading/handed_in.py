"""Files that classes hand in, and a checker that stands in for the processes."""

import time
from dataclasses import asdict
from pathlib import Path

from rnn_core.cell_files.folder import CellFile
from rnn_core.grading.checker import Checked
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.report import Report
from rnn_core.processes.asking import Answer, End, EndedError
from tests.own import as_sent
from tests.own_cells.files import a_remark

FILE_NAMES = {number: exercise.file_name for number, exercise in EXERCISES.items()}


def hand_in(folder, **sources):
    """Writes files into the folder of a student, `my_gru="..."`, and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, source in sources.items():
        (folder / f"{stem}.py").write_text(source, encoding="utf-8")
    return folder


class Scripted:
    """Says of a file what its first comment asks for: right, wrong, hidden, late, lost, slow, odd or raises.

    One that is late takes too long, unless it is asked about again, or always as "late twice".
    """

    def __init__(self, asked=None):
        self.asked = [] if asked is None else asked
        self.closed = False

    def ask(self, said, arrays, *, seconds):
        said = as_sent(said)
        is_again = any(one == said for one, _ in self.asked)
        self.asked.append((said, {task: content.tobytes() for task, content in arrays.items()}))
        yield
        task = said["task"]
        content = arrays[task].tobytes()
        what, _, more = content.decode().partition("\n")[0].removeprefix("# ").partition(" ")
        while what == "slow":
            time.sleep(0.01)
            yield
        if what == "late" and (more == "twice" or not is_again):
            checked = Checked(unchecked="It computed for 60 s.", is_too_slow=True, seconds=60)
            return Answer(asdict(checked), {}, "", 60.0)
        if what == "lost":
            raise EndedError(End.MEMORY)
        if what == "raises":
            raise ZeroDivisionError(more)
        if what == "odd":
            return Answer({"failed": "all"}, {}, "", 0.0)
        file = CellFile.of(Path(FILE_NAMES[task]), content)
        remarks = [a_remark("keep-gate", "z is the other way round.")]
        if what == "wrong":
            remarks.insert(0, a_remark("no-nonlinearity", more or "There is no tanh.", line=3))
        report = Report(
            exercise=task,
            file=file.file_name,
            digest=file.digest,
            remarks=tuple(remarks),
            printed=more if what == "right" else "",
        )
        failed = tuple(range(len(said["hidden"]))) if what == "hidden" else ()
        return Answer(asdict(Checked(report=report, failed=failed, seconds=0.5)), {}, "", 0.5)

    def close(self):
        self.closed = True

"""The page Build: a file is made, saved, checked and answered; hints, solutions, cells of one's own.

Its checks answer at once, with what a test wants to see.
"""

import threading

import pytest

from pages.components.build import looking
from rnn_core.cell_files.folder import read_cell_file
from rnn_core.cell_files.switch import SWITCH
from rnn_core.errors import CellError
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.mistakes import MISTAKES
from rnn_core.own_cells.report import Report
from rnn_core.paths import own_cells_folder
from rnn_core.progress import Progress
from tests.cell_files.sources import traced
from tests.own_cells.files import a_remark
from tests.pages.elements import as_written, body, click, press, said

GRU = EXERCISES["4"]
WRONG, OTHER, NOTE = "z-twice", "old-state-not-kept", "keep-gate"
RIGHT_CELL = GRU.solution
WRONG_CELL = RIGHT_CELL.replace("(1 - z) * h + z * n", "z * n + z * n")
LINE = next(n for n, line in enumerate(WRONG_CELL.splitlines(), start=1) if "z * n + z * n" in line)


class Checks:
    """Stands in for checks: answers with the remarks of the first words that a source has."""

    def __init__(self):
        self.answers = {}
        """Words of a source -> the remarks on it."""
        self.more = {}
        """Further values of the reports."""
        self.asked = []
        """Name, exercise and earlier files of each check."""
        self.go_on = threading.Event()
        """A check ends when it is set."""
        self.go_on.set()

    def check(self, file, exercise, earlier):
        self.asked.append((file.file_name, exercise and exercise.number, sorted(earlier)))
        yield Progress("Looking at the source", 0, 2)
        while not self.go_on.wait(0.01):
            yield Progress("Trying the weights", 1, 2)
        remarks = next((tuple(found) for says, found in self.answers.items() if says in file.source), ())
        more = {"exercise": exercise.number if exercise is not None else "", "remarks": remarks, **self.more}
        return Report(file=file.file_name, digest=file.digest, **more)


@pytest.fixture
def checks(monkeypatch):
    made = Checks()
    monkeypatch.setattr(looking, "check", made.check)
    monkeypatch.setattr(looking, "warm", lambda file: None)
    yield made
    made.go_on.set()


def save(name, source):
    """Saves a file of the user's, as an editor does."""
    path = own_cells_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    return path


def codes(app):
    return [block.value for block in app.code]


def keys(app):
    return {button.key for button in app.button}


@pytest.fixture
def open_task(open_app):
    """A function that opens the page at a task."""
    return lambda number="4": open_app("build", {"exercise": number})


def check(app, settle):
    press(app, "Check")
    return settle(app)


def test_a_file_is_made_from_its_template(open_task, checks):
    """It is never overwritten, and not checked unasked."""
    app = open_task()
    assert f"Task 4: {GRU.title}" in said(app)
    assert r"\textcolor" in app.latex[0].value
    path = own_cells_folder() / "my_gru.py"
    assert not path.exists()
    assert codes(app) == [str(path), GRU.template.strip()]
    assert all(block.proto.wrap_lines for block in app.code)  # nothing of it is cut
    press(app, "Create my_gru.py")
    assert path.read_text() == GRU.template
    assert codes(app) == [str(path), GRU.template.strip()]
    assert not checks.asked  # what nobody has written yet is not checked unasked
    path.unlink()
    app.run()
    path.write_text("mine = 1\n")
    press(app, "Create my_gru.py")
    assert (path.read_text(), codes(app)[1]) == ("mine = 1\n", "mine = 1")


def test_opening_the_page_runs_nothing_and_check_does(open_task, checks, settle):
    """Progress that can't be read is said, and the page goes on."""
    save("progress.json", "[")
    save("my_gru.py", RIGHT_CELL)
    app = open_task()
    assert not checks.asked
    assert "can't be read" in app.warning[0].value
    check(app, settle)
    assert checks.asked == [("my_gru.py", "4", [])]
    assert f"Task 4, {GRU.title}: passed" in [box.proto.title for box in app.success]
    assert "Delete it to begin again" in said(app)


def test_a_saved_file_is_checked_and_its_mistake_named(open_task, checks, settle):
    """The first one, with its line and its numbers."""
    sentence = "The old state is *not* kept: write `(1 - z) * h` in <b>forward</b>."
    numbers = {"shapes": "yours (5, 8), expected (8, 5)", "yours": (0.25, 1e-5), "ours": (-0.5, 2e6)}
    first = a_remark(WRONG, sentence, line=LINE, **numbers)
    checks.answers = {"z * n + z * n": [first, a_remark(OTHER, "h leaks.", line=3, is_reported=True)]}
    checks.more = {"printed": "hello <b>", "built_on": ("your my_rnn.py", "our loop")}
    save("my_gru.py", RIGHT_CELL)
    app = open_task()
    save("my_gru.py", WRONG_CELL)
    settle(app.run())
    assert len(checks.asked) == 1
    assert MISTAKES[WRONG].title in said(app)
    assert r"\*not\* kept\: write `(1 - z) * h` in \<b\>forward\</b\>" in as_written(app)
    drawn = [f"<i>{LINE}</i><span>return z * n + z * n</span>", "yours (5, 8), expected (8, 5)"]
    drawn += ["<td>0.2500</td><td>1.00e-05</td>", "<td>−0.5000</td><td>2.00e+06</td>"]
    assert [part for part in drawn if part not in body(app)] == []
    assert "1 further mistake" in [each.label for each in app.expander][1]
    assert "reported by your code's process" in as_written(app)
    assert "checked together with your my_rnn.py and our loop" in said(app)
    assert "hello <b>" in codes(app)
    assert not [*app.success, *app.warning]


def test_the_next_save_says_what_is_fixed_and_new(open_task, checks, settle):
    """A task that passed has a tick."""
    note = a_remark(NOTE, "z is the other way round.")
    checks.answers = {
        "z * n + z * n": [a_remark(WRONG, "z is there twice.")],
        "h * h": [a_remark(OTHER, "h is squared."), note],
        "(1 - z)": [note],
    }
    save("my_gru.py", "")
    app = open_task()
    save("my_gru.py", WRONG_CELL)
    settle(app.run())
    assert "Since the last check" not in said(app)
    save("my_gru.py", WRONG_CELL.replace("z * n + z * n", "h * h"))
    settle(app.run())
    names = [MISTAKES[code].title for code in (WRONG, OTHER)]
    gone, new = (name[0].lower() + name[1:] for name in names)
    assert f"Since the last check: no longer found: {gone}; new: {new}." in said(app)
    assert app.get_by_key("build_step_4").icon == ""
    checks.more = {"fits": "a GRU with the reset before the product"}
    save("my_gru.py", RIGHT_CELL)
    settle(app.run())
    assert "It computes the same as a GRU with the reset before the product." in said(app)
    assert f"Since the last check: fixed: {new}." in said(app)
    assert f"Not wrong, and worth knowing** **{MISTAKES[NOTE].title}" in said(app)
    assert app.get_by_key("build_step_4").icon == ":material/check_circle:"
    press(app, f"Task 5: {EXERCISES['5'].title}")
    assert f"Task 5: {EXERCISES['5'].title}" in said(app)
    assert app.query_params["exercise"] in ("5", ["5"])


def test_later_checks_get_what_passed_as_it_was_then(open_app, open_task, checks, settle):
    """The first task that has not passed is shown first, but where the address chooses."""
    assert "Task 1:" in said(open_app("build"))
    save("my_rnn.py", "rnn = 1")
    check(open_task("1"), settle)
    assert "Task 2:" in said(open_task("nine"))
    assert "Task 7:" in said(open_app("build", {"task": "7"}))  # as earlier versions said it
    save("my_loop.py", "loop = 1")
    app = check(open_task("2"), settle)
    assert app.get_by_key("build_step_1").icon == ":material/check_circle:"
    assert checks.asked[-1] == ("my_loop.py", "2", ["1"])
    save("my_rnn.py", "rnn = 2")
    check(app, settle)
    assert checks.asked[-1] == ("my_loop.py", "2", ["2"])


def test_our_solution_comes_after_all_hints_or_passing(open_task, checks, settle):
    path = save("my_gru.py", WRONG_CELL)
    app = open_task()
    for number, hint in enumerate(GRU.hints, start=1):
        assert hint not in as_written(app)
        assert GRU.solution.strip() not in codes(app)
        click(app, "build_next_hint")
        assert f"**Hint {number}.** {hint}" in as_written(app)
    assert "build_next_hint" not in keys(app)
    assert codes(app)[-2:] == [WRONG_CELL.strip(), GRU.solution.strip()]

    path.write_text(f"# mine\n{RIGHT_CELL}")
    assert codes(check(open_task(), settle))[-2:] == [f"# mine\n{RIGHT_CELL}".strip(), GRU.solution.strip()]


def test_one_check_runs_at_a_time_and_can_be_cancelled(open_task, checks, settle):
    """A file saved meanwhile is checked after it."""
    save("my_gru.py", RIGHT_CELL)
    app = open_task()
    checks.go_on.clear()
    press(app, "Check")
    assert "build_check" not in keys(app)
    save("my_gru.py", WRONG_CELL)
    app.run()
    assert len(checks.asked) == 1  # one at a time
    checks.go_on.set()
    settle(app)
    settle(app)
    assert len(checks.asked) == 2

    checks.go_on.clear()
    press(app, "Check")
    click(app, "build_cancel")
    assert "The check was cancelled" in said(app)
    assert not app.get_by_key("build_check").disabled
    app.run()
    assert len(checks.asked) == 3  # and it stays so until the file is saved or Check is pressed


def test_the_timer_notices_every_save_and_a_file_gone(monkeypatch):
    path = save("my_gru.py", "one")
    now = looking._saved(path)

    def runs_again(saved=now):
        asked = []
        monkeypatch.setattr(looking.st, "rerun", lambda: asked.append(True))
        looking._watch(path, saved)
        return bool(asked)

    assert not runs_again()
    path.write_text("two")  # as large as before
    assert runs_again()
    path.unlink()
    assert runs_again()
    assert not runs_again(None)


def test_a_check_that_fails_says_why(open_task, checks, settle, monkeypatch):
    def fail(*_):
        raise CellError("The process of your cell ended.")
        yield

    monkeypatch.setattr(looking, "check", fail)
    save("my_gru.py", RIGHT_CELL)
    app = check(open_task(), settle)
    assert "The process of your cell ended." in said(app)
    assert not app.get_by_key("build_check").disabled


def test_a_file_that_is_no_text_is_refused(open_task, checks, settle):
    """One that is no Python has a caret."""
    path = save("my_gru.py", "")
    path.write_bytes(b"caf\xe9")
    app = open_task()
    assert "Save it as UTF-8" in said(app)
    assert app.get_by_key("build_check").disabled
    checks.answers = {"def": [a_remark(WRONG, "It ends early.", line=1)]}
    path.write_text("def f(:\n")
    settle(app.run())
    assert "<span>      ^</span>" in body(app)


def test_a_cell_of_ones_own_is_made_listed_and_checked(open_app, open_task, checks, settle):
    """It leads to Train, Read and Cells once it was read as equations; another file does not."""
    app = open_task("own")
    assert "None yet." in said(app)
    app.text_input(key="build_name").set_value("lambda")
    click(app, "build_new")
    assert "must be an identifier" in said(app)
    app.text_input(key="build_name").set_value("leaky")
    app.selectbox(key="build_from").set_value("gru")
    click(app, "build_new")
    path = own_cells_folder() / "leaky.py"
    assert "(1 - z) * h" in path.read_text()
    assert app.get_by_key("build_own_list").options == ["leaky"]
    check(app, settle)
    assert checks.asked == [("leaky.py", None, [])]
    assert "Nothing is wrong with it" in [box.proto.title for box in app.success]
    assert not app.get("page_link")
    checks.more = {"traced": traced(read_cell_file(path))}
    check(app, settle)
    assert [link.proto.disabled for link in app.get("page_link")] == [False, True, False]  # none is trained
    save("leaky.py", f"{RIGHT_CELL}# more")
    app.run()
    assert "leaky.py has changed since it was checked" in said(app).replace("\\", "")
    checks.more = {}
    save("leaky.py", path.read_text())
    check(app, settle)

    save("my_gru.py", RIGHT_CELL)  # the file of a task is none of these
    save("other.py", "nothing here")
    save("gru.py", RIGHT_CELL)
    app.run()
    assert app.get_by_key("build_own_list").options == ["gru", "leaky", "other"]
    gru, leaky, other = app.get_by_key("build_own_list").proto.captions
    assert "There is already a cell called gru" in gru
    assert ["nothing wrong" in leaky, "no runs" in leaky, "not checked as it is now" in other] == [True] * 3
    app.get_by_key("build_own_list").set_value("other").run()
    assert str(own_cells_folder() / "other.py") in codes(app)
    assert not app.get("page_link")
    before = open_app("build", {"task": "own", "cell": "other"})  # as earlier versions said it
    assert str(own_cells_folder() / "other.py") in codes(before)
    app.get_by_key("build_own_list").set_value("gru").run()
    assert "There is already a cell called gru" in app.error[0].value
    assert app.get_by_key("build_check").disabled


def test_own_cells_that_are_off_can_be_allowed(open_task, checks, monkeypatch):
    """No task has controls then."""
    monkeypatch.setenv(SWITCH, "0")
    app = open_task()
    assert codes(app) == ["gatescope app --own-cells"]
    assert "Own cells are off" in said(app)
    assert {key for key in keys(app) if key} == {
        key for key in keys(app) if (key or "").startswith("build_step_")
    }

"""The page Build: a file is made, saved, checked and answered; hints, solutions, cells of one's own."""

import pytest

from pages.components.build import looking
from rnn_core.cell_files.switch import SWITCH
from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.own_cells.mistakes import MISTAKES, Mistake
from rnn_core.own_cells.report import remark
from rnn_core.paths import own_cells_folder
from tests.pages.elements import as_written, body, click, labels, press, said

GRU = EXERCISES["4"]
WRONG, OTHER, NOTE = "made-up", "made-up-too", "made-up-note"
RIGHT_CELL = GRU.solution
WRONG_CELL = RIGHT_CELL.replace("(1 - z) * h + z * n", "z * n + z * n")
LINE = next(n for n, line in enumerate(WRONG_CELL.splitlines(), start=1) if "z * n + z * n" in line)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    made = {
        WRONG: Mistake("No old state", "It forgets."),
        OTHER: Mistake("Rows leak", "One row reads another."),
        NOTE: Mistake("z the other way round", "Both are right.", is_wrong=False),
    }
    monkeypatch.setattr(MISTAKES, "_values", {**MISTAKES, **made})


def mistake(
    code=WRONG, sentence="The old state is *not* kept: write `(1 - z) * h` in <b>forward</b>.", **more
):
    return remark(code, sentence, **more)


def codes(app):
    return [block.value for block in app.code]


def shown(source):
    """As Streamlit shows it."""
    return source.strip()


def keys(app):
    return {button.key for button in app.button}


def open_task(open_app, number="4"):
    return open_app("build", {"exercise": number})


def test_a_task_says_what_it_asks_and_its_file_is_made_from_the_template_and_never_overwritten(
    open_app, checks
):
    app = open_task(open_app)
    assert f"Task 4: {GRU.title}" in said(app)
    assert r"\textcolor" in app.latex[0].value
    path = own_cells_folder() / "my_gru.py"
    assert not path.exists()
    assert codes(app) == [str(path), shown(GRU.template)]
    assert all(block.proto.wrap_lines for block in app.code)  # nothing of it is cut
    press(app, "Create my_gru.py")
    assert path.read_text() == GRU.template
    assert codes(app) == [str(path), shown(GRU.template)]
    assert not checks.asked  # what nobody has written yet is not checked unasked
    path.unlink()
    app.run()
    path.write_text("mine = 1\n")
    press(app, "Create my_gru.py")
    assert path.read_text() == "mine = 1\n"
    assert "mine = 1" in codes(app)


def test_opening_the_page_runs_nothing_and_check_does(open_app, checks, save, settle):
    save("my_gru.py", RIGHT_CELL)
    app = open_task(open_app)
    assert not checks.asked
    press(app, "Check")
    settle(app)
    assert checks.asked == [("my_gru.py", "4", [])]
    assert f"Task 4, {GRU.title}: passed" in [box.proto.title for box in app.success]


def test_a_saved_file_is_checked_by_itself_and_the_first_mistake_is_named_with_its_line_and_numbers(
    open_app, checks, save, settle
):
    first = mistake(line=LINE, shapes="yours (5, 8), expected (8, 5)", yours=(0.25, 1e-5), ours=(-0.5, 2e6))
    checks.answers = {"z * n + z * n": [first, mistake(OTHER, "h leaks.", line=3, is_reported=True)]}
    checks.more = {"printed": "hello <b>", "built_on": ("your my_rnn.py", "our loop")}
    save("my_gru.py", RIGHT_CELL)
    app = open_task(open_app)
    save("my_gru.py", WRONG_CELL)
    settle(app.run())
    assert len(checks.asked) == 1
    assert MISTAKES[WRONG].title in said(app)
    assert r"\*not\* kept\: write `(1 - z) * h` in \<b\>forward\</b\>" in as_written(app)
    drawn = body(app)
    assert f"<i>{LINE}</i><span>return z * n + z * n</span>" in drawn
    assert "yours (5, 8), expected (8, 5)" in drawn
    assert "<td>0.2500</td><td>1.00e-05</td>" in drawn
    assert "<td>−0.5000</td><td>2.00e+06</td>" in drawn
    assert "1 further mistake" in [each.label for each in app.expander][1]
    assert "reported by your code's process" in as_written(app)
    assert "checked together with your my_rnn.py and our loop" in said(app)
    assert "hello <b>" in codes(app)
    assert not app.success


def test_the_next_save_says_what_is_fixed_and_what_is_new_and_a_task_that_passed_has_a_tick(
    open_app, checks, save, settle
):
    checks.answers = {
        "z * n + z * n": [mistake()],
        "h * h": [mistake(OTHER, "h is squared."), mistake(NOTE, "z is the other way round.")],
        "(1 - z)": [mistake(NOTE, "z is the other way round.")],
    }
    save("my_gru.py", "")
    app = open_task(open_app)
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
    assert f"Not wrong, but worth knowing** **{MISTAKES[NOTE].title}" in said(app)
    assert app.get_by_key("build_step_4").icon == ":material/check_circle:"
    press(app, f"Task 5: {EXERCISES['5'].title}")
    assert f"Task 5: {EXERCISES['5'].title}" in said(app)
    assert app.query_params["exercise"] in ("5", ["5"])


def test_what_passed_is_kept_and_given_to_later_checks_only_as_it_was_then(open_app, checks, save, settle):
    save("my_rnn.py", "rnn = 1")
    press(first := open_task(open_app, "1"), "Check")
    settle(first)
    save("my_loop.py", "loop = 1")
    press(app := open_task(open_app, "2"), "Check")
    settle(app)
    assert app.get_by_key("build_step_1").icon == ":material/check_circle:"
    assert checks.asked[-1] == ("my_loop.py", "2", ["1"])
    save("my_rnn.py", "rnn = 2")
    press(app, "Check")
    settle(app)
    assert checks.asked[-1] == ("my_loop.py", "2", ["2"])


def test_the_first_task_that_has_not_passed_is_shown_first_and_the_address_chooses(
    open_app, checks, save, settle
):
    assert "Task 1:" in said(open_app("build"))
    save("my_rnn.py", "rnn = 1")
    press(app := open_task(open_app, "1"), "Check")
    settle(app)
    assert "Task 2:" in said(open_app("build"))
    assert "Task 7:" in said(open_task(open_app, "7"))
    assert "Task 2:" in said(open_task(open_app, "nine"))
    assert "Task 7:" in said(open_app("build", {"task": "7"}))  # as earlier versions said it


def test_hints_come_one_after_the_other_and_only_then_or_after_passing_our_solution(
    open_app, checks, save, settle
):
    path = save("my_gru.py", WRONG_CELL)
    app = open_task(open_app)
    for number, hint in enumerate(GRU.hints, start=1):
        assert hint not in as_written(app)
        assert shown(GRU.solution) not in codes(app)
        click(app, "build_next_hint")
        assert f"**Hint {number}.** {hint}" in as_written(app)
    assert "build_next_hint" not in keys(app)
    assert codes(app)[-2:] == [shown(WRONG_CELL), shown(GRU.solution)]

    path.write_text(f"# mine\n{RIGHT_CELL}")
    press(other := open_task(open_app), "Check")
    settle(other)
    assert codes(other)[-2:] == [shown(f"# mine\n{RIGHT_CELL}"), shown(GRU.solution)]


def test_a_check_can_be_cancelled_and_what_is_saved_meanwhile_is_checked_after_it(
    open_app, checks, save, settle
):
    save("my_gru.py", RIGHT_CELL)
    app = open_task(open_app)
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


def test_the_timer_notices_a_save_by_content_a_save_of_the_same_and_a_file_that_is_gone(
    checks, save, monkeypatch
):
    asked = []
    monkeypatch.setattr(looking.st, "rerun", lambda: asked.append(True))
    path = save("my_gru.py", "one")
    now = looking._saved(path)
    looking._watch(path, now)
    assert not asked
    path.write_text("two")
    looking._watch(path, now)
    assert len(asked) == 1
    assert looking._saved(path).size == now.size
    path.unlink()
    looking._watch(path, now)
    assert len(asked) == 2
    looking._watch(path, None)
    assert len(asked) == 2


def test_a_check_that_fails_says_why_and_the_page_goes_on(open_app, checks, save, settle, monkeypatch):
    from rnn_core.errors import CellError

    def fail(*_):
        raise CellError("The process of your cell ended.")
        yield

    monkeypatch.setattr(looking, "check", fail)
    save("my_gru.py", RIGHT_CELL)
    app = open_task(open_app)
    press(app, "Check")
    settle(app)
    assert "The process of your cell ended." in said(app)
    assert not app.get_by_key("build_check").disabled


def test_a_file_that_is_no_text_is_refused_in_a_sentence_and_one_that_is_no_python_has_a_caret(
    open_app, checks, save, settle
):
    path = save("my_gru.py", "")
    path.write_bytes(b"caf\xe9")
    app = open_task(open_app)
    assert "Save it as UTF-8" in said(app)
    assert app.get_by_key("build_check").disabled
    checks.answers = {"def": [mistake(line=1)]}
    path.write_text("def f(:\n")
    settle(app.run())
    assert "<span>      ^</span>" in body(app)


def test_a_cell_of_ones_own_is_made_listed_and_checked_as_a_free_one(open_app, checks, save, settle):
    app = open_task(open_app, "own")
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
    press(app, "Check")
    settle(app)
    assert checks.asked == [("leaky.py", None, [])]
    assert "Nothing is wrong with it" in [box.proto.title for box in app.success]

    save("my_gru.py", RIGHT_CELL)  # the file of a task is none of these
    save("other.py", "nothing here")
    save("gru.py", RIGHT_CELL)
    app.run()
    assert app.get_by_key("build_own_list").options == ["gru", "leaky", "other"]
    captions = app.get_by_key("build_own_list").proto.captions
    assert "There is already a cell called gru" in captions[0]
    assert "nothing wrong" in captions[1]
    assert "no runs" in captions[1]
    assert "not checked as it is now" in captions[2]
    app.get_by_key("build_own_list").set_value("other").run()
    assert str(own_cells_folder() / "other.py") in codes(app)
    before = open_app("build", {"task": "own", "cell": "other"})  # as earlier versions said it
    assert str(own_cells_folder() / "other.py") in codes(before)
    app.get_by_key("build_own_list").set_value("gru").run()
    assert "There is already a cell called gru" in app.error[0].value
    assert app.get_by_key("build_check").disabled
    assert not app.get("page_link")


def test_a_cell_leads_to_train_read_and_cells_and_what_is_no_cell_does_not(open_app, checks, save):
    save("my_gru.py", RIGHT_CELL)
    links = [link.proto for link in open_task(open_app).get("page_link")]
    assert [link.disabled for link in links] == [False, True, False]
    save("my_loop.py", EXERCISES["2"].solution)
    app = open_task(open_app, "2")
    assert not app.get("page_link")


def test_where_own_cells_are_off_the_page_says_how_to_allow_them_and_has_no_controls(
    open_app, checks, monkeypatch
):
    monkeypatch.setenv(SWITCH, "0")
    app = open_task(open_app)
    assert codes(app) == ["gatescope app --own-cells"]
    assert "Own cells are off" in said(app)
    assert not {key for key in keys(app) if key and key.startswith("build_")}
    assert "Check" not in labels(app)


def test_progress_that_cannot_be_read_is_said_and_the_page_goes_on(open_app, checks, save, settle):
    save("progress.json", "[")
    save("my_gru.py", RIGHT_CELL)
    app = open_task(open_app)
    assert "can't be read" in app.warning[0].value
    press(app, "Check")
    settle(app)
    assert f"Task 4, {GRU.title}: passed" in [box.proto.title for box in app.success]
    assert "Delete it to begin again" in app.warning[1].value

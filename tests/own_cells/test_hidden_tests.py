"""A teacher's hidden tests are data: read inertly, and refused in words where they can't be."""

import pytest

from rnn_core.errors import DataError
from rnn_core.own_cells.case import Case
from rnn_core.own_cells.hidden_tests import HiddenTest, read_hidden_tests

TASKS = [str(number) for number in range(1, 8)]


def read(folder, *texts):
    for number, text in enumerate(texts):
        (folder / f"{number}.toml").write_text(text, encoding="utf-8")
    return read_hidden_tests(folder, TASKS)


def test_what_a_hidden_test_does_not_say_is_as_usual(tmp_path):
    (tmp_path / "README.md").touch()
    plain, full = read(
        tmp_path,
        'title = "plain"',
        'title = "Große\\nWeights"\ntasks = [5, 4]\nlengths = [3, 9]\nscale = 4\nseed = 71',
    )
    assert plain == HiddenTest("plain", tuple(TASKS), Case())
    assert full == HiddenTest("Große?Weights", ("5", "4"), Case(lengths=(3, 9), scale=4.0, seed=71))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tasks = [1]", "it must have title"),
        ('title = ""', "title: it must be text of length >= 1"),
        ('title = "a"\nlenghts = [1]', "it can't have 'lenghts'"),
        ('title = "a"\nlengths = []', "lengths: it must be a list"),
        ('title = "a"\nlengths = [0]', r"lengths\[0\]: it must be a whole number >= 1"),
        ('title = "a"\nlengths = [100_000]', r"lengths\[0\]: it must be a whole number <= 200"),
        ('title = "a"\ninput_size = 1', "input_size: it must be a whole number >= 2"),
        ('title = "a"\nhidden_size = 1e9', "hidden_size: it must be a whole number"),
        ('title = "a"\nscale = inf', "scale: it must be a number <= 4"),
        ('title = "a"\nscale = nan', "scale: it must be a number"),
        ('title = "a"\nseed = true', "seed: it must be a whole number"),
        ('title = "a"\ntasks = ["4"]', "tasks.*it must be a whole number"),
        ('title = "a"\ntasks = [9]', "there is no task 9"),
        ("title =", "Invalid value"),
        (f"a = {'[' * 5_000}", "recursion"),
        ("#" * 20_000, "at most 10,000 bytes"),
    ],
)
def test_a_hidden_test_that_can_not_be_is_refused_with_its_name(tmp_path, text, why):
    with pytest.raises(DataError, match=rf"The hidden test .*0\.toml can't be used: .*{why}"):
        read(tmp_path, text)


def test_titles_are_different_and_there_is_one_at_least(tmp_path):
    with pytest.raises(DataError, match=r"must have 1 to 50 \.toml files"):
        read(tmp_path)
    with pytest.raises(DataError, match="the same title"):
        read(tmp_path, 'title = "a"', 'title = "a"')
    with pytest.raises(DataError, match="is no folder"):
        read_hidden_tests(tmp_path / "nowhere", TASKS)

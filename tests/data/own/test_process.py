"""Adding in a process of its own: the same result, the same sentences, nothing left by one that was ended."""

import sys
import time

import pytest

from rnn_core.data.own.catalogue import own_names
from rnn_core.data.own.process import add_apart, look_apart, survey_apart
from rnn_core.data.own.survey import look_at, survey
from rnn_core.errors import DataError
from rnn_core.paths import own_corpora_folder
from tests.data.own.made import finish, recipe_for, table, two_classes

pytestmark = pytest.mark.slow


def test_a_look_a_survey_and_an_adding_say_what_they_say_in_this_process(tmp_path):
    source = table(tmp_path, two_classes())
    assert finish(look_apart(source.path))[1] == look_at(source)
    recipe = recipe_for(source)
    here = finish(survey(source, recipe))[1]
    progress, there = finish(survey_apart(recipe))
    assert there == here
    assert {"Opening the table", "Looking through the table"} <= {one.doing for one in progress}
    assert finish(add_apart("own", recipe))[1] == here
    assert own_names() == ["own"]


def test_what_is_wrong_is_said_in_the_same_sentence(tmp_path):
    source = table(tmp_path, [(f"text {i}", "a") for i in range(20)])
    with pytest.raises(DataError, match="a network needs two classes at least"):
        finish(add_apart("own", recipe_for(source)))
    source.path.unlink()
    with pytest.raises(DataError, match="There is no file or folder"):
        finish(survey_apart(recipe_for(source)))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bound no memory")
def test_a_bound_on_memory_that_is_hit_is_said(tmp_path):
    with pytest.raises(DataError, match=r"takes more than 0.1 GB of memory, which is the bound"):
        finish(survey_apart(recipe_for(table(tmp_path, two_classes())), most_memory=60_000_000))


def test_an_adding_that_is_closed_ends_its_process_and_leaves_nothing(tmp_path):
    source = table(tmp_path, [(f"some words of text number {i}", "ab"[i % 2]) for i in range(60_000)])
    adding = add_apart("own", recipe_for(source))
    until = time.monotonic() + 60
    while next(adding).doing != "Preparing texts":
        assert time.monotonic() < until
    assert any(path.name.startswith(".own.") and path.is_dir() for path in own_corpora_folder().iterdir())
    adding.close()
    assert [path.name for path in own_corpora_folder().iterdir()] == [".own.lock"]
    assert own_names() == []

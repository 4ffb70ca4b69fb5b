"""What the preview says of a table."""

import pytest

from rnn_core.data.own.survey import QUANTILES, Survey, survey
from rnn_core.errors import DataError
from rnn_core.files import from_json, to_json
from tests.data.own.made import finish, recipe_for, table, two_classes


def surveyed(source, **choices):
    return finish(survey(source, recipe_for(source, **choices)))[1]


def test_every_label_is_counted_in_every_split(tmp_path):
    rows = [(text, label, "train") for text, label in two_classes()]
    found = surveyed(table(tmp_path, [*rows, ("x", "a", "test"), ("y", "", "dev")]), split="split")
    assert found.rows == 42
    assert found.labels == {
        "a": {"training": 20, "validation": 0, "test": 1, "not said": 0},
        "b": {"training": 20, "validation": 0, "test": 0, "not said": 0},
    }
    assert found.classes["a"] == {"training": 20, "validation": 0, "test": 1}
    assert found.left_out.without_class == 1


def test_lengths_and_tokens_are_those_of_the_texts_that_have_any(tmp_path):
    found = surveyed(table(tmp_path, [*two_classes(), ("...", "a"), ("one", "a"), ("seven " * 7, "b")]))
    assert found.tokens == 40 * 3 + 1 + 7
    assert dict(zip(QUANTILES, found.lengths, strict=True))[0.0] == 1
    assert dict(zip(QUANTILES, found.lengths, strict=True))[1.0] == 7
    assert found.left_out.empty == 1


def test_a_table_that_makes_no_corpus_is_counted_and_says_why(tmp_path):
    found = surveyed(table(tmp_path, [(f"text {i}", f"{i % 7}.5") for i in range(100)]))
    assert "Give thresholds, such as 4,7" in found.problem
    assert found.classes == {}
    assert (found.rows, found.distinct_labels, len(found.labels)) == (100, 7, 7)


def test_a_survey_comes_back_from_json(tmp_path):
    found = surveyed(table(tmp_path, [*two_classes(), ("rare", "c")]))
    assert found.small == (("c", 1),)
    assert Survey.from_dict(from_json(to_json(found.to_dict()), dict)) == found
    with pytest.raises(DataError, match="What was found in the table can't be read: it must have rows"):
        Survey.from_dict({})

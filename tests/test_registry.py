import pytest

from rnn_core.errors import ConfigError
from rnn_core.registry import Registry, UnknownNameError


def test_values_are_found_by_name_in_the_order_of_registration():
    cells = Registry("cell", {"lstm": 1})
    cells.register("elman", 2)
    assert list(cells.items()) == [("lstm", 1), ("elman", 2)]


@pytest.mark.parametrize("name", ["gur", "", ["gru"]])
def test_an_unknown_name_raises_and_the_message_lists_the_known_ones(name):
    with pytest.raises(UnknownNameError, match=r"^There is no cell called .*\. Choose one of: gru, lstm\.$"):
        Registry("cell", {"gru": 1, "lstm": 2})[name]


def test_an_unknown_name_is_a_wrong_setting_and_a_missing_key():
    assert issubclass(UnknownNameError, ConfigError)
    assert Registry("cell").get("gru") is None


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(ConfigError, match="already a cell called 'gru'"):
        Registry("cell", {"gru": 1}).register("gru", 2)


def test_what_was_removed_can_be_registered_again():
    cells = Registry("cell", {"gru": 1})
    cells.remove("gru")
    cells.register("gru", 2)
    assert cells["gru"] == 2

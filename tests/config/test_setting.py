"""A setting is typed and parsed the same way wherever it is written: as an option, a factor or an address."""

import pytest

from rnn_core.config.run import all_settings
from rnn_core.config.setting import flag, option
from rnn_core.errors import ConfigError

SETTINGS = {name: setting for _, name, setting in all_settings()}


def test_every_default_comes_back_from_the_way_it_is_typed():
    for name, declared in SETTINGS.items():
        parsed = declared.parse(str(declared.default))
        assert parsed == declared.default, name
        assert type(parsed) is declared.kind, name


@pytest.mark.parametrize(("text", "value"), [("on", True), ("True", True), ("off", False), ("FALSE", False)])
def test_a_switch_is_on_or_off_as_well_as_true_or_false(text, value):
    assert SETTINGS["start_token"].parse(text) is value


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("start_token", "1", "Start token must be true or false, got '1'."),
        ("epochs", "2.5", "Epochs must be a whole number, got '2.5'."),
        ("epochs", "0", "Epochs must be between 1 and 1,000, got 0."),
        ("learning_rate", "fast", "Learning rate must be a number, got 'fast'."),
        ("learning_rate", "nan", "Learning rate must be between 1e-07 and 100.0, got nan."),
        ("cell", "GRU", "Cell must be one of elman, ugrnn, gru, lstm, mingru, minlstm, indrnn, got 'GRU'."),
    ],
)
def test_what_can_not_be_is_refused_in_a_sentence(name, text, sentence):
    with pytest.raises(ConfigError) as refused:
        SETTINGS[name].parse(text)
    assert str(refused.value) == sentence


def test_an_option_has_hyphens_and_a_switch_its_no():
    assert option("vocab_size") == "--vocab-size"
    assert flag("learning_rate", 0.003) == "--learning-rate 0.003"
    assert (flag("start_token", True), flag("start_token", False)) == ("--start-token", "--no-start-token")

"""The form of the Train page: presets, addresses, each setting, what it says before a start."""

import contextlib
import re
from copy import copy

import pytest

from pages.components.shared import corpora, cost
from pages.components.shared.settings import DECLARED, control_key, train_address
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import OF_NEXT_TOKENS
from rnn_core.data.sources import recommended_config
from rnn_core.symbols import CELLS
from rnn_core.training.estimate import estimate
from tests.cell_files.sources import checked
from tests.pages.elements import choose, labels, press, put, said, texts, walk
from tests.pages.train.made import DEMONSTRATION, TINY, control, make_run, setting
from tests.runs.workers import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


def settings(page, *names):
    return [setting(page, name) for name in names]


def test_the_form_has_what_suits_its_texts(open_train, store, monkeypatch):
    """The usual ones stand at the start: IMDB with the quick preset, or else the verdict corpus."""
    page = open_train()
    assert setting(page, "data") == "verdict"
    assert page.session_state["train_preset"] == "demonstration"
    assert "Start training" in labels(page)
    monkeypatch.setattr(corpora, "usual_data", lambda: "imdb")
    page = open_train()
    assert page.session_state["train_preset"] == "quick" == next(iter(PRESETS))
    assert setting(page, "label_odds") == recommended_config("imdb").model.label_odds
    for data, preset in (("verdict", "demonstration"), ("imdb", "quick")):
        choose(page, "setting_data", data)
        page.run()  # the marked preset is that of the settings when a run begins
        assert page.session_state["train_preset"] == preset
    choose(page, "setting_data", "language-parity")
    suits = recommended_config("language-parity").values()
    names = ("learning_rate", "epochs", "weight_decay", "vocab_size")
    assert settings(page, *names) == [suits[name] for name in names]


def test_an_address_of_before_a_preset_still_opens(open_train, store):
    page = open_train(data="imdb", cell="lstm", input="one-hot")
    assert settings(page, "cell", "vocab_size", "max_length", "epochs") == ["lstm", 5_000, 256, 4]
    assert "possible" not in texts(page, "error") + texts(page, "warning")


def test_a_preset_and_its_address_fill_the_form(open_train, store):
    """A setting that is changed makes it none, and goes to the address."""
    page = open_train(data="verdict", cell="elman", seed="7")
    for name, (title, sentence, config) in PRESETS.items():
        filled = {"data": config.data, "task": config.task, **config.values()}
        assert open_train(**train_address(config)).session_state["train_settings"] == filled, name
        page.get_by_key("train_preset").set_value(name).run()
        assert page.session_state["train_settings"] == filled, name
        assert page.session_state["train_preset"] == name
        assert f"**{title}**: {sentence}" in [caption.value for caption in page.caption]
        assert re.fullmatch("[A-Z].+[.]", sentence)
    page.get_by_key("train_preset").set_value("demonstration").run()
    control(page, "cell").set_value("lstm").run()
    page.run()
    assert page.session_state["train_preset"] is None
    assert page.query_params["cell"] == "lstm"
    assert "epochs" not in page.query_params


def test_every_setting_has_its_control(open_train, store):
    seen = set()
    taught = {"bigrams": "5000", "teachers": "some"}
    pairs = (("verdict", "gru"), ("imdb", "gru"), ("verdict", "lstm"))
    windows = RunConfig().with_settings(task="next-token", truncation="post", windows="all")
    for form in (*({"data": data, "cell": cell, **taught} for data, cell in pairs), train_address(windows)):
        page = open_train(**form)
        for name, declared in DECLARED.items():
            with contextlib.suppress(KeyError):
                shown = page.get_by_key("teachers_chosen" if name == "teachers" else control_key(name))
                assert shown.label == declared.label
                assert shown.help.endswith(declared.help)  # behind the reason, where it is disabled
                seen.add(name)
    assert seen == set(DECLARED)


def offered(page, *names):
    """The settings of these that have a control."""
    keys = {getattr(part, "key", None) for part in walk(page._tree)}
    return {name for name in names if control_key(name) in keys}


def test_what_cell_and_texts_have_no_use_for_is_hidden(open_train, store, monkeypatch):
    """It follows from the cell's declaration, where it was decided by its name."""
    hidden = "excerpts snippets reset forget_bias embedding_size bigrams counted_bigrams bigram_dropout "
    hidden += "label_odds adversarial teachers_share peepholes"
    page = open_train(data="verdict", cell="elman", input="one-hot")
    assert not offered(page, *hidden.split())
    lstm = copy(CELLS["lstm"])
    lstm.update, lstm.settings = None, {"reset": "before"}
    monkeypatch.setitem(CELLS._values, "lstm", lstm)
    page = open_train(data="verdict", cell="lstm")
    assert offered(page, "reset", "forget_bias", "windows", "tied") == {"reset"}


def test_a_teacher_is_offered_chosen_and_taken_back(open_train, store, make_model):
    make_model("one")
    make_model("two", cell="elman")
    make_model("of-another-seed", seed=3)
    page = open_train(data="verdict")
    teachers = page.multiselect(key="teachers_chosen")
    assert sorted(teachers.options) == ["Elman on verdict corpus · two", "GRU on verdict corpus · one"]
    teachers.set_value(["one", "two"]).run()
    assert page.query_params["teachers"] == "one+two"
    assert control(page, "teachers_share")
    page.multiselect(key="teachers_chosen").set_value([]).run()
    assert "teachers" not in page.query_params
    page = open_train(data="verdict", teachers="one two")  # what a browser makes of a plus that is typed
    assert page.multiselect(key="teachers_chosen").value == ["one", "two"]
    page = open_train(data="verdict", teachers="one+one")
    assert "Each teacher must be named once" in texts(page, "warning")
    assert page.multiselect(key="teachers_chosen").value == []


def test_an_address_that_lags_takes_nothing_back(open_train, store):
    """A browser that asks before it got the address which the page wrote asks with the one before."""
    page = open_train(data="verdict")
    control(page, "max_length").set_value(300).run()
    assert page.query_params["max_length"] == "300"
    del page.query_params["max_length"]
    control(page, "layers").set_value(2).run()
    assert (setting(page, "max_length"), setting(page, "layers")) == (300, 2)
    assert page.query_params["max_length"] == "300"


def test_a_setting_that_changes_nothing_is_disabled(open_train, store):
    """It says why, and keeps its value; one that is on can be taken back."""
    page = open_train(data="verdict", cell="gru", bigrams="5000", padding="post", class_weights="balanced")
    assert control(page, "padding").disabled
    assert "Padding is skipped, so its side changes nothing" in texts(page, "caption")
    assert control(page, "layer_dropout").disabled
    assert "one layer, so nothing lies between layers" in control(page, "layer_dropout").help
    assert not control(page, "class_weights").disabled
    control(page, "class_weights").set_value("off")
    control(page, "layers").set_value(2)
    control(page, "skip_padding").set_value(False).run()
    assert page.query_params["layers"] == "2"
    assert setting(page, "padding") == "post"
    assert "changes nothing" not in texts(page, "caption")
    assert control(page, "class_weights").disabled
    assert "Both classes have equally many reviews" in control(page, "class_weights").help
    idle = "excerpts snippets teachers teachers_share class_weights coupled_gates peepholes"
    others = set(DECLARED) - {*idle.split(), *OF_NEXT_TOKENS}
    assert not [name for name in others if control(page, name).disabled]


def test_the_cost_is_said_before_the_start(open_train, store, monkeypatch):
    """A precision that is slower here is named so; it can be started."""
    monkeypatch.setattr(cost, "estimate", estimate)
    monkeypatch.setattr(cost, "_PATIENCE", PATIENCE)
    monkeypatch.setattr("rnn_core.training.device.has_instructions", lambda: False)
    monkeypatch.setattr("rnn_core.training.device.speed_of_bfloat16", lambda: 0.25)
    page = open_train(**TINY, precision="bfloat16")
    assert "Slower here: this processor multiplies 0.25 times as fast" in texts(page, "caption")
    assert "Start training" in labels(page)
    control(page, "precision").set_value("float32").run()
    assert "Slower here" not in texts(page, "caption")
    assert "parameters to learn" in said(page)
    assert re.search(r"about \*\*.+\*\* for [\d,]+ optimizer steps", said(page))


def test_the_form_takes_the_settings_of_the_run(open_train, store):
    """Three settings stand in a sentence; behind a button are all, an own cell among them."""
    run = make_run(store, cell="lstm", hidden_size=17, start_token=False)
    page = open_train(run=run.id, cell="elman", data="verdict")
    assert "**Settings of the next run**" in said(page)
    assert f"**The charts show another run than the form:** {run.title}" in texts(page, "markdown")
    others = "start token on in place of off; cell Elman in place of LSTM; hidden size 128 in place of 17."
    assert f"The form has {others}" in texts(page, "caption")
    press(page, "Use its settings")
    assert settings(page, "cell", "hidden_size", "start_token") == ["lstm", 17, False]
    assert "The form has the same settings." in said(page)
    assert "Use its settings" not in labels(page)
    page = open_train(run=run.id, data="verdict", cell=checked("leaky").name, epochs="7", seed="3")
    assert "All 5 differences" in [part.proto.popover.label for part in page.get("popover")]
    for one in ("cell leaky in place of LSTM", "epochs 7 in place of 4", "seed 3 in place of 0"):
        assert f"- {one}" in texts(page, "markdown")


def test_a_few_starts_and_cells_are_in_view(open_train, store):
    """All are one click away, each with a sentence; one of these that is chosen is shown there."""
    page = open_train(data="verdict")
    starts, cells = page.get_by_key("train_preset_in_view"), page.get_by_key("setting_cell_in_view")
    assert (starts.options, starts.value) == (["Film reviews", "A first run", "Counting"], "demonstration")
    assert (cells.options, cells.value) == (["plain RNN (Elman)", "GRU", "LSTM"], "gru")
    for choice in (page.get_by_key("train_preset"), control(page, "cell")):
        assert len(choice.options) == len(list(filter(None, choice.proto.captions))) > 5
    cells.set_value("elman").run()
    assert setting(page, "cell") == page.query_params["cell"] == "elman"
    control(page, "cell").set_value("mingru").run()
    page.run()
    assert page.get_by_key("setting_cell_in_view").value is None
    assert "minGRU" in [part.proto.popover.label for part in page.get("popover")]
    assert f"**minGRU**: {CELLS['mingru'].use_of_memory}" in texts(page, "caption")


@pytest.mark.parametrize(
    ("address", "change", "taken_back", "sentence"),
    [
        ({"teachers": "gone"}, None, ("teachers_chosen", []), "no model called 'gone'"),
        ({"adversarial": "0.5"}, ("input", "one-hot"), ("setting_adversarial", 0.0), "needs an embedding"),
    ],
)
def test_what_can_not_be_is_said_and_taken_back(open_train, store, address, change, taken_back, sentence):
    page = open_train(data="verdict", **{"cell": "lstm"} | address)
    if change:
        assert not page.error
        control(page, change[0]).set_value(change[1]).run()
    assert sentence in texts(page, "error").replace("\\", "")
    choose(page, *taken_back)
    assert not page.error


def test_an_address_of_what_can_not_be_is_refused(open_train, store):
    refused = {
        "vocab_size": ("0", "Vocabulary size must be between 4 and 200,000, got 0"),
        "cell": ("<script>", "Cell must be one of elman, ugrnn, gru, lstm, mingru"),
        "skip_padding": ("perhaps", "Skip padding must be true or false"),
    }
    page = open_train(hidden_size="17", **{name: value for name, (value, _) in refused.items()})
    for name, (_, sentence) in refused.items():
        assert sentence in said(page)
        assert setting(page, name) == DEMONSTRATION.values()[name]
    assert setting(page, "hidden_size") == 17
    page = open_train(hidden_size="17", data="other")
    assert "There is no corpus 'other' on this machine" in said(page)
    assert setting(page, "hidden_size") == 17


def test_the_server_checks_again_before_a_start(open_train, store):
    page = open_train(cell="elman")
    put(page, train_settings={**page.session_state["train_settings"], "reset": "sideways"})
    assert "Reset gate must be one of before, after, got 'sideways'" in texts(page, "error")
    assert "Start training" not in labels(page)


def test_where_imdb_is_missing_there_are_three_ways_on(open_train, tmp_path):
    """A path that leads nowhere is named."""
    page = open_train(data="imdb")
    assert {"Download IMDB", "Read it from there", "Use the verdict corpus"} <= labels(page)
    assert "Start training" not in labels(page)
    choose(page, "imdb_path", str(tmp_path / "nothing"))
    press(page, "Read it from there")
    assert "which is not there" in texts(page, "warning")
    press(page, "Use the verdict corpus")
    assert setting(page, "data") == "verdict"
    assert "Start training" in labels(page)

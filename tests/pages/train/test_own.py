"""The user's own on Train: a corpus with its classes, a cell whose file changes, a run that keeps it."""

import shutil
import sys

import pytest

from pages.components.shared.format import literal, size
from pages.components.shared.settings import DECLARED, control_key
from rnn_core.baselines.scores import read_baselines, read_ngram_baseline
from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.sources import recommendation
from rnn_core.paths import artifacts_folder, own_cells_folder
from rnn_core.runs import queue
from rnn_core.runs.run import FINISHED
from tests.baselines.test_ngram_scores import letters
from tests.cell_files.sources import PLAIN, PLAIN_TEXT, checked, write
from tests.own import make_own
from tests.pages.elements import choose, click, press, said, texts
from tests.pages.train.made import control, make_run, setting

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]

CLASSES = ("printer", "invoice", "parcel")
CONFUSION = [[9, 1, 0], [0, 8, 2], [4, 0, 6]]
MISTAKES = [
    {"index": index, "label": label, "predicted": predicted, "probability": 0.9 - index / 10}
    for index, (label, predicted) in enumerate([(2, 0), (1, 2), (2, 0)])
]


@pytest.fixture
def tickets():
    make_own("tickets", CLASSES, [40, 40, 40])


@pytest.fixture
def scored(store):
    run = store.create(RunConfig(data="tickets", classes=CLASSES))
    scores = {"accuracy": 23 / 30, "loss": 0.6, "reviews": 30, "confusion": CONFUSION, "mistakes": MISTAKES}
    store.runs.finish(run.id, FINISHED, "", scores)
    return run


def metrics(page):
    return {metric.label: metric.value for metric in page.metric}


def test_results_name_the_classes_and_score_them_alike(open_train, tickets, scored):
    """Mistakes are picked by their class."""
    page = open_train(run=scored.id, data="tickets")
    shown = metrics(page)
    assert shown["Test accuracy"] == f"{23 / 30:.1%}"
    assert shown["Balanced accuracy"] == f"{(0.9 + 0.8 + 0.6) / 3:.1%}"
    f1 = [2 * 9 / (10 + 13), 2 * 8 / (10 + 9), 2 * 6 / (10 + 8)]
    assert shown["Macro F1"] == f"{sum(f1) / 3:.1%}"
    assert "of 10 test texts labelled parcel, 4 (40.0%) were taken for printer" in said(page)

    def mistakes():
        return [part.proto.body for part in page.get("html") if 'gs-mistake"' in part.proto.body]

    assert len(mistakes()) == 3
    page.get_by_key(f"mistakes_of_{scored.id}").set_value(1).run()
    [only] = mistakes()
    assert "80.0% parcel" in only
    assert "labelled invoice" in only


def test_a_corpus_that_is_gone_is_said_to_be(open_train, tickets, scored):
    """A link alone fills in what suits it; a run on it keeps its results, and none can be started."""
    page = open_train(run=scored.id, data="tickets", epochs="3")
    assert control(page, "epochs").value == 3
    assert control(page, "vocab_size").value == recommendation("tickets").config.text.vocab_size
    shutil.rmtree(own_folder("tickets"))
    page.run()
    assert page.query_params["data"] == control(page, "data").value == "tickets"
    assert metrics(page)["Test accuracy"] == f"{23 / 30:.1%}"
    gone = literal("There is no corpus 'tickets' on this machine. Add it again on Data")
    assert gone in texts(page, "warning")
    assert gone in texts(page, "caption")
    assert "is not on this machine now, so its texts can't be shown" in texts(page, "info")
    assert "start" not in {button.key for button in page.button}


def test_a_corpus_that_is_chosen_brings_what_suits_it(open_train, tickets):
    """It says why; going back does so, too."""
    page = open_train(data="verdict", cell="lstm")
    choice = control(page, "data")
    assert [choice.options[place] for place in (0, 1, -1)] == ["IMDB", "Verdict corpus", "tickets"]
    choice.set_value("tickets").run()
    recommended = recommendation("tickets")
    for name in ("vocab_size", "epochs", "reviews"):
        assert control(page, name).value == recommended.config.values()[name]
    assert control(page, "reviews").label == "Training texts"
    assert control(page, "cell").value == "lstm"
    [classes] = [caption for caption in page.caption if caption.value.startswith("3 classes.")]
    assert literal(recommended.reasons[0]) in classes.proto.help
    assert page.query_params["data"] == "tickets"
    choose(page, "setting_data", "verdict")
    assert not page.error  # no setting is left that can't be
    assert control(page, "max_length").value == 400


def test_what_three_classes_have_no_use_for_is_off(open_train, tickets):
    """It says the reason; odds of labels need a vector as long as there are classes."""
    page = open_train(data="tickets", embedding_size="2", label_odds="False", counted_bigrams="0")
    short = "need an embedding size of 3 at least"
    for name, why in {
        "head": "With 3 classes the head has a logit for each.",
        "composed": "opinions about films, so they don't help with your texts",
        "label_odds": short,
        "counted_bigrams": short,
    }.items():
        assert control(page, name).disabled, name
        assert why in control(page, name).help
    assert not control(page, "class_weights").disabled
    assert control_key("verdict_distance") not in page.session_state
    control(page, "embedding_size").set_value(8).run()
    assert not control(page, "label_odds").disabled
    assert not control(page, "counted_bigrams").disabled


def test_a_run_starts_with_the_classes_of_the_corpus(open_train, tickets, store, monkeypatch):
    """The disk that the texts take is said, and where the files of a user are kept."""
    monkeypatch.setattr("pages.components.train.start.queue.start_next", lambda store: [])
    page = open_train(data="tickets")
    taken = sum(path.stat().st_size for path in own_folder("tickets").rglob("*"))
    shown = texts(page, "caption")
    assert f"texts of your own **{size(taken)}**" in shown
    assert f"Runs, sweeps and texts of your own are kept in {literal(str(artifacts_folder()))}." in shown
    click(page, "start")
    [run] = store.runs.all()
    assert run.config == recommendation("tickets").config
    assert run.title.startswith("GRU on tickets · ")


def test_baselines_are_measured_on_request(open_train, tickets, scored, settle, monkeypatch):
    """The button says how to install scikit-learn where it lacks."""
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    page = open_train(run=scored.id)
    assert "the majority class, 33.3% of the texts" in said(page)
    page.button(key="baselines_tickets").click().run()
    settle(page)
    measured = {one.title: one.validation_accuracy for one in read_baselines("tickets")}
    assert f"NB-SVM on bigrams {measured['NB-SVM on bigrams']:.1%}" in said(page)
    assert page.button(key="baselines_tickets").label == "Measure again"
    monkeypatch.setitem(sys.modules, "sklearn", None)
    page.run()
    assert page.button(key="baselines_tickets").disabled
    assert "python -m pip install -r requirements-baselines.txt" in texts(page, "caption")


def test_n_grams_are_counted_where_texts_are_predicted(open_train, store, settle):
    """A run whose answers are characters is compared with them; no scikit-learn is asked for."""
    run = store.create(letters()[0])
    store.runs.finish(run.id, FINISHED, "", {})
    page = open_train(run=run.id)
    assert "n-grams" not in said(page)
    assert "last 0 to 6 symbols in these texts" in page.button(key="baselines_letters").proto.help
    page.button(key="baselines_letters").click().run()
    settle(page)
    kept = read_ngram_baseline("letters")
    bits = kept.bits("validation")[kept.best]
    assert f"{kept.title}, which count what came next, on whole texts: {bits:.3f}" in said(page)
    assert page.button(key="baselines_letters").label == "Measure again"


def test_less_than_what_suits_a_corpus_can_be_taken(open_train):
    make_own("few", ("late", "broken"), [8, 8])
    page = open_train(data="few")
    for name in ("vocab_size", "max_length", "reviews", "counted_bigrams"):
        least = DECLARED[name].parse(control(page, name).options[0].replace("none", "0"))
        assert least < recommendation("few").config.values()[name]
        choose(page, f"setting_{name}", least)
        assert not page.error
        assert control(page, name).value == least


def test_a_run_begins_with_what_was_checked(open_train, store, monkeypatch):
    """It has the name of its file; a change since then is said, and changes nothing."""
    text = checked("leaky").cell.text
    page = open_train(data="verdict")
    assert control(page, "cell").options[-1] == "leaky"
    control(page, "cell").set_value(text).run()
    assert setting(page, "cell") == page.query_params["cell"] == text
    changed = "leaky.py has changed since it was checked: what is trained is what was checked."
    assert changed not in texts(page, "caption")
    write("leaky", f"{PLAIN}# more")
    page.run()
    assert literal(changed) in texts(page, "caption")
    monkeypatch.setattr(queue, "start_next", lambda store: [])
    press(page, "Start training")
    assert [run.config.model.cell for run in store.runs.all()] == [text]


def test_a_form_goes_on_with_what_was_checked_last(open_train):
    """A file that was never checked is refused, and where that is done is said."""
    checked("leaky")
    page = open_train(data="verdict", cell="leaky")
    second = checked("leaky", f"{PLAIN}# more", PLAIN_TEXT.replace("0.5", "0.25")).cell.text
    page.run()
    assert setting(page, "cell") == control(page, "cell").value == second
    write("other")
    page = open_train(data="verdict", cell="other")
    assert literal("other.py can't be trained yet") in texts(page, "warning")
    assert setting(page, "cell") == "gru"


def test_a_run_whose_file_has_changed_writes_it_back(open_train, store):
    found = checked("leaky")
    run = make_run(store, cell="leaky")
    page = open_train(run=run.id)
    assert "The file leaky.py" not in said(page)
    assert PLAIN.strip() in [code.value for code in page.code]
    write("leaky", f"{PLAIN}# more")
    page = open_train(run=run.id)
    assert "The file leaky.py has changed since: this run keeps the source" in said(page)
    assert PLAIN.strip() in [code.value for code in page.code]
    copy = own_cells_folder() / f"leaky_{found.digest[:4]}.py"
    press(page, f"Write it to {copy.name}")
    assert copy.read_text() == PLAIN
    (own_cells_folder() / "leaky.py").unlink()
    assert "The file leaky.py is gone: this run keeps" in said(open_train(run=run.id))

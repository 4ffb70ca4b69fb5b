"""The names of runs, and the table of them."""

from itertools import product

import pytest

from rnn_core.data.own.catalogue import remove
from rnn_core.data.sources import recommended_config
from rnn_core.models.folder import save_model
from rnn_core.nn.classifier import Classifier
from rnn_core.runs.naming import differing_parts, distinct_names, run_title, short_names
from rnn_core.runs.run import FINISHED
from rnn_core.runs.table import comparison, runs_table
from rnn_core.text.vocabulary import Vocabulary
from tests.own import make_own

ID = "260214-153012-k3fq"
MANY = {"vocab_size": 500, "max_length": 64, "hidden_size": 16, "epochs": 3, "seed": 3}
LONGEST = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.mark.parametrize(
    ("data", "changed", "title"),
    [
        ("verdict", {}, "GRU on verdict corpus"),
        ("verdict", {"truncation": "post"}, "GRU on verdict corpus, truncation side end"),
        ("imdb", {"label_odds": False}, "GRU on IMDB, no label odds"),
        ("imdb", MANY, "GRU on IMDB, vocabulary size 500, maximum length 64, hidden size 16, 2 more"),
    ],
)
def test_a_run_is_called_by_its_settings(data, changed, title):
    config = recommended_config(data).with_settings(**changed)
    assert run_title(ID, "long memory", config) == "long memory"
    assert run_title(ID, "", config) == f"{title} · k3fq"


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["recipe, seed 0: cell gru, rate 0.1", "recipe, seed 0: cell lstm, rate 0.1"], ["gru", "lstm"]),
        (["a b", "b a"], ["a b", "b a"]),
        (["one of a kind"], ["one of a kind"]),
        (["the same", "the same"], ["the same", "the same"]),
        ([f"try {LONGEST}", "try 2"], [LONGEST, "2"]),
        (["a x, b", "a x b"], ["x,", "x"]),
        ([], []),
    ],
)
def test_the_words_that_all_names_share_are_left_out(names, parts):
    assert differing_parts(names) == parts


def test_different_names_stay_different():
    words = "a a, b b: a;".split()
    names = [" ".join(chosen) for count in (1, 2, 3) for chosen in product(words, repeat=count)]
    for one, other in product(names, names):
        parts = differing_parts([one, other])
        assert all(parts)
        assert (parts[0] == parts[1]) == (one == other), (one, other)


def test_a_name_ending_in_an_id_is_no_other():
    names = distinct_names({"a-1111": "X", "a-2222": "X", "a-3333": "X · 1111"})
    assert list(names.values()) == ["X · a-1111", "X · 2222", "X · 1111 · a-3333"]


def test_long_names_show_where_they_differ():
    """Each group keeps its first word; none is cut where that saves little."""
    names = [f"distance, seed {seed}: distance 50, cell gru, hidden size 16" for seed in (0, 1)]
    shown = ["distance … seed 0", "distance … seed 1", LONGEST, "my run"]
    assert short_names([*names, LONGEST, "my run"]) == shown
    groups = [*product(("recipe", "ladder"), ("gru", "lstm"))]
    names = [f"{first} with a long beginning, cell {cell}" for first, cell in groups]
    assert short_names(names) == [f"{first} … {cell}" for first, cell in groups]
    names = ["GRU on IMDB · gru", "GRU on verdict corpus, hidden size 16 · k3fq", "LSTM on IMDB · lstm"]
    assert short_names(names) == names


def test_on_an_own_corpus_a_name_has_its_changes():
    """Holds as long as the corpus is there."""
    make_own("tickets", ("yes", "no"), [40, 40])
    config = recommended_config("tickets")
    assert run_title(ID, "", config) == "GRU on tickets · k3fq"
    assert run_title(ID, "", config.with_settings(readout="mean")) == "GRU on tickets, readout mean · k3fq"
    changed = config.with_settings(hidden_size=24, learning_rate=0.5)
    assert run_title(ID, "", changed) == "GRU on tickets, hidden size 24, learning rate 0.5 · k3fq"
    remove("tickets")
    assert run_title(ID, "", changed) == "GRU on tickets · k3fq"
    make_own("tickets", ("yes", "no", "perhaps"), [40, 40, 40])
    assert run_title(ID, "", changed) == "GRU on tickets · k3fq"


def test_a_table_has_the_settings_in_which_runs_differ(store, tiny):
    one = store.create(tiny, "one")
    two = store.create(tiny.with_settings(cell="lstm", seed=7), "two")
    scores = {"accuracy": 0.75, "loss": 0.5, "reviews": 4, "confusion": [[2, 0], [1, 1]]}
    store.runs.finish(one.id, FINISHED, "Finished", scores)
    names = {one.id: "one", two.id: "two"}
    table = runs_table([store.runs.get(one.id), store.runs.get(two.id)], names)
    assert (table["Test"].tolist()[0], table["Test"].isna().tolist()) == (0.75, [False, True])
    rows = [["one", "finished", "GRU", 0, one.id], ["two", "queued", "LSTM", 7, two.id]]
    assert table[["Run", "State", "Cell", "Seed", "Id"]].values.tolist() == rows
    assert not {"Hidden size", "Recipe"} & {*table}
    other = store.create(tiny.with_settings(head_dropout=0.5))  # which is trained in another way
    table = runs_table([one, other], names | {other.id: "other"})
    assert list(table["Recipe"]) == ["generated reviews, plain", "generated reviews, dropouts"]
    assert len(runs_table([], {})) == 0


def test_a_comparison_has_results_and_what_differs(store, tiny):
    words = Vocabulary.from_counts({"the": 3, "film": 2}, 20)
    runs = [store.create(tiny, "one"), store.create(tiny.with_settings(hidden_size=9), "two")]
    folders = {run.id: store.folder(run.id) for run in runs}
    network = Classifier(tiny.model, len(words))
    save_model(folders[runs[0].id], tiny, words, network.state_dict())
    table = comparison(runs, {run.id: run.name for run in runs}, folders)
    results = ["Validation", "Test", "Parameters", "Seconds"]
    assert list(table) == ["Run", *results, "Hidden size"]
    assert list(table["Hidden size"]) == [tiny.model.hidden_size, 9]
    assert table["Parameters"][0] == sum(weights.numel() for weights in network.parameters())
    assert table["Parameters"].isna()[1]  # it has learned no vocabulary yet
    assert table["Test"].isna().all()

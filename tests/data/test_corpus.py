"""Corpora on disk and by name, their splits and their windows."""

import itertools
import subprocess
import sys
from collections import Counter

import filelock
import numpy as np
import pyarrow as pa
import pytest

from rnn_core.config.corpora import corpus_named
from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.data import corpus as corpus_module
from rnn_core.data.batch_rows import count_batches
from rnn_core.data.batches import evaluation_batches, make_batch, mixed_batches, training_batches
from rnn_core.data.corpus import FORMAT, SPLITS, Text, build_corpus, open_corpus
from rnn_core.data.encoding import encode_reviews, learn_vocabulary, split_reviews
from rnn_core.data.sources import load_corpus, prepare, recommended_config
from rnn_core.data.verdict import SPLIT_SIZES, Verdict
from rnn_core.errors import DataError
from rnn_core.paths import import_folder
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.text.window import read_review
from tests.conftest import needs_imdb

pytestmark = pytest.mark.slow  # it prepares corpora

TEXTS = ["", "Good!", "The film is <br /> good, isn't it?", "the the THE the bad film " * 3]


@pytest.fixture
def corpus(make_corpus):
    return make_corpus([(text, bool(i % 2), "training") for i, text in enumerate(TEXTS)])


def test_a_corpus_gives_back_what_was_put_in_and_is_mapped_into_memory(corpus):
    assert [corpus.text(i) for i in range(len(corpus))] == TEXTS
    assert corpus.labels.tolist() == [0, 1, 0, 1]
    for i, text in enumerate(TEXTS):
        ids = corpus.ids[corpus.offsets[i] : corpus.offsets[i + 1]]
        assert [corpus.words[n] for n in ids] == tokenize(text)
    assert isinstance(corpus.ids, np.memmap)


def test_a_corpus_is_opened_without_pandas_whose_import_takes_a_second(corpus, tmp_path):
    opens = (
        "import sys; from pathlib import Path; from rnn_core.data.corpus import open_corpus\n"
        "print(len(open_corpus(Path(sys.argv[1]))), 'pandas' in sys.modules)"
    )
    command = [sys.executable, "-c", opens, str(tmp_path / "corpus")]
    said = subprocess.run(command, cwd=import_folder(), capture_output=True, text=True, check=True)
    assert said.stdout.split() == [str(len(corpus)), "False"]


def test_windows_of_a_corpus_equal_those_of_one_text(corpus):
    indices = np.arange(len(TEXTS))[::-1]
    vocabulary = learn_vocabulary(corpus, indices, 7)
    names = ("max_length", "truncation", "padding", "skip_padding", "start_token")
    sides, either = ("pre", "post"), (True, False)
    for values in itertools.product((1, 2, 6, 40), sides, sides, either, either):
        config = TextConfig(vocab_size=7, **dict(zip(names, values, strict=True)))
        encoded = encode_reviews(corpus, indices, vocabulary, config)
        for row, index in enumerate(indices):
            ids = encoded.ids[encoded.offsets[row] : encoded.offsets[row + 1]]
            assert ids.tolist() == list(read_review(TEXTS[index], vocabulary, config).ids), config


def test_the_vocabulary_of_a_corpus_is_that_of_its_counts(corpus):
    counts = Counter(token for text in TEXTS[1:] for token in tokenize(text))
    for size in (4, 6, 9, 100):
        learned = learn_vocabulary(corpus, np.array([3, 1, 2]), size)
        assert learned.words == Vocabulary.from_counts(counts, size).words


def test_validation_is_a_tenth_of_each_label_by_the_seed_and_fewer_reviews_are_a_part_of_more(make_corpus):
    corpus = make_corpus([(f"w{i}", i % 4 == 0, "training") for i in range(400)])
    splits = split_reviews(corpus, 1_000, seed=3)
    assert len(splits.validation) == 40
    assert corpus.labels[splits.validation].sum() == 10
    assert not set(splits.validation) & set(splits.training)
    assert len(splits.training) == 360
    again, other = split_reviews(corpus, 60, seed=3), split_reviews(corpus, 1_000, seed=4)
    assert np.array_equal(again.validation, splits.validation)
    assert not np.array_equal(other.validation, splits.validation)
    assert set(split_reviews(corpus, 20, seed=3).training) < set(again.training) < set(splits.training)
    everything = sorted([*splits.training, *splits.validation])
    assert everything == list(range(400))
    assert splits.training.tolist() == sorted(splits.training)


def test_few_training_reviews_hold_each_label_in_its_share(make_corpus):
    corpus = make_corpus([(f"w{i}", i % 3 == 0, "training") for i in range(900)])
    for reviews, seed in itertools.product((2, 3, 30, 99, 100, 500), range(4)):
        learned_from = split_reviews(corpus, reviews, seed).training
        assert len(learned_from) == reviews
        assert abs(corpus.labels[learned_from].sum() - reviews / 3) <= 1, (reviews, seed)


def test_a_corpus_with_validation_reviews_of_its_own_keeps_them(make_corpus):
    corpus = make_corpus([("a", True, "training"), ("b", True, "validation"), ("c", False, "test")])
    splits = split_reviews(corpus, 10, seed=0)
    assert (splits.training.tolist(), splits.validation.tolist(), splits.test.tolist()) == ([0], [1], [2])


def encoded(corpus, **config):
    indices = corpus.indices("training")
    return encode_reviews(corpus, indices, learn_vocabulary(corpus, indices, 100), TextConfig(**config))


def test_batches_hold_every_review_once_and_the_longest_first(tiny_corpus):
    reviews = encoded(tiny_corpus, max_length=9)
    for batches in (
        list(training_batches(reviews, 8, np.random.default_rng(0))),
        list(mixed_batches(reviews, 8, np.random.default_rng(0))),
        list(evaluation_batches(reviews, 8)),
    ):
        assert sorted(row for batch in batches for row in batch.rows) == list(range(len(reviews)))
        for batch in batches:
            assert (batch.lengths.diff() <= 0).all()
            assert batch.ids.shape == (len(batch.rows), batch.lengths[0])
            for i, row in enumerate(batch.rows):
                ids = reviews.ids[reviews.offsets[row] : reviews.offsets[row + 1]]
                assert batch.ids[i, : batch.lengths[i]].tolist() == ids.tolist()
                assert (batch.ids[i, batch.lengths[i] :] == 0).all()
                assert batch.labels[i] == reviews.labels[row]


@pytest.mark.parametrize(("reviews", "size"), [(1, 8), (60, 8), (300, 2), (64, 2), (65, 1)])
def test_the_number_of_batches_is_known_beforehand(make_corpus, reviews, size):
    windows = encoded(make_corpus([("a b", True, "training")] * reviews))
    for made in (training_batches, mixed_batches):
        batches = list(made(windows, size, np.random.default_rng(0)))
        assert len(batches) == count_batches(reviews, size)


def test_a_batch_bucketed_by_length_holds_little_padding(make_corpus):
    rng = np.random.default_rng(0)
    texts = [("w " * int(n), True, "training") for n in rng.integers(1, 200, 640)]
    windows = encoded(make_corpus(texts))
    batches = list(training_batches(windows, 16, np.random.default_rng(0)))
    padding = sum(batch.ids.numel() - int(batch.lengths.sum()) for batch in batches)
    at_random = make_batch(windows, np.argsort(-windows.lengths())[::40])
    assert padding / windows.lengths().sum() < 0.1
    assert at_random.ids.numel() > 1.5 * int(at_random.lengths.sum())


def test_a_corpus_that_failed_half_way_leaves_nothing(tmp_path):
    def reviews():
        yield Text("good", True, "training")
        raise DataError("the archive ends here")

    with pytest.raises(DataError, match="ends here"):
        list(build_corpus("made", reviews(), tmp_path / "corpora" / "made", 2))
    assert list((tmp_path / "corpora").iterdir()) == []


def test_classes_and_token_rules_come_back(tmp_path):
    texts = [Text("eins", 2, "training"), Text("zwei", 0, "test"), Text("drei", 1, "validation")]
    classes, rules = ("a", "b", "c"), TokenRules(lowercase=False)
    list(build_corpus("own", texts, tmp_path / "own", 3, classes, rules))
    corpus = open_corpus(tmp_path / "own")
    assert (corpus.name, corpus.classes, corpus.tokens) == ("own", classes, rules)
    assert corpus.labels.tolist() == [2, 0, 1]
    assert [corpus.indices(split).tolist() for split in SPLITS] == [[0], [2], [1]]


def test_a_corpus_of_an_earlier_version_opens(corpus, tmp_path):
    """It had a column "positive", and said in its table what is in about.json today."""
    folder = tmp_path / "corpus"
    table = corpus.table.rename_columns(["text", "positive", "split"])
    table = table.set_column(1, "positive", table.column("positive").cast(pa.bool_()))
    table = table.replace_schema_metadata({"name": "made", "format": FORMAT, "words": str(len(corpus.words))})
    labels = corpus.labels.tolist()
    (folder / "about.json").unlink()
    with pa.OSFile(str(folder / "new"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    (folder / "new").replace(folder / "reviews.arrow")
    old = open_corpus(folder)
    assert (old.labels.tolist(), old.classes) == (labels, ("negative", "positive"))


@pytest.mark.parametrize("damage", ["missing", "cut", "foreign"])
@pytest.mark.parametrize("name", ["reviews.arrow", "ids.npy", "words.txt", "about.json"])
def test_a_damaged_corpus_is_named_with_what_is_wrong(corpus, tmp_path, name, damage):
    file = tmp_path / "corpus" / name
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:20] if damage == "cut" else b"something else altogether")
    with pytest.raises(DataError, match=r"The prepared texts in .*corpus can't be read \(.+\)\.$"):
        open_corpus(tmp_path / "corpus")


def test_without_imdb_a_sentence_says_what_to_do(monkeypatch):
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    with pytest.raises(DataError, match=r"not on this machine.*data download"):
        list(prepare("imdb"))


def test_the_verdict_corpus_is_prepared_once(small_verdict):
    assert list(prepare("verdict"))
    assert list(prepare("verdict")) == []
    corpus = load_corpus("verdict")
    splits = split_reviews(corpus, 100_000, seed=0)
    assert len(splits.training) == SPLIT_SIZES["training"]
    assert set(splits.validation) == set(corpus.indices("validation"))


def test_prepared_reviews_that_can_not_be_read_are_prepared_again(small_verdict):
    text = load_corpus("verdict").text(7)
    (corpus_named("verdict").folder / "reviews.arrow").write_bytes(b"cut")
    assert load_corpus("verdict").text(7) == text


def test_one_who_prepares_meanwhile_is_waited_for(small_verdict):
    folder = corpus_named("verdict").folder
    folder.parent.mkdir(parents=True)
    with filelock.FileLock(f"{folder}.lock"):
        steps = prepare("verdict")
        assert next(steps).doing.startswith("Waiting for another window")
    assert list(steps)
    filelock.FileLock(f"{folder}.lock").acquire(timeout=0).lock.release()


@needs_imdb
def test_imdb_gives_fifty_thousand_reviews_in_equal_parts(imdb):
    assert len(imdb) == 50_000
    for split in ("training", "test"):
        labels = imdb.labels[imdb.indices(split)]
        assert (len(labels), labels.sum()) == (25_000, 12_500)
    assert 11_000_000 < len(imdb.ids) < 12_500_000
    assert (imdb.lengths() > 0).all()


@pytest.mark.parametrize(("words", "count", "at_once"), [(1, 4_500, 8_000_000), (30, 50, 100)])
def test_texts_are_written_a_few_at_a_time_and_come_back_in_order(
    tmp_path, monkeypatch, words, count, at_once
):
    monkeypatch.setattr(corpus_module, "_CHARACTERS_AT_ONCE", at_once)
    texts = [Text(f"word{n % 977} " * (1 + n % words) + str(n), n % 2, "training") for n in range(count)]
    done = [step.done for step in build_corpus("long", texts, tmp_path / "long", count)]
    assert len(done) >= 3
    for begin, end in itertools.pairwise([0, *done]):
        assert end - begin <= 2_000
        assert sum(len(text.text) for text in texts[begin : end - 1]) < at_once
    corpus = open_corpus(tmp_path / "long")
    assert [corpus.text(n) for n in range(count)] == [text.text for text in texts]
    assert corpus.labels.tolist() == [text.label for text in texts]
    for n in range(0, count, 49):
        ids = corpus.ids[corpus.offsets[n] : corpus.offsets[n + 1]]
        assert [corpus.words[i] for i in ids] == texts[n].text.split()


def test_a_distance_makes_a_corpus_of_its_own(small_verdict):
    named = recommended_config("verdict").with_settings(verdict_distance=7).corpus
    corpus = load_corpus(named)
    assert corpus.name == named.name == "verdict-7"
    assert not corpus_named("verdict").folder.exists()
    said = {tuple(tokenize(corpus.text(review))[-7:]) for review in range(200)}
    labels = {tuple(tokenize(corpus.text(review))): corpus.labels[review] for review in range(200)}
    assert len(said) > 150  # the last seven words are plot, which differs from review to review
    assert set(labels.values()) == {0, 1}


def test_reviews_that_lie_where_they_would_be_kept_are_not_replaced():
    archive = corpus_named("imdb").folder / "aclImdb"
    (archive / "train").mkdir(parents=True)
    with pytest.raises(DataError, match="would replace"):
        list(prepare("imdb", archive))
    assert archive.is_dir()


@pytest.mark.parametrize("name", ["verdict-7", "verdict"])
def test_what_a_preparation_takes_is_known_before(small_verdict, name):
    load_corpus(name)
    on_disk = sum(file.stat().st_size for file in corpus_named(name).folder.iterdir())
    assert corpus_named(name).preparation().bytes == pytest.approx(on_disk, rel=0.2)


def test_what_it_takes_grows_with_the_words_after_the_verdict():
    many, few = (corpus_named(name).preparation() for name in ("verdict-4000", "verdict-400"))
    assert many.bytes > 500_000_000
    assert many.seconds > 9 * few.seconds
    assert corpus_named("imdb").preparation() is None


def test_reviews_that_stay_unreadable_are_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(Verdict, "prepare", lambda corpus, again=False: iter(()))
    said = r"verdict.* can't be read \(.+\)\. Delete that folder: it is made again"
    with pytest.raises(DataError, match=said):
        load_corpus("verdict")

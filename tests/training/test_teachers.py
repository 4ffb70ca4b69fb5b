"""Networks that learn from the answers of others: what the target is, and which others may answer."""

import shutil

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError
from rnn_core.models.folder import WEIGHTS, save_model
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder
from rnn_core.tasks.classes import log_odds
from rnn_core.tasks.classification import TextClassification
from rnn_core.training.checkpoint import load_checkpoint, save_checkpoint
from rnn_core.training.estimate import _Seconds, estimate
from rnn_core.training.objective import back_propagate
from rnn_core.training.teachers import check_teachers
from rnn_core.training.trainer import Trainer
from tests.training.made import SMALL, interrupted, without_clocks

TASK = TextClassification()

pytestmark = pytest.mark.slow

CONFIG = RunConfig().with_settings(**{**SMALL, "epochs": 2}, word_dropout=0.2)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def trained():
    """The folders of the networks that were trained for the tests of this file, by their settings."""
    return {}


@pytest.fixture
def make_teacher(tiny_corpus, trained, tmp_path_factory):
    """A function that puts a network among the pretrained ones; each is trained once."""

    def make(name, **settings):
        config = CONFIG.with_settings(**{"epochs": 4, "learning_rate": 0.02, **settings})
        if config not in trained:
            trainer = Trainer(config, tiny_corpus)
            list(trainer)
            trained[config] = tmp_path_factory.mktemp("teacher")
            save_model(trained[config], trainer.config, trainer.vocabulary, trainer.weights())
        return shutil.copytree(trained[config], pretrained_folder() / name, dirs_exist_ok=True)

    return make


def answers(folder, texts_of, batch):
    """The probabilities of a network on the words of a batch, looked up in its own vocabulary."""
    model = Model.load(folder)
    ids = [model.vocabulary.encode(texts_of.words[i] for i in row) for row in batch.ids.tolist()]
    logits = model.classifier(torch.tensor(ids), batch.lengths)
    return torch.sigmoid(log_odds(logits, followed=1)).detach()


def test_the_answer_is_the_mean_over_teachers_each_of_which_reads_the_same_words_by_its_own_ids(
    tiny_corpus, make_teacher
):
    folders = [make_teacher("all"), make_teacher("few", vocab_size=8, cell="lstm", bigrams=5)]
    config = CONFIG.with_settings(teachers="all+few")
    trainer = Trainer(config, tiny_corpus)
    batch = next(trainer._batches_left())
    expected = torch.stack([answers(folder, trainer.vocabulary, batch) for folder in folders]).mean(dim=0)
    teachers = trainer.learner._teachers
    torch.testing.assert_close(teachers.answer(batch.ids, batch.lengths), expected)
    assert len(set(expected.tolist())) > 1


@pytest.mark.parametrize("head", ["one-logit", "two-logit"])
@pytest.mark.parametrize(("share", "smoothing"), [(0.0, 0.0), (0.7, 0.0), (1.0, 0.0), (0.7, 0.2)])
def test_the_target_lies_between_label_and_answer(tiny_corpus, make_teacher, share, smoothing, head):
    make_teacher("one")
    settings = {"teachers": "one", "teachers_share": share, "label_smoothing": smoothing, "head": head}
    config = CONFIG.with_settings(**settings, word_dropout=0.0)
    ours, theirs = (Trainer(config, tiny_corpus) for _ in range(2))
    batch = next(ours._batches_left())
    teachers = ours.learner._teachers
    learned = back_propagate(TASK, ours.classifier, batch, config.training, CPU, teachers)

    p = torch.sigmoid(log_odds(theirs.classifier(batch.ids, batch.lengths), followed=1))
    target = (1 - share) * batch.labels + share * teachers.answer(batch.ids, batch.lengths)
    target = (1 - smoothing) * target + smoothing / 2
    (-(target * p.log() + (1 - target) * (1 - p).log()).mean()).backward()
    for weights, expected in zip(ours.classifier.parameters(), theirs.classifier.parameters(), strict=True):
        torch.testing.assert_close(weights.grad, expected.grad, atol=1e-6, rtol=1e-4)
    by_label = -(batch.labels * p.log() + (1 - batch.labels) * (1 - p).log()).mean()
    assert learned.losses.mean().item() == pytest.approx(by_label.item(), rel=1e-5)


@pytest.mark.parametrize("counted", [0, 20])
def test_a_teacher_that_counts_bigrams_leaves_the_fold_of_a_review_out_while_it_teaches(
    tiny_corpus, make_teacher, counted
):
    make_teacher("counting", counted_bigrams=40)
    trainer = Trainer(CONFIG.with_settings(teachers="counting", counted_bigrams=counted), tiny_corpus)
    teachers, batch = trainer.learner._teachers, next(trainer._batches_left())
    [(teacher, id_of, _)] = teachers._teachers
    with torch.no_grad():
        left_out, all_counts = (
            torch.sigmoid(log_odds(teacher(id_of[batch.ids], batch.lengths, folds), followed=1))
            for folds in (batch.folds, None)
        )
    assert not torch.equal(left_out, all_counts)
    torch.testing.assert_close(teachers.answer(batch.ids, batch.lengths, batch.folds), left_out)
    taught = Trainer(CONFIG.with_settings(teachers="counting"), tiny_corpus)
    assert len(list(taught)) > 4


def test_what_a_teacher_counted_is_counted_again_to_the_bit_and_kept_where_it_had_other_reviews(
    tiny_corpus, make_teacher
):
    for settings, leaves_out in (
        ({}, True),
        ({"max_length": 5, "vocab_size": 9}, True),
        ({"reviews": 20}, False),
    ):
        folder = make_teacher("counting", counted_bigrams=40, **settings)
        trainer = Trainer(CONFIG.with_settings(teachers="counting"), tiny_corpus)
        [(teacher, _, does)] = trainer.learner._teachers._teachers
        assert does == leaves_out
        saved = Model.load(folder).classifier.counted
        assert torch.equal(teacher.counted.known, saved.known)
        assert torch.equal(teacher.counted.odds, saved.odds)


def test_a_teacher_learns_nothing_itself(tiny_corpus, make_teacher):
    make_teacher("one")
    trainer = Trainer(CONFIG.with_settings(teachers="one"), tiny_corpus)
    teachers = trainer.learner._teachers
    before, batch = teachers.digest(), next(trainer._batches_left())
    answer = teachers.answer(batch.ids, batch.lengths)
    list(trainer)
    assert teachers.digest() == before
    assert torch.equal(teachers.answer(batch.ids, batch.lengths), answer)


def test_with_a_share_of_nothing_it_is_the_training_without_teachers_to_the_bit(tiny_corpus, make_teacher):
    make_teacher("one")
    with_one = Trainer(CONFIG.with_settings(teachers="one", teachers_share=0.0), tiny_corpus)
    assert without_clocks(with_one) == without_clocks(Trainer(CONFIG, tiny_corpus))
    taught = Trainer(CONFIG.with_settings(teachers="one"), tiny_corpus)
    assert without_clocks(taught) != without_clocks(Trainer(CONFIG, tiny_corpus))


@pytest.mark.parametrize("settings", [{}, {"adversarial": 0.5}], ids=["plain", "pushed"])
def test_a_training_with_a_teacher_repeats_and_goes_on_from_its_checkpoint_to_the_same_bits(
    tiny_corpus, make_teacher, tmp_path, settings
):
    make_teacher("one")
    config = CONFIG.with_settings(teachers="one", **settings)
    found, _ = interrupted(lambda: Trainer(config, tiny_corpus), 7, tmp_path)
    assert found == without_clocks(Trainer(config, tiny_corpus))


def test_a_student_of_a_teacher_that_is_always_sure_of_the_other_class_learns_the_other_class(
    tiny_corpus, make_teacher
):
    folder = make_teacher("wrong", epochs=12)
    model = Model.load(folder)
    turned = {
        name: -weights if name.startswith("head") else weights
        for name, weights in model.classifier.state_dict().items()
    }
    save_model(folder, model.config, model.vocabulary, turned)
    config = CONFIG.with_settings(
        teachers="wrong", teachers_share=1.0, epochs=12, learning_rate=0.03, keep="last", word_dropout=0.0
    )
    *_, last = (record for record in Trainer(config, tiny_corpus) if record.kind == "validation")
    assert last.accuracy == 0


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"seed": 3}, "was trained with --seed 3"),
        ({"start_token": False}, "was trained with --no-start-token"),
        ({"skip_padding": False}, "was trained with --no-skip-padding"),
    ],
)
def test_one_that_learned_from_other_reviews_or_reads_otherwise_is_refused_in_words(
    tiny_corpus, make_teacher, settings, wrong
):
    make_teacher("other", epochs=1, **settings)
    config = CONFIG.with_settings(teachers="other")
    for refuse in (check_teachers, lambda config: Trainer(config, tiny_corpus)):
        with pytest.raises(ConfigError, match=wrong):
            refuse(config)


def test_one_of_another_corpus_one_that_is_missing_and_one_that_is_damaged_are_refused_in_words(
    tiny_corpus, make_teacher
):
    folder = make_teacher("one", epochs=1)
    with pytest.raises(ConfigError, match="was trained with --data imdb"):
        check_teachers(RunConfig(data="verdict").with_settings(teachers="one"))
    with pytest.raises(ConfigError, match="There is no model called 'gone'"):
        check_teachers(CONFIG.with_settings(teachers="one+gone"))
    (folder / WEIGHTS).write_bytes(b"half a file")
    with pytest.raises(ConfigError, match=r"one can't be read: weights\.safetensors"):
        check_teachers(CONFIG.with_settings(teachers="one"))


@pytest.mark.parametrize("names", ["a b", "../a", "a++b", "+a", "a+", "a,b", "a" * 300, "a+b+c+d+e+f+g"])
def test_what_can_not_be_names_is_refused_by_the_settings(names):
    with pytest.raises(ConfigError, match="Teachers must be at most 6 names of networks"):
        RunConfig().with_settings(teachers=names)
    with pytest.raises(ConfigError, match=r"Each teacher must be named once, got 'a\+b\+a'"):
        RunConfig().with_settings(teachers="a+b+a")


def test_where_padding_is_read_it_must_stand_where_the_teacher_read_it(make_teacher):
    make_teacher("one", epochs=1, skip_padding=False)
    reads_padding = CONFIG.with_settings(teachers="one", skip_padding=False)
    check_teachers(reads_padding)
    for name, value in (("padding", "post"), ("max_length", 12)):
        with pytest.raises(ConfigError, match="It must have been trained with"):
            check_teachers(reads_padding.with_settings(**{name: value}))


def test_one_that_learned_from_fewer_of_these_reviews_or_with_another_length_can_teach(
    tiny_corpus, make_teacher
):
    make_teacher("few", epochs=1, reviews=20, max_length=9, padding="post")
    assert len(list(Trainer(CONFIG.with_settings(teachers="few"), tiny_corpus)))


def test_a_training_does_not_go_on_with_another_teacher(tiny_corpus, make_teacher, tmp_path):
    make_teacher("one", epochs=1)
    config = CONFIG.with_settings(teachers="one")
    begun = Trainer(config, tiny_corpus)
    next(iter(begun))
    save_checkpoint(tmp_path, begun.state())
    make_teacher("one", epochs=2)
    with pytest.raises(ConfigError, match="its teachers are no longer the networks that it began with"):
        Trainer(config, tiny_corpus).restore(load_checkpoint(tmp_path))


def test_each_teacher_adds_a_forward_pass_to_the_estimate(tiny_corpus, monkeypatch):
    monkeypatch.setattr(
        "rnn_core.training.estimate._measure", lambda *_: (_Seconds(0.30, 0.10), _Seconds(1.02, 0.34), 0.1)
    )
    monkeypatch.setattr("rnn_core.training.estimate.share_of_a_core", lambda: 1.0)
    alone, of_one, of_three = (
        estimate(CONFIG.with_settings(teachers=names), tiny_corpus).seconds for names in ("", "a", "a+b+c")
    )
    assert of_three - alone == pytest.approx(3 * (of_one - alone))
    assert 0 < of_three - alone < alone  # a step takes as long as three of these passes; evaluations stay

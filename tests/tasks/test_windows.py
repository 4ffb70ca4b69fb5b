"""Whole texts of exact tokens, window by window: bits by torch.nn, <unk> among them, a head tied or not."""

import json
import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from rnn_core.bench.reference import torch_module
from rnn_core.config.identity import CLASSES, Identity
from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import EXACT_CHARACTERS, EXACT_WORDS
from rnn_core.config.words import recipe_in_words
from rnn_core.data.corpus import Text, build_corpus, open_corpus
from rnn_core.data.sources import recommended_config
from rnn_core.errors import ConfigError
from rnn_core.export.pytorch import weights_of
from rnn_core.export.stored import STORAGES, store
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier, count_parameters
from rnn_core.tasks.task import Asked, further_of_all, task_named, task_of
from rnn_core.text.vocabulary import END_ID, START_ID, UNK_ID
from rnn_core.training.history import history
from rnn_core.training.records import read_records
from rnn_core.training.trainer import Trainer
from rnn_core.writing.text import recorder, write
from tests.refusals import refusals
from tests.training.made import rows, without_clocks

TEXTS = {
    "training": ["The film\nis good.", "Good?  No.", "", "It is the film of the year\n\nand good", "No"] * 2,
    "validation": ["The year is good."],
    "test": ["The zoo is\na good film: quite long, and the test of it is longer", "", "No film", "Zz"],
}
SIZES = {
    "hidden_size": 6, "embedding_size": 6, "vocab_size": 20, "batch_size": 3, "epochs": 2, "threads": 1,
    "max_length": 7, "reset": "after", "truncation": "post", "task": "next-token", "reviews": 10,
}  # fmt: skip


@pytest.fixture
def trained(tmp_path):
    """A function from settings to a trainer on exact tokens."""

    def make(tokens=EXACT_CHARACTERS, texts_end=True, **settings):
        texts = [Text(text, n % 2, split) for split, some in TEXTS.items() for n, text in enumerate(some)]
        identity = Identity(CLASSES, tokens, texts_end=texts_end)
        folder = tmp_path / f"corpus {tokens.unit} {texts_end}"
        if not folder.exists():
            list(build_corpus("made", texts, folder, len(texts), identity))
        config = RunConfig.plain("letters", identity).with_settings(**{**SIZES, **settings})
        return Trainer(config, open_corpus(folder))

    return make


def by_torch(network, texts, most):
    """(losses, targets) of texts read by torch's own modules, in pieces of `most` steps from zeros."""
    module, losses, targets = torch_module(*network.layers), [], []
    head = network.head
    for ids in rows(texts):
        for begin in range(0, len(ids) - 1, most):
            part = torch.tensor(ids[begin : begin + most + 1])
            hs, _ = module(nn.functional.embedding(part[:-1], network.embedding.weight)[:, None])
            logits = hs[:, 0] @ head.weight.T + head.bias
            losses.append(cross_entropy(logits, part[1:] - UNK_ID, reduction="none"))
            targets.append(part[1:])
    return torch.cat(losses).double(), torch.cat(targets)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(("windows", "most"), [("first", 7), ("all", 7), ("carried", 10_000)])
def test_bits_are_those_of_torch(trained, windows, most, layers):
    trainer = trained(windows=windows, layers=layers)
    *_, last = trainer
    network, task = trainer.kept(), trainer.task
    losses, targets = by_torch(network, trainer.test, most)
    lengths = [len(text) + 1 for text in TEXTS["test"]]
    assert len(losses) == sum(min(n, 7) if windows == "first" else n for n in lengths)
    scores = trainer.score_test()
    assert scores.loss == pytest.approx(losses.mean().item(), rel=1e-5)
    assert scores.bits_per_token == pytest.approx(losses.mean().item() / math.log(2), rel=1e-5)
    assert scores.unknown == pytest.approx((targets == UNK_ID).double().mean().item())
    assert scores.unknown > 0
    assert scores.reviews == len(TEXTS["test"])
    assert last.fields.keys() == {"loss", "accuracy", "bits_per_token"}
    assert task.read_scores(json.dumps(scores.to_dict()), trainer.config) == scores.to_dict()
    probabilities = task.probabilities(network, trainer.test)
    assert probabilities.min() == pytest.approx(math.exp(-losses.max().item()), rel=1e-4)


def test_what_it_writes_is_kept_and_changes_nothing(trained):
    said, quiet = (trained(word_dropout=0.2, keep="last") for _ in range(2))
    said.write = recorder(said.config, said.vocabulary)
    records = [*said]
    assert records == read_records(json.dumps([record.to_dict() for record in records]))
    assert [replace(one, written=None) for one in without_clocks(records)] == without_clocks(quiet)
    written = {record.optimizer_step: record.written for record in records if record.written is not None}
    assert {1, *(one.optimizer_step for one in records if one.kind == "validation")} == written.keys()
    model = Model(config=said.config, vocabulary=said.vocabulary, classifier=said.kept().eval())
    assert written[said.optimizer_step] == write(model, goes_on=True).text != written[1]
    assert history("made", records).written[-1] == (2.0, write(model, goes_on=True).text)


def test_unknown_tokens_are_asked_of_exact_ones(trained):
    """They can come next, and so can no other special token but the end."""
    trainer = trained(windows="all")
    answers = trainer.task.answers(trainer.config, trainer.vocabulary)
    assert answers == trainer.vocabulary.words[UNK_ID:]
    assert answers[:2] == ("<unk>", "<end>")
    assert trainer.classifier.head.out_features == len(answers) == trainer.task.classes(trainer.config, 20)
    assert {"\n", " "} <= set(answers)
    batches = trainer.task.reading.evaluation(trainer.test, 9)
    targets = torch.cat([trainer.task.asked(batch).targets for batch in batches])
    assert len(targets) == sum(len(text) + 1 for text in TEXTS["test"])
    assert (targets == 0).sum() == (trainer.test.ids == UNK_ID).sum() > 0
    assert trainer.task.untrained(trainer.config).loss == pytest.approx(math.log(18))


def test_perplexity_stands_beside_bits_of_words(trained):
    trainer = trained(EXACT_WORDS, windows="carried")
    list(trainer)
    scores = trainer.score_test().to_dict()
    task = task_of(trainer.config)
    assert task.further_scores(scores) == {
        "perplexity": pytest.approx(2 ** scores["bits_per_token"]), "unknown": scores["unknown"],
    }  # fmt: skip
    assert task.further_in_words(scores) == (
        f"That is {2 ** scores['bits_per_token']:.1f} perplexity and {scores['unknown']:.2%} unknown."
    )
    assert math.isnan(task.further_scores(scores | {"bits_per_token": None})["perplexity"])
    assert {"Unknown", "Perplexity"} <= {one.column for one in further_of_all()}
    assert not task_named("next-token").further  # those of tokens that leave something out


def test_pieces_of_longer_texts_have_no_end(trained):
    for windows in ("first", "all"):
        whole, pieces = trained(windows=windows), trained(windows=windows, texts_end=False)
        assert END_ID not in pieces.test.ids
        cut = [ids[:-1] if ids[-1] == END_ID else ids for ids in rows(whole.test)]
        assert rows(pieces.test) == [ids for ids in cut if len(ids) > 1]  # of an empty one nothing is asked
        assert len(list(pieces)) > 3


def test_a_tied_head_is_the_embedding(trained, tmp_path):
    """It is learned once, kept once, and written out where another program reads it."""
    trainer = trained(windows="carried", tied=True, weight_averaging=0.5, layers=2)
    network, own = trainer.classifier, trained(layers=2).classifier
    K = network.head.out_features
    assert "head.weight" not in network.state_dict()
    assert own.state_dict().keys() - network.state_dict().keys() == {"head.weight"}
    begun = network.embedding.weight.detach().clone()
    list(trainer)
    kept = trainer.kept()
    assert torch.equal(kept.head.weight, kept.embedding.weight[-K:])
    assert not torch.equal(kept.head.weight, begun[-K:])
    assert sum(w.numel() for w in kept.parameters()) == count_parameters(trainer.config.model, 20, K)
    model = Model(config=trainer.config, vocabulary=trainer.vocabulary, classifier=kept.eval())
    model.save(tmp_path / "tied")
    ids, lengths = torch.tensor([[START_ID, 5, 6]]), torch.tensor([3])
    read = Model.load(tmp_path / "tied", task="next-token").classifier
    assert torch.equal(read(ids, lengths), kept(ids, lengths))
    written = weights_of(model)
    assert torch.equal(written["head.weight"].float(), written["embedding.weight"].float()[-K:])
    rounded, tensors = store(kept, STORAGES["int8"])
    assert tensors["head.weight"]["dtype"] == "int8"
    assert torch.equal(rounded.head.weight, rounded.embedding.weight[-K:])


def test_both_uses_of_a_tied_embedding_learn(trained):
    """The vectors get the gradient of those that were read, and that of the head."""
    tied, own = trained(tied=True).classifier, trained().classifier
    own.load_state_dict(tied.written_out())
    batch = next(iter(trained().task.reading.evaluation(trained().test, 9)))
    for network in (tied, own):
        read = network.head_inputs(batch.ids, batch.lengths - 1)
        judged = task_named("next-token").judge(network.head, read, trained().task.asked(batch))
        judged.objective.mean().backward()
    expected = own.embedding.weight.grad.clone()
    expected[-own.head.out_features :] += own.head.weight.grad
    torch.testing.assert_close(tied.embedding.weight.grad, expected, rtol=1e-5, atol=1e-7)


class Largest(TorchDispatchMode):
    """Notes the bytes of the largest tensor that is made."""

    bytes = 0

    def __torch_dispatch__(self, function, types, given=(), named=None):
        found = function(*given, **(named or {}))
        self.bytes = max([self.bytes, *(one.nbytes for one in tree_leaves(found) if torch.is_tensor(one))])
        return found


def test_a_batch_of_many_words_stays_small():
    """20,000 of them, and 64 windows of 256 tokens, of which all logits take 1.3 GB."""
    V, steps = 20_000, 64 * 256
    config = whole(vocab_size=V, hidden_size=16, embedding_size=16, tied=True).model
    network = Classifier(config, V, V - END_ID, at_every_step=True)
    read, targets = torch.randn(steps, 16, requires_grad=True), torch.randint(V - END_ID, (steps,))
    with Largest() as largest:
        task_named("next-token").judge(network.head, read, Asked(targets)).objective.mean().backward()
    assert 1e7 < largest.bytes < 2**26


def whole(**settings):
    return RunConfig().with_settings(**{"task": "next-token", "truncation": "post", **settings})


FIRST, ONE_HOT = "Windows must be 'first' for", {"input": "one-hot", "hidden_size": 32}
of_class, of_language = RunConfig().with_settings, recommended_config("language-anbn").with_settings
test_settings_that_windows_and_ties_refuse = refusals(
    ConfigError,
    {
        "a class": (lambda: of_class(windows="all"), f"{FIRST} text classification, since only the next"),
        "a language": (lambda: of_language(windows="carried"), f"{FIRST} predicting the next symbol"),
        "no windows": (lambda: whole(windows="some"), "must be one of first, all, carried, got 'some'"),
        "both directions": (lambda: whole(windows="carried", bidirectional=True), "must be False for"),
        "a tied class": (lambda: of_class(tied=True, embedding_size=128), "Tied embedding must be False"),
        "other widths": (
            lambda: whole(tied=True, hidden_size=64),
            "its vectors are the head's weights, got 32 and 64",
        ),
        "tied to nothing": (lambda: whole(tied=True, **ONE_HOT), "needs an embedding as input"),
    },
)


def test_older_settings_read_the_first_window():
    values = whole().to_dict()
    del values["text"]["windows"], values["model"]["tied"]
    assert RunConfig.from_dict(values) == whole()
    assert not whole().text.reads_all
    for windows in ("all", "carried"):
        config = whole(windows=windows)
        assert RunConfig.from_json(config.to_json()) == config
        assert config.text.reads_all
        begin = {"all": "windows", "carried": "carried on in windows"}[windows]
        assert recipe_in_words(config) == f"{begin} of 256 tokens, plain"

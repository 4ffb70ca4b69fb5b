"""The whole benchmark: an optimizer step of cells and layers, and whole reviews, ours beside torch's."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnn_core.bench.compared import BenchRow, Case, Compared
from rnn_core.bench.forms import Forms, peak_megabytes, usual_cell
from rnn_core.bench.reference import TorchClassifier, torch_module
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import NEXT_TOKEN
from rnn_core.config.text_settings import TextConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.batch_rows import mixed_rows, training_rows
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_reviews, learn_vocabulary, split_reviews
from rnn_core.data.reading import Batch, make_batch
from rnn_core.data.sources import load_corpus
from rnn_core.errors import BenchError, DataError
from rnn_core.inspection.trace import trace
from rnn_core.machine import alternate
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.tasks.classes import cross_entropies
from rnn_core.tasks.task import task_named
from rnn_core.text.vocabulary import END_ID, SPECIAL_TOKENS, START_ID, Vocabulary
from rnn_core.training.device import gains_by_bfloat16
from rnn_core.training.learner import make_optimizer
from rnn_core.training.objective import Objective
from rnn_core.training.trainer import Trainer

_B, _T = 64, 256
_LENGTHS = (64, 256, 1_024)
_BATCH_SIZES = (16, 64, 256)
_V, _E, _H = 100, 64, 256  # of a prediction of each next token
_SHAPE = f"B={_B}, T={_T}, E=32, H=128, forward and backward"
_BFLOAT16 = "sequence_in_bfloat16"
_OF_TORCH = "nn.Embedding, nn.GRU, nn.Linear and cross_entropy"
_TWO_LAYERS = _SHAPE.replace("forward", "two layers, forward")


def _step(cell: str, *forms: str, B: int = _B, T: int = _T) -> Callable[[int], Mapping[str, float]]:
    """Return the function that times these forms of a cell's step."""

    def milliseconds(rounds: int) -> Mapping[str, float]:
        if not gains_by_bfloat16() and any("bfloat16" in form for form in forms):
            return {}  # this processor is slower at that
        measured = Forms(usual_cell(cell), B, T)
        *_, medians = alternate({form: getattr(measured, form) for form in forms}, rounds)
        return medians

    return milliseconds


def _memory(cell: str) -> Mapping[str, float | None]:
    forms = {"ours_mb": "sequence", "reference_mb": "torch"}
    return {name: peak_megabytes(cell, form, _B, _T) for name, form in forms.items()}


def _two_layers(rounds: int) -> Mapping[str, float]:
    """The last state of the upper layer, and from a random gradient of it back to the words."""
    network = Classifier(ModelConfig(cell="gru", reset="after", layers=2), vocab_size=1)
    module = torch_module(*network.layers)
    packed = packing(torch.full((_B,), _T))
    xs = torch.randn(_T * _B, network.config.embedding_size).requires_grad_()
    d_last = torch.randn(_B, network.config.hidden_size)

    def back(last: Tensor) -> None:
        for weights in (xs, *network.parameters(), *module.parameters()):
            weights.grad = None
        last.backward(d_last)

    def ours(*, bfloat16: bool) -> None:
        for cell in network.layers:
            cell.trains_in_bfloat16 = bfloat16
        back(network.read(xs, packed))

    def torch_step() -> None:
        hs, _ = module(xs.view(_T, _B, -1))
        back(hs[-1])

    forms = {"float32": lambda: ours(bfloat16=False), "torch": torch_step}
    if gains_by_bfloat16():
        forms["bfloat16"] = lambda: ours(bfloat16=True)
    *_, medians = alternate(forms, rounds)
    return medians


def _next_token(rounds: int) -> Mapping[str, float]:
    """A prediction of each next token: from the ids to the loss, and back to every weight."""
    V, E, H = _V, _E, _H
    config = ModelConfig(cell="gru", reset="after", embedding_size=E, hidden_size=H)
    network = Classifier(config, V + END_ID, V, at_every_step=True)
    module, embedding, head = torch_module(*network.layers), nn.Embedding(V + END_ID, E), nn.Linear(H, V)
    ids = torch.randint(END_ID, V + END_ID, (_B, _T + 1))
    batch = Batch(ids, torch.full((_B,), _T + 1), torch.zeros(_B, dtype=torch.int64), np.arange(_B))
    objective = Objective(task_named(NEXT_TOKEN), network, TrainingConfig())

    def ours() -> None:
        network.zero_grad()
        objective.back_propagate(batch)

    def torch_step() -> None:
        for part in (module, embedding, head):
            part.zero_grad()
        hs, _ = module(embedding(ids[:, :-1].T))  # (T, B, H)
        cross_entropy(head(hs).flatten(0, 1), ids[:, 1:].T.flatten() - END_ID).backward()

    *_, medians = alternate({"sequence": ours, "torch": torch_step}, rounds)
    return medians


def _compared_with_torch(name: str, cell: str, module: str, at_least: float, goal: float) -> Compared:
    case = Case(name, f"{module}: {_SHAPE}", "torch", at_least, goal, memory=partial(_memory, cell))
    return Compared(_step(cell, "sequence", "torch", "floor"), [case])


def _compared_with_autograd(cell: str, at_least: float, goal: float) -> Compared:
    """A cell that torch has none of, against the same fused loop in autograd."""
    against = f"our fused {cell} cell in an autograd loop: {_SHAPE}"
    case = Case(f"{cell}-step", against, "fused", at_least, goal)
    return Compared(_step(cell, "sequence", "fused", "floor"), [case])


def _growth(shape: str, B: int, T: int) -> Compared:
    """The time of a GRU's step must grow in proportion with T."""
    case = Case(f"gru-step-{shape}", f"nn.GRU: B={B}, T={T}")
    return Compared(_step("gru-after", "sequence", "torch", B=B, T=T), [case])


_IN_BFLOAT16 = f"ours in bfloat16: {_SHAPE}"
_NEXT_TOKEN = f"B={_B}, T={_T}, E={_E}, H={_H}, V={_V}, forward, loss and backward"
STEPS = (
    # The GRU that torch has, too: against nn.GRU and against our own loops.
    Compared(
        _step("gru-after", "sequence", "torch", "fused", "naive", "floor"),
        (
            Case("gru-step", f"nn.GRU: {_SHAPE}", "torch", 1.5, 2.0, memory=partial(_memory, "gru-after")),
            Case("fused-loop", f"our fused GRU cell in an autograd loop: {_SHAPE}", "fused", 1.8, 2.5),
            Case("naive-loop", f"our naive GRU cell in an autograd loop: {_SHAPE}", "naive", 2.1, 3.0),
        ),
    ),
    Compared(
        _step("gru-after", _BFLOAT16, "torch", "torch_in_bfloat16"),
        [
            Case(f"gru-step-{case}", f"{against}, {_IN_BFLOAT16}", form, at_least, goal, _BFLOAT16)
            for case, form, against, at_least, goal in (
                ("bfloat16", "torch", "nn.GRU in float32", 1.7, 2.2),
                ("autocast", "torch_in_bfloat16", "nn.GRU in bfloat16 by torch.autocast", 1.2, 1.6),
            )
        ],
    ),
    _compared_with_torch("gru-step-before", "gru", "nn.GRU, which resets after the product", 1.4, 1.8),
    _compared_with_torch("lstm-step", "lstm", "nn.LSTM", 1.2, 1.7),
    _compared_with_torch("elman-step", "elman", "nn.RNN", 1.3, 1.7),
    _compared_with_torch("mingru-step", "mingru", "nn.GRU, which computes more", 5.0, 8.0),
    _compared_with_autograd("ugrnn", 1.5, 1.7),
    _compared_with_autograd("minlstm", 2.0, 4.0),
    _compared_with_autograd("indrnn", 2.0, 4.0),
    _compared_with_autograd("rglru", 1.5, 4.0),
    _compared_with_autograd("slstm", 1.5, 1.7),
    _compared_with_autograd("s6", 1.5, 2.5),
    *(_growth(f"t{T}", _B, T) for T in _LENGTHS),
    *(_growth(f"b{B}", B, _T) for B in _BATCH_SIZES),
    Compared(
        _two_layers,
        [
            Case(
                f"gru-two-layers{more}", f"nn.GRU(num_layers=2){of}: {_TWO_LAYERS}", "torch", 1.3, goal, ours
            )
            for more, of, goal, ours in (
                ("", "", 1.5, "float32"),
                ("-bfloat16", " in float32, ours in bfloat16", 1.7, "bfloat16"),
            )
        ],
    ),
    Compared(_next_token, [Case("next-token-step", f"{_OF_TORCH}: {_NEXT_TOKEN}", "torch", 1.4, 1.8)]),
)


REVIEWS = 1_536
MAX_LENGTH = 400
VOCAB_SIZE = 5_000

# Natural logarithm of the number of tokens of IMDB's training reviews: mean and standard deviation.
_LOG_LENGTH = (5.226, 0.641)


def sample_reviews() -> tuple[EncodedReviews, str]:
    """The reviews, and in words where they come from."""
    try:
        corpus = load_corpus("imdb")
    except DataError:
        rng = np.random.default_rng(0)
        lengths = np.exp(rng.normal(*_LOG_LENGTH, REVIEWS)).astype(np.int64).clip(1, MAX_LENGTH)
        reviews = EncodedReviews(
            ids=rng.integers(START_ID, VOCAB_SIZE, lengths.sum(), np.int32),
            offsets=np.concatenate([[0], lengths.cumsum()]),
            labels=rng.integers(0, 2, REVIEWS, np.int8),
            indices=np.arange(REVIEWS),
        )
        return reviews, "random words, lengths drawn as IMDB's are distributed"
    training = split_reviews(corpus, REVIEWS, seed=0).training
    vocabulary = learn_vocabulary(corpus, training, VOCAB_SIZE)
    config = TextConfig(vocab_size=VOCAB_SIZE, max_length=MAX_LENGTH)
    return encode_reviews(corpus, training, vocabulary, config), "IMDB training reviews"


_BATCH_SIZE = 64
_MODEL = ModelConfig(cell="gru", reset="after")  # the GRU that torch has, too


def _epochs(_rounds: int) -> Mapping[str, float]:
    """Seconds need fewer rounds than milliseconds; packing takes so long that one must do."""
    reviews, _ = sample_reviews()

    def train_torch(padding: int | str, batches: Callable[[EncodedReviews], Iterator[Batch]]) -> None:
        _train(TorchClassifier(_MODEL, VOCAB_SIZE, padding=padding), batches(reviews))

    ours = {"ours": lambda: _train(Classifier(_MODEL, VOCAB_SIZE), _bucketed(reviews))}
    padded, bucketed = partial(train_torch, MAX_LENGTH, _random), partial(train_torch, "longest", _bucketed)
    *_, medians = alternate({**ours, "padded": padded, "bucketed": bucketed}, 3, warm_up=False)
    *_, once = alternate({**ours, "packed": partial(train_torch, "none", _random)}, 1, warm_up=False)
    return {**medians, "ours once": once["ours"], "packed": once["packed"]}


def _bucketed(reviews: EncodedReviews) -> Iterator[Batch]:
    rows = training_rows(reviews.lengths(), _BATCH_SIZE, np.random.default_rng(0))
    return map(partial(make_batch, reviews), rows)


def _random(reviews: EncodedReviews) -> Iterator[Batch]:
    """Batches of whatever lengths come together, the longest review of each first."""
    rows = mixed_rows(reviews.lengths(), _BATCH_SIZE, np.random.default_rng(0))
    return map(partial(make_batch, reviews), rows)


def _train(classifier: Classifier, batches: Iterator[Batch]) -> None:
    optimizer = make_optimizer(TrainingConfig(), classifier.parameters())
    for batch in batches:
        loss = cross_entropies(classifier(batch.ids, batch.lengths), batch.labels).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(classifier.parameters(), 1.0)
        optimizer.step()


_ACCURACY = 0.87


def _learning(_rounds: int) -> Mapping[str, float]:
    """Time training and evaluation, the data loaded, to the first such validation accuracy on IMDB.

    Once each, since either takes minutes, with the same seed and settings; nothing where IMDB is not at hand.
    Raises BenchError where a training ends below that.
    """
    try:
        corpus = load_corpus("imdb")
    except DataError:
        return {}
    config = RunConfig().with_settings(cell="gru", reset="after", max_length=MAX_LENGTH)
    networks: dict[str, Callable[[ModelConfig, int, int], Classifier]] = {
        "ours": Classifier,
        "padded": partial(TorchClassifier, padding=MAX_LENGTH),
    }
    return {name: _milliseconds(config, corpus, network) for name, network in networks.items()}


def _milliseconds(
    config: RunConfig, corpus: Corpus, network: Callable[[ModelConfig, int, int], Classifier]
) -> float:
    trainer = Trainer(config, corpus, network, looks_inside=False)
    began = time.perf_counter()
    for record in trainer:
        if record.kind == "validation" and record.score >= _ACCURACY:
            return (time.perf_counter() - began) * 1e3
    reached = "no accuracy" if trainer.kept_score is None else f"{trainer.kept_score:.1%}"
    raise BenchError(f"The training of imdb-to-87 ended below {_ACCURACY:.0%}, at {reached}.")


TOKENS = 400


def reader(cell: str, **settings: str) -> tuple[Model, str]:
    """An untrained model, and a text of `TOKENS` words that it knows."""
    words = [f"word{number}" for number in range(TOKENS)]
    vocabulary = Vocabulary([*SPECIAL_TOKENS, *words])
    config = RunConfig().with_settings(
        cell=cell, **settings, max_length=TOKENS, start_token=False, vocab_size=len(vocabulary)
    )
    classifier = Classifier(config.model, len(vocabulary)).eval()
    return Model(config=config, vocabulary=vocabulary, classifier=classifier), " ".join(words)


def _reading(rounds: int) -> Mapping[str, float]:
    """Every gate, every state and the verdict after every token, from the text on."""
    model, text = reader("gru", reset="after")
    classifier = model.classifier
    module = torch_module(classifier.cell)
    ids = torch.tensor([model.vocabulary.encode(text.split())])  # (1, T)

    def hidden_states() -> None:
        with torch.inference_mode():
            module(classifier.embed(ids.T))

    *_, medians = alternate({"ours": lambda: trace(model, text), "torch": hidden_states}, rounds)
    return medians


def _where() -> str:
    """Say on what the epochs are measured."""
    return f": {REVIEWS:,} {sample_reviews()[1]}, at most {MAX_LENGTH} tokens"


_SAME = f"the same on nn.GRU padded to {MAX_LENGTH}: up to {_ACCURACY:.0%} of validation reviews"
_HIDDEN = f"nn.GRU giving only its hidden states of {TOKENS} tokens"
_EVERY = f"nn.GRU, every batch padded to {MAX_LENGTH}"
ALL: tuple[Compared, ...] = (
    *STEPS,
    Compared(_reading, [Case("read-400", _HIDDEN, "torch", 0.3, 1.0, "ours")]),
    Compared(
        _epochs,
        (
            Case("imdb-epoch-400", _EVERY, "padded", 2.5, 4.0, "ours"),
            Case("imdb-epoch-bucketed", "nn.GRU on length buckets", "bucketed", 1.5, 2.0, "ours"),
            Case("imdb-epoch-packed", "nn.GRU with pack_padded_sequence", "packed", 5.0, 15.0, "ours once"),
        ),
        _where,
    ),
    Compared(_learning, [Case("imdb-to-87", _SAME, "padded", 3.0, ours="ours")]),
)
CASES = tuple(case.name for compared in ALL for case in compared.cases)
ROUNDS = 15


def run_benchmark(
    cases: Collection[str] = CASES, rounds: int = ROUNDS, all_compared: Sequence[Compared] = ALL
) -> Iterator[BenchRow]:
    """The rows of these cases, one by one as they are measured.

    From here on numbers too small to be normal are 0 for both sides, as in a training: gradients that fade
    pass through them, and some processors multiply them many times slower.
    """
    torch.set_flush_denormal(True)
    for compared in all_compared:
        if any(case.name in cases for case in compared.cases):
            yield from (row for row in compared.rows(rounds) if row.case in cases)

"""The whole network: word ids -> embedding -> recurrences, one above the other -> readout -> head.

Layers are numbered from 1, the lowest, which reads the words; each further one reads the hidden states of the
one below, of both directions where there are two, and the readout those of the top one.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, pad
from torch.overrides import TorchFunctionMode

from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.readouts import READOUTS
from rnn_core.errors import ConfigError
from rnn_core.nn.cells import PADDING_ID, Cell, State
from rnn_core.nn.packing import Packing, packing
from rnn_core.nn.pairs import BigramEmbedding, CountedBigrams
from rnn_core.nn.readouts import Readout
from rnn_core.nn.sequence import run, run_on

_UNKNOWN_ID = 2  # the special tokens are 0, 1 and 2, as rnn_core.text.vocabulary numbers them


def make_cell(config: ModelConfig, vocab_size: int, below: int = 0, *, is_last_layer: bool = True) -> Cell:
    """The cell these settings name, initialised. `below` is the width of the states it reads, 0 for words."""
    one_hot = config.input == "one-hot" and not below
    size = below or (vocab_size if one_hot else config.embedding_size)
    with torch.device("cpu"):  # of a run of before, equations are read out of code here, which computes
        equations = config.declared.read_equations()
    cell = Cell(equations, size, config.hidden_size, kind=config.declared.key, one_hot=one_hot)
    cell.is_last_layer = is_last_layer
    cell.initialise(config.initialisation, config.forget_bias)
    return cell


def make_readout(config: ModelConfig) -> Readout:
    """The readout these settings name, its weights drawn."""
    made_by = cast(type[Readout], READOUTS[config.readout].made_by)
    return made_by(state_width(config), config.hidden_size)


def state_width(config: ModelConfig) -> int:
    """D*H, how many numbers the states of a layer have, of both directions together."""
    return (2 if config.bidirectional else 1) * config.hidden_size


def outputs(config: ModelConfig, classes: int) -> int:
    """O, how many logits the head gives: K for K classes, and for two classes as many as the settings say."""
    return classes if classes > 2 or config.head == "two-logit" else 1


class Left(NamedTuple):
    """The state that the B rows of a batch leave to rows of the next one."""

    last: Tensor
    """(B,) int64, the last id that each row read."""
    states: tuple[State, ...]
    """The states of each layer, the lowest first, (B, H) each."""

    def detached(self) -> "Left":
        """Return it without the gradient that goes back into the batch."""
        return Left(self.last, tuple(tuple(part.detach() for part in state) for state in self.states))


class TiedHead(nn.Linear):
    """A head whose weights are the vectors of the last K tokens of an embedding; its bias is its own."""

    def __init__(self, embedding: nn.Embedding, classes: int) -> None:
        nn.Module.__init__(self)
        self.in_features, self.out_features = embedding.embedding_dim, classes
        self._embedding = (embedding,)  # no module of its own, so that the vectors are kept once
        self.bias = nn.Parameter(torch.zeros(classes))
        bound = embedding.embedding_dim**-0.5
        nn.init.uniform_(embedding.weight, -bound, bound)  # as the weights of a head are drawn
        with torch.no_grad():
            embedding.weight[PADDING_ID].zero_()

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """(K, E), the last rows of the embedding."""
        return self._embedding[0].weight[-self.out_features :]


class Classifier(nn.Module):
    """Reads word ids and answers with logits of K classes, once a text or at every time step.

    A batch is ids (B, T) int64 with the rows left-aligned and the longest first, and lengths (B,)
    int64: how many time steps of each row are computed. D is 1, or 2 for a network that reads in both
    directions; O is 1 logit, or as many as there are classes.
    """

    def __init__(
        self, config: ModelConfig, vocab_size: int, classes: int = 2, at_every_step: bool = False
    ) -> None:
        """`at_every_step`: whether the head reads each state of the top layer, in place of the readout."""
        super().__init__()
        self.at_every_step = at_every_step
        self.config = config
        self.classes = classes
        self.vocab_size = vocab_size
        self.reads_pairs = bool(config.bigrams or config.counted_bigrams)
        """True if the cell's input at a word also depends on the word before it."""
        if config.input == "embedding":
            self.embedding = nn.Embedding(vocab_size, config.embedding_size, padding_idx=PADDING_ID)
        if config.bigrams:
            self.bigrams = BigramEmbedding(config.bigrams, vocab_size, config.embedding_size)
        if config.counted_bigrams:
            self.counted = CountedBigrams(config.counted_bigrams, vocab_size, classes)
        width = state_width(config)

        def cell(layer: int) -> Cell:
            below, is_last = width if layer > 1 else 0, layer == config.layers
            return make_cell(config, vocab_size, below, is_last_layer=is_last)

        more = range(2, config.layers + 1)
        self.cell = cell(1)
        if config.bidirectional:
            self.backward_cell = cell(1)
        self.upper = nn.ModuleList(map(cell, more))
        if config.bidirectional:
            self.backward_upper = nn.ModuleList(map(cell, more))
        self.head: nn.Linear = (
            TiedHead(self.embedding, classes) if config.tied else nn.Linear(width, outputs(config, classes))
        )
        if hasattr(self, config.readout):
            raise ConfigError(
                f"A readout can't be called {config.readout}, like another part of a network: give it "
                "another name."
            )
        self.add_module(config.readout, make_readout(config))

    @property
    def readout(self) -> Readout:
        """The module that reads the hidden states."""
        return cast(Readout, self.get_submodule(self.config.readout))

    @property
    def device(self) -> torch.device:
        """The device that its weights are on."""
        return self.head.weight.device

    @property
    def layers(self) -> tuple[Cell, ...]:
        """The cells that read forwards, the lowest first."""
        return (self.cell, *self.upper)

    @property
    def backward_layers(self) -> tuple[Cell, ...]:
        """The cells that read from the end, the lowest first; none in a network that reads forwards only."""
        if not self.config.bidirectional:
            return ()
        return (self.backward_cell, *self.backward_upper)

    def written_out(self) -> dict[str, Tensor]:
        """Return its state with a head's weights of its own, which a tied head shares with the embedding."""
        return {**self.state_dict(), "head.weight": self.head.weight.detach()}

    def constrain(self) -> None:
        """Puts weights that left their bounds in an optimizer step back, in place."""
        for module in self.modules():
            if isinstance(module, Cell):
                module.constrain()

    def forward(self, ids: Tensor, lengths: Tensor, folds: Tensor | None = None) -> Tensor:
        """Logits, (B, O) of each row or (N, O) of each packed time step."""
        return self.head(self.head_inputs(ids, lengths, folds))

    def head_inputs(self, ids: Tensor, lengths: Tensor, folds: Tensor | None = None) -> Tensor:
        """The input of the head, (B, D*H) or (N, D*H), with its dropout. `folds` (B,) as in `inputs`."""
        packed = packing(lengths)
        return self.packed_head_inputs(self.inputs(ids, packed, folds), packed)

    def first_states(self, rows: int = 1) -> tuple[State, ...]:
        """Return the states of each layer with which so many texts begin, (rows, H) each."""
        return tuple(cell.initial_state(rows) for cell in self.layers)

    def begin(self, continues: Tensor, left: Left | None) -> Left:
        """Return the state with which rows begin that go on from rows of the batch before, (B,).

        `continues` are the numbers of these, -1 for none; `left` is what that batch left. Raises ValueError
        where there is none to go on from.
        """
        is_new, rows, firsts = continues < 0, continues.clamp(min=0), self.first_states(len(continues))
        if left is None:
            if not is_new.all():
                raise ValueError("rows that go on need the state that the batch before them left")
            left = Left(torch.zeros_like(rows), firsts)
        states = tuple(
            tuple(
                torch.where(is_new.unsqueeze(1), begun, part[rows])  # (B, H)
                for begun, part in zip(first, state, strict=True)
            )
            for first, state in zip(firsts, left.states, strict=True)
        )
        return Left(torch.where(is_new, PADDING_ID, left.last[rows]), states)

    def read_on(self, xs: Tensor, packed: Packing, begin: Left, ids: Tensor) -> tuple[Tensor, Left]:
        """Return the input of the head at every time step, (N, H), with its dropout, and what rows leave.

        `xs` are the packed inputs for ids (B, T), made with `begin.last`.
        """
        ends = list[State]()
        for number, (cell, state) in enumerate(zip(self.layers, begin.states, strict=True)):
            below = xs if not number else dropout(xs, self.config.layer_dropout, self.training)
            xs, end = run_on(cell, below, packed, state, every=True)
            ends.append(end)
        left = Left(packed.pack(ids)[packed.last], tuple(ends))
        return dropout(xs, self.config.head_dropout, self.training), left

    def inputs(
        self, ids: Tensor, packed: Packing, folds: Tensor | None = None, last: Tensor | None = None
    ) -> Tensor:
        """The cell's input for ids (B, T), packed: (N, E), or with one-hot input the ids, (N,).

        `folds` (B,) says which fold's counts of bigrams are left out for each row, -1 for none. `last` (B,)
        are the ids before the first ones, padding where none are given.
        """
        before = packed.pack(ids_before(ids, last)) if self.reads_pairs else None
        return self.embed(packed.pack(ids), before, None if folds is None else folds[packed.rows])

    def embed(self, ids: Tensor, before: Tensor | None = None, folds: Tensor | None = None) -> Tensor:
        """The cell's input for ids of any shape: vectors (..., E), or with one-hot input the ids.

        `before` are the ids before them, which a network with bigrams asks for: it raises ValueError without.
        `folds`, of the same shape, are those of `CountedBigrams`.
        """
        words = ids
        if self.training and self.config.word_dropout:
            replaced = torch.rand(ids.shape, device=ids.device) < self.config.word_dropout
            words = ids.masked_fill(replaced & (ids > _UNKNOWN_ID), _UNKNOWN_ID)  # special tokens stay
        if self.config.input == "one-hot":
            return words
        xs = self.embedding(words)
        if not self.reads_pairs:
            return dropout(xs, self.config.embedding_dropout, self.training)
        if before is None:
            raise ValueError("a network with bigrams needs the ids before those it is to embed")
        left_out = self.config.bigram_dropout if self.training else 0.0
        if self.config.bigrams:
            xs = xs + self.bigrams(before, ids, left_out)
        xs = dropout(xs, self.config.embedding_dropout, self.training)
        if self.config.counted_bigrams:  # to the numbers at which label odds begin
            odds = self.counted(before, ids, folds, left_out)
            odds = odds.unsqueeze(-1) if self.classes == 2 else odds
            xs = xs + pad(odds, (0, xs.shape[-1] - odds.shape[-1]))  # (..., 1 or K) -> (..., E)
        return xs

    def answer(self, xs: Tensor, packed: Packing) -> Tensor:
        """Logits, given packed xs: the output of `inputs`."""
        return self.head(self.packed_head_inputs(xs, packed))

    def packed_head_inputs(self, xs: Tensor, packed: Packing) -> Tensor:
        """The input of the head, with its dropout, given packed xs."""
        read = self.states(xs, packed) if self.at_every_step else self.read(xs, packed)
        return dropout(read, self.config.head_dropout, self.training)

    def read(self, xs: Tensor, packed: Packing) -> Tensor:
        """The readout of the hidden states, (B, D*H), given packed xs."""
        readout, xs = self.readout, self.below(self.config.layers, xs, packed)
        if not self.config.bidirectional:
            return readout.read(self.layers[-1], xs, packed)
        if readout.mixes_units:
            return readout.pool(self._states_of(self.config.layers, xs, packed, None), packed)
        forwards = readout.read(self.layers[-1], xs, packed)
        back = readout.read(self.backward_layers[-1], xs[packed.backwards()], packed)
        return torch.cat([forwards, back], dim=1)

    def states(self, xs: Tensor, packed: Packing, watched: Mapping[int, State] | None = None) -> Tensor:
        """Every hidden state of the top layer, packed, (N, D*H).

        The second half is that of the way from the end to a token. `watched` are, by layer, those of the cell
        that reads forwards, see `rnn_core.nn.sequence.watch`.
        """
        top = self.config.layers
        return self._states_of(top, self.below(top, xs, packed, watched), packed, watched)

    def below(
        self, layer: int, xs: Tensor, packed: Packing, watched: Mapping[int, State] | None = None
    ) -> Tensor:
        """The input of the cells of a layer: packed xs, or the states of the layer below, (N, D*H)."""
        for lower in range(1, layer):
            hs = self._states_of(lower, xs, packed, watched)
            xs = dropout(hs, self.config.layer_dropout, self.training)
        return xs

    def above(self, layer: int, hs: Tensor, packed: Packing) -> Tensor:
        """Every hidden state of the top layer, given those of a layer, (N, D*H)."""
        for upper in range(layer + 1, self.config.layers + 1):
            xs = dropout(hs, self.config.layer_dropout, self.training)
            hs = self._states_of(upper, xs, packed, None)
        return hs

    def _states_of(
        self, layer: int, xs: Tensor, packed: Packing, watched: Mapping[int, State] | None
    ) -> Tensor:
        """Every hidden state of a layer, (N, D*H), given what it reads."""
        seen = (watched or {}).get(layer, ())
        hs = run(self.layers[layer - 1], xs, packed, every=True, watched=seen)
        if not self.config.bidirectional:
            return hs
        turned = packed.backwards()
        back = run(self.backward_layers[layer - 1], xs[turned], packed, every=True)[turned]
        return torch.cat([hs, back], dim=1)

    def pool(self, hs: Tensor, packed: Packing, readout: Readout | None = None) -> Tensor:
        """The readout, (B, D*H), given every hidden state, (N, D*H).

        `readout` may be another one than its own.
        """
        readout = readout or self.readout
        if not self.config.bidirectional or readout.mixes_units:
            return readout.pool(hs, packed)
        forwards, back = hs.chunk(2, dim=1)
        return torch.cat(
            [readout.pool(forwards, packed), readout.pool(back[packed.backwards()], packed)], dim=1
        )


def ids_before(ids: Tensor, last: Tensor | None = None) -> Tensor:
    """The id before each of (..., T) ids; `last` (...,) or padding before the first one."""
    if last is not None:
        return torch.cat([last.unsqueeze(-1), ids[..., :-1]], dim=-1)
    return pad(ids[..., :-1], (1, 0), value=PADDING_ID)


class CellWeight(NamedTuple):
    """The place of a parameter among the cells of a classifier."""

    layer: int
    """The number of the layer, 1 for the lowest."""
    is_backward: bool
    """True if the cell reads from the end."""
    name: str
    """The cell's own name for it, such as W, or memory.weight of a cell with a layer of torch in it."""


_OF_A_CELL = re.compile(r"(backward_)?(?:cell|upper\.(\d+))\.(.+)")


def cell_weight(parameter: str) -> CellWeight | None:
    """The weight of a cell, by the name of the parameter; None for one of no cell.

    >>> cell_weight("backward_upper.0.U")
    CellWeight(layer=2, is_backward=True, name='U')
    >>> cell_weight("cell.memory.weight").name
    'memory.weight'
    """
    if (found := _OF_A_CELL.fullmatch(parameter)) is None:
        return None
    return CellWeight(1 if found[2] is None else int(found[2]) + 2, found[1] is not None, found[3])


class _Undrawn(TorchFunctionMode):
    """Leaves out normal numbers, the first of which on torch's meta device take seconds of imports."""

    def __torch_function__(self, function: Any, types: Any, given: Any = (), named: Any = None) -> Any:
        if function.__name__ == "normal_":
            return given[0] if given else named["tensor"]
        return function(*given, **(named or {}))


def unbuilt(config: ModelConfig, vocab_size: int, classes: int = 2) -> Classifier:
    """The network as shapes only: nothing is allocated or drawn."""
    with torch.device("meta"), _Undrawn():
        return Classifier(config, vocab_size, classes)


def count_parameters(config: ModelConfig, vocab_size: int, classes: int = 2) -> int:
    """The count of numbers that training adjusts, without building the network."""
    return sum(weights.numel() for weights in unbuilt(config, vocab_size, classes).parameters())

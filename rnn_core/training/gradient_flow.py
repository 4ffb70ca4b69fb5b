"""Looks inside a network while it learns: how far back the gradient reaches, what its gates do.

Measured on a few reviews, dropout off. Symbols as in `rnn_core.nn.cells`; L is the loss of one review.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec
import torch
from torch import Tensor

from rnn_core.config.model_settings import MOST_LAYERS
from rnn_core.nn.cells import PADDING_ID
from rnn_core.nn.classifier import Classifier, cell_weight
from rnn_core.nn.packing import Packing, packing
from rnn_core.nn.sequence import steps, watch
from rnn_core.shapes import Share
from rnn_core.symbols import CellDeclaration
from rnn_core.tasks.classes import cross_entropies

LOOKED_INTO = 64  # reviews
MOST_DISTANCES = 48
MOST_LETTERS = 24
"""The quantities that a cell may have of a kind; one of the user's own is seen through so many letters."""
_MOST_WEIGHTS = 1_000
SHUT, OPEN = 0.1, 0.9
"""Bounds of a gate: below the one it lets next to nothing through, above the other next to everything."""
STILL = 0.01
"""A unit whose standard deviation over all time steps is below says nothing about the text."""


Norm = Annotated[float, msgspec.Meta(ge=0, le=1e60)] | None
"""None where it isn't a finite number: the gradient of a network that is about to diverge."""
Norms = Annotated[list[Norm], msgspec.Meta(min_length=1, max_length=MOST_DISTANCES)]
Shares = Annotated[list[Share | None], msgspec.Meta(min_length=2, max_length=2)]
Place = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


_OfLetters = Annotated[dict[Name, Norms], msgspec.Meta(min_length=1, max_length=MOST_LETTERS)]


class LayerLook(TypedDict):
    """The part of a look that is of one layer; its lists go along `InsideLook.distance`."""

    gradients: _OfLetters
    """The mean norm of dL/dh_t of a review at each distance from its end, by the letter of each state."""
    norms: _OfLetters
    """The mean norm after each time step, by the letter of each state."""
    gates: Annotated[dict[Name, Shares], msgspec.Meta(max_length=MOST_LETTERS)]
    """Shares of the values that are shut and open, by the letter of each gate, or of the slope. Some cells
    have neither."""


class InsideLook(LayerLook):
    """One look, as JSON can hold it: at the top layer, and at those below it.

    Distances and time steps are grouped, ever more together the farther away: each number of a list is the
    mean over the group that begins at the same place of `distance`.
    """

    distance: Annotated[list[Place], msgspec.Meta(min_length=1, max_length=MOST_DISTANCES)]
    """Tokens, counted from 0: for gradients from the last real one back, for norms from the first one on."""
    weights: Annotated[dict[Name, Norm], msgspec.Meta(min_length=1, max_length=_MOST_WEIGHTS)]
    """The norm of each parameter by its name."""
    still: NotRequired[Share]
    """Share of the units whose h is the same, to STILL, at every token; not in the oldest looks."""
    padding: NotRequired[Share]
    """Share of the time steps at which padding was read."""
    below: NotRequired[Annotated[list[LayerLook], msgspec.Meta(max_length=MOST_LAYERS - 1)]]
    """The layers below the top one, the lowest first; only where there are some."""


def check_look(look: InsideLook) -> None:
    """Raise ValueError where the lists of a look aren't of one length, or its places not in order."""
    places = look["distance"]
    if places != sorted(set(places)):
        raise ValueError("the distances inside must go up, each once")
    of_layers: list[LayerLook | InsideLook] = [*look.get("below", []), look]
    for what in (what for of_layer in of_layers for what in (of_layer["gradients"], of_layer["norms"])):
        for name, values in what.items():
            if len(values) != len(places):
                raise ValueError(
                    f"the norms of {name} inside must be as many as the distances, {len(places)}, "
                    f"got {len(values)}"
                )


def look_inside(classifier: Classifier, ids: Tensor, lengths: Tensor, labels: Tensor) -> InsideLook:
    """Let the classifier read a batch (see Classifier) and follow its loss back; it is left as it was."""
    declared, was_training = classifier.config.declared, classifier.training
    classifier.eval()
    try:
        packed = packing(lengths)
        with torch.enable_grad():
            xs = classifier.inputs(ids, packed)
            states = {layer: watch(cell, packed) for layer, cell in enumerate(classifier.layers, 1)}
            read = classifier.pool(classifier.states(xs, packed, states), packed)
            loss = cross_entropies(classifier.head(read), labels).sum()  # of a sum, so each row gets its own
            gradients = torch.autograd.grad(loss, [state for seen in states.values() for state in seen])
        computed = []
        with torch.no_grad():
            for layer, cell in enumerate(classifier.layers, 1):
                of_layer = steps(cell, classifier.below(layer, xs, packed), packed)._asdict()
                computed.append(declared.complete(of_layer))
    finally:
        classifier.train(was_training)
    starts, S = _starts(len(packed.running)), len(declared.states)
    *below, top = (
        _look_at_layer(declared, values, gradients[number * S : (number + 1) * S], packed, starts)
        for number, values in enumerate(computed)
    )
    look = InsideLook(
        distance=starts.tolist(),
        gradients=top["gradients"],
        norms=top["norms"],
        gates=top["gates"],
        weights={name: _norm(float(w.detach().norm())) for name, w in classifier.named_parameters()},
        still=float((computed[-1]["h"].std(dim=0, correction=0) < STILL).float().mean()),
        padding=float((packed.pack(ids) == PADDING_ID).float().mean()),
    )
    if below:
        look["below"] = list(below)
    return look


def look_at_layer(look: Mapping[str, Any], layer: int) -> Mapping[str, Any]:
    """A look as if a layer, from 1, were the top one, with the weights of its cells and of no others."""
    below = look.get("below", [])
    top = len(below) + 1
    if not below or layer > top:
        return look
    weights = {
        name: norm
        for name, norm in look["weights"].items()
        if (weight := cell_weight(name)) is None or weight.layer == layer
    }
    return {**look, **(below[layer - 1] if layer < top else {}), "weights": weights}


def _look_at_layer(
    declared: CellDeclaration,
    computed: Mapping[str, Tensor],
    gradients: Sequence[Tensor],
    packed: Packing,
    starts: Tensor,
) -> LayerLook:
    to_the_end = packed.lengths[packed.rows] - 1 - packed.times  # (N,)
    shares = {letter: values for letter, values in computed.items() if declared[letter].is_share}
    return LayerLook(
        gradients={
            letter: _means(d, to_the_end, starts)
            for letter, d in zip(declared.states, gradients, strict=True)
            if letter in declared.carriers
        },
        norms={letter: _means(computed[letter], packed.times, starts) for letter in declared.carriers},
        gates={
            letter: [float((values < SHUT).float().mean()), float((values > OPEN).float().mean())]
            for letter, values in shares.items()
        },
    )


def _starts(T: int) -> Tensor:
    """Return where the groups of T distances begin: one by one, then in equal steps of the logarithm."""
    places = torch.logspace(0, torch.log10(torch.tensor(float(T))).item(), MOST_DISTANCES).round().long()
    return places.clamp(max=T).unique() - 1


def _means(vectors: Tensor, places: Tensor, starts: Tensor) -> list[Norm]:
    """The mean norm of vectors (N, H) in each group of their places (N,)."""
    group = torch.bucketize(places, starts.to(places.device), right=True) - 1
    norms = vectors.detach().double().norm(dim=1)  # in 32 bits the square of 1e-20 is none
    sums = norms.new_zeros(len(starts)).index_add_(0, group, norms)
    means: Sequence[float] = (sums / torch.bincount(group, minlength=len(starts))).tolist()
    return [_norm(mean) for mean in means]


def _norm(value: float) -> Norm:
    return value if math.isfinite(value) else None

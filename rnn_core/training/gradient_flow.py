"""What happens inside a network while it learns: how far back the gradient reaches, what its gates do.

Measured on a few reviews, dropout off. Symbols as in `rnn_core.nn.cells`; L is the loss of one review.
"""

import math
from collections.abc import Sequence
from typing import Annotated, NotRequired, TypedDict

import msgspec
import torch
from torch import Tensor

from rnn_core.nn.cells import PADDING_ID
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.nn.sequence import steps, watch
from rnn_core.shapes import Share

MOST_DISTANCES = 48
SHUT, OPEN = 0.1, 0.9
"""Below the one a gate lets next to nothing through, above the other next to everything."""
STILL = 0.01
"""A unit whose standard deviation over all time steps is below says nothing about the text."""


Norm = Annotated[float, msgspec.Meta(ge=0, le=1e60)] | None
"""None where it isn't a finite number: the gradient of a network that is about to diverge."""
Norms = Annotated[list[Norm], msgspec.Meta(min_length=1, max_length=MOST_DISTANCES)]
Shares = Annotated[list[Share | None], msgspec.Meta(min_length=2, max_length=2)]
Place = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class Look(TypedDict):
    """What JSON can hold of one look.

    Distances and time steps are grouped, ever more together the farther away: each number of a list is the
    mean over the group that begins at the same place of `distance`.
    """

    distance: Annotated[list[Place], msgspec.Meta(min_length=1, max_length=MOST_DISTANCES)]
    """Tokens, counted from 0: for gradients from the last real one back, for norms from the first one on."""
    gradients: Annotated[dict[Name, Norms], msgspec.Meta(min_length=1, max_length=8)]
    """By the letter of each state: the mean norm of dL/dh_t of a review at each distance from its end."""
    norms: Annotated[dict[Name, Norms], msgspec.Meta(min_length=1, max_length=8)]
    """By the letter of each state: its mean norm after each time step."""
    gates: Annotated[dict[Name, Shares], msgspec.Meta(max_length=8)]
    """By the letter of each gate, or of the slope: the shares of its values that are shut and open. Some
    cells have neither."""
    weights: Annotated[dict[Name, Norm], msgspec.Meta(min_length=1, max_length=40)]
    """The norm of each parameter by its name."""
    still: NotRequired[Share]
    """Share of the units whose h is the same, to STILL, at every token; not in the oldest looks."""
    padding: NotRequired[Share]
    """Share of the time steps at which padding was read."""


def check_look(look: Look) -> None:
    """Raise ValueError where the lists of a look aren't of one length, or its places not in order."""
    places = look["distance"]
    if places != sorted(set(places)):
        raise ValueError("the distances inside must go up, each once")
    for what in (look["gradients"], look["norms"]):
        for name, values in what.items():
            if len(values) != len(places):
                raise ValueError(
                    f"the norms of {name} inside must be as many as the distances, {len(places)}, "
                    f"got {len(values)}"
                )


def look_inside(classifier: Classifier, ids: Tensor, lengths: Tensor, labels: Tensor) -> Look:
    """Let the classifier read a batch (see Classifier) and follow its loss back; it is left as it was."""
    declared, was_training = classifier.config.declared, classifier.training
    classifier.eval()
    try:
        cell, packed = classifier.cell, packing(lengths)
        with torch.enable_grad():
            xs = classifier.inputs(ids, packed)
            states = watch(cell, packed)
            read = classifier.pool(classifier.states(xs, packed, states), packed)
            loss = classifier.loss(classifier.head(read), labels).sum()  # of a sum, so each row gets its own
            gradients = torch.autograd.grad(loss, states)
        computed = declared.complete(steps(cell, xs.detach(), packed)._asdict())
    finally:
        classifier.train(was_training)
    starts = _starts(len(packed.running))
    to_the_end = packed.lengths[packed.rows] - 1 - packed.times  # (N,)
    shares = {letter: values for letter, values in computed.items() if declared[letter].is_share}
    return Look(
        distance=starts.tolist(),
        gradients={
            letter: _means(d, to_the_end, starts)
            for letter, d in zip(declared.states, gradients, strict=True)
        },
        norms={letter: _means(computed[letter], packed.times, starts) for letter in declared.states},
        gates={letter: _saturation(values) for letter, values in shares.items()},
        weights={name: _norm(float(w.detach().norm())) for name, w in classifier.named_parameters()},
        still=float((computed["h"].std(dim=0, correction=0) < STILL).float().mean()),
        padding=float((packed.pack(ids) == PADDING_ID).float().mean()),
    )


def _starts(T: int) -> Tensor:
    """Where the groups of T distances begin: one by one at first, then in equal steps of the logarithm."""
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


def _saturation(values: Tensor) -> list[Share | None]:
    return [float((values < SHUT).float().mean()), float((values > OPEN).float().mean())]

"""The beginning of every check: the file opened, its network made, one time step computed, then many more.

Sizes are E and H; `dtype` is float32 or float64. Weights, parameters and buffers alike, are arrays called
`weight.NAME`, as `make` returns them; without them a network has its own first values after `seed`.
"""

import contextlib
import io
import re
from typing import Any

import torch
from torch import Tensor, nn

from rnn_core.own_cells.observed import Observed
from rnn_core.own_cells.submission import Submission, SubmissionError, Tensors, described
from rnn_core.processes.frames import Said

WEIGHT = "weight."
DTYPES = {"float32": torch.float32, "float64": torch.float64}


def open_(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """The `states` of the file's network, its letters, and the `line` where its class begins.

    Also `names` by letter, as the class or the file says them: `quantities = {"z": {"name": "update gate"}}`.
    """
    network = submission.network
    declared = getattr(network, "quantities", vars(submission.module).get("quantities"))
    of_letters = declared.items() if isinstance(declared, dict) else ()
    names = {str(one): str(parts.get("name", "")) for one, parts in of_letters if isinstance(parts, dict)}
    return {"states": [*submission.states], "line": submission.line_of(network), "names": names}, {}


def make(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """The weights of the network, after `seed`.

    Says: `trainable`, by the name of a parameter; `unregistered`, the attributes that are tensors and neither
    parameter nor buffer, such as "W" or "gates.0" in a list, with their shapes; `has_initial_state`;
    `modules`, as `classes` finds them.
    """
    module = network(submission, said, tensors)
    found = {
        "trainable": {name: one.requires_grad for name, one in module.named_parameters()},
        "unregistered": unregistered(module),
        "has_initial_state": hasattr(module, "initial_state"),
        "modules": classes(module),
    }
    return found, weights(module)


def step(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """One time step from x (B, E) and the states s0, s1, .. (B, H).

    Returns `new0`, `new1`, .. as they were returned, of any shape. With `again` = n it is called n times more
    with the same inputs, on the same instance: `again1.new0`, .. With d0, d1, .., gradients of new0, new1,
    .., also `gradient.x`, `gradient.s0`, .., `gradient.PARAMETER`; of what nothing depends on there is none.

    Says: `returned` in words; `changed`, the inputs changed in place; `requires_grad` and `dtypes` by name of
    the array; `backward_error`, {"sentence", "line"} or None. With `observe`, which is usual, what `Observed`
    saw at the first call: `products`, `random`.
    """
    module, dtype = network(submission, said, tensors), DTYPES[said.get("dtype", "float32")]
    back = {name: one.to(dtype) for name, one in tensors.items() if re.fullmatch(r"d\d+", name)}
    leaves = {name: one.requires_grad_(bool(back)) for name, one in inputs(tensors, dtype).items()}
    count = len(submission.states)
    first = _Call(module, leaves, count, observe=said.get("observe", True))
    arrays = dict(first.new)
    found = first.observed | {
        "returned": described(first.returned),
        "changed": [name for name, leaf in leaves.items() if not torch.equal(first.given[name], leaf)],
        "requires_grad": {name: one.requires_grad for name, one in arrays.items()},
        "dtypes": {name: str(one.dtype).removeprefix("torch.") for name, one in arrays.items()},
        "backward_error": None,
    }
    asked = leaves | {name: one for name, one in module.named_parameters() if one.requires_grad}
    try:
        arrays |= _gradients(first.new, back, asked)
    except RuntimeError as error:
        found["backward_error"] = submission.said(error)
    for number in range(1, 1 + said.get("again", 0)):
        again = _Call(module, leaves, count, observe=False)
        arrays |= {f"again{number}.{name}": one for name, one in again.new.items()}
    return found, arrays


class _Call:
    """One call of a network: what it was given and returned."""

    def __init__(self, module: nn.Module, leaves: Tensors, count: int, *, observe: bool) -> None:
        self.given = {name: leaf.clone() for name, leaf in leaves.items()}
        """No leaves, so that what is changed in place is found and not refused."""
        self.observed: dict[str, Any] = {}
        with Observed() if observe else contextlib.nullcontext() as observed:
            self.returned, several = call(module, self.given, count)
        if observed is not None:
            self.observed = observed.said()
        self.new = {f"new{number}": one for number, one in enumerate(several) if isinstance(one, Tensor)}


def _gradients(new: Tensors, back: Tensors, asked: Tensors) -> dict[str, Tensor]:
    """The gradients of what is asked, by its name, given those of what is new and has their shape."""
    ends = [(new[name], d) for name, d in ((f"new{name[1:]}", d) for name, d in back.items()) if name in new]
    ends = [(one, d.to(one.dtype)) for one, d in ends if one.requires_grad and one.shape == d.shape]
    if not ends:
        return {}
    outputs, d_outputs = zip(*ends, strict=True)
    found = torch.autograd.grad(outputs, [*asked.values()], d_outputs, retain_graph=True, allow_unused=True)
    return {f"gradient.{name}": d for name, d in zip(asked, found, strict=True) if d is not None}


def inputs(tensors: Tensors, dtype: torch.dtype) -> dict[str, Tensor]:
    """The word x and the states s0, s1, .. among all that came."""
    return {name: tensors[name].to(dtype) for name in sorted(tensors) if re.fullmatch(r"x|s\d+", name)}


def call(module: nn.Module, given: Tensors, count: int) -> tuple[Any, list[Any]]:
    """Compute a time step from so many states; return what came back as it is, and as a list."""
    states = tuple(given[f"s{place}"] for place in range(count))
    returned = module(given["x"], states[0] if len(states) == 1 else states)
    return returned, [*returned] if isinstance(returned, tuple | list) else [returned]


def network(submission: Submission, said: Said, tensors: Tensors) -> nn.Module:
    """The network that a question is about, with its weights."""
    dtype = DTYPES[said.get("dtype", "float32")]
    module = submission.cell(said["E"], said["H"], seed=said.get("seed", 0), dtype=dtype)
    load(module, tensors)
    return module


def load(module: nn.Module, tensors: Tensors) -> None:
    """Gives a network the weights that came, those called `weight.NAME`."""
    with torch.no_grad():
        for name, one in (*module.named_parameters(), *module.named_buffers()):
            if (given := tensors.get(WEIGHT + name)) is not None:
                one.copy_(given.view(one.shape))  # a number alone comes as a row of one


def weights(module: nn.Module) -> dict[str, Tensor]:
    """The parameters and buffers of a network, as they are sent."""
    return {WEIGHT + name: one for name, one in (*module.named_parameters(), *module.named_buffers())}


def first_state(submission: Submission, module: nn.Module, rows: int, H: int) -> tuple[Tensor, ...]:
    """The states that a network begins with: its own `initial_state`, or zeros, (rows, H) each."""
    begin = getattr(module, "initial_state", None)
    if begin is None:
        some = next(iter(module.parameters()), torch.zeros(()))
        return tuple(some.new_zeros(rows, H) for _ in submission.states)
    state = begin(rows)
    several = state if isinstance(state, tuple | list) else (state,)
    if len(several) != len(submission.states) or not all(isinstance(one, Tensor) for one in several):
        raise SubmissionError(
            f"initial_state must return {len(submission.states)} of (B, H), got {described(state)}",
            submission.line_of(begin.__func__),
        )
    return tuple(several)


def classes(module: nn.Module, *without: nn.Module) -> dict[str, str]:
    """The classes of all modules in a network by name, such as {"gru": "torch.nn.modules.rnn.GRU"}."""
    modules = ((name, type(one)) for name, one in module.named_modules() if name and one not in without)
    return {name: f"{kind.__module__}.{kind.__qualname__}" for name, kind in modules}


def unregistered(module: nn.Module) -> dict[str, list[int]]:
    """The shapes of tensors and modules that stand in attributes where torch does not find them, by name."""
    known = {id(one) for one in (*module.parameters(), *module.buffers(), *module.modules())}
    found: dict[str, list[int]] = {}

    def look(name: str, value: object, depth: int) -> None:
        if id(value) in known or depth > 3:
            return
        if isinstance(value, Tensor):
            found[name] = [*value.shape]
        elif isinstance(value, nn.Module):
            found.update({f"{name}.{part}": [*one.shape] for part, one in value.named_parameters()})
        elif isinstance(value, list | tuple):
            for number, one in enumerate(value[:20]):
                look(f"{name}.{number}", one, depth + 1)
        elif isinstance(value, dict):
            for key, one in [*value.items()][:20]:
                look(f"{name}.{key}", one, depth + 1)

    for path, part in module.named_modules():
        for name, value in vars(part).items():
            if not name.startswith("_") or isinstance(value, Tensor):
                look(f"{path}.{name}".lstrip("."), value, 0)
    return found


def examine(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """One time step in float64 from x (N, E) and the states s0, s1, .. (N, H), and what follows from it.

    Returns `.new0`, .. as they come, and `DRAW.new0`, .. for each of `draws`, by name: the same with what is
    called `DRAW.weight.NAME`, `DRAW.x` and `DRAW.s0`, .. in their places.

    Says `errors`, {"sentence", "line"} by the name of a draw that went wrong, and `types`, the shorter
    types of numbers that came up. Each step runs after the same seed, and with `fresh` on a network of its
    own; what they print is left out.
    """
    steps = _Steps(submission, said, tensors)
    given = inputs(tensors, torch.float64)
    errors: dict[str, Any] = {}
    with Observed() as observed:
        arrays = {f".new{number}": one for number, one in enumerate(steps(given, {}))}
    for draw in said["draws"]:
        prefix = f"{draw}."
        own = {name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)}
        try:
            outputs = steps(given | inputs(own, torch.float64), own)
        except BaseException as error:
            errors[draw] = submission.said(error)
        else:
            arrays |= {f"{prefix}new{place}": one for place, one in enumerate(outputs)}
    return {"errors": errors, "types": sorted(observed.types)}, arrays


class _Steps:
    """Computes time steps with the weights of the question, or with others."""

    def __init__(self, submission: Submission, said: Said, tensors: Tensors) -> None:
        self.submission, self.said = submission, {**said, "dtype": "float64"}
        self.module = network(submission, self.said, tensors)
        self.states = len(submission.states)  # to find them again takes as long as a time step
        self.weights = {
            name: one.detach().clone()
            for name, one in weights(self.module).items()
            if one.is_floating_point()
        }

    def __call__(self, given: Tensors, others: Tensors) -> list[Tensor]:
        if self.said.get("fresh"):
            self.module = network(self.submission, self.said, {})
        load(self.module, self.weights | {name: one for name, one in others.items() if name in self.weights})
        torch.default_generator.manual_seed(self.said.get("seed", 0))  # torch.manual_seed takes a ms
        with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
            _, new = call(self.module, {name: one.clone() for name, one in given.items()}, self.states)
        return [one for one in new if isinstance(one, Tensor)]


def elsewhere(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """One time step on a device without numbers, which shows what stays on the CPU.

    Says `device`, {"sentence", "line"}, where something does, and `copied` where numbers are asked for. Any
    other error says nothing here, since code that looks at a value can't run there.
    """
    module = network(submission, said, tensors).to("meta")
    given = {name: one.to("meta") for name, one in inputs(tensors, torch.float32).items()}
    try:
        with torch.no_grad():
            call(module, given, len(submission.states))
    except Exception as error:
        wrong = submission.said(error)
        if re.search(r"not on the expected device|same device", wrong["sentence"]):
            return {"device": wrong}, {}
        if "copy out of meta" in wrong["sentence"]:
            return {"copied": True}, {}
    return {}, {}


def first_weights(submission: Submission, said: Said, tensors: Tensors) -> tuple[Said, Tensors]:
    """The first weights of the network, with nan for what was never filled."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)  # which fills new memory with nan
    try:
        return {}, weights(network(submission, said, tensors))
    finally:
        torch.use_deterministic_algorithms(before)

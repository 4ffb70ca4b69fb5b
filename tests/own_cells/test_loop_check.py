"""The checks of Tasks 2 and 7: each mistake is named, and what is right is not called wrong."""

import pytest

from rnn_core.own_cells.exercises import EXERCISES
from tests.own_cells.files import OTHER_CASES, changed, checked, codes

pytestmark = pytest.mark.usefixtures("runs_here")

RIGHT = """
import torch

def run(cell, xs, lengths):
    B, T, E = xs.shape
    H = cell.hidden_size
    h = xs.new_zeros(B, H)
    hs = []
    for t in range(T):
        h = cell(xs[:, t], h)
        hs.append(h)
    return torch.stack(hs, 1)[torch.arange(B), lengths - 1]
"""
PICKED = "torch.stack(hs, 1)[torch.arange(B), lengths - 1]"

MASKED = """
import torch

def run(cell, xs, lengths):
    h = xs.new_zeros(len(xs), cell.hidden_size)
    for t in range(xs.shape[1]):
        new = cell(xs[:, t], h)
        m = (t < lengths).unsqueeze(1)
        h = torch.where(m, new, h)
    return h
"""

ORDER = "torch.argsort(lengths, descending=True)"
STEP = "new = cell(xs[:, t], h)\n        m = (t < lengths).unsqueeze(1)\n        h = torch.where(m, new, h)"

PACKED = """
import torch
from torch.nn.utils.rnn import pack_padded_sequence

def run(cell, xs, lengths):
    packed = pack_padded_sequence(xs, lengths, batch_first=True, enforce_sorted=False)
    h = xs.new_zeros(len(xs), cell.hidden_size)
    begin = 0
    last = []
    for count in packed.batch_sizes.tolist():
        last.append(h[count:])
        h = cell(packed.data[begin:begin + count], h[:count])
        begin += count
    last.append(h)
    return torch.cat(last[::-1])[packed.unsorted_indices]
"""

SORTED = """
import torch

def run(cell, xs, lengths):
    order = torch.argsort(lengths, descending=True)
    xs, lengths = xs[order], lengths[order]
    h = xs.new_zeros(len(xs), cell.hidden_size)
    for t in range(int(lengths.max())):
        n = int((lengths > t).sum())
        h = torch.cat([cell(xs[:n, t], h[:n]), h[n:]])
    return h[torch.argsort(order)]
"""

TUPLES = """
import torch

def run(cell, xs, lengths):
    state = tuple(xs.new_zeros(len(xs), cell.hidden_size) for _ in cell.states)
    out = state[0]
    for t in range(lengths.max()):
        given = state if len(state) > 1 else state[0]
        new = cell(xs[:, t], given)
        state = new if isinstance(new, tuple) else (new,)
        out = torch.where((lengths == t + 1)[:, None], state[0], out)
    return out
"""

WRONG = {
    "syntax": "def run(cell, xs, lengths)\n    return xs\n",
    "not-written": "def run(cell, xs, lengths):\n    raise NotImplementedError\n",
    "raises": changed(RIGHT, {"hs = []": "hs = nothing"}),
    "not-defined": changed(RIGHT, {"def run": "def loop"}),
    "raises: arguments": changed(RIGHT, {"cell, xs, lengths": "cell, xs"}),
    "result-shape": changed(RIGHT, {"[torch.arange(B), lengths - 1]": ""}),
    "result-shape: nothing": changed(RIGHT, {"return torch": "torch"}),
    "result-shape: as nn.RNN": changed(RIGHT, {"lengths - 1]": "lengths - 1].unsqueeze(0)"}),
    "result-shape: transposed": changed(RIGHT, {"lengths - 1]": "lengths - 1].T"}),
    "result-shape: tuple": changed(RIGHT, {"lengths - 1]": "lengths - 1], hs"}),
    "cell-not-called": changed(RIGHT, {"hs.append(h)": "", "h = cell(xs[:, t], h)": "pass", PICKED: "h"}),
    "batch-as-time": changed(RIGHT, {"for t in range(T):\n        h = cell(xs[:, t], h)": "for x in xs:\n        h = cell(x, h)"}),
    "batch-as-time: fits": changed(RIGHT, {"for t in range(T):\n        h = cell(xs[:, t], h)": "for x in xs:\n        h = cell(x, h)", "(B, H)": "(T, H)", PICKED: "h[:B]"}),
    "batch-as-time: len(xs)": changed(RIGHT, {"range(T)": "range(len(xs))"}),
    "batch-as-time: len(xs), masked": changed(MASKED, {"xs.shape[1]": "xs.size(0)"}),
    "batch-as-time: view": changed(RIGHT, {"xs[:, t]": "xs[t]", "hs = []": "hs, xs = [], xs.reshape(T, B, E)"}),
    "batch-as-time: len(xs), by name": changed(RIGHT, {
        PICKED: "torch.stack([hs[n - 1][b] for b, n in enumerate(lengths.tolist())])",
        "range(T)": "range(len(xs))",
        "hs.append(h)": "hs[t] = h",
        "hs = []": "hs = {}",
    }),
    "batch-as-time: len(xs), gathered": changed(RIGHT, {
        "[torch.arange(B), lengths - 1]": ".gather(1, (lengths - 1).view(B, 1, 1).expand(B, 1, H)).squeeze(1)",
        "range(T)": "range(len(xs))",
    }),
    "batch-as-time: the states": changed(RIGHT, {"[torch.arange(B), lengths - 1]": "[lengths - 1, torch.arange(B)]"}),
    "stops-early: the first length": changed(MASKED, {"xs.shape[1]": "lengths[0]"}),
    "stops-early: the shortest length": changed(MASKED, {"xs.shape[1]": "lengths.min()"}),
    "stops-early: E": changed(MASKED, {"xs.shape[1]": "xs.shape[-1]"}),
    "stops-early: two short": changed(MASKED, {"xs.shape[1]": "xs.shape[1] - 2"}),
    "word-before": changed(RIGHT, {"xs[:, t]": "xs[:, t - 1]"}),
    "word-before: masked": changed(MASKED, {"xs[:, t]": "xs[:, t - 1]"}),
    "word-before: none at first": changed(RIGHT, {"hs = []": "hs, x = [], torch.zeros_like(xs[:, 0])", "h = cell(xs[:, t], h)": "h = cell(x, h)\n        x = xs[:, t]"}),
    "rows-mixed: states cut by view": changed(RIGHT, {"torch.stack(hs, 1)": "torch.stack(hs).view(B, T, H)"}),
    "words-changed: scaled": changed(RIGHT, {"xs[:, t], h": "xs[:, t] * 0.5, h"}),
    "words-changed: three dimensions": changed(RIGHT, {"xs[:, t], h": "xs, h"}),
    "starts-late": changed(RIGHT, {"h = xs.new_zeros(B, H)\n    hs = []": "h = xs.new_zeros(B, H)\n    hs = [h]", "range(T)": "range(1, T)"}),
    "stops-early": changed(RIGHT, {"range(T)": "range(T - 1)", PICKED: "h"}),
    "stops-early: index": changed(RIGHT, {"range(T)": "range(T - 1)"}),
    "words-skipped": changed(RIGHT, {"lengths - 1": "(lengths - 1) // 2", "range(T)": "range(0, T, 2)"}),
    "reads-the-future: reversed": changed(RIGHT, {"range(T)": "reversed(range(T))"}),
    "reads-the-future: flipped": changed(RIGHT, {"hs = []": "hs = []\n    xs = xs.flip(1)"}),
    "state-not-zero": changed(RIGHT, {"new_zeros(B, H)": "new_ones(B, H)"}),
    "state-random": changed(RIGHT, {"xs.new_zeros(B, H)": "torch.randn(B, H)"}),
    "kept-state: global": changed(RIGHT, {
        "def run": "kept = {}\n\ndef run",
        "h = xs.new_zeros(B, H)": 'h = kept.get("h", xs.new_zeros(B, H)).detach()',
        "    return": '    kept["h"] = h\n    return',
    }),
    "kept-state: default": changed(RIGHT, {"    hs = []\n": "", "cell, xs, lengths": "cell, xs, lengths, hs=[]"}),
    "state-shape": changed(RIGHT, {"(B, H)": "(B, E)"}),
    "state-shape: three dimensions": changed(RIGHT, {"(B, H)": "(1, B, H)"}),
    "state-shape: none": changed(RIGHT, {"xs.new_zeros(B, H)": "None"}),
    "state-not-handed-on": changed(RIGHT, {"h = cell(xs[:, t], h)\n        hs.append(h)": "new = cell(xs[:, t], h)\n        hs.append(new)"}),
    "state-changed": changed(RIGHT, {"hs.append(h)": "hs.append(h)\n        h = h * 0.9"}),
    "rows-mixed": changed(RIGHT, {"hs.append(h)": "hs.append(h)\n        h = h.roll(1, 0)"}),
    "rows-mixed: one for all": changed(RIGHT, {"[torch.arange(B), lengths - 1]": "[0, lengths - 1]"}),
    "reads-padding": changed(RIGHT, {PICKED: "h"}),
    "reads-padding: last": changed(RIGHT, {"[torch.arange(B), lengths - 1]": "[:, -1]"}),
    "readout-off-by-one": changed(RIGHT, {"lengths - 1": "lengths"}),
    "readout-off-by-one: early": changed(RIGHT, {"lengths - 1": "(lengths - 2).clamp(min=0)"}),
    "readout-off-by-one: with the first": changed(RIGHT, {"hs = []": "hs = [h]"}),
    "detached": changed(RIGHT, {"cell(xs[:, t], h)": "cell(xs[:, t], h.detach())"}),
    "detached: no_grad": changed(RIGHT, {"def run": "@torch.no_grad()\ndef run"}),
    "detached: data": changed(RIGHT, {"hs.append(h)": "hs.append(h)\n        h = h.data"}),
    "breaks-autograd": changed(RIGHT, {"hs.append(h)": "hs.append(h.clone())\n        h += 0"}),
    "changes-input": changed(RIGHT, {"hs = []": "hs = []\n    xs[:, 0] *= 1"}),
    "dtype-lost": changed(RIGHT, {"xs.new_zeros(B, H)": "torch.zeros(B, H)"}),
    "dtype-lost: float": changed(RIGHT, {"xs.new_zeros(B, H)": "xs.new_zeros(B, H).float()"}),
    "c-returned-for-h": changed(TUPLES, {"state[0], out": "state[-1], out"}),
    "ready-made": "import torch\nrnn = torch.nn.RNN(5, 8)\ndef run(cell, xs, lengths):\n    return rnn(xs)\n",
    "values-differ": changed(RIGHT, {"lengths - 1]": "lengths - 1] * 2"}),
    "word-twice": changed(RIGHT, {"h = cell(xs[:, t], h)": "h = cell(xs[:, t], cell(xs[:, t], h))"}),
    "not-finite": changed(RIGHT, {"lengths - 1]": "lengths - 1] / 0"}),
    "random-inside": changed(RIGHT, {"hs.append(h)": "h = torch.nn.functional.dropout(h, 0.3)\n        hs.append(h)"}),
    "rows-mixed: the mean": changed(RIGHT, {"hs.append(h)": "h = h - h.mean(0)\n        hs.append(h)"}),
    "rows-mixed: words": changed(RIGHT, {"hs = []": "hs = []\n    xs = xs - xs.mean(0)"}),
    "reads-the-future: a mean": changed(RIGHT, {"hs = []": "hs = []\n    xs = xs - xs.mean(1, keepdim=True)"}),
    "raises: too many": changed(RIGHT, {"range(T)": "range(20)"}),
}  # fmt: skip
"""Mistakes in Task 2 by the code that is found, with what is special after a colon."""

WRONG_PADDING = {
    "ended-rows-change": changed(MASKED, {"torch.where(m, new, h)": "new"}),
    "ended-rows-change: masks words": changed(MASKED, {"torch.where(m, new, h)": "new", "xs[:, t]": "xs[:, t] * (t < lengths).unsqueeze(1)"}),
    "mask-inverted": changed(MASKED, {"new, h)": "h, new)"}),
    "mask-inverted: packed": changed(MASKED, {"t < lengths": "t >= lengths"}),
    "mask-off-by-one": changed(MASKED, {"t < lengths": "t <= lengths"}),
    "mask-off-by-one: early": changed(MASKED, {"t < lengths": "t < lengths - 1"}),
    "mask-off-by-one: sorted": changed(SORTED, {"lengths > t": "lengths > t + 1"}),
    "mask-zeroes": changed(MASKED, {"torch.where(m, new, h)": "new * m"}),
    "rows-not-sorted": changed(SORTED, {"xs, lengths = xs[order], lengths[order]\n": "order = torch.arange(len(xs))\n"}),
    "rows-not-sorted: the lengths alone": changed(SORTED, {"xs, lengths = xs[order], lengths[order]": "lengths = lengths[order]"}),
    "rows-not-sorted: the shortest first": changed(SORTED, {", descending=True": ""}),
    "rows-not-sorted: pack": changed(PACKED, {"h = cell(packed.data[begin:begin + count], h[:count])": "h = cell(xs[:count, len(last) - 1], h[:count])"}),
    "batch-as-time: len(xs)": changed(SORTED, {"int(lengths.max())": "len(xs)"}),
    "rows-not-put-back": changed(SORTED, {"h[torch.argsort(order)]": "h"}),
    "rows-not-put-back: twice": changed(SORTED, {"torch.argsort(order)": "order"}),
    "rows-not-put-back: packed": changed(PACKED, {"[packed.unsorted_indices]": ""}),
    "ended-rows-change: late": changed(RIGHT, {PICKED: "h"}),
    "raises": changed(PACKED, {", enforce_sorted=False": ""}),
}  # fmt: skip


SAID = {
    "detached": "No gradient reaches word 8 of review 2, which has 9:",
    "batch-as-time: view": "`view` and `reshape` to (T, B, E) don't exchange the axes",
    "batch-as-time: len(xs)": "4 steps, one for each review, as `len(xs)` counts",
    "stops-early: the first length": "3 steps, which is the length of review 1",
    "stops-early: the shortest length": "takes 1 step, which is the shortest length,",
    "stops-early: E": "5 steps, as many as E, and review 2 has 9 words.",
    "stops-early: two short": "takes 7 steps and review 2 has 9 words.",
    "rows-mixed: states cut by view": "`view` or `reshape` makes rows (B, T, H) of them",
}
"""Name of a mistake -> the cause in its sentence."""


@pytest.mark.parametrize(
    ("task", "name"), [*(("2", name) for name in WRONG), *(("7", name) for name in WRONG_PADDING)]
)
def test_a_mistake_of_a_loop_is_named(task, name):
    report = checked(task, (WRONG if task == "2" else WRONG_PADDING)[name])
    assert codes(report, wrong=True) == [name.partition(":")[0]]
    assert SAID.get(name, "") in report.mistakes[0].sentence


RIGHT_LOOPS = {
    "one-state: rows put by": changed(RIGHT, {
        "hs = []": "last = {}",
        "hs.append(h)": "for row in (lengths == t + 1).nonzero().flatten().tolist():\n            last[row] = h[row]",
        PICKED: "torch.stack([last[row] for row in range(B)])",
    }),
    "one-state": RIGHT,
    "one-state: masked": MASKED,
    "one-state: packed": PACKED,
    "one-state: sorted": SORTED,
    "one-state: a review at a time": """
        import torch

        def run(cell, xs, lengths):
            rows = []
            for b in range(len(xs)):
                h = xs.new_zeros(1, cell.hidden_size)
                for t in range(lengths[b]):
                    h = cell(xs[b:b + 1, t], h)
                rows.append(h)
            return torch.cat(rows)
    """,
    "one-state: written into": changed(RIGHT, {"torch.stack(hs, 1)": "hs", "hs.append(h)": "hs[:, t] = h", "hs = []": "hs = xs.new_zeros(B, T, H)"}),
    "one-state: gathered": changed(RIGHT, {"[torch.arange(B), lengths - 1]": ".gather(1, (lengths - 1).view(B, 1, 1).expand(B, 1, H)).squeeze(1)"}),
    "one-state: the sizes of the weights": changed(RIGHT, {"cell.hidden_size": "cell.U.shape[0]"}),
    "one-state: enumerated":
        changed(RIGHT, {"for t in range(T):\n        h = cell(xs[:, t], h)": "for t, x in enumerate(xs.transpose(0, 1)):\n        h = cell(x, h)"}),
    "one-state: words unbound": changed(RIGHT, {"for t in range(T):\n        h = cell(xs[:, t], h)": "for x in xs.unbind(1):\n        h = cell(x, h)"}),
    "one-state: split":
        changed(RIGHT, {"for t in range(T):\n        h = cell(xs[:, t], h)": "for x in xs.split(1, dim=1):\n        h = cell(x.squeeze(1), h)"}),
    "one-state: the first word apart": changed(RIGHT, {"range(T)": "range(1, T)", "hs = []\n": "h = cell(xs[:, 0], h)\n    hs = [h]\n"}),
    "one-state: as long as the longest": changed(RIGHT, {"range(T)": "range(int(max(lengths)))"}),
    "one-state: while": changed(RIGHT, {"for t in range(T):\n": "t = -1\n    while t + 1 < T:\n        t += 1\n"}),
    "one-state: states transposed": changed(RIGHT, {"torch.stack(hs, 1)": "torch.stack(hs).transpose(0, 1)"}),
    "one-state: states in a row":
        changed(RIGHT, {PICKED: "torch.stack(hs).view(T * B, H)[(lengths - 1) * B + torch.arange(B)]"}),
    "one-state: states joined": changed(RIGHT, {"torch.stack(hs, 1)": "torch.cat(hs, 1).view(B, T, H)"}),
    "one-state: an object": RIGHT.replace("def run(", "def read(") + "\nclass Loop:\n    def __call__(self, *given):\n        return read(*given)\n\nrun = Loop()\n",
    "one-state: time first": changed(RIGHT, {"xs[:, t]": "xs[t]", "hs = []": "hs = []\n    xs = xs.transpose(0, 1)"}),
    "one-state: initial_state": changed(RIGHT, {"xs.new_zeros(B, H)": "cell.initial_state(B)"}),
    "one-state state-broadcast": changed(RIGHT, {"(B, H)": "(1, H)"}),
    "one-state state-broadcast: flat": changed(RIGHT, {"(B, H)": "(H)"}),
    ": tuples": TUPLES,
    ": both states returned": changed(TUPLES, {
        "state = new if": "new = new if",
        "out = torch.where((lengths == t + 1)[:, None], state[0], out)": "state = tuple(torch.where((t < lengths)[:, None], a, b) for a, b in zip(new, state))",
        "return out": "return state if len(state) > 1 else state[0]",
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT_LOOPS)
def test_a_right_loop_passes(name):
    report = checked("2", RIGHT_LOOPS[name])
    assert report.passed, report.remarks
    assert codes(report, wrong=False) == name.partition(":")[0].split()


RIGHT_PADDING = {
    "skips-padding: our solution": EXERCISES["7"].solution,
    "skips-padding: rows apart": changed(MASKED, {
        "h = xs.new_zeros(len(xs), cell.hidden_size)": "hs = [xs.new_zeros(cell.hidden_size) for _ in xs]",
        "xs.shape[1]": "int(lengths.max())",
        STEP: "now = [b for b, length in enumerate(lengths) if length > t]\n        for b, h in zip(now, cell(xs[now, t], torch.stack([hs[b] for b in now]))):\n            hs[b] = h",
        "return h": "return torch.stack(hs)",
    }),
    "skips-padding: packed": PACKED,
    "skips-padding: sorted": SORTED,
    "skips-padding: by sort": changed(SORTED, {
        "order = ": "lengths, order = ",
        ORDER: "lengths.sort(descending=True)",
        "xs, lengths = xs[order], lengths[order]": "xs = xs[order]",
    }),
    "skips-padding: minus the lengths": changed(SORTED, {ORDER: "(-lengths).argsort()"}),
    "skips-padding: by sorted": changed(SORTED, {ORDER: "torch.tensor(sorted(range(len(xs)), key=lambda b: -int(lengths[b])))"}),
    "skips-padding: the last rows": changed(SORTED, {
        ORDER: "lengths.argsort()",
        "n = int((lengths > t).sum())": "n = int((lengths <= t).sum())",
        "[cell(xs[:n, t], h[:n]), h[n:]]": "[h[:n], cell(xs[n:, t], h[n:])]",
        "h[torch.argsort(order)]": "torch.zeros_like(h).index_copy(0, order, h)",
    }),
    "skips-padding: by index": changed(MASKED, {
        "xs.shape[1]": "int(lengths.max())",
        STEP: "running = (t < lengths).nonzero().squeeze(1)\n        h = h.index_copy(0, running, cell(xs[running, t], h[running]))",
    }),
    "skips-padding: by mask": changed(MASKED, {
        "xs.shape[1]": "int(lengths.max())",
        STEP: "m, new = lengths > t, h.clone()\n        new[m] = cell(xs[m, t], h[m])\n        h = new",
    }),
    "computes-on-padding": MASKED,
    "computes-on-padding: multiplied": changed(MASKED, {"torch.where(m, new, h)": "m * new + ~m * h"}),
    "computes-on-padding: picked": RIGHT,
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT_PADDING)
def test_the_rows_of_a_right_loop_are_counted(name):
    report = checked("7", RIGHT_PADDING[name])
    assert report.passed, report.remarks
    assert name.partition(":")[0] in codes(report, wrong=False)


def test_a_remark_says_the_review_and_three_numbers():
    [wrong] = checked("2", WRONG["reads-padding"]).remarks
    assert wrong.sentence == (
        "Review 1 has 3 words, and its result is the state after word 9, which is padding."
    )
    assert len(wrong.yours) == len(wrong.ours) == 3
    assert wrong.yours != wrong.ours
    [_, counted] = checked("7", MASKED).remarks
    assert counted.sentence.startswith(
        "Right, but the reviews have 19 words and the cell computed 36 rows, 17 rows of padding among them."
    )


@pytest.mark.parametrize("number", ["2", "7"])
@pytest.mark.parametrize("case", OTHER_CASES)
def test_what_is_right_passes_with_other_inputs(number, case):
    for source in (EXERCISES[number].solution, RIGHT, MASKED, PACKED, SORTED):
        assert checked(number, source, case=case).passed

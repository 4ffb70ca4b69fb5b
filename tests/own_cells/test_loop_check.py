"""The checks of Tasks 2 and 7: each mistake is named, and what is right is not called wrong."""

import pytest

from rnn_core.own_cells import here
from rnn_core.own_cells.case import Case
from rnn_core.own_cells.exercises import EXERCISES
from tests.own_cells.check_files import checked, codes, student_file


@pytest.fixture(autouse=True)
def runs_here(monkeypatch):
    monkeypatch.setattr(here, "_runs", True)


BEGIN = """
import torch

def run(cell, xs, lengths):
    B, T, E = xs.shape
    H = cell.hidden_size
    h = xs.new_zeros(B, H)
    hs = []
"""
LOOP = """
    for t in range(T):
        h = cell(xs[:, t], h)
        hs.append(h)
"""
END = """
    return torch.stack(hs, 1)[torch.arange(B), lengths - 1]
"""
RIGHT = BEGIN + LOOP + END


def changed(old, new, source=RIGHT):
    assert source.count(old) == 1, old
    return source.replace(old, new)


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

WRONG = {
    "syntax": "def run(cell, xs, lengths)\n    return xs\n",
    "not-written": "def run(cell, xs, lengths):\n    raise NotImplementedError\n",
    "raises": changed("hs = []", "hs = nothing"),
    "not-defined": changed("def run", "def loop"),
    "raises: arguments": changed("cell, xs, lengths", "cell, xs"),
    "result-shape": changed("[torch.arange(B), lengths - 1]", ""),
    "result-shape: nothing": changed("return torch", "torch"),
    "result-shape: as nn.RNN": changed("lengths - 1]", "lengths - 1].unsqueeze(0)"),
    "result-shape: transposed": changed("lengths - 1]", "lengths - 1].T"),
    "result-shape: tuple": changed("lengths - 1]", "lengths - 1], hs"),
    "cell-not-called": BEGIN + "    return h\n",
    "batch-as-time": changed("for t in range(T):\n        h = cell(xs[:, t], h)", "for x in xs:\n        h = cell(x, h)"),
    "batch-as-time: fits": """
        def run(cell, xs, lengths):
            h = xs.new_zeros(xs.shape[1], cell.hidden_size)
            for x in xs:
                h = cell(x, h)
            return h[:len(xs)]
    """,
    "batch-as-time: len(xs)": changed("range(T)", "range(len(xs))"),
    "batch-as-time: len(xs), masked": changed("xs.shape[1]", "xs.size(0)", MASKED),
    "batch-as-time: view": changed("hs = []", "hs, xs = [], xs.reshape(T, B, E)", changed("xs[:, t]", "xs[t]")),
    "batch-as-time: len(xs), by name": changed("hs = []", "hs = {}", changed("hs.append(h)", "hs[t] = h", changed("range(T)", "range(len(xs))", changed("torch.stack(hs, 1)[torch.arange(B), lengths - 1]", "torch.stack([hs[n - 1][b] for b, n in enumerate(lengths.tolist())])")))),
    "batch-as-time: len(xs), gathered": changed("range(T)", "range(len(xs))", changed("[torch.arange(B), lengths - 1]", ".gather(1, (lengths - 1).view(B, 1, 1).expand(B, 1, H)).squeeze(1)")),
    "batch-as-time: the states": changed("[torch.arange(B), lengths - 1]", "[lengths - 1, torch.arange(B)]"),
    "stops-early: the first length": changed("xs.shape[1]", "lengths[0]", MASKED),
    "stops-early: the shortest length": changed("xs.shape[1]", "lengths.min()", MASKED),
    "stops-early: E": changed("xs.shape[1]", "xs.shape[-1]", MASKED),
    "stops-early: two short": changed("xs.shape[1]", "xs.shape[1] - 2", MASKED),
    "word-before": changed("xs[:, t]", "xs[:, t - 1]"),
    "word-before: masked": changed("xs[:, t]", "xs[:, t - 1]", MASKED),
    "word-before: none at first": changed("h = cell(xs[:, t], h)", "h = cell(x, h)\n        x = xs[:, t]", changed("hs = []", "hs, x = [], torch.zeros_like(xs[:, 0])")),
    "rows-mixed: states cut by view": changed("torch.stack(hs, 1)", "torch.stack(hs).view(B, T, H)"),
    "words-changed: scaled": changed("xs[:, t], h", "xs[:, t] * 0.5, h"),
    "words-changed: three dimensions": changed("xs[:, t], h", "xs, h"),
    "starts-late": changed("range(T)", "range(1, T)", changed("h = xs.new_zeros(B, H)\n    hs = []", "h = xs.new_zeros(B, H)\n    hs = [h]")),
    "stops-early": BEGIN + "    for t in range(T - 1):\n        h = cell(xs[:, t], h)\n    return h\n",
    "stops-early: index": changed("range(T)", "range(T - 1)"),
    "words-skipped": changed("range(T)", "range(0, T, 2)", changed("lengths - 1", "(lengths - 1) // 2")),
    "reads-the-future: reversed": changed("range(T)", "reversed(range(T))"),
    "reads-the-future: flipped": changed("hs = []", "hs = []\n    xs = xs.flip(1)"),
    "state-not-zero": changed("new_zeros(B, H)", "new_ones(B, H)"),
    "state-random": changed("xs.new_zeros(B, H)", "torch.randn(B, H)"),
    "kept-state: global": """
        import torch
        kept = {}

        def run(cell, xs, lengths):
            B, T, E = xs.shape
            h = kept.get("h", xs.new_zeros(B, cell.hidden_size)).detach()
            hs = []
            for t in range(T):
                h = cell(xs[:, t], h)
                hs.append(h)
            kept["h"] = h
            return torch.stack(hs, 1)[torch.arange(B), lengths - 1]
    """,
    "kept-state: default": changed("cell, xs, lengths", "cell, xs, lengths, hs=[]", changed("    hs = []\n", "")),
    "state-shape": changed("(B, H)", "(B, E)"),
    "state-shape: three dimensions": changed("(B, H)", "(1, B, H)"),
    "state-shape: none": changed("xs.new_zeros(B, H)", "None"),
    "state-not-handed-on": changed("h = cell(xs[:, t], h)\n        hs.append(h)", "new = cell(xs[:, t], h)\n        hs.append(new)"),
    "state-changed": changed("hs.append(h)", "hs.append(h)\n        h = h * 0.9"),
    "rows-mixed": changed("hs.append(h)", "hs.append(h)\n        h = h.roll(1, 0)"),
    "rows-mixed: one for all": changed("[torch.arange(B), lengths - 1]", "[0, lengths - 1]"),
    "reads-padding": BEGIN + LOOP + "    return h\n",
    "reads-padding: last": changed("[torch.arange(B), lengths - 1]", "[:, -1]"),
    "readout-off-by-one": changed("lengths - 1", "lengths"),
    "readout-off-by-one: early": changed("lengths - 1", "(lengths - 2).clamp(min=0)", changed("hs = []", "hs = []")),
    "readout-off-by-one: with the first": changed("hs = []", "hs = [h]"),
    "detached": changed("cell(xs[:, t], h)", "cell(xs[:, t], h.detach())"),
    "detached: no_grad": changed("def run", "@torch.no_grad()\ndef run"),
    "detached: data": changed("hs.append(h)", "hs.append(h)\n        h = h.data"),
    "breaks-autograd": changed("hs.append(h)", "hs.append(h.clone())\n        h += 0"),
    "changes-input": changed("hs = []", "hs = []\n    xs[:, 0] *= 1"),
    "dtype-lost": changed("xs.new_zeros(B, H)", "torch.zeros(B, H)"),
    "dtype-lost: float": changed("xs.new_zeros(B, H)", "xs.new_zeros(B, H).float()"),
    "c-returned-for-h": """
        import torch

        def run(cell, xs, lengths):
            B = len(xs)
            state = tuple(xs.new_zeros(B, cell.hidden_size) for _ in cell.states)
            hs = []
            for t in range(xs.shape[1]):
                state = cell(xs[:, t], state) if len(state) > 1 else (cell(xs[:, t], state[0]),)
                hs.append(state[-1])
            return torch.stack(hs, 1)[torch.arange(B), lengths - 1]
    """,
    "ready-made": "import torch\nrnn = torch.nn.RNN(5, 8)\ndef run(cell, xs, lengths):\n    return rnn(xs)\n",
    "values-differ": changed("lengths - 1]", "lengths - 1] * 2"),
    "word-twice": changed("h = cell(xs[:, t], h)", "h = cell(xs[:, t], cell(xs[:, t], h))"),
    "not-finite": changed("lengths - 1]", "lengths - 1] / 0"),
    "random-inside": changed("hs.append(h)", "h = torch.nn.functional.dropout(h, 0.3)\n        hs.append(h)"),
    "rows-mixed: the mean": changed("hs.append(h)", "h = h - h.mean(0)\n        hs.append(h)"),
    "rows-mixed: words": changed("hs = []", "hs = []\n    xs = xs - xs.mean(0)"),
    "reads-the-future: a mean": changed("hs = []", "hs = []\n    xs = xs - xs.mean(1, keepdim=True)"),
    "raises: too many": changed("range(T)", "range(20)"),
}  # fmt: skip

WRONG_PADDING = {
    "ended-rows-change": changed("torch.where(m, new, h)", "new", MASKED),
    "ended-rows-change: masks words": changed("xs[:, t]", "xs[:, t] * (t < lengths).unsqueeze(1)", changed("torch.where(m, new, h)", "new", MASKED)),
    "mask-inverted": changed("new, h)", "h, new)", MASKED),
    "mask-inverted: packed": changed("t < lengths", "t >= lengths", MASKED),
    "mask-off-by-one": changed("t < lengths", "t <= lengths", MASKED),
    "mask-off-by-one: early": changed("t < lengths", "t < lengths - 1", MASKED),
    "mask-off-by-one: sorted": changed("lengths > t", "lengths > t + 1", SORTED),
    "mask-zeroes": changed("torch.where(m, new, h)", "new * m", MASKED),
    "rows-not-sorted": changed("xs, lengths = xs[order], lengths[order]\n", "order = torch.arange(len(xs))\n", SORTED),
    "rows-not-sorted: the lengths alone": changed("xs, lengths = xs[order], lengths[order]", "lengths = lengths[order]", SORTED),
    "rows-not-sorted: the shortest first": changed(", descending=True", "", SORTED),
    "rows-not-sorted: pack": changed("enforce_sorted=False", "enforce_sorted=False", changed("h = cell(packed.data[begin:begin + count], h[:count])", "h = cell(xs[:count, len(last) - 1], h[:count])", PACKED)),
    "batch-as-time: len(xs)": changed("int(lengths.max())", "len(xs)", SORTED),
    "rows-not-put-back": changed("h[torch.argsort(order)]", "h", SORTED),
    "rows-not-put-back: twice": changed("torch.argsort(order)", "order", SORTED),
    "rows-not-put-back: packed": changed("[packed.unsorted_indices]", "", PACKED),
    "ended-rows-change: late": BEGIN + LOOP + "    return h\n",
    "raises": changed(", enforce_sorted=False", "", PACKED),
}  # fmt: skip


@pytest.mark.parametrize("code", WRONG)
def test_a_mistake_of_a_loop_is_named(code):
    assert codes(checked("2", WRONG[code]), wrong=True) == [code.partition(":")[0]]


@pytest.mark.parametrize("code", WRONG_PADDING)
def test_a_mistake_of_a_loop_without_padding_is_named(code):
    assert codes(checked("7", WRONG_PADDING[code]), wrong=True) == [code.partition(":")[0]]


RIGHT_LOOPS = {
    "": EXERCISES["2"].solution,
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
    "one-state: written into": changed("hs = []", "hs = xs.new_zeros(B, T, H)", changed("hs.append(h)", "hs[:, t] = h", changed("torch.stack(hs, 1)", "hs"))),
    "one-state: gathered": changed("[torch.arange(B), lengths - 1]", ".gather(1, (lengths - 1).view(B, 1, 1).expand(B, 1, H)).squeeze(1)"),
    "one-state: the sizes of the weights": changed("cell.hidden_size", "cell.U.shape[0]"),
    "one-state: enumerated": changed("for t in range(T):\n        h = cell(xs[:, t], h)", "for t, x in enumerate(xs.transpose(0, 1)):\n        h = cell(x, h)"),
    "one-state: words unbound": changed("for t in range(T):\n        h = cell(xs[:, t], h)", "for x in xs.unbind(1):\n        h = cell(x, h)"),
    "one-state: split": changed("for t in range(T):\n        h = cell(xs[:, t], h)", "for x in xs.split(1, dim=1):\n        h = cell(x.squeeze(1), h)"),
    "one-state: the first word apart": changed("hs = []\n", "h = cell(xs[:, 0], h)\n    hs = [h]\n", changed("range(T)", "range(1, T)")),
    "one-state: as long as the longest": changed("range(T)", "range(int(max(lengths)))"),
    "one-state: while": changed("for t in range(T):\n", "t = -1\n    while t + 1 < T:\n        t += 1\n"),
    "one-state: states transposed": changed("torch.stack(hs, 1)", "torch.stack(hs).transpose(0, 1)"),
    "one-state: states in a row": changed("torch.stack(hs, 1)[torch.arange(B), lengths - 1]", "torch.stack(hs).view(T * B, H)[(lengths - 1) * B + torch.arange(B)]"),
    "one-state: states joined": changed("torch.stack(hs, 1)", "torch.cat(hs, 1).view(B, T, H)"),
    "one-state: an object": RIGHT.replace("def run(", "def read(") + "\nclass Loop:\n    def __call__(self, *given):\n        return read(*given)\n\nrun = Loop()\n",
    "one-state: time first": changed("hs = []", "hs = []\n    xs = xs.transpose(0, 1)", changed("xs[:, t]", "xs[t]")),
    "one-state: initial_state": changed("xs.new_zeros(B, H)", "cell.initial_state(B)"),
    "one-state state-broadcast": changed("(B, H)", "(1, H)"),
    "one-state state-broadcast: flat": changed("(B, H)", "(H)"),
    "tuples": """
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
    """,
    "tuples: both returned": """
        import torch

        def run(cell, xs, lengths):
            two = len(cell.states) == 2
            z = xs.new_zeros(len(xs), cell.hidden_size)
            s = (z, z) if two else z
            for t in range(xs.shape[1]):
                n = cell(xs[:, t], s)
                m = (t < lengths).view(-1, 1)
                s = tuple(torch.where(m, a, b) for a, b in zip(n, s)) if two else torch.where(m, n, s)
            return s
    """,
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT_LOOPS)
def test_a_right_loop_passes(name):
    report = checked("2", RIGHT_LOOPS[name])
    assert report.passed, report.remarks
    notes = [] if name.startswith(("tuples", ":")) or not name else name.partition(":")[0].split()
    assert codes(report, wrong=False) == notes


RIGHT_PADDING = {
    "skips-padding": EXERCISES["7"].solution,
    "skips-padding: packed": PACKED,
    "skips-padding: sorted": SORTED,
    "skips-padding: by sort": changed(
        "order = torch.argsort(lengths, descending=True)\n    xs, lengths = xs[order], lengths[order]",
        "lengths, order = lengths.sort(descending=True)\n    xs = xs[order]",
        SORTED,
    ),
    "skips-padding: minus the lengths": changed(
        "torch.argsort(lengths, descending=True)", "(-lengths).argsort()", SORTED
    ),
    "skips-padding: by sorted": changed(
        "torch.argsort(lengths, descending=True)",
        "torch.tensor(sorted(range(len(xs)), key=lambda b: -int(lengths[b])))",
        SORTED,
    ),
    "skips-padding: the last rows": """
        import torch

        def run(cell, xs, lengths):
            order = lengths.argsort()
            xs, ends = xs[order], lengths[order]
            h = xs.new_zeros(len(xs), cell.hidden_size)
            for t in range(int(ends[-1])):
                ended = int((ends <= t).sum())
                h = torch.cat([h[:ended], cell(xs[ended:, t], h[ended:])])
            return torch.zeros_like(h).index_copy(0, order, h)
    """,
    "skips-padding: by index": """
        import torch

        def run(cell, xs, lengths):
            h = xs.new_zeros(len(xs), cell.hidden_size)
            for t in range(int(lengths.max())):
                running = (t < lengths).nonzero().squeeze(1)
                h = h.index_copy(0, running, cell(xs[running, t], h[running]))
            return h
    """,
    "skips-padding: by mask": """
        import torch

        def run(cell, xs, lengths):
            h = xs.new_zeros(len(xs), cell.hidden_size)
            for t in range(int(lengths.max())):
                m = lengths > t
                new = h.clone()
                new[m] = cell(xs[m, t], h[m])
                h = new
            return h
    """,
    "computes-on-padding": MASKED,
    "computes-on-padding: multiplied": changed("torch.where(m, new, h)", "m * new + ~m * h", MASKED),
    "computes-on-padding: picked": RIGHT,
}


@pytest.mark.parametrize("name", RIGHT_PADDING)
def test_a_right_loop_without_padding_passes_and_its_rows_are_counted(name):
    report = checked("7", RIGHT_PADDING[name])
    assert report.passed, report.remarks
    assert name.partition(":")[0] in codes(report, wrong=False)


def test_a_remark_says_the_review_and_three_numbers_of_both():
    [wrong] = checked("2", WRONG["reads-padding"]).remarks
    assert wrong.sentence == (
        "Review 1 has 3 words, and its result is the state after word 9, which is padding."
    )
    assert len(wrong.yours) == len(wrong.ours) == 3
    assert wrong.yours != wrong.ours


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("batch-as-time: view", "`view` and `reshape` to (T, B, E) don't exchange the axes"),
        ("batch-as-time: len(xs)", "4 steps, one for each review, as `len(xs)` counts"),
        ("stops-early: the first length", "3 steps, which is the length of review 1"),
        ("stops-early: the shortest length", "takes 1 step, which is the shortest length,"),
        ("stops-early: E", "5 steps, as many as E, and review 2 has 9 words."),
        ("stops-early: two short", "takes 7 steps and review 2 has 9 words."),
        ("rows-mixed: states cut by view", "`view` or `reshape` makes rows (B, T, H) of them"),
    ],
)
def test_the_cause_is_said_where_it_is_seen(name, said):
    assert said in checked("2", WRONG[name]).mistakes[0].sentence


def test_rows_are_counted_in_words():
    [_, counted] = checked("7", MASKED).remarks
    assert counted.sentence.startswith(
        "Right, but the reviews have 19 words and the cell computed 36 rows, 17 rows of padding among them."
    )


def test_a_loop_builds_on_the_students_cell():
    own = student_file(EXERCISES["1"].solution.replace("tanh", "relu"), "my_rnn")
    report = checked("2", RIGHT, {"1": own})
    assert report.passed
    assert report.built_on == ("your my_rnn.py",)
    assert checked("2", RIGHT).built_on == ("our plain RNN",)


def test_a_loop_does_not_fail_for_a_mistake_of_the_cell():
    own = EXERCISES["1"].solution.replace("return torch", "h[0] = 0\n        return torch")
    report = checked("2", RIGHT, {"1": student_file(own, "my_rnn")})
    assert report.passed
    assert "earlier-cell" in codes(report, wrong=False)


@pytest.mark.parametrize(
    "case",
    [Case(lengths=(1,)), Case(lengths=(3, 3)), Case(input_size=1, hidden_size=1, lengths=(2, 9), scale=3)],
)
@pytest.mark.parametrize("number", ["2", "7"])
def test_what_is_right_passes_with_other_inputs(number, case):
    for source in (EXERCISES[number].solution, RIGHT, MASKED, PACKED, SORTED):
        assert checked(number, source, case=case).passed

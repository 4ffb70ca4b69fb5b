"""The check of Task 3: each mistake is named, and what is right is not called wrong."""

import pytest

from rnn_core.own_cells.case import Case
from rnn_core.own_cells.exercises import EXERCISES
from tests.own_cells import test_loop_check as loops
from tests.own_cells.files import OTHER_CASES, changed, checked, codes

pytestmark = pytest.mark.usefixtures("runs_here")

NETWORK = """
from torch import nn
from torch.nn import functional as F

class Classifier(nn.Module):
    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.cell = cell
        self.emb = nn.Embedding(vocab_size, embedding_size, padding_idx=0)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, ids, lengths):
        h = run(self.cell, self.emb(ids), lengths)
        return self.head(h).squeeze(1)

def loss(logits, targets):
    return F.binary_cross_entropy_with_logits(logits, targets.float())
"""
RIGHT = loops.RIGHT + NETWORK
STATES = loops.PICKED
TWO = changed(RIGHT, {"F.binary_cross_entropy_with_logits(logits, targets.float())": "F.cross_entropy(logits, targets)", ".squeeze(1)": "", "nn.Linear(hidden_size, 1)": "nn.Linear(hidden_size, 2)"})  # fmt: skip
OF_TWO_STATES = changed(RIGHT, {
    "h = xs": "h = c = xs",
    "h = cell(xs[:, t], h)": "h, c = cell(xs[:, t], (h, c)) if len(cell.states) > 1 else 2 * (cell(xs[:, t], h),)",
})  # fmt: skip
BY_HAND = "-(targets * torch.log(torch.sigmoid(logits)) + (1 - targets) * torch.log(1 - torch.sigmoid(logits))).mean()"
LOSS = "F.binary_cross_entropy_with_logits(logits, targets.float())"

WRONG = {
    **{name: loops.WRONG[name] + NETWORK for name in (
        "batch-as-time: len(xs)", "batch-as-time: view", "word-before", "word-before: none at first", "rows-mixed: states cut by view",
        "stops-early", "starts-late", "state-not-handed-on", "reads-padding", "readout-off-by-one: early",
    )},
    "not-defined": changed(RIGHT, {"(nn.Module)": ""}),
    "not-defined: sizes": changed(RIGHT, {", vocab_size, embedding_size, hidden_size": ", vocab_size, embedding_size"}),
    "not-defined: loss": changed(RIGHT, {"def loss": "def cost"}),
    "not-written": EXERCISES["3"].template,
    "not-written: the loss": changed(RIGHT, {f"return {LOSS}": "raise NotImplementedError('Write the loss here.')"}),
    "raises": changed(RIGHT, {"nn.Linear(hidden_size, 1)": "nn.Linear(embedding_size, 1)"}),
    "ready-made": changed(RIGHT, {"self.cell = cell": "self.cell = nn.GRU(embedding_size, hidden_size)"}),
    "logits-shape: the state": changed(RIGHT, {"self.head(h).squeeze(1)": "h"}),
    "logits-shape: a word each": changed(RIGHT, {".squeeze(1)": "", "nn.Linear(hidden_size, 1)": "nn.Linear(hidden_size, vocab_size)"}),
    "logits-shape: a tuple": changed(RIGHT, {"self.head(h).squeeze(1)": "self.head(h), h"}),
    "logits-shape: one number": changed(RIGHT, {"self.head(h).squeeze(1)": "self.head(h).mean()"}),
    "head-at-all-steps": changed(RIGHT, {".squeeze(1)": ".squeeze(2)", STATES: "torch.stack(hs, dim=1)"}),
    "head-at-all-steps: two": changed(TWO, {STATES: "torch.stack(hs, dim=1)"}),
    "unregistered": changed(RIGHT, {"self.head(h)": "(h @ self.v)", "self.head = nn.Linear(hidden_size, 1)": "self.v = torch.randn(hidden_size, 1)"}),
    "unregistered: a list": changed(RIGHT, {"self.head(h)": "self.heads[0](h)", "self.head = nn.Linear(hidden_size, 1)": "self.heads = [nn.Linear(hidden_size, 1)]"}),
    "unregistered: the cell": changed(RIGHT, {"run(self.cell,": "run(self.cells[0],", "self.cell = cell": "self.cells = [cell]"}),
    "detached": changed(RIGHT, {"self.head(h).squeeze(1)": "self.head(h).squeeze(1).detach()"}),
    "random-inside": changed(RIGHT, {"self.emb(ids)": "F.dropout(self.emb(ids), 0.5)"}),
    "kept-state": changed(RIGHT, {
        "self.cell = cell": "self.cell, self.h = cell, None",
        "self.emb(ids), lengths)": "self.emb(ids), lengths, self)",
        "(cell, xs, lengths)": "(cell, xs, lengths, net)",
        "(B, H)": "(B, H) if net.h is None or len(net.h) != B else net.h",
        "    return torch.stack": "    net.h = h.detach()\n    return torch.stack",
    }),
    "c-returned-for-h": changed(OF_TWO_STATES, {"hs.append(h)": "hs.append(c)"}),
    "batch-as-time": changed(RIGHT, {STATES: "h[:1]", "run(self.cell, self.emb(ids), lengths)": "run(self.cell, self.emb(ids.T), lengths)[:1].expand(len(ids), -1)"}),
    "batch-as-time: len(xs), the last": changed(RIGHT, {STATES: "h", "range(T)": "range(len(xs))"}),
    "rows-not-sorted": changed(RIGHT, {
        STATES: "h",
        "h = cell(xs[:, t], h)\n        hs.append(h)": "n = int((lengths > t).sum())\n        h = torch.cat([cell(xs[:n, t], h[:n]), h[n:]])",
    }),
    "state-shape": changed(RIGHT, {"xs.new_zeros(B, ": "xs.new_zeros(T, "}),
    "pad-as-word": changed(RIGHT, {", padding_idx=0": "", STATES: "h"}),
    "reads-padding: mean over all": changed(RIGHT, {STATES: "torch.stack(hs, dim=1).mean(1)"}),
    "rows-mixed": changed(RIGHT, {"return self.head(h)": "h = h - h.mean(0)\n        return self.head(h)"}),
    "cell-not-called": changed(RIGHT, {"h = run(self.cell, self.emb(ids), lengths)": "h = self.emb(ids).mean(1) @ torch.ones(self.emb.embedding_dim, 8)"}),
    "embedding-not-trained": changed(RIGHT, {
        "padding_idx=0)": "padding_idx=0).requires_grad_(False)",
        "self.cell = cell": "self.cell = cell\n        self.vocab_size = vocab_size",
    }),
    "embedding-not-trained: detached": changed(RIGHT, {"self.emb(ids)": "self.emb(ids).detach()"}),
    "embedding-not-trained: a buffer": changed(RIGHT, {
        "self.emb(ids)": "self.E[ids]",
        "self.emb = nn.Embedding(vocab_size, embedding_size, padding_idx=0)": "self.register_buffer('E', torch.randn(vocab_size, embedding_size))",
    }),
    "word-as-pad": changed(RIGHT, {"padding_idx=0": "padding_idx=1"}),
    "word-as-pad: drawn again": changed(RIGHT, {"padding_idx=0)": "padding_idx=1)\n        nn.init.normal_(self.emb.weight)"}),
    "word-as-pad: the last": changed(RIGHT, {"padding_idx=0": "padding_idx=-1"}),
    "word-as-pad: hidden": changed(RIGHT, {"self.emb(ids)": "self.emb(ids) * (ids > 1).unsqueeze(2)"}),
    "word-as-pad: a table": changed(RIGHT, {
        "self.emb(ids)": "F.embedding(ids, self.emb, padding_idx=2)",
        "nn.Embedding(vocab_size, embedding_size, padding_idx=0)": "nn.Parameter(torch.randn(vocab_size, embedding_size))",
    }),
    "softmax-before-loss": changed(RIGHT, {"self.head(h).squeeze(1)": "torch.sigmoid(self.head(h).squeeze(1))"}),
    "softmax-before-loss: of one": changed(RIGHT, {"targets.float()": "targets[:, None].float()", "self.head(h).squeeze(1)": "self.head(h).softmax(1)"}),
    "rows-mixed: softmax over reviews": changed(TWO, {"self.head(h)": "self.head(h).softmax(0)"}),
    "not-finite": changed(RIGHT, {"return self.head(h)": "return self.head(h / 0)"}),
    "softmax-before-loss: in the loss": changed(RIGHT, {"(logits, targets.float())": "(torch.sigmoid(logits), targets.float())"}),
    "softmax-before-loss: two": changed(TWO, {"self.head(h)": "self.head(h).softmax(1)"}),
    "softmax-before-loss: two, in the loss": changed(TWO, {"cross_entropy(logits": "cross_entropy(logits.softmax(1)"}),
    "loss-arguments-exchanged": changed(RIGHT, {"(logits, targets.float())": "(targets.float(), logits)"}),
    "loss-arguments-exchanged: two":
        changed(TWO.replace("def loss(logits, targets)", "def loss(logits, targets) "), {"(logits, targets)\n": "(targets, logits)\n"}),
    "loss-without-gradient": changed(RIGHT, {LOSS: "1 - ((logits > 0) == targets).double().mean()"}),
    "loss-without-gradient: item": changed(RIGHT, {LOSS: LOSS + ".item()"}),
    "loss-without-gradient: argmax": changed(TWO, {"F.cross_entropy(logits, targets)": "(logits.argmax(1) != targets).double().mean()"}),
    "loss-shape": changed(RIGHT, {"targets.float())": "targets.float(), reduction='none')"}),
    "loss-shape: nothing": changed(RIGHT, {f"return {LOSS}": LOSS}),
    "loss-targets-reversed": changed(RIGHT, {"targets.float())": "1 - targets.float())"}),
    "loss-sign": changed(RIGHT, {LOSS: "-" + LOSS}),
    "loss-squared": changed(RIGHT, {LOSS: "F.mse_loss(torch.sigmoid(logits), targets.float())"}),
    "loss-squared: logits": changed(RIGHT, {LOSS: "F.mse_loss(logits, targets.float())"}),
    "loss-of-probabilities": changed(RIGHT, {"_with_logits": ""}),
    "loss-without-softmax": changed(TWO, {"cross_entropy": "nll_loss"}),
    "loss-other": changed(TWO, {"F.cross_entropy(logits, targets)": "F.binary_cross_entropy_with_logits(logits, F.one_hot(targets, 2).float())"}),
    "loss-infinite": changed(RIGHT, {LOSS: BY_HAND}),
    "loss-infinite: BCE of each": changed(RIGHT, {LOSS: "-torch.where(targets == 1, logits.sigmoid().log(), (1 - logits.sigmoid()).log()).mean()"}),
    "loss-infinite: summed": changed(RIGHT, {LOSS: BY_HAND.replace("mean", "sum")}),
    "loss-infinite: of probabilities": changed(RIGHT, {LOSS: BY_HAND.replace("torch.sigmoid(logits)", "logits"), "self.head(h)": "self.head(h).sigmoid()"}),
    "loss-broadcast": changed(RIGHT, {LOSS: "(F.softplus(logits) - targets * logits).mean()", ".squeeze(1)": ""}),
    "loss-broadcast: divided": changed(RIGHT, {LOSS: "(F.softplus(logits) - targets * logits).sum() / len(targets)", ".squeeze(1)": ""}),
    "loss-broadcast: squared": changed(RIGHT, {LOSS: "((logits.sigmoid() - targets) ** 2).mean()", ".squeeze(1)": ""}),
    "loss-broadcast: targets as a column": changed(RIGHT, {LOSS: "(F.softplus(logits) - targets[:, None] * logits).mean()"}),
    "loss-broadcast: two": changed(TWO, {"F.cross_entropy(logits, targets)": "-logits.log_softmax(1)[:, targets].mean()"}),
    "loss-other: half": changed(RIGHT, {LOSS: "-(targets * F.logsigmoid(logits)).mean()"}),
    "loss-other: no logarithm": changed(RIGHT, {LOSS: "(logits.sigmoid() - targets).abs().mean()"}),
    "loss-other: hinge": changed(RIGHT, {LOSS: "(1 - (2 * targets - 1) * logits).clamp(min=0).mean()"}),
}  # fmt: skip


FINITE = (
    "With logits of ±60 the loss is nan. {} binary_cross_entropy_with_logits, which needs no probability."
)
SAID = {
    "loss-infinite": FINITE.format("Take"),
    "loss-infinite: of probabilities": FINITE.format("Return the logits and take"),
}
"""Name of a mistake -> the advice in its sentence."""


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_of_a_classifier_is_named(name):
    report = checked("3", WRONG[name])
    assert codes(report, wrong=True) == [name.partition(":")[0]]
    assert SAID.get(name, "") in report.mistakes[0].sentence


CELL = """class Cell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True, scale=0.1):
        super().__init__()
        self.W = nn.Linear(input_size + hidden_size, hidden_size, bias)

    def forward(self, x, h):
        return self.W(torch.cat([x, h], 1)).tanh()


"""
OK = {
    "one-logit": EXERCISES["3"].solution,
    "one-logit: a column": changed(RIGHT, {"targets.float()": "targets.float().unsqueeze(1)", ".squeeze(1)": ""}),
    "one-logit: float targets only": changed(RIGHT, {"targets.float()": "targets"}),
    "one-logit: of two states": OF_TWO_STATES,
    "two-logits": TWO,
    "two-logits: by hand": changed(TWO, {"F.cross_entropy(logits, targets)": "-logits.log_softmax(1)[torch.arange(len(targets)), targets].mean()"}),
    "one-logit: by hand": changed(RIGHT, {LOSS: "-(targets * F.logsigmoid(logits) + (1 - targets) * F.logsigmoid(-logits)).mean()"}),
    "one-logit: with a small number":
        changed(RIGHT, {LOSS: "-(targets * torch.log(torch.sigmoid(logits) + 1e-8) + (1 - targets) * torch.log(1 - torch.sigmoid(logits) + 1e-8)).mean()"}),
    "loss-sum one-logit": changed(RIGHT, {"targets.float())": "targets.float(), reduction='sum')"}),
    "returns-probabilities one-logit": changed(RIGHT, {
        "_with_logits(logits, targets.float())": "(logits, targets.to(logits))",
        "self.head(h).squeeze(1)": "torch.sigmoid(self.head(h).squeeze(1))",
    }),
    "returns-probabilities two-logits": changed(TWO, {"cross_entropy": "nll_loss", "self.head(h)": "self.head(h).log_softmax(1)"}),
    "returns-probabilities two-logits: again": changed(TWO, {"self.head(h)": "self.head(h).log_softmax(1)"}),
    "pad-has-a-vector one-logit": changed(RIGHT, {", padding_idx=0": ""}),
    "one-logit: dropout": changed(RIGHT, {
        "self.cell = cell": "self.cell = cell\n        self.drop = nn.Dropout(0.5)",
        "return self.head(h)": "return self.head(self.drop(h))",
    }),
    "one-logit: a deep head": changed(RIGHT, {"nn.Linear(hidden_size, 1)": "nn.Sequential(nn.Linear(hidden_size, 6), nn.ReLU(), nn.Linear(6, 1))"}),
    "one-logit: one-hot": changed(RIGHT, {
        "self.emb(ids)": "self.emb(F.one_hot(ids, self.emb.in_features).to(self.emb.weight))",
        "nn.Embedding(vocab_size, embedding_size, padding_idx=0)": "nn.Linear(vocab_size, embedding_size, bias=False)",
    }).replace("one-hot", ""),
    "other-readout one-logit":
        changed(RIGHT, {STATES: "(torch.stack(hs, dim=1) * (torch.arange(T) < lengths[:, None])[:, :, None]).sum(1) / lengths[:, None]"}),
    "one-logit: zeros at first":
        changed(RIGHT, {"self.head = nn.Linear(hidden_size, 1)": "self.head = nn.Linear(hidden_size, 1)\n        nn.init.zeros_(self.head.weight)"}),
    "two-logits: an object": changed(TWO, {"def loss(logits, targets):\n    return F.cross_entropy(logits, targets)": "loss = nn.CrossEntropyLoss()"}),
    "one-logit: another name": changed(RIGHT, {"class Classifier": "class SentimentNet"}),
    "one-logit: beside a cell": changed(RIGHT, {"class Classifier": CELL + "class Network"}),
    "one-logit: beside a cell, with sizes of its own": changed(RIGHT, {
        "vocab_size, embedding_size, hidden_size)": "vocab_size=9, embedding_size=5, hidden_size=8)",
        "class Classifier": CELL + "class Network",
    }),
    "one-logit: Classifier is its head": changed(RIGHT, {
        "nn.Linear(hidden_size, 1)": "Classifier(hidden_size, 1)",
        "class Classifier": "class Classifier(nn.Linear):\n    pass\n\nclass Network",
    }),
    "one-logit: inherited": changed(RIGHT, {"def loss": "class Net(Classifier):\n    pass\n\ndef loss"}).replace("Classifier", "Base"),
    "one-logit: a part that takes the same": changed(RIGHT, {
        "def loss": "class Net(nn.Module):\n    def __init__(self, *sizes):\n        super().__init__()\n        self.reader = Reader(*sizes)\n\n    def forward(self, ids, lengths):\n        return self.reader(ids, lengths)\n\ndef loss",
        "class Classifier(nn.Module)": "class Reader(nn.Module)",
    }),
    "one-logit: a row more than words": changed(RIGHT, {"vocab_size, embedding_size, padding_idx": "vocab_size + 1, embedding_size, padding_idx"}),
    "one-logit: a ReLU of the words": changed(RIGHT, {"self.emb(ids)": "F.relu(self.emb(ids))"}),
    "one-logit: words hidden by their lengths": changed(RIGHT, {", padding_idx=0": "", "self.emb(ids)": "self.emb(ids) * (ids != 0).unsqueeze(2)"}),
    "one-logit: a table": changed(RIGHT, {
        "self.emb(ids)": "F.embedding(ids, self.emb, padding_idx=0)",
        "nn.Embedding(vocab_size, embedding_size, padding_idx=0)": "nn.Parameter(torch.randn(vocab_size, embedding_size))",
    }),
    "one-logit: a sparse gradient": changed(RIGHT, {"padding_idx=0": "padding_idx=0, sparse=True"}),
    "one-logit: two factors":
        changed(RIGHT, {"nn.Embedding(vocab_size, embedding_size, padding_idx=0)": "nn.Sequential(nn.Embedding(vocab_size, 2, padding_idx=0), nn.Linear(2, embedding_size), nn.Tanh())"}),
    "one-logit: embedded as zeros": changed(RIGHT, {"padding_idx=0)": "padding_idx=0)\n        nn.init.zeros_(self.emb.weight)"}),
    "one-logit: softplus": changed(RIGHT, {LOSS: "(F.softplus(logits) - targets * logits).mean()"}),
    "one-logit: softplus of a sign": changed(RIGHT, {LOSS: "F.softplus((1 - 2 * targets) * logits).mean()"}),
    "one-logit: logaddexp": changed(RIGHT, {LOSS: "(torch.logaddexp(torch.zeros_like(logits), logits) - targets * logits).sum() / len(logits)"}),
    "one-logit: clamped": changed(RIGHT, {LOSS: "F.binary_cross_entropy(logits.sigmoid().clamp(1e-6, 1 - 1e-6), targets.float())"}),
    "one-logit: refuses large logits": changed(RIGHT, {"    return F.bin": "    assert logits.abs().max() < 50\n    return F.bin"}),
    "one-logit: an object": changed(RIGHT, {LOSS: "of(logits, targets.float())", "def loss(logits, targets):": "def loss(logits, targets, of=nn.BCEWithLogitsLoss()):"}),
    "two-logits: the logarithm of softmax": changed(TWO, {"F.cross_entropy(logits, targets)": "-logits.softmax(1).gather(1, targets[:, None]).log().mean()"}),
    "two-logits: one-hot": changed(TWO, {"F.cross_entropy(logits, targets)": "-(F.one_hot(targets, 2) * logits.log_softmax(1)).sum(1).mean()"}),
    "one-logit: columns by hand": changed(RIGHT, {LOSS: "(F.softplus(logits) - targets.view(-1, 1) * logits).mean()", ".squeeze(1)": ""}),
    "one-logit: squeezed in the loss": changed(RIGHT, {LOSS: "F.binary_cross_entropy_with_logits(logits[:, 0], targets.float())", ".squeeze(1)": ""}),
    "one-logit: time first": changed(RIGHT, {"xs[:, t]": "xs[t]", "hs = []": "hs = []\n    xs = xs.transpose(0, 1)"}),
    "one-logit: words unbound": changed(RIGHT, {"for t in range(T):\n        h = cell(xs[:, t], h)": "for x in xs.unbind(1):\n        h = cell(x, h)"}),
    "one-logit: states transposed": changed(RIGHT, {STATES: "torch.stack(hs).transpose(0, 1)[torch.arange(B), lengths - 1]"}),
    "one-logit: states permuted": changed(RIGHT, {STATES: "torch.stack(hs).permute(1, 0, 2).reshape(B, T, -1)[torch.arange(B), lengths - 1]"}),
    "not-trained one-logit": changed(RIGHT, {"self.cell = cell": "self.cell = cell\n        self.more = nn.Linear(3, 4)"}),
}  # fmt: skip


@pytest.mark.parametrize("name", OK)
def test_a_right_classifier_passes(name):
    report = checked("3", OK[name])
    assert report.passed, report.remarks
    assert set(name.partition(":")[0].split()) <= set(codes(report, wrong=False))


@pytest.mark.parametrize("case", [*OTHER_CASES, Case(hidden_size=40, seed=3)])
def test_what_is_right_passes_with_other_inputs(case):
    for source in (RIGHT, TWO, EXERCISES["3"].solution):
        report = checked("3", source, case=case)
        assert report.passed, report.remarks

"""The texts of the seven tasks, and that our solutions compute what the tasks ask."""

import ast
import re

import pytest
import torch

from rnn_core.own_cells.exercises import EXERCISES
from rnn_core.registry import UnknownNameError

B, T, E, H = 4, 6, 3, 5
LENGTHS = torch.tensor([3, 6, 1, 4])


def solution(number):
    """The names that our solution defines."""
    names = {}
    exec(compile(EXERCISES[number].solution, EXERCISES[number].file_name, "exec"), names)
    return names


def cell(number):
    [cls] = [one for name, one in solution(number).items() if name.startswith("My") and isinstance(one, type)]
    torch.manual_seed(0)
    return cls(E, H).double()


def joined(cell, name, letters):
    """The weights of some gates, side by side as torch has them: (G*H, ...)."""
    return torch.cat([getattr(cell, f"{name}_{letter}").T for letter in letters])


def set_weights(module, W, U, b):
    with torch.no_grad():
        module.weight_ih.copy_(W)
        module.weight_hh.copy_(U)
        module.bias_ih.copy_(b)
        module.bias_hh.zero_()


def values():
    torch.manual_seed(1)
    return torch.randn(B, E).double(), torch.rand(B, H).double(), torch.rand(B, H).double()


def test_the_tasks_are_seven_in_order_each_with_a_file_of_its_own():
    assert list(EXERCISES) == list("1234567")
    assert all(number == exercise.number for number, exercise in EXERCISES.items())
    assert [exercise.file_name for exercise in EXERCISES.values()] == [
        f"my_{name}.py" for name in ("rnn", "loop", "classifier", "gru", "lstm", "fused", "padding")
    ]
    with pytest.raises(UnknownNameError, match="no task called '8'"):
        EXERCISES["8"]


@pytest.mark.parametrize("number", EXERCISES)
def test_a_task_asks_in_three_sentences_and_has_three_hints(number):
    exercise = EXERCISES[number]
    assert len(re.findall(r"\.(?: |$)", exercise.asked)) == 3
    assert len(exercise.hints) == 3
    assert exercise.equation.count("{") == exercise.equation.count("}")
    assert "(B, H)" in exercise.shapes
    assert all(letter in exercise.equation for letter in exercise.roles)


@pytest.mark.parametrize("number", EXERCISES)
def test_a_template_is_python_that_says_the_shapes_and_what_is_to_be_written(number):
    template = EXERCISES[number].template
    ast.parse(template)
    assert re.search(r"\(B, (?:T|E|T, E)\)", ast.get_docstring(ast.parse(template)))
    assert 'raise NotImplementedError("Write the' in template


@pytest.mark.parametrize("number", EXERCISES)
def test_a_template_defines_what_the_solution_defines(number):
    def defined(source):
        return [node.name for node in ast.parse(source).body if hasattr(node, "name")]

    assert defined(EXERCISES[number].template) == defined(EXERCISES[number].solution)


def test_the_plain_cell_is_that_of_torch():
    ours, theirs = cell("1"), torch.nn.RNNCell(E, H).double()
    set_weights(theirs, ours.W.T, ours.U.T, ours.b)
    x, h, _ = values()
    torch.testing.assert_close(ours(x, h), theirs(x, h))


def test_the_gru_is_the_reference():
    ours = cell("4")
    x, h, _ = values()
    r, z = (
        torch.sigmoid(
            x @ getattr(ours, f"W_{gate}") + h @ getattr(ours, f"U_{gate}") + getattr(ours, f"b_{gate}")
        )
        for gate in "rz"
    )
    n = torch.tanh(x @ ours.W_n + (r * h) @ ours.U_n + ours.b_n)
    torch.testing.assert_close(ours(x, h), h + z * (n - h))


def test_the_lstm_is_that_of_torch():
    ours, theirs = cell("5"), torch.nn.LSTMCell(E, H).double()
    b = torch.cat([getattr(ours, f"b_{letter}") for letter in "ifgo"])
    set_weights(theirs, joined(ours, "W", "ifgo"), joined(ours, "U", "ifgo"), b)
    x, h, c = values()
    torch.testing.assert_close(ours(x, (h, c)), theirs(x, (h, c)))


def test_the_fused_lstm_computes_what_the_lstm_does():
    fused, ours = cell("6"), cell("5")
    with torch.no_grad():
        for name, weights in (("W", fused.W), ("U", fused.U), ("b", fused.b)):
            for letter, part in zip("ifog", weights.chunk(4, dim=-1), strict=True):
                getattr(ours, f"{name}_{letter}").copy_(part)
    x, h, c = values()
    torch.testing.assert_close(fused(x, (h, c)), ours(x, (h, c)))


class Given(torch.nn.Module):
    """A cell as loops get it."""

    def __init__(self, cell):
        super().__init__()
        self.cell, self.hidden_size, self.states = cell, H, getattr(cell, "states", ("h",))
        self.rows = 0

    def forward(self, x, state):
        self.rows += len(x)
        return self.cell(x, state)


def row_by_row(cell, xs):
    """The last states of reviews of which each is read alone, up to its last word."""
    last = []
    for row, length in enumerate(LENGTHS):
        zeros = torch.zeros(1, H).double()
        state = zeros if cell.states == ("h",) else (zeros, zeros)
        for t in range(length):
            state = cell(xs[row : row + 1, t], state)
        last.append(state if isinstance(state, torch.Tensor) else state[0])
    return torch.cat(last)


@pytest.mark.parametrize("number", ["2", "7"])
@pytest.mark.parametrize("of", ["1", "5"])
def test_a_loop_returns_the_state_after_the_last_word_of_each_review(number, of):
    given = Given(cell(of))
    xs = torch.randn(B, T, E).double()
    torch.testing.assert_close(solution(number)["run"](given, xs, LENGTHS), row_by_row(given, xs))


def test_the_loop_of_the_last_task_computes_each_word_once_and_no_padding():
    given = Given(cell("1"))
    solution("7")["run"](given, torch.randn(B, T, E).double(), LENGTHS)
    assert given.rows == LENGTHS.sum()


def test_the_classifier_reads_embedded_words_and_its_loss_is_the_mean():
    names = solution("3")
    given = Given(cell("1"))
    classifier = names["Classifier"](given, 9, E, H).double()
    ids = torch.randint(1, 9, (B, T))
    logits = classifier(ids, LENGTHS)
    h = row_by_row(given, classifier.embedding.weight[ids])
    torch.testing.assert_close(logits, h @ classifier.head.weight[0] + classifier.head.bias)
    targets = torch.tensor([0, 1, 1, 0])
    probability = torch.where(targets == 1, logits.sigmoid(), 1 - logits.sigmoid())
    torch.testing.assert_close(names["loss"](logits, targets), -probability.log().mean())

"""Every way to a product or a tanh gives what torch's plain one gives; how many threads torch is given."""

import os
import runpy
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from types import SimpleNamespace

import pytest
import torch

from rnn_core.nn import kernels
from rnn_core.nn.threads import threads_here, use_threads
from tests.nn.variants import Dispatched, saying


def dense(n, m, dtype):
    return torch.randn(n, m, dtype=dtype)


def transposed(n, m, dtype):
    return torch.randn(m, n, dtype=dtype).t()


def columns_of_more(n, m, dtype):
    return torch.randn(n, m + 7, dtype=dtype)[:, 3 : m + 3]


def every_other_row(n, m, dtype):
    return torch.randn(2 * n, m, dtype=dtype)[::2]


def every_other_column(n, m, dtype):
    return torch.randn(n, 2 * m, dtype=dtype)[:, ::2]


def expanded(n, m, dtype):
    return torch.randn(1, m, dtype=dtype).expand(n, m)


LAYOUTS = [dense, transposed, columns_of_more, every_other_row, every_other_column, expanded]
SMALL = [(1, 1, 1), (3, 5, 2)]
LARGE = [(64, 128, 384), (1, 1024, 1024), (700, 32, 128), (1031, 17, 61)]  # all worth oneDNN
PAIRS = list(product(LAYOUTS, LAYOUTS))
EACH_ONCE = list(zip(LAYOUTS, LAYOUTS[2:] + LAYOUTS[:2], strict=True))
DTYPES = [torch.float32, torch.float64]
ADDED = [
    *product(["nothing", "a row", "a matrix"], ["new", "dense", "columns of more"]),
    ("a matrix", "what is added"),
]
"""Each way to add to a product, and to place the sum."""


def assert_is_product(result, x, W):
    """Each element of the result up to the rounding of a sum of so many."""
    expected = x.double() @ W.double()
    rounding = torch.finfo(x.dtype).eps * x.shape[1] ** 0.5 * 4
    assert result.shape == expected.shape
    assert result.dtype == x.dtype
    bound = rounding * (1 + x.double().abs() @ W.double().abs() / x.shape[1] ** 0.5)
    assert ((result.double() - expected).abs() <= bound).all()


def to_add(shape, dtype, added, place):
    """x, W, what is added to their product, and what it is put into."""
    n, k, m = shape
    plus = {"nothing": None, "a row": torch.randn(m, dtype=dtype), "a matrix": dense(n, m, dtype)}[added]
    makers = {"dense": dense, "columns of more": columns_of_more}
    out = plus if place == "what is added" else makers[place](n, m, dtype) if place in makers else None
    return dense(n, k, dtype), dense(k, m, dtype), plus, out


@pytest.fixture(params=[True, False], ids=["oneDNN", "torch"])
def library(request, monkeypatch):
    """Both libraries, whichever is faster here."""
    if request.param and not kernels.has_onednn():
        pytest.skip("this torch has no oneDNN")
    monkeypatch.setattr(kernels, "prefers_onednn", lambda: request.param)
    return "oneDNN" if request.param else "torch"


@pytest.mark.parametrize("shape", [*SMALL, *LARGE], ids=str)
def test_a_product_is_one_whatever_lies_between(library, shape):
    torch.manual_seed(1)
    n, k, m = shape
    pairs = PAIRS if shape in (SMALL[1], LARGE[0]) else EACH_ONCE
    for dtype, (of_x, of_w) in product(DTYPES, pairs):
        x, W = of_x(n, k, dtype), of_w(k, m, dtype)
        with saying(dtype, of_x.__name__, of_w.__name__):
            assert_is_product(kernels.Factor(W).product(x), x, W)


@pytest.mark.parametrize("shape", [*SMALL, *LARGE], ids=str)
def test_a_product_goes_where_it_is_told(library, shape):
    torch.manual_seed(1)
    for dtype, (added, place) in product(DTYPES, ADDED):
        x, W, plus, out = to_add(shape, dtype, added, place)
        expected = x @ W if plus is None else plus + x @ W
        result = kernels.Factor(W).product(x, plus=plus, out=out)
        with saying(dtype, added, place):
            assert out is None or result is out
            torch.testing.assert_close(result, expected, rtol=0, atol=1e-5 * expected.abs().max().item())


@pytest.mark.parametrize("shape", [*SMALL, *LARGE, (63, 128, 128)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_only_large_float32_products_are_the_librarys(library, shape, dtype):
    n, k, m = shape
    x, W = dense(n, k, dtype), dense(k, m, dtype)
    with Dispatched() as computed:
        result = kernels.Factor(W).product(x)
    is_large = shape in LARGE and dtype == torch.float32
    uses_onednn = any("mkldnn" in str(operator) for operator, *_ in computed.calls)
    assert uses_onednn == (is_large and library == "oneDNN")
    with torch.inference_mode():
        assert torch.equal(kernels.Factor(W).product(x), result)
    if dtype == torch.float32:
        assert torch.equal(kernels.BFloat16Factor(W).product(x), result) == (shape not in LARGE)


@pytest.mark.parametrize("shape", LARGE, ids=str)
def test_a_bfloat16_product_is_that_of_rounded_numbers(shape):
    """The sum is made in float32."""
    torch.manual_seed(1)
    n, k, m = shape
    for of_x, of_w in PAIRS if shape == LARGE[0] else EACH_ONCE:
        x, W = of_x(n, k, torch.float32), of_w(k, m, torch.float32)
        expected = x.bfloat16().double() @ W.bfloat16().double()
        result = kernels.BFloat16Factor(W).product(x)
        with saying(of_x.__name__, of_w.__name__):
            assert result.dtype == torch.float32
            near = {"rtol": 2**-8, "atol": 1e-5 * expected.abs().max().item()}
            torch.testing.assert_close(result.double(), expected, **near)
    for added, place in ADDED:
        x, W, plus, out = to_add(shape, torch.float32, added, place)
        rounded = kernels.BFloat16Factor(W).product(x)
        expected = rounded if plus is None else plus + rounded
        result = kernels.BFloat16Factor(W).product(x, plus=plus, out=out)
        with saying(added, place):
            assert out is None or result is out
            assert torch.equal(result, expected)


def refusing(*_):
    raise RuntimeError("not built with it")


def wrong(x, W, b, *_):
    return x @ W + b  # W comes transposed


@pytest.mark.parametrize("operator", [None, refusing, wrong])
def test_an_operator_that_is_no_product_is_not_used(monkeypatch, operator):
    monkeypatch.setattr(kernels, "_linear", operator)
    monkeypatch.setattr(kernels, "has_onednn", kernels.has_onednn.__wrapped__)
    assert kernels.has_onednn() is kernels.prefers_onednn.__wrapped__() is False


def test_a_torch_without_onednn_is_not_asked_for_it(monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert kernels.has_onednn.__wrapped__() is False


FORMULAS = {  # of the function, its result y and the gradient d of y
    kernels.sigmoid_gradient: lambda d, y: d * y * (1 - y),
    kernels.tanh_gradient: lambda d, y: d * (1 - y**2),
    lambda _, y, out: kernels.one_minus(y, out=out): lambda _, y: 1 - y,
}
few_and_many = pytest.mark.parametrize("rows", [3, kernels._MANY], ids=["few", "many"])
every_dtype = pytest.mark.parametrize(
    ("dtype", "rounding"), [(torch.float32, 3e-7), (torch.float64, 5e-16)], ids=["float32", "float64"]
)


@pytest.mark.parametrize(("of_torch", "of_onednn", "preferred"), [(3, 1, True), (1, 1, False), (1, 3, False)])
def test_onednn_is_preferred_where_clearly_faster(monkeypatch, of_torch, of_onednn, preferred):
    now = [0.0]
    monkeypatch.setattr(kernels.time, "perf_counter", lambda: now[0])

    def taking(seconds, multiply):
        def timed(*args):
            now[0] += seconds
            return multiply(*args)

        return timed

    monkeypatch.setattr(kernels, "has_onednn", lambda: True)
    monkeypatch.setattr(torch, "mm", taking(of_torch, torch.mm))
    monkeypatch.setattr(kernels, "_onednn", taking(of_onednn, lambda x, W_t, b: x @ W_t.t()))
    assert kernels.prefers_onednn.__wrapped__() is preferred


@every_dtype
@few_and_many
def test_tanh_is_torchs_in_and_out_of_place(rows, dtype, rounding):
    for layout in (dense, transposed, columns_of_more):
        a = layout(rows, 4, dtype).mul(3)
        expected, given = torch.tanh(a), a.clone()
        out = layout(rows, 4, dtype)
        with saying(layout.__name__):
            assert kernels.tanh(a, out=out) is out
            torch.testing.assert_close(out, expected, rtol=0, atol=rounding)
            assert torch.equal(a, given)
            kernels.tanh(a, out=a)
            torch.testing.assert_close(a, expected, rtol=0, atol=rounding)


@every_dtype
@few_and_many
def test_tanh_of_the_largest_numbers_is_torchs(rows, dtype, rounding):
    largest = torch.finfo(dtype).max
    a = torch.tensor([-torch.inf, -largest, -100, 0, 100, largest, torch.inf], dtype=dtype).repeat(rows, 1)
    assert torch.equal(kernels.tanh(a, out=torch.empty_like(a)), torch.tanh(a))
    nothing = torch.full_like(a, torch.nan)
    assert kernels.tanh(nothing, out=nothing).isnan().all()


OPERATORS = ("_sigmoid_backward", "_tanh_backward", "_linear")


def test_a_torch_without_these_operators_will_do(monkeypatch):
    assert kernels._linear is not None or not kernels.has_onednn()
    monkeypatch.setattr(torch, "ops", SimpleNamespace())
    without = runpy.run_path(kernels.__file__)
    assert [without[name] for name in OPERATORS] == [None] * 3
    assert without["prefers_onednn"]() is False


@every_dtype
@few_and_many
@pytest.mark.parametrize("through", FORMULAS)
@pytest.mark.parametrize("missing", [(), OPERATORS], ids=["as it is", "without its operators"])
def test_a_gradient_passes_by_its_formula(monkeypatch, missing, through, rows, dtype, rounding):
    """Also by a torch that has none of the operators that it doesn't promise."""
    for name in missing:
        monkeypatch.setattr(kernels, name, None)
    for layout, into in product([dense, columns_of_more], ["new", "d", "y"]):
        d, y = layout(rows, 4, dtype), torch.rand(rows, 4, dtype=dtype)
        expected = FORMULAS[through](d, y)
        out = {"new": layout(rows, 4, dtype), "d": d, "y": y}[into]
        with saying(layout.__name__, into):
            assert through(d, y, out=out) is out
            torch.testing.assert_close(out, expected, rtol=0, atol=4 * rounding)


@pytest.fixture
def eight_cores(monkeypatch):
    """A machine with eight cores; the threads are those of before afterwards."""
    before = torch.get_num_threads()
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("cores", "asked", "processes", "given"),
    [(8, 0, 1, 7), (8, 0, 2, 3), (1, 0, 1, 1), (8, 3, 1, 3), (8, 1_024, 1, 8), (None, 0, 1, 1)],
)
def test_threads_are_those_asked_for_up_to_all_cores(
    eight_cores, monkeypatch, cores, asked, processes, given
):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert use_threads(asked, processes=processes) == given
    assert torch.get_num_threads() == given


def threads_of_a_new_thread():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.get_num_threads).result()


def test_threads_here_are_those_of_this_thread_alone(eight_cores):
    use_threads(2)
    with threads_here(5) as given:
        assert (given, torch.get_num_threads(), threads_of_a_new_thread()) == (5, 5, 2)
    assert (torch.get_num_threads(), threads_of_a_new_thread()) == (2, 2)

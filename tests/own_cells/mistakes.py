"""Cells of `right.toml` with a change: variants that are right too, and mistakes, with what a check finds."""

from tests.own_cells.files import RIGHT, changed

PLAIN = RIGHT["plain"]
LINEAR = RIGHT["two_biases"]
GRU = RIGHT["gru_before"]
JOINED_GRU = RIGHT["gru_joined"]
LSTM = RIGHT["lstm_plain"]
JOINED_LSTM = RIGHT["bias_and_one_number"]
FUSED_LSTM = RIGHT["fused_lstm"]

# Parts of these cells that several mistakes change.
A = "x @ self.W + h @ self.U + self.b"
SUM = f"torch.tanh({A})"
U = "self.U = nn.Parameter(torch.randn(hidden_size, hidden_size) * 0.1)\n"
B = "self.b = nn.Parameter(torch.zeros(hidden_size))\n"
THREE_U = "self.U_r, self.U_z, self.U_n = (nn.Linear(hidden_size, hidden_size, bias=False) for _ in range(3))"
RESET = "        r = torch.sigmoid(self.W_r(x) + self.U_r(h))\n"
CANDIDATE = "torch.tanh(self.W_n(x) + self.U_n(r * h))"
SQUASH = """class Squash(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        y = torch.tanh(a)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, d):
        (y,) = ctx.saved_tensors
        return d * (1 - y)
"""
UPDATE = "(1 - z) * h + z * n"
MEMORY = "f * c + i * g"

VARIANTS = {
    "buffer_one": changed(GRU, {THREE_U: f'{THREE_U}\n        self.register_buffer("one", torch.ones(1))', "(1 - z)": "(self.one - z)"}),
    "cached_step": changed(PLAIN, {f"return {SUM}": f"self.last = {SUM}\n        return self.last"}),
    "exp_tanh_free": changed(PLAIN, {f"return {SUM}": f"a = {A}\n        return 2 * torch.sigmoid(2 * a) - 1"}),
    "free_gru": changed(GRU, {"Task 4: reset-before": "Task :"}),
    "free_layernorm": changed(GRU, {
        "Task 4: reset-before": "Task :",
        THREE_U: f"{THREE_U}\n        self.norm = nn.LayerNorm(hidden_size)",
        CANDIDATE: f"self.norm({CANDIDATE})",
    }),
    "frozen_one": changed(GRU, {
        THREE_U: f"{THREE_U}\n        self.one = nn.Parameter(torch.ones(hidden_size), requires_grad=False)",
        "(1 - z)": "(self.one - z)",
    }),
    "gru_one_minus_sigmoid": changed(GRU, {"z = torch": "z = 1 - torch"}),
    "gru_open_bias": changed(GRU, {"reset-before": "built-in-offset", "self.U_z(h)": "self.U_z(h) - 1"}),
    "gru_reversed_reset": changed(GRU, {"r * h": "(1 - r) * h"}),
    "learned_first_state": changed(PLAIN, {
        B: f"{B}        self.h0 = nn.Parameter(torch.zeros(hidden_size))\n",
        SUM: f"{SUM}\n\n    def initial_state(self, batch_size):\n        return self.h0.expand(batch_size, -1)",
    }),
    "lstm_open_forget": changed(LSTM, {"Task 5:": "Task 5: built-in-offset", 'self.h["f"](h)': 'self.h["f"](h) + 1.0'}),
    "no_bias": changed(PLAIN, {"Task 1:": "Task 1: no-bias", " + self.b": ""}),
    "relu": changed(PLAIN, {"Task 1:": "Task 1: relu", "torch.tanh": "torch.relu"}),
    "see_letters": changed(GRU, {
        "import nn\n": "import nn\n\nfrom rnn_core import see\n",
        "torch.sigmoid(self.W_r(x) + self.U_r(h))": 'see("r", torch.sigmoid(self.W_r(x) + self.U_r(h)))',
        "torch.sigmoid(self.W_z(x) + self.U_z(h))": 'see("z", torch.sigmoid(self.W_z(x) + self.U_z(h)))',
        CANDIDATE: f'see("n", {CANDIDATE})',
    }),
}  # fmt: skip
"""Source of each variant by its name, with a first line as in `right.toml`."""

MISTAKES = {
    # What comes back, and what is done with what is given
    "as_wide_as_x": ("1", "wrong-shape", changed(PLAIN, {B: "self.out = nn.Linear(hidden_size, input_size)\n", SUM: "self.out(torch.tanh(x @ self.W + h @ self.U))"})),
    "batch_last": ("1", "axes-exchanged", changed(PLAIN, {SUM: f"{SUM}.T"})),
    "squeezes_one_row": ("1", "wrong-shape", changed(PLAIN, {SUM: f"{SUM}.squeeze()"})),
    "returns_nothing": ("1", "wrong-return", changed(PLAIN, {"return": "h ="})),
    "returns_pair": ("1", "wrong-return", changed(PLAIN, {f"return {SUM}": f"h = {SUM}\n        return h, h"})),
    "whole_sequence": ("1", "whole-sequence",
        changed(PLAIN, {f"return {SUM}": "B, T, E = x.shape\n        for t in range(T):\n            h = torch.tanh(x[:, t] @ self.W + h @ self.U + self.b)\n        return h"})),
    "rows_loop": ("1", "whole-sequence not-read",
        changed(PLAIN, {f"return {SUM}": "for t in range(x.shape[0]):\n            h = torch.tanh(x[t] @ self.W + h @ self.U + self.b)\n        return h"})),
    "rows_summed_up": ("1", "rows-mixed", changed(LINEAR, {
        "self.U = nn.Linear(hidden_size, hidden_size)": "self.U = nn.Linear(hidden_size, hidden_size, bias=False)",
        "(self.W(x) + self.U(h))": "((self.W(x) + self.U(h)).cumsum(0))",
    })),
    "norm_over_batch": ("1", "rows-mixed", changed(PLAIN, {f"return {SUM}": f"a = {A}\n        return torch.tanh(a - a.mean(0))"})),
    "softmax_over_batch": ("4", "rows-mixed", changed(GRU, {"torch.sigmoid(self.W_z(x) + self.U_z(h))": "torch.softmax(self.W_z(x) + self.U_z(h), dim=0)"})),
    "reshape_turned": ("1", "rows-mixed", changed(RIGHT["transposed"], {
        'torch.einsum("he,be->bh", self.W, x)': "self.W @ x.T",
        "torch.addmm(a, h, self.U.t())": "a + self.U @ h.T",
        "torch.tanh_(a + self.b)": "torch.tanh(a.reshape(len(x), -1) + self.b)",
    })),
    "view_gates_first": ("6", "rows-mixed", changed(RIGHT["view_rows_first"], {".view(-1, 4, self.hidden_size).unbind(1)": ".view(4, *h.shape)"})),
    "in_place_on_state": ("1", "changes-input", changed(PLAIN, {"return": "h *= 0.5\n        return"})),
    "writes_slice": ("1", "changes-input", changed(PLAIN, {f"return {SUM}": f"h[:] = {SUM}\n        return h"})),
    "keeps_a_state": ("1", "kept-state", changed(PLAIN, {
        B: f"{B}        self.last = None\n",
        f"return {SUM}": "if self.last is None or self.last.shape != h.shape:\n            self.last = h\n        self.last = torch.tanh(x @ self.W + self.last @ self.U + self.b)\n        return self.last",
    })),
    "state_self_h": ("5", "kept-state", changed(FUSED_LSTM, {
        "(torch.zeros(4 * hidden_size))\n": "(torch.zeros(4 * hidden_size))\n        self.c = None\n",
        "h, c = state\n": "h, c = state\n        if self.c is None or self.c.shape != c.shape:\n            self.c = c\n",
        "c = torch.sigmoid(f) * c +": "self.c = torch.sigmoid(f) * self.c +",
        "torch.tanh(c), c": "torch.tanh(self.c), self.c",
    })),
    "dropout": ("1", "random-inside", changed(PLAIN, {B: f"{B}        self.drop = nn.Dropout(0.3)\n", "h @": "self.drop(h) @"})),
    "cpu_call": ("1", "device-lost", changed(PLAIN, {SUM: f"{SUM}.cpu()"})),
    "cpu_inside": ("1", "device-lost", changed(PLAIN, {"return": "h = h + torch.zeros(h.shape)\n        return"})),
    "float_of_result": ("1", "dtype-lost", changed(PLAIN, {SUM: f"{SUM}.float()"})),
    "float32_inside": ("1", "dtype-lost", changed(PLAIN, {
        "return": "zeros = torch.zeros(x.shape[1], h.shape[1])\n        return",
        SUM: "torch.tanh(x @ (self.W + 0) + h @ self.U + self.b + (x @ zeros))",
    })),
    "float_cast_mid": ("5", "dtype-lost", changed(LSTM, {f"{MEMORY}\n": f"{MEMORY}\n        c = c.float().to(x.dtype)\n"})),
    "exp_tanh": ("1", "not-finite", changed(PLAIN, {f"return {SUM}": f"a = {A}\n        return (a.exp() - (-a).exp()) / (a.exp() + (-a).exp())"})),
    "exp_overflows": ("4", "not-finite",
        changed(GRU, {"z = torch.sigmoid(self.W_z(x) + self.U_z(h))": "a = self.W_z(x) + self.U_z(h)\n        z = torch.exp(a) / (1 + torch.exp(a))"})),
    "infinite_state": ("4", "not-finite values-differ", changed(JOINED_GRU, {"z * n": "z * n / 0"})),
    # Errors
    "no_super": ("4", "raises", changed(JOINED_GRU, {"        super().__init__()\n": ""})),
    "attribute_never_set": ("4", "raises", changed(JOINED_GRU, {"        r, z": "        h = h + torch.zeros(self.hidden_size)\n        r, z"})),
    "size_of_init_in_forward": ("4", "raises", changed(JOINED_GRU, {"        r, z": "        h = h + torch.zeros(hidden_size)\n        r, z"})),
    "sizes_exchanged": ("1", "wrong-sizes", changed(LINEAR, {"nn.Linear(input_size, hidden_size)": "nn.Linear(hidden_size, hidden_size)"})),
    # Weights
    "plain_tensor": ("1", "unregistered", changed(PLAIN, {U: "self.U = torch.randn(hidden_size, hidden_size) * 0.1\n"})),
    "buffer_for_weight": ("1", "unregistered", changed(PLAIN, {U: 'self.register_buffer("U", torch.randn(hidden_size, hidden_size) * 0.1)\n'})),
    "weights_in_a_list": ("1", "unregistered", changed(LINEAR, {
        "self.W = nn.Linear(input_size, hidden_size)\n        self.U = nn.Linear(hidden_size, hidden_size)": "self.parts = [nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)]",
        "self.W(x) + self.U(h)": "self.parts[0](x) + self.parts[1](h)",
    })),
    "dict_params": ("4", "unregistered", changed(RIGHT["gru_parameter_dict"], {"nn.ParameterDict()": "{}"})),
    "layers_in_forward": ("1", "unregistered dtype-lost", changed(LINEAR, {
        "self.W = nn.Linear(input_size, hidden_size)\n        self.U = nn.Linear(hidden_size, hidden_size)": "self.n = hidden_size",
        "return torch.tanh(self.W(x) + self.U(h))": "W = nn.Linear(x.shape[1], h.shape[1])\n        U = nn.Linear(h.shape[1], h.shape[1])\n        return torch.tanh(W(x) + U(h))",
    })),
    "weights_never_filled": ("1", "uninitialised", changed(PLAIN, {
        "torch.randn(input_size, hidden_size) * 0.1": "torch.empty(input_size, hidden_size)",
        "torch.randn(hidden_size, hidden_size) * 0.1": "torch.empty(hidden_size, hidden_size)",
        f"        {B}": "",
        " + self.b": "",
    })),
    "weights_too_large": ("1", "saturates", changed(PLAIN, {
        "torch.randn(input_size, hidden_size) * 0.1": "torch.randn(input_size, hidden_size)",
        "torch.randn(hidden_size, hidden_size) * 0.1": "torch.randn(hidden_size, hidden_size)",
        f"        {B}": "",
        " + self.b": "",
    })),
    "huge_bias": ("1", "saturates", changed(PLAIN, {B: f"{B}        nn.init.constant_(self.b, 20.0)\n"})),
    "weights_all_zero": ("4", "units-alike", changed(RIGHT["gru_stacked_weights"], {
        "torch.randn(3, input_size, hidden_size) * 0.1": "torch.zeros(3, input_size, hidden_size)",
        "torch.randn(3, hidden_size, hidden_size) * 0.1": "torch.zeros(3, hidden_size, hidden_size)",
    })),
    "shared_weights": ("1", "shared-weights", changed(LINEAR, {"        self.U = nn.Linear(hidden_size, hidden_size)\n": "", "self.U(h)": "self.W(h)"})),
    "slices_shared": ("1", "shared-weights", changed(PLAIN, {
        "torch.randn(input_size, hidden_size)": "torch.randn(max(input_size, hidden_size), hidden_size)",
        f"        {U}": "",
        "self.W + h @ self.U": "self.W[: x.shape[1]] + h @ self.W[: h.shape[1]]",
    })),
    "one_u_before": ("4", "shared-recurrent", changed(GRU, {
        THREE_U: "self.U = nn.Linear(hidden_size, hidden_size, bias=False)",
        "self.U_r(": "self.U(",
        "self.U_z(": "self.U(",
        "self.U_n(": "self.U(",
    })),
    "one_u_for_all": ("4", "shared-recurrent", changed(GRU, {
        THREE_U: "self.U = nn.Linear(hidden_size, hidden_size, bias=False)",
        "        r =": "        u = self.U(h)\n        r =",
        "self.U_r(h)": "u",
        "self.U_z(h)": "u",
        "self.U_n(r * h)": "r * u",
    })),
    "one_u_in_lstm": ("5", "shared-recurrent", changed(LSTM, {
        "self.h = nn.ModuleDict({name: nn.Linear(hidden_size, hidden_size, bias=False) for name in \"ifog\"})": "self.U = nn.Linear(hidden_size, hidden_size, bias=False)",
        "h, c = state\n": "h, c = state\n        u = self.U(h)\n",
        'self.h["i"](h)': "u",
        'self.h["f"](h)': "u",
        'self.h["o"](h)': "u",
        'self.h["g"](h)': "u",
    })),
    "tied_u_only": ("4", "shared-recurrent", changed(GRU, {"self.U_r(h)": "self.U_z(h)"})),
    "scalar_bias": ("1", "one-bias", changed(PLAIN, {"torch.zeros(hidden_size)": "torch.zeros(1)"})),
    "one_bias_a_gate": ("4", "one-bias", changed(RIGHT["gru_stacked_weights"], {"torch.zeros(3, hidden_size)": "torch.zeros(3, 1)"})),
    "one_forget_bias": ("5", "one-bias", changed(JOINED_LSTM, {"4 * hidden_size)": "4 * hidden_size, bias=False)", "torch.ones(1)": "torch.ones(())"})),
    "u_is_a_vector": ("1", "own-unit-only", changed(PLAIN, {U: "self.u = nn.Parameter(torch.ones(hidden_size))\n", "h @ self.U": "h * self.u"})),
    "own_unit_gru": ("4", "own-unit-only", changed(GRU, {
        THREE_U: "self.u_r, self.u_z, self.u_n = (nn.Parameter(torch.rand(hidden_size)) for _ in range(3))",
        "self.U_r(h)": "self.u_r * h",
        "self.U_z(h)": "self.u_z * h",
        "self.U_n(r * h)": "self.u_n * (r * h)",
    })),
    # Gradients
    "detached_state": ("1", "detached", changed(PLAIN, {"h @": "h.detach() @"})),
    "data_of_state": ("4", "detached", changed(GRU, {"r * h": "r * h.data"})),
    "no_grad": ("1", "no-gradient", changed(PLAIN, {"return": "with torch.no_grad():\n            return"})),
    "numpy_raw": ("1", "no-gradient", changed(PLAIN, {f"return {SUM}": f"import numpy as np\n\n        a = {A}\n        return torch.from_numpy(np.tanh(a.numpy()))"})),
    "leaf_in_place": ("1", "breaks-autograd", changed(PLAIN, {"return": "self.b += 0.1\n        return"})),
    "in_place_after_tanh": ("4", "breaks-autograd", changed(GRU, {f"return {UPDATE}": "n *= z\n        z.mul_(-1).add_(1)\n        return z * h + n"})),
    "wrong_grad_hook": ("1", "wrong-gradient",
        changed(PLAIN, {f"return {SUM}": f"a = {A}\n        if a.requires_grad:\n            a.register_hook(lambda d: 2 * d)\n        return torch.tanh(a)"})),
    "wrong_backward": ("1", "wrong-gradient", changed(LINEAR, {"class Cell": f"{SQUASH}\n\nclass Cell", "torch.tanh(self": "Squash.apply(self"})),
    # The equations of a plain cell
    "no_nonlinearity": ("1", "no-nonlinearity", changed(PLAIN, {SUM: A})),
    "a_quarter": ("1", "another-cell", changed(PLAIN, {"return": "return 0.25 *"})),
    "relu6": ("1", "values-differ", changed(PLAIN, {"torch.tanh(": "nn.functional.relu6("})),
    "the_mean_of_the_word": ("1", "values-differ", changed(PLAIN, {"+ self.b": "+ self.b + x.mean(-1, keepdim=True)"})),
    "looks_at_a_value": ("1", "not-read", changed(PLAIN, {"return": "if h.abs().max() > 900:\n            h = 2 * h\n        return"})),
    "sigmoid_for_tanh": ("1", "wrong-nonlinearity", changed(PLAIN, {"torch.tanh": "torch.sigmoid"})),
    "tanh_around_x_only": ("1", "outside-nonlinearity", changed(PLAIN, {SUM: "torch.tanh(x @ self.W + self.b) + h @ self.U"})),
    "old_state_added": ("1", "state-added", changed(PLAIN, {"return": "return h +"})),
    "old_state_ignored": ("1", "old-state-ignored", changed(PLAIN, {" + h @ self.U": ""})),
    "word_ignored": ("1", "input-ignored", changed(PLAIN, {"x @ self.W + ": ""})),
    "layernorm_elman": ("1", "values-differ", changed(PLAIN, {
        B: f"{B}        self.norm = nn.LayerNorm(hidden_size)\n",
        SUM: "torch.tanh(self.norm(x @ self.W + h @ self.U))",
    })),
    # The equations of a GRU
    "plain_for_gru": ("4", "another-cell", PLAIN),
    "naive_gru": ("6", "naive-products", GRU),
    "candidate_by_sigmoid": ("4", "candidate-by-sigmoid", changed(GRU, {"torch.tanh": "torch.sigmoid"})),
    "candidate_without_tanh": ("4", "no-nonlinearity", changed(GRU, {CANDIDATE: "self.W_n(x) + self.U_n(r * h)"})),
    "layer_norm": ("4", "values-differ", VARIANTS["free_layernorm"]),
    "gate_by_softmax": ("4", "softmax-for-sigmoid", changed(GRU, {"torch.sigmoid(self.W_z(x) + self.U_z(h))": "torch.softmax(self.W_z(x) + self.U_z(h), dim=-1)"})),
    "gate_by_tanh": ("4", "gate-not-sigmoid", changed(GRU, {"z = torch.sigmoid": "z = torch.tanh"})),
    "reset_gate_by_tanh": ("4", "gate-not-sigmoid", changed(GRU, {"r = torch.sigmoid": "r = torch.tanh"})),
    "gate_without_state": ("4", "gate-without-state", changed(GRU, {" + self.U_z(h)": ""})),
    "gate_without_word": ("4", "gate-without-input", changed(GRU, {
        "self.W_r, self.W_z, self.W_n = (nn.Linear(input_size, hidden_size) for _ in range(3))": "self.W_z, self.W_n = (nn.Linear(input_size, hidden_size) for _ in range(2))",
        THREE_U: f"{THREE_U}\n        {B.rstrip()}",
        "self.W_r(x) + self.U_r(h)": "self.U_r(h) + self.b",
    })),
    "gru_no_h": ("4", "old-state-ignored old-state-not-kept gate-without-state reset-missing", changed(GRU, {
        RESET: "",
        " + self.U_z(h)": "",
        " + self.U_n(r * h)": "",
        UPDATE: "z * n",
    })),
    "no_reset_gate": ("4", "reset-missing", changed(GRU, {RESET: "", "r * h": "h"})),
    "reset_never_used": ("4", "reset-missing", changed(GRU, {"r * h": "h"})),
    "reset_on_all": ("4", "reset-on-input", changed(GRU, {CANDIDATE: "torch.tanh(r * (self.W_n(x) + self.U_n(h)))"})),
    "reset_on_word": ("4", "reset-on-input", changed(GRU, {CANDIDATE: "torch.tanh(r * self.W_n(x) + self.U_n(h))"})),
    "reset_on_candidate": ("4", "reset-on-new-state", changed(GRU, {CANDIDATE: "r * torch.tanh(self.W_n(x) + self.U_n(h))"})),
    "reset_on_new_state": ("4", "reset-on-new-state", changed(GRU, {"r * h": "h", f"return {UPDATE}": f"new = {UPDATE}\n        return r * new"})),
    "reset_in_update": ("4", "reset-in-update", changed(GRU, {"r * h": "h", "(1 - z) * h": "(1 - z) * (r * h)"})),
    "reset_in_both": ("4", "reset-in-update shared-gates", changed(GRU, {"U_n(r * h)": "U_n(h)", "        n =": "        h = r * h\n        n ="})),
    "one_gate_for_both": ("4", "shared-gates", changed(GRU, {RESET: "", "r * h": "z * h"})),
    "z_and_r_exchanged": ("4", "gates-exchanged", changed(GRU, {"r * h": "z * h", UPDATE: "(1 - r) * h + r * n"})),
    "r_in_update": ("4", "wrong-gate-in-update shared-gates", changed(GRU, {"z * n": "r * n"})),
    "z_twice": ("4", "z-twice", changed(GRU, {"(1 - z) * h": "z * h"})),
    "one_minus_z_twice": ("4", "z-twice", changed(GRU, {"z * n": "(1 - z) * n"})),
    "old_state_kept_whole": ("4", "update-unbalanced", changed(GRU, {"(1 - z) * h": "h"})),
    "candidate_whole": ("4", "update-unbalanced", changed(GRU, {"z * n": "n"})),
    "missing_paren": ("4", "update-unbalanced", changed(GRU, {"(1 - z) * h": "1 - z * h"})),
    "no_old_state_in_update": ("4", "old-state-not-kept", changed(GRU, {"(1 - z) * h + ": ""})),
    "candidate_alone_with_reset": ("4", "old-state-not-kept", changed(JOINED_GRU, {UPDATE: "n"})),
    "old_state_in_candidate": ("4", "state-added", changed(GRU, {CANDIDATE: "torch.tanh(self.W_n(x) + self.U_n(r * h) + h)"})),
    "both_gates_on_state": ("4", "values-differ", changed(GRU, {"r * h": "r * z * h"})),
    "gate_of_candidate": ("4", "sees-another gate-without-state shared-recurrent", changed(GRU, {
        "r = torch": "n = torch.tanh(self.W_n(x) + self.U_n(h))\n        r = torch",
        "self.U_z(h)": "self.U_z(n)",
    })),
    "tanh_around_update": ("4", "extra-nonlinearity", changed(GRU, {UPDATE: f"torch.tanh({UPDATE})"})),
    # The equations of an LSTM
    "naive_lstm": ("6", "naive-products", LSTM),
    "lstm_without_states": ("5", "states-missing", changed(LSTM, {'    states = ("h", "c")\n\n': ""})),
    "c_first": ("5", "tuple-order", changed(LSTM, {"return o * torch.tanh(c), c": "return c, o * torch.tanh(c)"})),
    "c_first_twice": ("5", "tuple-order memory-exchanged", changed(LSTM, {"h, c = state": "c, h = state", "return o * torch.tanh(c), c": "return c, o * torch.tanh(c)"})),
    "c_for_h": ("5", "c-returned-for-h", changed(LSTM, {"return o * torch.tanh(c), c": "h = o * torch.tanh(c)\n        return c, c"})),
    "h_for_c": ("5", "h-returned-for-c", changed(LSTM, {"return o * torch.tanh(c), c": "h = o * torch.tanh(c)\n        return h, h"})),
    "old_c_returned": ("5", "h-returned-for-c", changed(LSTM, {
        f"c = {MEMORY}": f"new = {MEMORY}",
        "return o * torch.tanh(c), c": "h = o * torch.tanh(new)\n        return h, c",
    })),
    "old_c_shown": ("5", "old-c-shown", changed(LSTM, {f"c = {MEMORY}": f"h = o * torch.tanh(c)\n        c = {MEMORY}", "return o * torch.tanh(c), c": "return h, c"})),
    "forget_and_input_exchanged": ("5", "forget-input-exchanged", changed(LSTM, {MEMORY: "i * c + f * g"})),
    "chunk_names": ("5", "forget-input-exchanged", changed(JOINED_LSTM, {
        "        self.forget_bias = nn.Parameter(torch.ones(1))\n": "",
        "i, f, o, g =": "i, f, g, o =",
        "torch.sigmoid(f + self.forget_bias) * c + torch.sigmoid(i)": "torch.sigmoid(i) * c + torch.sigmoid(f)",
    })),
    "swap_ab": ("5", "forget-input-exchanged", changed(FUSED_LSTM, {
        "i, f, o, g =": "i, f, g, o =",
        "torch.sigmoid(f) * c + torch.sigmoid(i) *": "torch.sigmoid(i) * c + torch.sigmoid(f) *",
    })),
    "names_params_only": ("5", "forget-input-exchanged", changed(RIGHT["lstm_by_letters"], {
        "x @ self.W_f + h @ self.U_f + self.b_f": "x @ self.W_i + h @ self.U_i + self.b_i",
        "(\n            x @ self.W_i + h @ self.U_i + self.b_i": "(\n            x @ self.W_f + h @ self.U_f + self.b_f",
    })),
    "joint_no_sigmoid": ("5", "no-nonlinearity", changed(FUSED_LSTM, {
        "i, f, o, g =": "i, f, g, o =",
        "torch.sigmoid(f)": "f",
        "torch.sigmoid(i)": "i",
        "torch.sigmoid(o)": "o",
    })),
    "one_more_than_f": ("5", "gate-not-sigmoid", changed(LSTM, {MEMORY: "(1 + f) * c + i * g"})),
    "cell_state_in_candidate": ("5", "state-added", changed(LSTM, {"g = torch.tanh(": "g = torch.tanh(c + "})),
    "f_for_both": ("5", "gate-twice", changed(LSTM, {MEMORY: "f * c + f * g"})),
    "g_by_sigmoid": ("5", "candidate-by-sigmoid", changed(LSTM, {"g = torch.tanh": "g = torch.sigmoid"})),
    "gates_see_c": ("5", "memory-exchanged", changed(LSTM, {
        'self.h["i"](h)': 'self.h["i"](c)',
        'self.h["f"](h)': 'self.h["f"](c)',
        'self.h["o"](h)': 'self.h["o"](c)',
        'self.h["g"](h)': 'self.h["g"](c)',
    })),
    "h_kept_for_c": ("5", "memory-exchanged", changed(LSTM, {"f * c": "f * h"})),
    "no_forget_gate": ("5", "forget-gate-missing", changed(LSTM, {"f * c": "c"})),
    "no_input_gate": ("5", "input-gate-missing", changed(LSTM, {"i * g": "g"})),
    "no_output_gate": ("5", "output-gate-missing", changed(LSTM, {"return o * torch": "return torch"})),
    "i_shows": ("5", "wrong-gate-shown", changed(LSTM, {"return o *": "return i *"})),
    "no_tanh_of_c": ("5", "tanh-of-c-missing", changed(LSTM, {"o * torch.tanh(c)": "o * c"})),
    "tanh_of_c_squared": ("5", "values-differ", changed(LSTM, {"o * torch": "o * torch.tanh(c) * torch"})),
    "a_gate_that_cancels": ("5", "forget-gate-missing", changed(LSTM, {"f * c": "(f + 1 - f) * c"})),
    "sigmoid_of_c": ("5", "wrong-nonlinearity", changed(LSTM, {"o * torch.tanh(c)": "o * torch.sigmoid(c)"})),
}  # fmt: skip
"""Name of a mistake -> the number of the task, the codes that a check finds, the mistake first, and the source."""

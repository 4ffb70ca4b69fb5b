"""The seven tasks solved as another student would, for tests."""

SOLVED = {
    "1": '''
        from torch import nn

        class Plain(nn.Module):
            def __init__(self, input_size, hidden_size):
                super().__init__()
                self.from_word = nn.Linear(input_size, hidden_size)
                self.from_state = nn.Linear(hidden_size, hidden_size)

            def forward(self, x, h):
                return (self.from_word(x) + self.from_state(h)).tanh()
    ''',
    "2": '''
        import torch

        def run(cell, xs, lengths):
            last = {}
            h = torch.zeros(len(xs), cell.hidden_size).to(xs)
            for t, x in enumerate(xs.transpose(0, 1)):
                h = cell(x, h)
                for row in (lengths == t + 1).nonzero().flatten().tolist():
                    last[row] = h[row]
            return torch.stack([last[row] for row in range(len(xs))])
    ''',
    "3": '''
        import torch
        from torch import nn

        class Classifier(nn.Module):
            def __init__(self, cell, words, E, H):
                super().__init__()
                self.reader, self.table = cell, nn.Parameter(torch.randn(words, E) / 10)
                self.last_layer = nn.Sequential(nn.Dropout(0.1), nn.Linear(H, 2))

            def forward(self, ids, lengths):
                h = torch.zeros(len(ids), self.reader.hidden_size)
                for t in range(ids.shape[1]):
                    new = self.reader(self.table[ids[:, t]], h)
                    h = torch.where((t < lengths).unsqueeze(1), new, h)
                return self.last_layer(h)

        def loss(logits, targets):
            return -torch.log_softmax(logits, 1).gather(1, targets[:, None]).mean()
    ''',
    "4": '''
        import torch
        from torch import nn

        class Gated(nn.Module):
            def __init__(self, input_size, hidden_size):
                super().__init__()
                self.gates = nn.Linear(input_size + hidden_size, 2 * hidden_size)
                self.word = nn.Linear(input_size, hidden_size)
                self.memory = nn.Linear(hidden_size, hidden_size)

            def forward(self, x, h):
                keep, reset = self.gates(torch.cat([x, h], dim=1)).sigmoid().chunk(2, dim=1)
                new = torch.tanh(self.word(x) + reset * self.memory(h))
                return keep * h + (1 - keep) * new
    ''',
    "5": '''
        import torch
        from torch import nn

        class Long(nn.Module):
            states = ("h", "c")

            def __init__(self, input_size, hidden_size):
                super().__init__()
                sizes = input_size + hidden_size, hidden_size
                self.i, self.f, self.o, self.g = (nn.Linear(*sizes) for _ in range(4))

            def forward(self, x, state):
                h, c = state
                both = torch.cat((x, h), dim=-1)
                c = self.f(both).sigmoid() * c + self.i(both).sigmoid() * self.g(both).tanh()
                return self.o(both).sigmoid() * c.tanh(), c
    ''',
    "6": '''
        import torch
        from torch import nn

        class Fused(nn.Module):
            def __init__(self, input_size, hidden_size):
                super().__init__()
                self.W = nn.Linear(input_size, 3 * hidden_size)
                self.U = nn.Linear(hidden_size, 3 * hidden_size)

            def forward(self, x, h):
                r_x, z_x, n_x = self.W(x).chunk(3, dim=-1)
                r_h, z_h, n_h = self.U(h).chunk(3, dim=-1)
                z = torch.sigmoid(z_x + z_h)
                n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
                return n + z * (h - n)
    ''',
    "7": '''
        import torch

        def run(cell, xs, lengths):
            rows = [row[:length] for row, length in zip(xs, lengths)]
            states = [xs.new_zeros(cell.hidden_size) for _ in rows]
            for t in range(max(len(row) for row in rows)):
                running = [b for b, row in enumerate(rows) if len(row) > t]
                new = cell(torch.stack([rows[b][t] for b in running]), torch.stack([states[b] for b in running]))
                for b, h in zip(running, new):
                    states[b] = h
            return torch.stack(states)
    ''',
}  # fmt: skip

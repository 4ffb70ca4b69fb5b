import torch
from torch import nn

PAD = 0


class Classifier(nn.Module):
    def __init__(self, cell, vocab_size, embedding_size, hidden_size):
        super().__init__()
        self.E = nn.Embedding(vocab_size, embedding_size, padding_idx=PAD)
        nn.init.normal_(self.E.weight, std=0.1)
        with torch.no_grad():
            self.E.weight[PAD].zero_()
        self.rnn = cell
        self.d = hidden_size
        self.classify = nn.Sequential(nn.Linear(hidden_size, hidden_size), nn.ReLU(), nn.Linear(hidden_size, 2))

    def forward(self, ids, lengths):
        emb = self.E(ids)
        zero = torch.zeros(ids.shape[0], self.d, dtype=emb.dtype, device=emb.device)
        is_tuple = len(getattr(self.rnn, "states", ["h"])) > 1
        s = (zero, zero) if is_tuple else zero
        out = []
        for t in range(ids.shape[1]):
            s = self.rnn(emb[:, t, :], s)
            out.append((s[0] if is_tuple else s).unsqueeze(1))
        out = torch.cat(out, dim=1)
        idx = (lengths - 1).long().reshape(-1, 1, 1).expand(-1, 1, self.d)
        return self.classify(out.gather(1, idx).squeeze(1))


def loss(logits, targets):
    logp = torch.log_softmax(logits, dim=-1)
    return nn.functional.nll_loss(logp, targets.long())

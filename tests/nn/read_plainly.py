"""Readouts of one text as one would write them first."""

import torch


def read_plainly(classifier, hs, readout=None):
    """What the head gets of the states of one text: (T, D) -> (D,)."""
    readout = readout or classifier.config.readout
    if readout == "attention":
        return attention_weights(classifier.attention, hs) @ hs
    return {"last": hs[-1], "mean": hs.mean(dim=0), "max": hs.amax(dim=0)}[readout]


def attention_weights(attention, hs):
    """(T,) by the equations, a time step at a time."""
    scores = torch.stack([sum(attention.v * torch.tanh(attention.W.T @ h + attention.b)) for h in hs])
    return scores.exp() / scores.exp().sum()

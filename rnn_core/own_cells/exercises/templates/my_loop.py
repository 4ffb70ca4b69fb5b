"""Task 2: the loop.

cell             a cell for one time step: cell(x, h) returns the new h; cell.hidden_size is H
xs (B, T, E)     B reviews of T words each; xs[:, t] is word t of every review, (B, E)
lengths (B,)     how many words each review really has, from 1 to T; what comes after is padding
"""

import torch


def run(cell, xs, lengths):
    # Begin with a state of zeros, (B, H), and give each word to the cell.
    # Return the state of each review after its own last word, (B, H).
    raise NotImplementedError("Write the loop here.")

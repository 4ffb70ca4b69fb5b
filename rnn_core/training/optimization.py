"""How a gradient becomes a change of the weights, and how large one."""

from collections.abc import Iterable

from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LRScheduler, OneCycleLR

from rnn_core.config import TrainingConfig

_SGD_MOMENTUM = 0.9
_RATES = {"lr", "initial_lr", "max_lr", "min_lr"}
"""What a group of weights holds of learning rates: torch's schedules go by all of them."""


def make_optimizer(config: TrainingConfig, weights: Iterable[nn.Parameter]) -> Optimizer:
    """AdamW, Adam, or SGD with momentum 0.9, on these weights."""
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "sgd":
        return SGD(weights, lr=rate, weight_decay=decay, momentum=_SGD_MOMENTUM)
    return {"adamw": AdamW, "adam": Adam}[config.optimizer](weights, lr=rate, weight_decay=decay)


def make_schedule(config: TrainingConfig, optimizer: Optimizer, total_steps: int) -> LRScheduler:
    """Constant; down to zero along half a cosine; or up to the learning rate and down again."""
    if config.schedule == "one-cycle":
        return OneCycleLR(optimizer, config.learning_rate, total_steps=total_steps, cycle_momentum=False)
    if config.schedule == "cosine":
        return CosineAnnealingLR(optimizer, T_max=total_steps)
    return LambdaLR(optimizer, lambda step: 1.0)


def scale_rates(optimizer: Optimizer, schedule: LRScheduler, factor: float) -> None:
    """Multiply the learning rate now, and all that the schedule makes of it later."""
    for group in optimizer.param_groups:
        for name in _RATES & set(group):
            group[name] *= factor
    schedule.base_lrs = [rate * factor for rate in schedule.base_lrs]

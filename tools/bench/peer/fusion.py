"""Fusion heads and gradient modulation of the grid in plain PyTorch. Inputs are lists, one entry a modality."""
import torch
from torch import nn


def linear(inputs, outputs):
    """Xavier normal kernel, zero bias."""
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_normal_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class Concat(nn.Module):
    """One linear layer on the concatenated features; a modality's read-out is its share W_u f_u + b / M."""

    def __init__(self, sizes, classes):
        super().__init__()
        self.sizes, self.head = sizes, linear(sum(sizes), classes)

    def forward(self, features):
        return self.head(torch.cat(features, 1))

    def readouts(self, features):
        kernels = self.head.weight.split(self.sizes, 1)
        return [f @ k.T + self.head.bias / len(features) for f, k in zip(features, kernels)]


class Sum(nn.Module):
    """Own linear heads, logits added up, or averaged."""

    def __init__(self, sizes, classes, mean=False):
        super().__init__()
        self.heads, self.mean = nn.ModuleList(linear(size, classes) for size in sizes), mean

    def readouts(self, features):
        return [head(f) for head, f in zip(self.heads, features)]

    def forward(self, features):
        logits = sum(self.readouts(features))
        return logits / len(features) if self.mean else logits


class Film(nn.Module):
    """The first modality scales and shifts the second; a read-out has the other features set to zero."""

    def __init__(self, sizes, classes):
        super().__init__()
        self.film, self.head = linear(sizes[0], 2 * sizes[1]), linear(sizes[1], classes)

    def forward(self, features):
        gamma, beta = self.film(features[0]).chunk(2, 1)
        return self.head(gamma * features[1] + beta)

    def readouts(self, features):
        zeros = [torch.zeros_like(f) for f in features]
        return [self([f if i == u else zeros[i] for i, f in enumerate(features)]) for u in range(len(features))]


@torch.no_grad()
def ogm_ge(encoders, readouts, labels, alpha=0.8):
    """On-the-fly gradient modulation of the convolutions, with Gaussian noise of the gradient's own deviation."""
    scores = [logits.softmax(1).gather(1, labels[:, None]).sum() for logits in readouts]
    for u, network in enumerate(encoders):
        ratio = scores[u] / scores[1 - u]
        coefficient = 1 - torch.tanh(alpha * ratio) if ratio > 1 else torch.ones(())
        for parameter in network.parameters():
            if parameter.dim() == 4:
                gradient = parameter.grad
                noise = torch.randn_like(gradient) * (gradient.std() + 1e-8)
                parameter.grad = gradient * coefficient + noise

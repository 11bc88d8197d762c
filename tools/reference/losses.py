"""Softmax, cross entropy (label smoothing, sample weights) and cosine similarity."""

import torch
from torch.nn import functional as F

from common import array, randn, scalar, weights_like, write


def main():
    logits = randn((4, 3), 40, 2.0)
    labels = torch.tensor([2, 0, 1, 1])
    sample_weights = torch.tensor([1.0, 0.5, 0.0, 2.0])
    cases = {}
    for smoothing in (0.0, 0.3):
        for weighted in (False, True):
            x = logits.clone().requires_grad_(True)
            each = F.cross_entropy(x, labels, label_smoothing=smoothing, reduction="none")
            loss = (each * sample_weights).sum() / sample_weights.sum() if weighted else each.mean()
            if not weighted:
                assert torch.allclose(loss, F.cross_entropy(x, labels, label_smoothing=smoothing))
            loss.backward()
            cases[f"smoothing {smoothing}, {'weighted' if weighted else 'plain'}"] = {
                "smoothing": smoothing, "weighted": weighted, "loss": scalar(loss), "gradient": array(x.grad)}
    write("nn/src/cross-entropy/cross-entropy.fixture.json", {
        "logits": array(logits), "labels": labels.tolist(), "sampleWeights": array(sample_weights), "cases": cases})

    out = {"input": array(logits)}
    for name, fn in (("softmax", F.softmax), ("logSoftmax", F.log_softmax)):
        x = logits.clone().requires_grad_(True)
        y = fn(x, dim=-1)
        c = weights_like(y)
        (y * c).sum().backward()
        out[name] = {"output": array(y), "weights": array(c), "gradient": array(x.grad)}
    write("nn/src/softmax/softmax.fixture.json", out)

    a, b = randn((3, 4), 41).requires_grad_(True), randn((2, 4), 42).requires_grad_(True)
    y = F.cosine_similarity(a[:, None], b[None], dim=-1)
    c = weights_like(y)
    (y * c).sum().backward()
    write("nn/src/cosine/cosine.fixture.json", {
        "a": array(a), "b": array(b), "similarity": array(y), "normalized": array(F.normalize(a, dim=-1)), "weights": array(c),
        "gradients": {"a": array(a.grad), "b": array(b.grad)}})


if __name__ == "__main__":
    main()

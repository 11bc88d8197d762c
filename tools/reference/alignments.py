"""Alignment losses: symmetric InfoNCE (fixed and learned temperature, negatives of other classes) and the two Jensen-Shannon divergences."""

import torch
from torch.nn import functional as F

from common import array, randn, scalar, write


def info_nce(a, b, scale, labels=None):
    similarities = F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T * scale
    if labels is not None:
        alike = (labels[:, None] == labels[None]) & ~torch.eye(len(labels), dtype=torch.bool)
        similarities = similarities.masked_fill(alike, -torch.inf)
    matching = torch.arange(len(a))
    return (F.cross_entropy(similarities, matching) + F.cross_entropy(similarities.T, matching)) / 2


def mixture(p, q):
    return torch.logaddexp(p.log_softmax(-1), q.log_softmax(-1)) - torch.log(torch.tensor(2.0))


def kl(log_p, log_q):
    # F.kl_div(input, target) is KL(target || input).
    return F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


def js(p, q):
    m = mixture(p, q)
    return (kl(p.log_softmax(-1), m) + kl(q.log_softmax(-1), m)) / 2


def reverse_js(p, q):
    m = mixture(p, q)
    return (kl(m, p.log_softmax(-1)) + kl(m, q.log_softmax(-1))) / 2


def case(function, *inputs):
    leaves = [x.clone().requires_grad_(True) for x in inputs]
    loss = function(*leaves)
    loss.backward()
    return {"loss": scalar(loss), "gradients": [array(x.grad) for x in leaves]}


def main():
    a, b = randn((6, 5), 90), randn((6, 5), 91)
    labels = torch.tensor([0, 1, 0, 2, 1, 0])
    # log(1 / t); the second is beyond the bound of CLIP, log 100, where no gradient comes back.
    scales = [torch.log(torch.tensor(1 / 0.07)).float().double(), torch.tensor(4.75)]
    learned = lambda x, y, s: info_nce(x, y, torch.clamp(s, max=torch.log(torch.tensor(100.0))).exp())
    p, q = randn((4, 3), 92, 2.0), randn((4, 3), 93, 2.0)
    write("losses/src/pairs/alignments.fixture.json", {
        "features": [array(a), array(b)], "labels": labels.tolist(), "logits": [array(p), array(q)],
        "temperatures": [{"temperature": t, **case(lambda x, y: info_nce(x, y, 1 / t), a, b)} for t in (0.07, 0.5)],
        "otherClasses": case(lambda x, y: info_nce(x, y, 1 / 0.07, labels), a, b),
        "learned": [{"logScale": scalar(s), **case(learned, a, b, s)} for s in scales],
        "js": case(js, p, q), "reverseJs": case(reverse_js, p, q)})


if __name__ == "__main__":
    main()

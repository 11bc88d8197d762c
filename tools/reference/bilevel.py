"""The bilevel problem of alpha on a small network, exactly: gradients, the Hessian (by automatic differentiation twice), its products, and
the hypergradient by a direct solve.

Two modalities, one hidden layer of ReLU each, one linear layer on the concatenated features; cross entropy and symmetric InfoNCE. Outside
is other data. Rows are drawn such that no hidden unit is near zero for any of them: there the Hessian jumps, and a difference of gradients
is no derivative.
"""

import torch
from torch.nn import functional as F

from common import array, randn, scalar, write

INPUTS, HIDDEN, FEATURES, CLASSES = 4, 5, 3, 3
MODALITIES = ("audio", "image")
ALPHA, DAMPING, TEMPERATURE = 0.3, 2.0, 0.5
MARGIN = 0.1


def parameters():
    """By path, kernels [inputs, outputs]."""
    shapes = {}
    for modality in MODALITIES:
        shapes[f"encoders/{modality}/layer1/linear/kernel"] = (INPUTS, HIDDEN)
        shapes[f"encoders/{modality}/layer1/linear/bias"] = (HIDDEN,)
        shapes[f"encoders/{modality}/projection/kernel"] = (HIDDEN, FEATURES)
        shapes[f"encoders/{modality}/projection/bias"] = (FEATURES,)
    shapes["fusion/head/kernel"] = (len(MODALITIES) * FEATURES, CLASSES)
    shapes["fusion/head/bias"] = (CLASSES,)
    return {path: randn(shape, 500 + i, 0.6) for i, (path, shape) in enumerate(shapes.items())}


def rows(params, count, seed):
    """Inputs by modality for which every hidden unit is clearly on or off."""
    chosen = {}
    for m, modality in enumerate(MODALITIES):
        candidates = randn((4000, INPUTS), seed + m)
        hidden = candidates @ params[f"encoders/{modality}/layer1/linear/kernel"] + params[f"encoders/{modality}/layer1/linear/bias"]
        chosen[modality] = candidates[hidden.abs().min(dim=1).values > MARGIN][:count]
        assert len(chosen[modality]) == count
    return chosen


def losses(params, inputs, labels):
    features = []
    for modality in MODALITIES:
        p = f"encoders/{modality}"
        hidden = F.relu(inputs[modality] @ params[f"{p}/layer1/linear/kernel"] + params[f"{p}/layer1/linear/bias"])
        features.append(hidden @ params[f"{p}/projection/kernel"] + params[f"{p}/projection/bias"])
    logits = torch.cat(features, dim=1) @ params["fusion/head/kernel"] + params["fusion/head/bias"]
    similarity = F.normalize(features[0], dim=1) @ F.normalize(features[1], dim=1).T / TEMPERATURE
    matching = torch.arange(len(labels))
    alignment = (F.cross_entropy(similarity, matching) + F.cross_entropy(similarity.T, matching)) / 2
    return F.cross_entropy(logits, labels), alignment


def main():
    params = parameters()
    paths = list(params)
    flat = torch.cat([params[path].reshape(-1) for path in paths])

    def tree(x):
        parts = torch.split(x, [params[path].numel() for path in paths])
        return {path: part.reshape(params[path].shape) for path, part in zip(paths, parts)}

    inner, outer = rows(params, 12, 600), rows(params, 9, 700)
    inner_labels, outer_labels = torch.arange(12) % CLASSES, torch.arange(9) % CLASSES

    def classification(x):
        return losses(tree(x), inner, inner_labels)[0]

    def alignment(x):
        return losses(tree(x), inner, inner_labels)[1]

    def total(x):
        return (1 - ALPHA) * classification(x) + ALPHA * alignment(x)

    def outside(x):
        return losses(tree(x), outer, outer_labels)[0]

    gradient = torch.func.grad
    hessian = torch.func.hessian(total)(flat)
    assert torch.allclose(hessian, hessian.T)
    g_cls, g_align, g_outer = (gradient(f)(flat) for f in (classification, alignment, outside))
    direction = randn(flat.shape, 800)
    solution = torch.linalg.solve(hessian + DAMPING * torch.eye(len(flat)), g_outer)

    def arrays(x):
        return {path: array(part) for path, part in tree(x).items()}

    write("../test/training/bilevel/bilevel.fixture.json", {
        "alpha": ALPHA, "damping": DAMPING, "temperature": TEMPERATURE,
        "params": arrays(flat),
        "inner": {"labels": inner_labels.tolist(), "inputs": {m: array(x) for m, x in inner.items()}},
        "outer": {"labels": outer_labels.tolist(), "inputs": {m: array(x) for m, x in outer.items()}},
        "losses": {"classification": scalar(classification(flat)), "alignment": scalar(alignment(flat)), "outer": scalar(outside(flat))},
        "gradients": {"classification": arrays(g_cls), "alignment": arrays(g_align), "outer": arrays(g_outer)},
        "direction": arrays(direction),
        "products": {"direction": arrays(hessian @ direction), "outer": arrays(hessian @ g_outer)},
        "eigenvalues": [scalar(v) for v in torch.linalg.eigvalsh(hessian)[[0, -1]]],
        "hypergradient": scalar(-(g_align - g_cls) @ solution),
        "identity": scalar(-(g_align - g_cls) @ g_outer),
    })


if __name__ == "__main__":
    main()

"""The two small encoders: a perceptron with batch norm and a stride-2 CNN. One training pass: features and gradient sums."""

import torch
from torch import nn
from torch.nn import functional as F

from common import array, scalar, sequence, write


def named(path, module):
    """Parameters by the paths of this project, filled with the sequence of their path, in its layout."""
    out = {}
    for name, p in module.named_parameters():
        matrix = p.dim() >= 2
        leaf = "kernel" if matrix else ("bias" if isinstance(module, (nn.Linear, nn.Conv2d)) else {"weight": "scale", "bias": "offset"}[name])
        full = f"{path}/{leaf}"
        with torch.no_grad():
            if p.dim() == 4:
                o, i, h, w = p.shape
                p.copy_(sequence(full, (h, w, i, o)).permute(3, 2, 0, 1) / 2)
            elif p.dim() == 2:
                p.copy_(sequence(full, (p.shape[1], p.shape[0])).t() / 2)
            else:
                p.copy_(sequence(full, p.shape) / 4 + (1 if leaf == "scale" else 0))
        out[full] = p
    return out


def case(modules, forward, x):
    params = {}
    for path, module in modules.items():
        params.update(named(path, module))
    features = forward(x)
    (features * sequence("weights", features.shape)).sum().backward()
    return {"features": array(features), "gradientSums": {path: scalar(p.grad.abs().sum()) for path, p in params.items()}}


def mlp():
    m = {"layer1/linear": nn.Linear(6, 5), "layer1/bn": nn.BatchNorm1d(5), "layer2/linear": nn.Linear(5, 4), "layer2/bn": nn.BatchNorm1d(4), "projection": nn.Linear(4, 3)}

    def forward(x):
        for layer in ("layer1", "layer2"):
            x = F.relu(m[f"{layer}/bn"](m[f"{layer}/linear"](x)))
        return m["projection"](x)

    return case(m, forward, sequence("input", (7, 6)))


def lenet():
    m = {}
    inputs = 2
    for i, outputs in enumerate((3, 4, 5), 1):
        m[f"block{i}/conv"] = nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False)
        m[f"block{i}/bn"] = nn.BatchNorm2d(outputs)
        inputs = outputs
    m["projection"] = nn.Linear(inputs, 6)

    def forward(x):
        for i in (1, 2, 3):
            x = F.relu(m[f"block{i}/bn"](m[f"block{i}/conv"](x)))
        return m["projection"](x.mean(dim=(2, 3)))

    # 9 x 9, 5 x 5, 3 x 3: odd sizes, where padding 1 and "same" place every window alike.
    return case(m, forward, sequence("input", (4, 9, 9, 2)).permute(0, 3, 1, 2))


def main():
    write("encoders/src/mlp/mlp.fixture.json", mlp())
    write("encoders/src/lenet/lenet.fixture.json", lenet())


if __name__ == "__main__":
    main()

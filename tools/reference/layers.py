"""Forward values and gradients of the layers: linear, conv2d, pooling, batch norm, LSTM."""

import torch
from torch import nn
from torch.nn import functional as F

from common import array, conv_kernel, images, linear_kernel, randn, weights_like, write


def leaf(tensor):
    return tensor.clone().requires_grad_(True)


def linear():
    x, w, b = leaf(randn((3, 4), 1)), leaf(randn((2, 4), 2)), leaf(randn((2,), 3))
    y = F.linear(x, w, b)
    c = weights_like(y)
    (y * c).sum().backward()
    write("nn/src/linear/linear.fixture.json", {
        "input": array(x), "kernel": linear_kernel(w), "bias": array(b), "output": array(y), "weights": array(c),
        "gradients": {"input": array(x.grad), "kernel": linear_kernel(w.grad), "bias": array(b.grad)},
    })


def conv2d():
    cases = []
    for size, kernel, stride, padding in [(5, 3, 1, 0), (5, 3, 1, 1), (6, 3, 2, 1), (5, 3, 2, 1), (6, 5, 2, 2), (6, 1, 2, 0)]:
        x, w, b = leaf(randn((1, 2, size, size), 4)), leaf(randn((2, 2, kernel, kernel), 5, 0.3)), leaf(randn((2,), 6))
        y = F.conv2d(x, w, b, stride=stride, padding=padding)
        c = weights_like(y)
        (y * c).sum().backward()
        cases.append({
            "kernelSize": kernel, "stride": stride, "padding": padding,
            "input": images(x), "kernel": conv_kernel(w), "bias": array(b), "output": images(y), "weights": images(c),
            "gradients": {"input": images(x.grad), "kernel": conv_kernel(w.grad), "bias": array(b.grad)},
        })
    write("nn/src/conv2d/conv2d.fixture.json", {f"k{c['kernelSize']} s{c['stride']} p{c['padding']} n{c['input']['shape'][1]}": c for c in cases})


def pooling():
    cases = {}
    for kind, fn in [("max", F.max_pool2d), ("avg", F.avg_pool2d)]:
        for n, size, stride, padding in [(4, 2, 2, 0), (6, 3, 2, 1), (5, 3, 2, 1), (5, 3, 1, 0)]:
            x = leaf(randn((1, 2, n, n), 7) - 1.0)
            y = fn(x, size, stride=stride, padding=padding)
            c = weights_like(y)
            (y * c).sum().backward()
            cases[f"{kind} k{size} s{stride} p{padding} n{n}"] = {
                "kind": kind, "size": size, "stride": stride, "padding": padding,
                "input": images(x), "output": images(y), "weights": images(c), "gradient": images(x.grad),
            }
    x = leaf(randn((2, 3, 4, 3), 8))
    y = x.mean(dim=(2, 3))
    c = weights_like(y)
    (y * c).sum().backward()
    cases["global"] = {"kind": "global", "size": 0, "stride": 0, "padding": 0,
                       "input": images(x), "output": array(y), "weights": array(c), "gradient": images(x.grad)}
    write("nn/src/pooling/pooling.fixture.json", cases)


def batch_norm():
    out = {}
    for name, layer, shape, layout in [("rank 4", nn.BatchNorm2d(3), (4, 3, 3, 2), images), ("rank 2", nn.BatchNorm1d(3), (6, 3), array)]:
        with torch.no_grad():
            layer.weight.copy_(randn((3,), 9) + 1)
            layer.bias.copy_(randn((3,), 10))
        scale, offset = array(layer.weight), array(layer.bias)
        steps = []
        layer.train()
        for step in range(2):
            layer.zero_grad()
            x = leaf(randn(shape, 11 + step) * 2 + 0.5)
            y = layer(x)
            c = weights_like(y, 20 + step)
            (y * c).sum().backward()
            steps.append({
                "input": layout(x), "output": layout(y), "weights": layout(c),
                "gradients": {"input": layout(x.grad), "scale": array(layer.weight.grad), "offset": array(layer.bias.grad)},
                "mean": array(layer.running_mean), "variance": array(layer.running_var),
            })
        layer.eval()
        layer.zero_grad()
        x = leaf(randn(shape, 15))
        y = layer(x)
        c = weights_like(y, 25)
        (y * c).sum().backward()
        evaluation = {
            "input": layout(x), "output": layout(y), "weights": layout(c),
            "gradients": {"input": layout(x.grad), "scale": array(layer.weight.grad), "offset": array(layer.bias.grad)},
        }
        out[name] = {"scale": scale, "offset": offset, "steps": steps, "evaluation": evaluation}
    write("nn/src/batch-norm/batch-norm.fixture.json", out)


def lstm():
    layer = nn.LSTM(3, 2, batch_first=True)
    with torch.no_grad():
        for i, p in enumerate(layer.parameters()):
            p.copy_(randn(p.shape, 30 + i, 0.5))
    x = leaf(randn((3, 4, 3), 35))
    lengths = [4, 2, 3]
    mask = torch.tensor([[1.0 if t < n else 0.0 for t in range(4)] for n in lengths])
    params = {
        "kernel": linear_kernel(layer.weight_ih_l0), "recurrent": linear_kernel(layer.weight_hh_l0),
        "bias": array(layer.bias_ih_l0), "recurrentBias": array(layer.bias_hh_l0),
    }

    def gradients():
        grads = {
            "input": array(x.grad), "kernel": linear_kernel(layer.weight_ih_l0.grad), "recurrent": linear_kernel(layer.weight_hh_l0.grad),
            "bias": array(layer.bias_ih_l0.grad), "recurrentBias": array(layer.bias_hh_l0.grad),
        }
        layer.zero_grad()
        x.grad = None
        return grads

    y, (h, _) = layer(x)
    c = weights_like(y)
    (y * c).sum().backward()
    sequence = {"output": array(y), "weights": array(c), "gradients": gradients()}
    y, (h, _) = layer(x)
    c = weights_like(h[0])
    (h[0] * c).sum().backward()
    last = {"output": array(h[0]), "weights": array(c), "gradients": gradients()}
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    _, (h, _) = layer(packed)
    (h[0] * c).sum().backward()
    masked = {"output": array(h[0]), "weights": array(c), "gradients": gradients()}
    write("nn/src/lstm/lstm.fixture.json", {
        "input": array(x), "mask": array(mask), "params": params, "sequence": sequence, "last": last, "masked": masked,
    })


def main():
    linear()
    conv2d()
    pooling()
    batch_norm()
    lstm()


if __name__ == "__main__":
    main()

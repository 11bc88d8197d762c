"""Forward values and gradients of the layers: linear, conv2d, conv3d, pooling in two and three dimensions, batch norm, LSTM."""

import torch
from torch import nn
from torch.nn import functional as F

from common import array, conv3d_kernel, conv_kernel, images, linear_kernel, randn, videos, weights_like, write


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


def same_sides(sizes, kernel, stride):
    """TensorFlow's "same", in the order of F.pad: the last axis first."""
    sides = []
    for n, k, s in reversed(list(zip(sizes, kernel, stride))):
        total = max((-(-n // s) - 1) * s + k - n, 0)
        sides += [total // 2, total - total // 2]
    return sides


def conv3d():
    cases = {}
    for sizes, kernel, stride, padding in [
        ((3, 4, 3), (2, 3, 2), (1, 1, 1), 0),
        ((3, 4, 4), (3, 3, 3), (1, 2, 2), 1),
        ((4, 5, 4), (3, 3, 3), (2, 2, 2), 1),
        ((4, 5, 4), (3, 3, 3), (2, 2, 2), "same"),
        ((3, 4, 5), (1, 1, 1), (1, 1, 1), "same"),
        ((4, 4, 5), (1, 1, 1), (2, 2, 2), "same"),
        ((5, 4, 4), (4, 2, 3), (3, 1, 2), "same"),
    ]:
        x, w, b = leaf(randn((2, 2, *sizes), 40)), leaf(randn((2, 2, *kernel), 41, 0.3)), leaf(randn((2,), 42))
        if padding == "same":
            y = F.conv3d(F.pad(x, same_sides(sizes, kernel, stride)), w, b, stride=stride)
        else:
            y = F.conv3d(x, w, b, stride=stride, padding=padding)
        c = weights_like(y)
        (y * c).sum().backward()
        name = lambda values: "x".join(map(str, values))
        cases[f"k{name(kernel)} s{name(stride)} p{padding} n{name(sizes)}"] = {
            "kernelSize": kernel, "stride": stride, "padding": padding,
            "input": videos(x), "kernel": conv3d_kernel(w), "bias": array(b), "output": videos(y), "weights": videos(c),
            "gradients": {"input": videos(x.grad), "kernel": conv3d_kernel(w.grad), "bias": array(b.grad)},
        }
    write("nn/src/conv3d/conv3d.fixture.json", cases)


def pooling3d():
    cases = {}
    for kind, fn in [("max", F.max_pool3d), ("avg", F.avg_pool3d)]:
        for sizes, size, stride, padding in [
            ((4, 4, 4), (2, 2, 2), (2, 2, 2), 0),
            ((3, 4, 5), (3, 3, 3), (1, 1, 1), 1),
            ((3, 6, 5), (2, 3, 3), (1, 2, 2), 1),
            ((3, 6, 5), (1, 3, 3), (1, 2, 2), "same"),
            ((4, 5, 4), (3, 3, 3), (2, 2, 2), "same"),
        ]:
            x = leaf(randn((1, 2, *sizes), 43) - 1.0)
            if padding == "same":
                sides = same_sides(sizes, size, stride)
                if kind == "max":
                    y = fn(F.pad(x, sides, value=-torch.inf), size, stride=stride)
                else:  # the mean over what lies inside
                    y = fn(F.pad(x, sides), size, stride=stride) / fn(F.pad(torch.ones_like(x), sides), size, stride=stride)
            else:
                y = fn(x, size, stride=stride, padding=padding)
            c = weights_like(y)
            (y * c).sum().backward()
            name = lambda values: "x".join(map(str, values))
            cases[f"{kind} k{name(size)} s{name(stride)} p{padding} n{name(sizes)}"] = {
                "kind": kind, "size": size, "stride": stride, "padding": padding,
                "input": videos(x), "output": videos(y), "weights": videos(c), "gradient": videos(x.grad),
            }
    x = leaf(randn((2, 3, 2, 4, 3), 44))
    y = x.mean(dim=(2, 3, 4))
    c = weights_like(y)
    (y * c).sum().backward()
    cases["global"] = {"kind": "global", "size": 0, "stride": 0, "padding": 0,
                       "input": videos(x), "output": array(y), "weights": array(c), "gradient": videos(x.grad)}
    write("nn/src/pooling/pooling3d.fixture.json", cases)


def batch_norm():
    out = {}
    for name, layer, shape, layout in [("rank 4", nn.BatchNorm2d(3), (4, 3, 3, 2), images), ("rank 2", nn.BatchNorm1d(3), (6, 3), array), ("rank 5", nn.BatchNorm3d(3), (2, 3, 2, 3, 2), videos)]:
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
    conv3d()
    pooling()
    pooling3d()
    batch_norm()
    lstm()


if __name__ == "__main__":
    main()

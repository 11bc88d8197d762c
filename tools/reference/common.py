"""What the fixture scripts share: layouts, rounding and writing.

Everything is computed in float64 and stored with seven significant digits, so a fixture is the exact
value as far as float32 can tell. Arrays are stored as {"shape": [...], "data": [...]}, row-major, in the
layout of this project: images [batch, height, width, channels], videos [batch, time, height, width, channels], convolution
kernels [height, width, inputs, outputs] or [time, height, width, inputs, outputs], linear kernels [inputs, outputs].
"""

import json
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

PACKAGES = Path(__file__).resolve().parents[2] / "packages"


def generator(seed):
    return torch.Generator().manual_seed(seed)


def randn(shape, seed, scale=1.0):
    """Normal numbers that float32 holds exactly, so that both sides start from the same values."""
    return (torch.randn(shape, generator=generator(seed)) * scale).float().double()


def sequence(name, shape):
    """Uniform numbers in [-1, 1) that a reader can make again: a linear congruential generator, seeded by a name."""
    state = 2166136261
    for c in name:
        state = ((state ^ ord(c)) * 16777619) % 2**32
    values = []
    for _ in range(torch.Size(shape).numel()):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**31 - 1)
    return torch.tensor(values).float().double().reshape(shape)


def scalar(value):
    return float(f"{float(torch.as_tensor(value).detach()):.7g}")


def array(tensor):
    tensor = tensor.detach()
    return {"shape": list(tensor.shape), "data": [scalar(v) for v in tensor.reshape(-1).tolist()]}


def images(tensor):
    """[N, C, H, W] -> [N, H, W, C]"""
    return array(tensor.permute(0, 2, 3, 1))


def videos(tensor):
    """[N, C, T, H, W] -> [N, T, H, W, C]"""
    return array(tensor.permute(0, 2, 3, 4, 1))


def conv_kernel(tensor):
    """[out, in, h, w] -> [h, w, in, out]"""
    return array(tensor.permute(2, 3, 1, 0))


def conv3d_kernel(tensor):
    """[out, in, t, h, w] -> [t, h, w, in, out]"""
    return array(tensor.permute(2, 3, 4, 1, 0))


def linear_kernel(tensor):
    """[out, in] -> [in, out]"""
    return array(tensor.t())


def weights_like(tensor, seed=99):
    """Fixed weights that turn an output into a scalar with a gradient of its own for every element."""
    return randn(tensor.shape, seed)


def write(path, data):
    target = PACKAGES / path
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, separators=(",", ":"))
    # One case or entry a line keeps differences readable.
    if isinstance(data, dict):
        text = "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in data.items()) + "\n}"
    target.write_text(text + "\n")
    print(f"{path}  {target.stat().st_size} bytes")

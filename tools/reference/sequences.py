"""The encoders of sequences and tokens: LSTM, bidirectional LSTM, temporal convolutions, text CNN. Features and gradient sums."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from common import array, scalar, sequence, write
from small_networks import named

LENGTHS = (5, 3, 1, 4)


def padded(features):
    """[4, 5, features] with rows of zeros behind each length."""
    x = sequence("input", (4, 5, features)).clone()
    for row, length in zip(x, LENGTHS):
        row[length:] = 0
    return x


def present():
    return (torch.arange(5) < torch.tensor(LENGTHS)[:, None]).double()


def finish(features, params):
    (features * sequence("weights", features.shape)).sum().backward()
    return {"features": array(features), "gradientSums": {path: scalar(p.grad.abs().sum()) for path, p in params.items()}}


def recurrent(layers, directions, pool):
    model = nn.LSTM(3, 4, layers, batch_first=True, bidirectional=len(directions) == 2)
    params = {}
    for i in range(layers):
        for suffix, name in directions.items():
            for theirs, ours in (("weight_ih", "kernel"), ("weight_hh", "recurrent"), ("bias_ih", "bias"), ("bias_hh", "recurrentBias")):
                p = getattr(model, f"{theirs}_l{i}{suffix}")
                path = f"layer{i + 1}{name}/{ours}"
                with torch.no_grad():
                    values = sequence(path, tuple(reversed(p.shape)))
                    p.copy_((values.t() if p.dim() == 2 else values) / (2 if ours == "kernel" else 4))
                params[path] = p
    packed = pack_padded_sequence(padded(3), torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    output, (hidden, _) = model(packed)
    if pool == "last":
        features = torch.cat(list(hidden[-len(directions) :]), 1)
    else:
        features = pad_packed_sequence(output, batch_first=True)[0].sum(1) / torch.tensor(LENGTHS)[:, None]
    return finish(features, params)


def conv1d(pool, norm):
    params, x = {}, padded(2)[:, :, None, :].permute(0, 3, 1, 2)
    mask = torch.ones(4, 5) if norm else present()
    if norm:
        x = sequence("input", (4, 5, 2))[:, :, None, :].permute(0, 3, 1, 2)
    inputs = 2
    for i, outputs in enumerate((3, 4), 1):
        conv = nn.Conv2d(inputs, outputs, (3, 1), 1, (1, 0), bias=not norm)
        params.update(named(f"block{i}/conv", conv))
        x = conv(x)
        if norm:
            bn = nn.BatchNorm2d(outputs)
            params.update(named(f"block{i}/bn", bn))
            x = bn(x)
        x = F.relu(x) * mask[:, None, :, None]
        inputs = outputs
    features = x.amax((2, 3)) if pool == "max" else x.sum((2, 3)) / mask.sum(1, keepdim=True)
    return finish(features, params)


def text_cnn():
    ids = torch.tensor([[1, 4, 2, 7, 3], [5, 1, 2, 0, 0], [6, 0, 0, 0, 0], [2, 0, 3, 8, 0]])
    embedding = nn.Embedding(9, 4, padding_idx=0)
    with torch.no_grad():
        embedding.weight.copy_(sequence("embedding/table", (9, 4)) / 4)
        embedding.weight[0] = 0
    params, pooled = {"embedding/table": embedding.weight}, []
    x = embedding(ids).permute(0, 2, 1)[..., None]
    for width in (2, 3):
        conv = nn.Conv2d(4, 3, (width, 1), 1, (width - 1, 0))
        params.update(named(f"width{width}", conv))
        windows = F.pad((ids != 0).double(), (width - 1, width - 1)).unfold(1, width, 1).amax(2)
        pooled.append(conv(x)[..., 0].relu().masked_fill(windows[:, None] == 0, float("-inf")).amax(2))
    return {"ids": ids.tolist(), **finish(torch.cat(pooled, 1), params)}


def main():
    one, two = {"": ""}, {"": "/forward", "_reverse": "/backward"}
    write("encoders/src/lstm/lstm.fixture.json", {pool: recurrent(2, one, pool) for pool in ("last", "mean")})
    write("encoders/src/bilstm/bilstm.fixture.json", {pool: recurrent(2, two, pool) for pool in ("last", "mean")})
    write("encoders/src/conv1d/conv1d.fixture.json", {"max": conv1d("max", False), "mean": conv1d("mean", False), "batchNorm": conv1d("max", True)})
    write("encoders/src/text-cnn/text-cnn.fixture.json", text_cnn())


if __name__ == "__main__":
    main()

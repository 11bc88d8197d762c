"""The encoders of the workloads in plain PyTorch, parameter for parameter those of the other side."""
import platform

import torch
from torch import nn


class SmallCnn(nn.Sequential):
    """Stride-2 3x3 convolutions with batch norm and ReLU, global average pool, linear."""

    def __init__(self, inputs, channels=(8, 16, 32, 64), features=64):
        layers = []
        for filters in channels:
            layers += [nn.Conv2d(inputs, filters, 3, 2, 1, bias=False), nn.BatchNorm2d(filters), nn.ReLU()]
            inputs = filters
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, features))


class Mlp(nn.Sequential):
    def __init__(self, inputs, hidden, features):
        layers = []
        for units in hidden:
            layers += [nn.Linear(inputs, units), nn.ReLU()]
            inputs = units
        super().__init__(*layers, nn.Linear(inputs, features))


class BasicBlock(nn.Module):
    """relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x))"""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(x)) + shortcut)


class ResNet18(nn.Sequential):
    """He et al., 2016, without the classifier: 7x7/2 stem, 3x3/2 max pool, four stages of two basic blocks, average pool."""

    def __init__(self, inputs, width=64):
        stem = [nn.Conv2d(inputs, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
        stages, before = [], width
        for i, factor in enumerate((1, 2, 4, 8)):
            stages += [BasicBlock(before, width * factor, 1 if i == 0 else 2), BasicBlock(width * factor, width * factor, 1)]
            before = width * factor
        super().__init__(*stem, *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Bert(nn.Module):
    """transformers' own BERT, its pooled first token."""

    def __init__(self, spec):
        from transformers import BertConfig, BertModel

        super().__init__()
        self.model = BertModel(BertConfig(
            vocab_size=spec["vocabulary"], hidden_size=spec["width"], num_hidden_layers=spec["depth"], num_attention_heads=spec["heads"],
            intermediate_size=spec["feedForward"], max_position_embeddings=spec["positions"],
            hidden_dropout_prob=spec["dropout"], attention_probs_dropout_prob=spec["dropout"],
        ))

    def forward(self, ids):
        return self.model(ids, attention_mask=(ids != 0).long()).pooler_output


def encoder(shape, spec):
    """An encoder and its feature size; `shape` is that of one input, channels last."""
    if spec["use"] == "lenet":
        return SmallCnn(shape[2], spec["channels"], spec["features"]), spec["features"]
    if spec["use"] == "mlp":
        return Mlp(shape[0], spec["hidden"], spec["features"]), spec["features"]
    if spec["use"] == "resnet18" and spec["stem"] == "imagenet":
        return ResNet18(shape[2], spec["width"]), 8 * spec["width"]
    if spec["use"] == "bert":
        return Bert(spec), spec["width"]
    raise SystemExit(f"the peer has no encoder {spec}")


def input_shape(shape):
    """[height, width, channels] as PyTorch has it."""
    return [shape[2], shape[0], shape[1]] if len(shape) == 3 else list(shape)


def count(module):
    return sum(p.numel() for p in module.parameters())


def versions():
    return {"torch": torch.__version__, "python": platform.python_version()}

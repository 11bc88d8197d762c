"""ResNet-18, -34 and -50 of small width (He et al. 2016): forward, gradients, running statistics after two steps."""

import torch
from torch import nn
from torch.nn import functional as F

from common import array, conv_kernel, scalar, sequence, write

WIDTH = 4


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """The stride is the 3x3 convolution's ("v1.5")."""

    expansion = 4

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        inside = outputs // self.expansion
        self.conv1 = nn.Conv2d(inputs, inside, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inside)
        self.conv2 = nn.Conv2d(inside, inside, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(inside)
        self.conv3 = nn.Conv2d(inside, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, block, blocks, channels, width, small=False):
        super().__init__()
        self.small = small
        self.conv1 = nn.Conv2d(channels, width, 3, 1, 1, bias=False) if small else nn.Conv2d(channels, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for stage, count in enumerate(blocks):
            outputs = width * 2**stage * block.expansion
            layers = []
            for i in range(count):
                layers.append(block(inputs, outputs, 2 if stage > 0 and i == 0 else 1))
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if not self.small:
            x = F.max_pool2d(x, 3, 2, 1)
        stages = []
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
            stages.append(x)
        return x.mean(dim=(2, 3)), stages


RENAMED = {"weight": "scale", "bias": "offset", "running_mean": "mean", "running_var": "variance"}


def path_of(name):
    """layer1.0.downsample.0.weight -> layer1/0/downsample/0/kernel"""
    *head, last = name.split(".")
    convolution = "conv" in head[-1] or head[-2:] == ["downsample", "0"]
    return "/".join(head + ["kernel" if convolution else RENAMED[last]])


def convert(tensor):
    return conv_kernel(tensor) if tensor.dim() == 4 else array(tensor)


def named(name, shape):
    """[N, C, H, W] from a sequence that runs over [N, H, W, C]."""
    n, c, h, w = shape
    return sequence(name, (n, h, w, c)).permute(0, 3, 1, 2)


def case(block, blocks, small, size, width=WIDTH, damped=None):
    """damped: the end of the paths whose values are an eighth; without it the deep networks magnify float32's rounding too much to compare."""
    net = ResNet(block, blocks, 1, width, small)
    # The reader rebuilds the parameters by the same formula, so the fixture does not have to hold them all.
    with torch.no_grad():
        for name, p in net.named_parameters():
            path = path_of(name)
            if p.dim() == 4:  # the sequence runs over [h, w, in, out]
                o, i, h, w = p.shape
                p.copy_(sequence(path, (h, w, i, o)).permute(3, 2, 0, 1) / 2)
            else:
                p.copy_(sequence(path, p.shape) / 4 + (1 if path.endswith("scale") else 0))
            if damped is not None and path.endswith(damped):
                p.mul_(1 / 8)
    net.train()
    steps = []
    for step in range(2):
        net.zero_grad()
        x = named(f"step {step}", (2, 1, size, size))
        features, stages = net(x)
        c = sequence(f"weights {step}", features.shape)
        (features * c).sum().backward()
        steps.append({"features": array(features)})
        if step == 0:
            steps[0]["stageSums"] = [scalar(s.sum()) for s in stages]
            steps[0]["stageShapes"] = [[s.shape[0], s.shape[2], s.shape[3], s.shape[1]] for s in stages]
            last = f"layer4.{blocks[-1] - 1}.bn2.weight"
            leaves = ["conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.bn2.weight", "layer2.0.downsample.0.weight", "layer2.0.downsample.1.bias", last]
            parameters = dict(net.named_parameters())
            steps[0]["gradients"] = {path_of(n): convert(parameters[n].grad) for n in leaves}
            steps[0]["gradientSums"] = {path_of(n): scalar(p.grad.abs().sum()) for n, p in parameters.items()}
    statistics = {path_of(n): array(b) for n, b in net.named_buffers() if "running" in n and b.numel() <= 8}
    net.eval()
    x = named("evaluation", (2, 1, size, size))
    return {"steps": steps, "state": statistics, "evaluation": array(net(x)[0])}


def main():
    basic = (BasicBlock, (2, 2, 2, 2))
    write("encoders/src/resnet18/resnet18.fixture.json", {"width": WIDTH, "imagenet": case(*basic, False, 64), "small": case(*basic, True, 16)})
    for name, block, width, last in (("resnet34", BasicBlock, 4, "/bn2/scale"), ("resnet50", Bottleneck, 2, "/bn3/scale")):
        deep = (block, (3, 4, 6, 3))
        data = {"width": width, "imagenet": case(*deep, False, 64, width, last), "small": case(*deep, True, 16, width, last)}
        write(f"encoders/src/{name}/{name}.fixture.json", data)


if __name__ == "__main__":
    main()

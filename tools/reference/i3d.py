"""I3D (Inception-v1 inflated to three dimensions, Carreira and Zisserman 2017) of small width, laid out and named as
piergiaj/pytorch-i3d: forward, gradients, running statistics after two steps; and the names and shapes at full size."""

import torch
from torch import nn
from torch.nn import functional as F

from common import array, conv3d_kernel, scalar, sequence, write


def pad_same(x, kernel, stride):
    sides = []
    for n, k, s in reversed(list(zip(x.shape[2:], kernel, stride))):
        total = max(k - s, 0) if n % s == 0 else max(k - n % s, 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides)


class MaxPool3dSamePadding(nn.MaxPool3d):
    def forward(self, x):
        return super().forward(pad_same(x, self.kernel_size, self.stride))


class Unit3D(nn.Module):
    def __init__(self, inputs, outputs, kernel=(1, 1, 1), stride=(1, 1, 1)):
        super().__init__()
        self.kernel, self.stride = kernel, stride
        self.conv3d = nn.Conv3d(inputs, outputs, kernel, stride, padding=0, bias=False)
        self.bn = nn.BatchNorm3d(outputs, eps=0.001, momentum=0.01)

    def forward(self, x):
        return F.relu(self.bn(self.conv3d(pad_same(x, self.kernel, self.stride))))


class InceptionModule(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        three = (3, 3, 3)
        self.b0 = Unit3D(inputs, outputs[0])
        self.b1a = Unit3D(inputs, outputs[1])
        self.b1b = Unit3D(outputs[1], outputs[2], three)
        self.b2a = Unit3D(inputs, outputs[3])
        self.b2b = Unit3D(outputs[3], outputs[4], three)
        self.b3a = MaxPool3dSamePadding(three, (1, 1, 1), padding=0)
        self.b3b = Unit3D(inputs, outputs[5])

    def forward(self, x):
        return torch.cat([self.b0(x), self.b1b(self.b1a(x)), self.b2b(self.b2a(x)), self.b3b(self.b3a(x))], dim=1)


TABLE = [
    ("Conv3d_1a_7x7", "unit", (64, (7, 7, 7), (2, 2, 2))),
    ("MaxPool3d_2a_3x3", "pool", ((1, 3, 3), (1, 2, 2))),
    ("Conv3d_2b_1x1", "unit", (64, (1, 1, 1), (1, 1, 1))),
    ("Conv3d_2c_3x3", "unit", (192, (3, 3, 3), (1, 1, 1))),
    ("MaxPool3d_3a_3x3", "pool", ((1, 3, 3), (1, 2, 2))),
    ("Mixed_3b", "mixed", (64, 96, 128, 16, 32, 32)),
    ("Mixed_3c", "mixed", (128, 128, 192, 32, 96, 64)),
    ("MaxPool3d_4a_3x3", "pool", ((3, 3, 3), (2, 2, 2))),
    ("Mixed_4b", "mixed", (192, 96, 208, 16, 48, 64)),
    ("Mixed_4c", "mixed", (160, 112, 224, 24, 64, 64)),
    ("Mixed_4d", "mixed", (128, 128, 256, 24, 64, 64)),
    ("Mixed_4e", "mixed", (112, 144, 288, 32, 64, 64)),
    ("Mixed_4f", "mixed", (256, 160, 320, 32, 128, 128)),
    ("MaxPool3d_5a_2x2", "pool", ((2, 2, 2), (2, 2, 2))),
    ("Mixed_5b", "mixed", (256, 160, 320, 32, 128, 128)),
    ("Mixed_5c", "mixed", (384, 192, 384, 48, 128, 128)),
]


class InceptionI3d(nn.Module):
    def __init__(self, channels=3, width=1.0):
        super().__init__()
        self.order = [name for name, _, _ in TABLE]
        for name, kind, value in TABLE:
            if kind == "pool":
                setattr(self, name, MaxPool3dSamePadding(*value, padding=0))
            elif kind == "unit":
                outputs = self.scaled(value[0], width)
                setattr(self, name, Unit3D(channels, outputs, *value[1:]))
                channels = outputs
            else:
                outputs = [self.scaled(n, width) for n in value]
                setattr(self, name, InceptionModule(channels, outputs))
                channels = outputs[0] + outputs[2] + outputs[4] + outputs[5]

    @staticmethod
    def scaled(size, width):
        return max(1, int(size * width + 0.5))

    def forward(self, x):
        for name in self.order:
            x = getattr(self, name)(x)
        return x


RENAMED = {"weight": "scale", "bias": "offset", "running_mean": "mean", "running_var": "variance"}


def path_of(name):
    """Mixed_3b.b1a.conv3d.weight -> Mixed_3b/b1a/conv3d/kernel"""
    *head, last = name.split(".")
    return "/".join(head + ["kernel" if head[-1] == "conv3d" else RENAMED[last]])


def convert(tensor):
    return conv3d_kernel(tensor) if tensor.dim() == 5 else array(tensor)


def clip(name, shape):
    """[N, C, T, H, W] from a sequence that runs over [N, T, H, W, C]."""
    return sequence(name, shape).permute(0, 4, 1, 2, 3)


def case(pool, shape, width):
    """The offsets are a half larger than elsewhere: with units closer to the kinks of ReLU and pool, float32's rounding shows in the gradients."""
    net = InceptionI3d(shape[-1], width)
    with torch.no_grad():
        for name, p in net.named_parameters():
            path = path_of(name)
            if p.dim() == 5:  # the sequence runs over [t, h, w, in, out]
                o, i, t, h, w = p.shape
                p.copy_(sequence(path, (t, h, w, i, o)).permute(4, 3, 0, 1, 2) / 2)
            else:
                p.copy_(sequence(path, p.shape) / 4 + (1 if path.endswith("scale") else 0.5))

    def features(x):
        maps = net(x)
        if pool == "window":
            maps = F.avg_pool3d(maps, (2, 7, 7), stride=1)
        return maps.mean(dim=(2, 3, 4))

    net.train()
    out = {"pool": pool, "width": width, "shape": list(shape)}
    for step in range(2):
        net.zero_grad()
        y = features(clip(f"step {step}", shape))
        c = sequence(f"weights {step}", y.shape)
        (y * c).sum().backward()
        out[f"features{step}"] = array(y)
        if step == 0:
            parameters = dict(net.named_parameters())
            leaves = ["Conv3d_1a_7x7.conv3d.weight", "Conv3d_1a_7x7.bn.bias", "Conv3d_2c_3x3.conv3d.weight", "Mixed_3b.b1b.conv3d.weight", "Mixed_3c.b3b.bn.weight", "Mixed_4f.b2b.conv3d.weight", "Mixed_5c.b0.bn.weight"]
            out["gradients"] = {path_of(n): convert(parameters[n].grad) for n in leaves}
            out["gradientSums"] = {path_of(n): scalar(p.grad.abs().sum()) for n, p in parameters.items()}
    out["state"] = {path_of(n): array(b) for n, b in net.named_buffers() if "running" in n}
    net.eval()
    out["evaluation"] = array(features(clip("evaluation", shape)))
    return out


def full_size():
    """Names and shapes of the whole network, as a published file has them, without the classifier."""
    net = InceptionI3d(3)
    return {
        "count": sum(p.numel() for p in net.parameters()),
        "shapes": {n: list(t.shape) for n, t in net.state_dict().items() if not n.endswith("num_batches_tracked")},
    }


def main():
    data = {
        "all": case("all", (2, 9, 34, 40, 2), 1 / 32),
        "window": case("window", (1, 17, 193, 193, 1), 1 / 64),
        "full": full_size(),
    }
    write("encoders/src/i3d/i3d.fixture.json", data)


if __name__ == "__main__":
    main()

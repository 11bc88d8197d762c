"""Weight files: one of every number type written by the safetensors package, the names and shapes of full-size ResNets, and a
small ResNet-18 in torchvision's names with what it computes in two training steps."""

import base64

import torch
from safetensors.torch import save, save_file

from common import PACKAGES, array, randn, scalar, write
from resnet import BasicBlock, Bottleneck, ResNet, convert, path_of

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64, "I64": torch.int64, "I32": torch.int32}


def numbers():
    """The same values in every type, with the types' edges: subnormals, infinities, negative zero."""
    edges = {
        "F32": [0.0, -0.0, 1.5, -2.75e-3, 3.4e38, 1e-45, float("inf")],
        "F16": [0.0, -0.0, 1.5, -2.75e-3, 65504.0, 6e-8, float("-inf")],
        "BF16": [0.0, -0.0, 1.5, -2.75e-3, 3.3e38, 1e-40, float("inf")],
        "F64": [0.0, -0.0, 1.5, -2.75e-3, 1e30, 1e-50, 0.1],
        "I64": [0, -1, 5, 2147483647, -2147483648, 7, 8],
        "I32": [0, -1, 5, 2147483647, -2147483648, 7, 8],
    }
    tensors = {f"{name}.values": torch.tensor(edges[name], dtype=kind) for name, kind in TYPES.items()}
    tensors["matrix"] = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    tensors["scalar"] = torch.tensor(2.5, dtype=torch.float32)
    tensors["empty"] = torch.zeros(0, 4, dtype=torch.float32)
    return {
        "file": base64.b64encode(save(tensors, {"format": "pt"})).decode(),
        "tensors": {name: {"shape": list(t.shape), "data": [text(v) for v in reduced(t).reshape(-1).tolist()]} for name, t in tensors.items()},
    }


def reduced(tensor):
    return tensor.to(torch.float32 if tensor.is_floating_point() else torch.int32)


def text(value):
    """Exact, also where JSON has no number for it."""
    return repr(value).replace("inf", "Infinity")


def listing(block, blocks):
    """Names and shapes of a full-size network with torchvision's classifier, as its state dict has them."""
    net = ResNet(block, blocks, 3, 64)
    net.fc = torch.nn.Linear(512 * block.expansion, 1000)
    return {name: list(t.shape) for name, t in net.state_dict().items()}


WIDTH = 2
RATE = 0.01


def waves(shape, phase):
    """[N, C, H, W] of numbers that a reader makes again from their position in [N, H, W, C]."""
    n, c, h, w = shape
    i = torch.arange(n * c * h * w, dtype=torch.float64)
    return torch.sin(i * (1 + i % 13) + phase).float().double().reshape(n, h, w, c).permute(0, 3, 1, 2)


def small_resnet():
    """A ResNet-18 of random weights and statistics with a classifier, as a file of torchvision's; then two steps of SGD on sum(c features)."""
    net = ResNet(BasicBlock, (2, 2, 2, 2), 1, WIDTH)
    net.fc = torch.nn.Linear(8 * WIDTH, 3)
    with torch.no_grad():
        for i, (name, t) in enumerate(net.state_dict().items()):
            if not t.is_floating_point():
                continue
            near = 1 if name.endswith("running_var") or (t.dim() == 1 and name.endswith("weight")) else 0
            t.copy_((near + randn(t.shape, 300 + i) * (0.3 if t.dim() > 1 else 0.1)).float().double())
    target = PACKAGES.parent / "test/training/fixtures/resnet18.safetensors"
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file({k: v.float() if v.is_floating_point() else v for k, v in net.state_dict().items()}, target, {"format": "pt"})
    net.eval()
    evaluation = net(waves((4, 1, 32, 32), 9))[0]
    net.train()
    parameters = {n: p for n, p in net.named_parameters() if not n.startswith("fc.")}
    optimizer = torch.optim.SGD(parameters.values(), lr=RATE)
    steps = []
    for step in range(2):
        optimizer.zero_grad()
        features = net(waves((4, 1, 32, 32), step))[0]
        (features * torch.sin(torch.arange(features.numel(), dtype=torch.float64).reshape(features.shape))).sum().backward()
        steps.append({"features": array(features), "gradients": {path_of(n): scalar(p.grad.abs().sum()) for n, p in parameters.items()}})
        if step == 0:
            steps[0]["kernels"] = {path_of(n): convert(parameters[n].grad) for n in ("conv1.weight", "layer2.0.downsample.0.weight", "layer3.0.conv1.weight")}
        optimizer.step()
    statistics = {path_of(n): array(b) for n, b in net.named_buffers() if "running" in n}
    return {"width": WIDTH, "rate": RATE, "evaluation": array(evaluation), "steps": steps, "statistics": statistics}


def main():
    write("../test/training/fixtures/resnet18.fixture.json", small_resnet())
    write("encoders/src/resnet/names.fixture.json", {"resnet18": listing(BasicBlock, (2, 2, 2, 2)), "resnet34": listing(BasicBlock, (3, 4, 6, 3)), "resnet50": listing(Bottleneck, (3, 4, 6, 3))})
    write("weights/src/safetensors/safetensors.fixture.json", numbers())


if __name__ == "__main__":
    main()

"""Weight files: one of every number type written by the safetensors package, and a small ResNet-18 in torchvision's names
with what it computes before and after two training steps."""

import base64

import torch
from safetensors.torch import save, save_file

from common import PACKAGES, array, randn, scalar, write
from resnet import BasicBlock, Bottleneck, ResNet, named, path_of, convert

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


def main():
    write("encoders/src/resnet/names.fixture.json", {"resnet18": listing(BasicBlock, (2, 2, 2, 2)), "resnet34": listing(BasicBlock, (3, 4, 6, 3)), "resnet50": listing(Bottleneck, (3, 4, 6, 3))})
    write("weights/src/safetensors/safetensors.fixture.json", numbers())


if __name__ == "__main__":
    main()

"""Layers of transformers: layer norm, the GELUs, embedding, attention and the encoder layer. Forward values and gradients."""

import torch
from torch import nn
from torch.nn import functional as F

from common import array, linear_kernel, randn, sequence, weights_like, write


def leaf(tensor):
    return tensor.clone().requires_grad_(True)


def layer_norm():
    cases = {}
    for name, shape, epsilon in [("rank 2", (5, 4), 1e-5), ("rank 3", (2, 3, 4), 1e-12)]:
        x, scale, offset = leaf(randn(shape, 40) * 2 + 0.5), leaf(randn((4,), 41) + 1), leaf(randn((4,), 42))
        y = F.layer_norm(x, (4,), scale, offset, epsilon)
        c = weights_like(y)
        (y * c).sum().backward()
        cases[name] = {
            "epsilon": epsilon, "scale": array(scale), "offset": array(offset), "input": array(x), "weights": array(c), "output": array(y),
            "gradients": {"input": array(x.grad), "scale": array(scale.grad), "offset": array(offset.grad)},
        }
    write("nn/src/layer-norm/layer-norm.fixture.json", cases)


def gelu():
    start = torch.cat([randn((12,), 43, 2.0), torch.tensor([-9.0, -4.5, 0.0, 6.0])])
    forms = {"gelu": F.gelu, "geluTanh": lambda x: F.gelu(x, approximate="tanh"), "quickGelu": lambda x: x * torch.sigmoid(1.702 * x)}
    c = weights_like(start)
    out = {}
    for name, form in forms.items():
        x = leaf(start)
        y = form(x)
        (y * c).sum().backward()
        out[name] = {"output": array(y), "gradient": array(x.grad)}
    write("nn/src/gelu/gelu.fixture.json", {"input": array(start), "weights": array(c), "forms": out})


def embedding():
    ids = torch.tensor([[1, 5, 0], [5, 2, 5]])
    table = leaf(randn((6, 3), 44))
    y = F.embedding(ids, table)
    c = weights_like(y)
    (y * c).sum().backward()
    write("nn/src/embedding/embedding.fixture.json", {
        "ids": {"shape": [2, 3], "data": ids.reshape(-1).tolist()}, "table": array(table), "weights": array(c),
        "output": array(y), "gradient": array(table.grad),
    })


def attention_parts(module, pick):
    """Query, key, value and out of PyTorch's attention, `pick` giving a tensor or its gradient."""
    width = module.embed_dim
    if module.in_proj_weight is not None:
        kernels = pick(module.in_proj_weight).split(width)
    else:
        kernels = [pick(p) for p in (module.q_proj_weight, module.k_proj_weight, module.v_proj_weight)]
    biases = pick(module.in_proj_bias).split(width)
    parts = {f"{name}/kernel": linear_kernel(k) for name, k in zip(("query", "key", "value"), kernels)}
    parts |= {f"{name}/bias": array(b) for name, b in zip(("query", "key", "value"), biases)}
    return parts | {"out/kernel": linear_kernel(pick(module.out_proj.weight)), "out/bias": array(pick(module.out_proj.bias))}


def attention():
    cases = {}
    real = torch.tensor([[1.0, 1, 1, 0], [1, 1, 0, 0]])
    for name, causal, padded, context in [
        ("self", False, False, None), ("padding", False, True, None), ("causal", True, True, None), ("cross", False, True, 5),
    ]:
        module = nn.MultiheadAttention(6, 2, batch_first=True, kdim=context, vdim=context)
        with torch.no_grad():
            for i, p in enumerate(module.parameters()):
                p.copy_(randn(p.shape, 50 + i, 0.5))
        x = leaf(randn((2, 4 if context is None else 3, 6), 60))
        c = x if context is None else leaf(randn((2, 4, context), 61))
        mask = torch.full((4, 4), float("-inf")).triu(1) if causal else None
        padding = torch.zeros(real.shape).masked_fill(real == 0, float("-inf")) if padded else None
        y, _ = module(x, c, c, key_padding_mask=padding, attn_mask=mask, need_weights=False)
        w = weights_like(y)
        (y * w).sum().backward()
        case = {"causal": causal, "params": attention_parts(module, lambda p: p), "input": array(x), "weights": array(w), "output": array(y)}
        case["gradients"] = attention_parts(module, lambda p: p.grad) | {"input": array(x.grad)}
        if context is not None:
            case["context"] = array(c)
            case["gradients"]["context"] = array(c.grad)
        if padded:
            case["mask"] = array(real)
        cases[name] = case
    write("nn/src/attention/attention.fixture.json", cases)


def transformer_block():
    def parts(module, pick):
        out = {f"attention/{path}": value for path, value in attention_parts(module.self_attn, pick).items()}
        for name in ("linear1", "linear2"):
            out |= {f"{name}/kernel": linear_kernel(pick(getattr(module, name).weight)), f"{name}/bias": array(pick(getattr(module, name).bias))}
        for name in ("norm1", "norm2"):
            out |= {f"{name}/scale": array(pick(getattr(module, name).weight)), f"{name}/offset": array(pick(getattr(module, name).bias))}
        return out

    real = torch.tensor([[1.0, 1, 1], [1, 1, 0]])
    cases, stored = {}, {}
    for norm in ("pre", "post"):
        for name, activation in (("relu", "relu"), ("gelu", "gelu"), ("gelu-tanh", lambda x: F.gelu(x, approximate="tanh"))):
            module = nn.TransformerEncoderLayer(4, 2, 6, 0.0, activation, norm_first=norm == "pre", batch_first=True)
            with torch.no_grad():
                for key, p in module.named_parameters():
                    p.copy_(sequence(key, p.shape) * 0.5 + (1 if "norm" in key and key.endswith("weight") else 0))
            x = leaf(randn((2, 3, 4), 70))
            y = module(x, src_key_padding_mask=real == 0)
            w = weights_like(y)
            (y * w).sum().backward()
            cases[f"{norm} {name}"] = {
                "options": {"width": 4, "heads": 2, "feedForward": 6, "norm": norm, "activation": name},
                "output": array(y), "gradients": parts(module, lambda p: p.grad) | {"input": array(x.grad)},
            }
            stored = {"params": parts(module, lambda p: p), "input": array(x), "mask": array(real), "weights": array(w)}
    write("nn/src/transformer-block/transformer-block.fixture.json", {**stored, "cases": cases})


def main():
    layer_norm()
    gelu()
    embedding()
    attention()
    transformer_block()


if __name__ == "__main__":
    main()

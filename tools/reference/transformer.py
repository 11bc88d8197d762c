"""Layers of transformers, forward values and gradients, and the encoder `transformer`, features and gradient sums."""

import torch
from torch import nn
from torch.nn import functional as F

from common import array, linear_kernel, randn, scalar, sequence, weights_like, write


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


def encoder():
    """The encoder as a stack of PyTorch's own layers, its parameters filled with the sequences of our paths."""
    lengths = torch.tensor([5, 3, 1, 4])
    real = torch.arange(5) < lengths[:, None]
    ids = torch.tensor([[3, 1, 8, 2, 5], [4, 4, 7, 0, 0], [6, 0, 0, 0, 0], [1, 2, 3, 4, 0]])

    def case(tokens, pool, learned, pad):
        params = {}

        def make(path, shape):
            values = sequence(path, shape) / (2 if path.endswith("kernel") else 4) + (1 if path.endswith("scale") else 0)
            params[path] = values.requires_grad_(True)
            return params[path]

        cls = pool == "cls"
        if tokens:
            x, mask = F.embedding(ids, make("embedding/table", (9, 4))), real
        else:
            inputs = sequence("input", (4, 5, 3)) * (real[..., None] if pad else 1)
            x, mask = inputs @ make("input/kernel", (3, 4)) + make("input/bias", (4,)), real if pad else torch.ones_like(real)
        if cls:
            x = torch.cat([make("cls/vector", (4,)).expand(4, 1, 4), x], 1)
            mask = torch.cat([torch.ones(4, 1, dtype=torch.bool), mask], 1)
        steps = x.shape[1]
        if learned:
            x = x + make("positions/table", (steps, 4))
        else:
            t, i = torch.arange(steps)[:, None], torch.arange(2)
            angle = t / 10000 ** (2 * i / 4)
            x = x + torch.stack([angle.sin(), angle.cos()], -1).reshape(steps, 4)
        for layer in range(2):
            module = nn.TransformerEncoderLayer(4, 2, 6, 0.0, "gelu", norm_first=True, batch_first=True)
            at = f"layers/{layer}"
            kernels = {n: make(f"{at}/attention/{n}/kernel", (4, 4)) for n in ("query", "key", "value", "out")}
            biases = {n: make(f"{at}/attention/{n}/bias", (4,)) for n in kernels}
            own = {
                "self_attn.in_proj_weight": torch.cat([kernels[n].t() for n in ("query", "key", "value")]),
                "self_attn.in_proj_bias": torch.cat([biases[n] for n in ("query", "key", "value")]),
                "self_attn.out_proj.weight": kernels["out"].t(), "self_attn.out_proj.bias": biases["out"],
            }
            for name, shape in (("linear1", (4, 6)), ("linear2", (6, 4))):
                own |= {f"{name}.weight": make(f"{at}/{name}/kernel", shape).t(), f"{name}.bias": make(f"{at}/{name}/bias", shape[1:])}
            for name in ("norm1", "norm2"):
                own |= {f"{name}.weight": make(f"{at}/{name}/scale", (4,)), f"{name}.bias": make(f"{at}/{name}/offset", (4,))}
            x = torch.func.functional_call(module, own, (x,), {"src_key_padding_mask": ~mask})
        x = F.layer_norm(x, (4,), make("norm/scale", (4,)), make("norm/offset", (4,)))
        if cls:
            features = x[:, 0]
        elif pool == "mean":
            features = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        else:
            features = x.masked_fill(~mask[..., None], float("-inf")).amax(1)
        (features * sequence("weights", features.shape)).sum().backward()
        options = {"width": 4, "depth": 2, "heads": 2, "feedForward": 6, "dropout": 0, "pool": pool, "vocabulary": 9,
                   "positions": "learned" if learned else "sinusoidal", "padding": "zeros" if pad else "none"}
        sums = {path: scalar(p.grad.abs().sum()) for path, p in params.items()}
        return {"tokens": tokens, "options": options, "features": array(features), "gradientSums": sums}

    write("encoders/src/transformer/transformer.fixture.json", {
        "ids": ids.tolist(),
        "cases": {
            "sequence, mean": case(False, "mean", True, True),
            "sequence, class step": case(False, "cls", False, True),
            "sequence, no padding, maximum": case(False, "max", False, False),
            "tokens, maximum": case(True, "max", True, False),
            "tokens, class step": case(True, "cls", True, False),
        },
    })


def main():
    layer_norm()
    gelu()
    embedding()
    attention()
    transformer_block()
    encoder()


if __name__ == "__main__":
    main()

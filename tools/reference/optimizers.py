"""Five steps of torch.optim on two parameters with fixed gradients, the learning rate changing once, in one group and in two; gradient clipping."""

import torch

from common import array, randn, scalar, write

STEPS = 5
RATES = [0.1, 0.1, 0.1, 0.01, 0.01]
# Factors on the learning rate, one parameter group each.
SCALES = {"kernel": 0.1, "bias": 3.0}

OPTIMIZERS = {
    "sgd plain": (torch.optim.SGD, {}),
    "sgd weight decay": (torch.optim.SGD, {"weight_decay": 0.05}),
    "sgd momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "sgd momentum weight decay": (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.05}),
    "sgd nesterov weight decay": (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.05, "nesterov": True}),
    "adam": (torch.optim.Adam, {}),
    "adam weight decay": (torch.optim.Adam, {"weight_decay": 0.05, "betas": (0.8, 0.95), "eps": 1e-6}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.05}),
}
OPTIONS = {
    "sgd plain": {}, "sgd weight decay": {"weightDecay": 0.05}, "sgd momentum": {"momentum": 0.9},
    "sgd momentum weight decay": {"momentum": 0.9, "weightDecay": 0.05},
    "sgd nesterov weight decay": {"momentum": 0.9, "weightDecay": 0.05, "nesterov": True},
    "adam": {}, "adam weight decay": {"weightDecay": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6},
    "adamw": {"weightDecay": 0.05},
}


def start():
    return {"kernel": randn((2, 3), 50), "bias": randn((3,), 51)}


def gradients(step):
    return {"kernel": randn((2, 3), 60 + step), "bias": randn((3,), 70 + step)}


def main():
    cases = {}
    for name, (make, options) in OPTIMIZERS.items():
        params = {k: v.clone().requires_grad_(True) for k, v in start().items()}
        optimizer = make(params.values(), lr=RATES[0], **options)
        trace = []
        for step in range(STEPS):
            for group in optimizer.param_groups:
                group["lr"] = RATES[step]
            for k, g in gradients(step).items():
                params[k].grad = g.clone()
            optimizer.step()
            trace.append({k: array(p) for k, p in params.items()})
        cases[name] = {"optimizer": name.split()[0], "options": OPTIONS[name], "params": trace}
    grouped = {}
    for name in ("sgd momentum weight decay", "adam weight decay", "adamw"):
        make, options = OPTIMIZERS[name]
        params = {k: v.clone().requires_grad_(True) for k, v in start().items()}
        optimizer = make([{"params": [p], "lr": RATES[0] * SCALES[k]} for k, p in params.items()], **options)
        trace = []
        for step in range(STEPS):
            for group, k in zip(optimizer.param_groups, params):
                group["lr"] = RATES[step] * SCALES[k]
            for k, g in gradients(step).items():
                params[k].grad = g.clone()
            optimizer.step()
            trace.append({k: array(p) for k, p in params.items()})
        grouped[name] = {"optimizer": name.split()[0], "options": OPTIONS[name], "params": trace}

    write("nn/src/optimizer/optimizer.fixture.json", {"scales": SCALES, "grouped": grouped,
        "rates": RATES, "start": {k: array(v) for k, v in start().items()},
        "gradients": [{k: array(v) for k, v in gradients(s).items()} for s in range(STEPS)], "cases": cases})

    clips = []
    for limit in (1.0, 100.0):
        params = {k: v.clone().requires_grad_(True) for k, v in start().items()}
        for k, g in gradients(0).items():
            params[k].grad = g.clone()
        norm = torch.nn.utils.clip_grad_norm_(params.values(), limit)
        clips.append({"max": limit, "norm": scalar(norm), "gradients": {k: array(p.grad) for k, p in params.items()}})
    write("nn/src/clip/clip.fixture.json", {"gradients": {k: array(v) for k, v in gradients(0).items()}, "clips": clips})


if __name__ == "__main__":
    main()

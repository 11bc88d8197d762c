"""Learning-rate factors of torch.optim.lr_scheduler over 30 epochs, from a learning rate of 1."""

import torch
from torch.optim import lr_scheduler as S

from common import scalar, write

EPOCHS = 30


def factors(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    out = []
    for _ in range(EPOCHS):
        out.append(scalar(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return out


def plateau(values, **options):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = S.ReduceLROnPlateau(optimizer, eps=0.0, **options)
    out = []
    for value in values:
        scheduler.step(value)
        out.append(scalar(optimizer.param_groups[0]["lr"]))
    return out


def main():
    falling = [scalar(2.0 * 0.8 ** min(i, 6) + (0.05 if i % 5 == 0 else 0.0)) for i in range(EPOCHS)]
    rising = [scalar(1.0 - 0.7 ** min(i, 8) - (0.1 if i % 4 == 3 else 0.0)) for i in range(EPOCHS)]
    drifting = [scalar(1.0 - 0.004 * i) for i in range(EPOCHS)]
    write("nn/src/schedule/schedule.fixture.json", {
        "step": factors(lambda o: S.StepLR(o, step_size=7, gamma=0.1)),
        "milestones": factors(lambda o: S.MultiStepLR(o, milestones=[5, 12, 20], gamma=0.5)),
        "cosine": factors(lambda o: S.CosineAnnealingLR(o, T_max=30, eta_min=0.05)),
        "warmup": factors(lambda o: S.SequentialLR(o, [
            S.LinearLR(o, start_factor=0.2, end_factor=1.0, total_iters=5), S.StepLR(o, step_size=7, gamma=0.1)], milestones=[5])),
        "plateau": {
            "falling": {"values": falling, "options": {"factor": 0.5, "patience": 3, "threshold": 1e-4},
                        "factors": plateau(falling, factor=0.5, patience=3, threshold=1e-4)},
            "rising": {"values": rising, "options": {"factor": 0.5, "patience": 2, "threshold": 0.01, "mode": "max", "cooldown": 2, "minimum": 0.1},
                       "factors": plateau(rising, factor=0.5, patience=2, threshold=0.01, mode="max", cooldown=2, min_lr=0.1)},
            "absolute": {"values": drifting, "options": {"factor": 0.1, "patience": 4, "threshold": 0.025, "thresholdMode": "absolute"},
                         "factors": plateau(drifting, factor=0.1, patience=4, threshold=0.025, threshold_mode="abs")},
        },
    })


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main()

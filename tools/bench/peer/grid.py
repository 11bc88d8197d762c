"""The peer's side of a grid: the same runs, one after another, in one process on all cores. Prints one line of JSON."""
import copy
import json
import math
import os
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from fusion import Concat, Film, Sum, ogm_ge
from networks import count, encoder, input_shape, versions
from objective import info_nce

FUSIONS = {"unimodal-sum": lambda s, c: Sum(s, c, mean=True), "sum": Sum, "affine": Film}
torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
folder = Path(sys.argv[1])
meta, task = (json.loads((folder / f"{name}.json").read_text()) for name in ("meta", "task"))


def load(name, dtype, shape):
    return torch.frombuffer(bytearray((folder / name).read_bytes()), dtype=dtype).reshape(shape)


def load_split(name, size):
    inputs = {}
    for modality in meta["modalities"]:
        # Channels last on disk; with one channel the bytes are the same.
        assert modality["shape"][2] == 1
        inputs[modality["name"]] = load(f"{name}-{modality['name']}.f32", torch.float32, [size, *input_shape(modality["shape"])])
    return inputs, load(f"{name}-labels.i32", torch.int32, [size]).long()


class Classifier(nn.Module):
    def __init__(self, row):
        super().__init__()
        self.modalities = row["modalities"]
        shapes = {m["name"]: m["shape"] for m in meta["modalities"]}
        built = [encoder(shapes[m], row["encoders"][m]) for m in self.modalities]
        self.encoders = nn.ModuleList(network for network, _ in built)
        base = row["id"].split("/")[0]
        fusion = Sum if base == "unimodal" else FUSIONS.get(base, Concat)
        self.fusion = fusion([size for _, size in built], len(meta["classes"]))

    def features(self, inputs, rows):
        return [net(inputs[m].index_select(0, rows)) for net, m in zip(self.encoders, self.modalities)]


def objective(row, model, features, labels, epoch):
    if row["id"] == "unimodal-sum":
        return sum(F.cross_entropy(logits, labels) for logits in model.fusion.readouts(features))
    classification = F.cross_entropy(model.fusion(features), labels)
    if row["id"] != "lfm-h":
        return classification
    alpha = 1.0 if epoch == 0 else 1 - math.exp(-1 / epoch)
    return (1 - alpha) * classification + alpha * info_nce(*features, 0.07)


@torch.no_grad()
def evaluate(model, split, batch):
    """Accuracy and loss of the prediction, accuracy of each modality's read-out."""
    model.eval()
    inputs, labels = split
    loss, right, own = 0.0, 0, [0] * len(model.modalities)
    for rows in torch.arange(len(labels)).split(batch):
        truth, features = labels[rows], model.features(inputs, rows)
        logits = model.fusion(features)
        loss += F.cross_entropy(logits, truth, reduction="sum").item()
        right += (logits.argmax(1) == truth).sum().item()
        for i, readout in enumerate(model.fusion.readouts(features)):
            own[i] += (readout.argmax(1) == truth).sum().item()
    model.train()
    return right / len(labels), -loss / len(labels), own


def train(row, seed, splits):
    """One run: the best epoch on validation is scored on test."""
    torch.manual_seed(seed)
    training = row["training"]
    sgd = training["optimizer"]
    assert sgd["use"] == "sgd" and not sgd["nesterov"] and training["schedule"]["use"] == "constant"
    assert training["selection"] == "validation" and training["clipNorm"] is None
    model = Classifier(row)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=sgd["learningRate"], momentum=sgd["momentum"], weight_decay=sgd["weightDecay"]
    )
    inputs, labels = splits["train"]
    best, kept = None, None
    for epoch in range(training["epochs"]):
        for rows in torch.randperm(len(labels)).split(training["batchSize"]):
            optimizer.zero_grad()
            features, truth = model.features(inputs, rows), labels[rows]
            loss = objective(row, model, features, truth, epoch)
            loss.backward()
            if row["id"] == "ogm-ge":
                ogm_ge(model.encoders, model.fusion.readouts(features), truth)
            optimizer.step()
            if not math.isfinite(loss.item()):
                raise SystemExit(f"{row['id']} diverged")
        judged = evaluate(model, splits["validation"], training["evaluationBatchSize"])
        if best is None or judged[:2] > best:
            best, kept = judged[:2], copy.deepcopy(model.state_dict())
    model.load_state_dict(kept)
    return evaluate(model, splits["test"], training["evaluationBatchSize"])[0], count(model)


splits = {name: load_split(name, size) for name, size in meta["sizes"].items()}
rows = {}
for row in task["rows"]:
    runs = [train(row, seed, splits) for seed in task["seeds"]]
    rows[row["id"]] = {"parameters": runs[0][1], "accuracy": sum(accuracy for accuracy, _ in runs) / len(runs)}
print(json.dumps({"about": {"name": f"PyTorch {torch.__version__}", "versions": versions()}, "rows": rows}))

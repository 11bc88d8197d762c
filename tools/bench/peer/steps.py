"""The peer's side of a workload of steps. Reads {"count": n} lines, answers the times of n steps in ms, apart those that began with an update of alpha."""
import json
import resource
import sys
import time

import torch
from torch import nn

from networks import count, encoder, input_shape, versions
from objective import hypergradient, info_nce

workload, threads, batches_in_memory = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(0)
batch, classes = workload["batch"], workload["classes"]
alignment, update = workload.get("alignment"), workload.get("hypergradient")

encoders, sizes, data = nn.ModuleList(), [], []
rows = batch * batches_in_memory
for modality in workload["modalities"]:
    network, size = encoder(modality["shape"], workload["encoder"])
    encoders.append(network)
    sizes.append(size)
    if modality["kind"] == "tokens":  # 0 is padding
        data.append(torch.randint(1, workload["encoder"]["vocabulary"], (rows, *modality["shape"])))
    else:
        data.append(torch.rand(rows, *input_shape(modality["shape"])))
labels = torch.arange(rows) % classes
head = nn.Linear(sum(sizes), classes)
model = nn.ModuleList([encoders, head])
params = list(model.parameters())
options = workload["optimizer"]
if options["use"] == "sgd":
    optimizer = torch.optim.SGD(params, lr=options["learningRate"], momentum=options["momentum"], weight_decay=options["weightDecay"])
elif options["use"] == "adamw":
    optimizer = torch.optim.AdamW(params, lr=options["learningRate"], weight_decay=options["weightDecay"])
else:
    raise SystemExit(f"the peer has no optimizer {options}")


def read(chosen):
    """Copies the rows of a batch out of the arrays in memory."""
    return [x.index_select(0, chosen) for x in data], labels.index_select(0, chosen)


def shuffled():
    """Row numbers of batch after batch, in a new order each epoch."""
    while True:
        yield from torch.randperm(rows).split(batch)


def losses(batch_read):
    inputs, truth = batch_read
    features = [net(x) for net, x in zip(encoders, inputs)]
    classification = nn.functional.cross_entropy(head(torch.cat(features, 1)), truth)
    return classification, None if alignment is None else info_nce(*features, alignment["temperature"])


def step(chosen):
    optimizer.zero_grad()
    classification, aligned = losses(read(chosen))
    alpha = 0 if alignment is None else alignment["alpha"]
    loss = classification if aligned is None else (1 - alpha) * classification + alpha * aligned
    loss.backward()
    optimizer.step()
    return loss.item()


def update_alpha():
    inner, outer = (read(torch.randperm(rows)[:batch]) for _ in range(2))
    return hypergradient(losses, params, inner, outer, alignment["alpha"], update["products"], update["damping"])


def answer(message):
    print(json.dumps(message), flush=True)


order, done = shuffled(), 0
answer({"ready": {"name": f"PyTorch {torch.__version__}", "versions": versions()}})
for line in sys.stdin:
    steps, updates = [], []
    for i in range(json.loads(line)["count"] + 1):
        start = time.perf_counter()
        updates_now = update is not None and done % update["everySteps"] == 0
        if updates_now:
            update_alpha()
        step(next(order))
        elapsed = (time.perf_counter() - start) * 1000
        if i > 0:  # the first one of a round comes out of idleness
            (updates if updates_now else steps).append(elapsed)
        done += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer({"times": steps, "updates": updates, "peakMb": peak, "parameters": count(model)})

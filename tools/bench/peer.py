"""The peer's side of a workload in PyTorch: the same networks, the same step. Reads {"count": n} lines, answers times."""
import json
import resource
import sys
import time

import torch

workload, threads = json.loads(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)


def cnn(channels, features, inputs):
    layers = []
    for filters in channels:
        layers += [torch.nn.Conv2d(inputs, filters, 3, 2, 1, bias=False), torch.nn.BatchNorm2d(filters), torch.nn.ReLU()]
        inputs = filters
    return torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(inputs, features))


def mlp(hidden, features, inputs):
    layers = []
    for units in hidden:
        layers += [torch.nn.Linear(inputs, units), torch.nn.ReLU()]
        inputs = units
    return torch.nn.Sequential(*layers, torch.nn.Linear(inputs, features))


encoder, batch = workload["encoder"], workload["batch"]
encoders, inputs = torch.nn.ModuleList(), []
for modality in workload["modalities"]:
    shape = modality["shape"]
    if encoder["use"] == "lenet":
        encoders.append(cnn(encoder["channels"], encoder["features"], shape[2]))
        inputs.append(torch.rand(batch, shape[2], shape[0], shape[1]))
    else:
        encoders.append(mlp(encoder["hidden"], encoder["features"], shape[0]))
        inputs.append(torch.rand(batch, shape[0]))
head = torch.nn.Linear(encoder["features"] * len(encoders), workload["classes"])
labels = torch.arange(batch) % workload["classes"]
optimizer = torch.optim.SGD([*encoders.parameters(), *head.parameters()], lr=0.01, momentum=0.9, weight_decay=1e-4)


def step():
    optimizer.zero_grad()
    features = torch.cat([net(x) for net, x in zip(encoders, inputs)], 1)
    loss = torch.nn.functional.cross_entropy(head(features), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


print(json.dumps({"ready": f"PyTorch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    times = []
    for i in range(json.loads(line)["count"] + 3):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    print(json.dumps({"times": times[3:], "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)

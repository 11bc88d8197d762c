"""The peer's side of a workload of reading: a PyTorch DataLoader over the same files with librosa and Pillow. Reads {"count": n} lines,
answers the mean time of a batch in ms. The transforms are those of torchvision, written out: crop, resize, flip, normalise."""
import json
import math
import random
import resource
import sys
import time

import torch

workload, workers, folder = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
try:
    import librosa
    import numpy as np
    from PIL import Image
except ImportError as missing:
    print(json.dumps({"ready": None, "reason": str(missing)}), flush=True)
    sys.exit()

torch.set_num_threads(1)
files, sound, picture = workload["files"], workload["sound"], workload["image"]
MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32)


def spectrogram(path):
    y, rate = librosa.load(path, sr=sound["rate"])
    y = np.tile(y, math.ceil(sound["samples"] / len(y)))[: sound["samples"]]
    y = np.clip(y, -1, 1)
    return np.log(np.abs(librosa.stft(y, n_fft=sound["nFft"], hop_length=sound["hop"])) + 1e-7).astype(np.float32)


def box(width, height):
    for _ in range(10):
        area = width * height * random.uniform(0.08, 1)
        aspect = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            left, top = random.randint(0, width - w), random.randint(0, height - h)
            return left, top, left + w, top + h
    return 0, 0, width, height


def pixels(path):
    image = Image.open(path).convert("RGB")
    image = image.crop(box(*image.size)).resize((picture["size"], picture["size"]), Image.BILINEAR)
    if random.random() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    values = np.asarray(image, dtype=np.float32) / 255
    return np.ascontiguousarray(((values - MEAN) / DEVIATION).transpose(2, 0, 1))


class Files(torch.utils.data.Dataset):
    def __len__(self):
        return 1 << 30

    def __getitem__(self, index):
        row = index % files["rows"]
        return torch.from_numpy(spectrogram(f"{folder}/{row}.wav")), torch.from_numpy(pixels(f"{folder}/{row}.jpg"))


AHEAD = 2  # batches that each process reads ahead, the default
loader = torch.utils.data.DataLoader(
    Files(), batch_size=workload["batch"], num_workers=workers, prefetch_factor=AHEAD, sampler=range(1 << 30)
)
batches = iter(loader)
next(batches)
versions = {"torch": torch.__version__, "python": sys.version.split()[0]}
print(json.dumps({"ready": {"name": f"DataLoader, librosa {librosa.__version__}, Pillow {Image.__version__}", "versions": versions}}), flush=True)
for line in sys.stdin:
    count = json.loads(line)["count"]
    # What was read ahead in a break does not count.
    for _ in range(AHEAD * workers):
        next(batches)
    started = time.perf_counter()
    for _ in range(count):
        next(batches)
    seconds = time.perf_counter() - started
    # The other side has the processor to itself: the processes read ahead, then rest.
    time.sleep(2 * AHEAD * workers * seconds / count)
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024
    print(json.dumps({"times": [1000 * seconds / count], "updates": [], "peakMb": peak, "parameters": 0}), flush=True)

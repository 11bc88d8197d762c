"""Reference values of the audio and image front-ends of packages/datasets: librosa (with soxr), SciPy, Pillow, torch, and the mel
filter bank of transformers, which stands in for torchaudio's Kaldi-compatible one there.

Needs the packages librosa, scipy, pillow and transformers besides torch.
"""

import base64
import io
import math

import librosa
import numpy as np
import scipy.signal
import torch
from PIL import Image
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

from common import scalar, sequence, write

SAMPLES = 320


def noise(name, n=SAMPLES):
    return (0.5 * sequence(name, [n])).numpy()


def tones(n=4000, rate=16000, top=6000.0):
    """Sines up to `top` Hz under a window that is 0 at both ends, so that nothing depends on the edges."""
    t = np.arange(n) / rate
    y = sum(np.sin(2 * math.pi * f * t + k) for k, f in enumerate(np.linspace(200, top, 9))) / 10
    return (y * np.hanning(n)).astype(np.float32).astype(np.float64)


def values(array, every=1):
    return [scalar(v) for v in np.asarray(array).reshape(-1)[::every].tolist()]


def resampy(x, up, down, zeros=64, beta=14.769656459379492, rolloff=0.9475937167399596):
    """resampy's kaiser_best (0.2 and 0.3) without the rounding of its table: a windowed sinc, summed as it stands."""
    ratio = up / down
    scale = min(1.0, ratio)
    out = np.zeros(math.ceil(len(x) * up / down))
    for m in range(len(out)):
        u = (np.arange(len(x)) - m / ratio) * scale
        inside = np.abs(u) <= zeros
        w = np.i0(beta * np.sqrt(1 - (u[inside] / zeros) ** 2)) / np.i0(beta)
        out[m] = np.sum(x[inside] * w * rolloff * np.sinc(rolloff * u[inside])) * scale
    return out


def resampling():
    cases = {}
    for up, down, rates in [(441, 320, (16000, 22050)), (177, 80, (16000, 35400)), (160, 441, (44100, 16000)), (2, 1, (8000, 16000))]:
        x = noise("resample")
        cases[f"{rates[0]} {rates[1]}"] = {
            "polyphase": values(scipy.signal.resample_poly(x, up, down)),
            "kaiser-best": values(resampy(x, up, down)),
            "soxr-hq": values(librosa.resample(tones(rate=rates[0], top=0.8 * min(rates) / 2), orig_sr=rates[0], target_sr=rates[1], res_type="soxr_hq"), 13),
        }
    return cases


def audio():
    x = noise("stft", 700)
    cases = {}
    for window in ["hann", "hamming", "ones"]:
        for center in [True, False]:
            for mode in ["constant", "reflect", "edge"] if center else ["constant"]:
                s = librosa.stft(x, n_fft=128, hop_length=50, window=window, center=center, pad_mode=mode)
                cases[f"{window} {center} {mode}"] = values(np.log(np.abs(s) + 1e-7)[:, [0, 3, -1]])
    _, _, psd = scipy.signal.spectrogram(x, 8000, nperseg=128, noverlap=70)
    wave = noise("fbank", 16000 // 8)
    filters = mel_filter_bank(257, 128, 20, 8000, 16000, norm=None, mel_scale="kaldi", triangularize_in_mel_space=True)
    bank = spectrogram(
        wave, window_function(400, "hann", periodic=False), frame_length=400, hop_length=160, fft_length=512, power=2.0, center=False,
        preemphasis=0.97, mel_filters=filters, log_mel="log", mel_floor=1.192092955078125e-07, remove_dc_offset=True, dtype=np.float64)
    write("datasets/src/front-ends/audio.fixture.json", {
        "stft": cases, "psd": values(psd, 7), "fbank": values(bank, 9), "resample": resampling(),
    })


def pattern(width, height, channels=3):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    return ((x * 37 + y * 91 + c * 53 + x * y * 7) % 256).astype(np.uint8)


def resizing():
    image = Image.fromarray(pattern(23, 17))
    cases = {}
    for name, kind in [("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC), ("nearest", Image.NEAREST)]:
        for size in [(7, 5), (11, 31), (40, 17), (23, 9)]:
            cases[f"{name} {size[0]} {size[1]}"] = np.asarray(image.resize(size, kind)).reshape(-1).tolist()
    floats = torch.from_numpy(pattern(23, 17)).permute(2, 0, 1)[None].double() / 255
    tensors = {}
    for mode in ["bilinear", "bicubic"]:
        out = torch.nn.functional.interpolate(floats, size=(5, 30), mode=mode, antialias=True, align_corners=False)
        tensors[mode] = values(out[0].permute(1, 2, 0).numpy())
    return {"pillow": cases, "torch": tensors}


def crops():
    """torchvision's RandomResizedCrop.get_params, written out, beside the draws it made."""
    cases = []
    g = torch.Generator().manual_seed(5)
    for width, height, scale, ratio in [
        (480, 360, (0.08, 1.0), (3 / 4, 4 / 3)), (480, 360, (0.08, 1.0), (3 / 4, 4 / 3)), (33, 20, (0.5, 1.0), (0.9, 1.1)),
        (300, 20, (0.9, 1.0), (3 / 4, 4 / 3)), (20, 300, (0.9, 1.0), (3 / 4, 4 / 3)), (64, 64, (1.0, 1.0), (1.0, 1.0)),
    ]:
        uniforms, integers, box = [], [], None

        def uniform(a, b):
            uniforms.append(float(torch.rand(1, generator=g)))
            return a + (b - a) * uniforms[-1]

        def integer(n):
            integers.append(int(torch.randint(0, n, (1,), generator=g)))
            return integers[-1]

        for _ in range(10):
            area = height * width * uniform(*scale)
            aspect = math.exp(uniform(math.log(ratio[0]), math.log(ratio[1])))
            w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if 0 < w <= width and 0 < h <= height:
                i = integer(height - h + 1)
                box = [integer(width - w + 1), i, w, h]
                break
        if box is None:
            w, h = width, height
            if width / height < min(ratio):
                h = round(w / min(ratio))
            elif width / height > max(ratio):
                w = round(h * max(ratio))
            box = [(width - w) // 2, (height - h) // 2, w, h]
        cases.append({"size": [width, height], "scale": scale, "ratio": ratio, "uniforms": uniforms, "integers": integers, "box": box})
    return cases


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    data = buffer.getvalue()
    rgb = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).reshape(-1)
    return {"file": base64.b64encode(data).decode(), "width": image.width, "height": image.height, "rgb": base64.b64encode(rgb.tobytes()).decode()}


def smooth(width, height):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return (127 + 60 * np.sin(x / 5 + c) + 60 * np.cos(y / 7 - c)).astype(np.uint8)


def files():
    image = Image.fromarray(smooth(37, 29))
    alpha = Image.fromarray(np.concatenate([pattern(9, 6), pattern(9, 6, 1) // 2], axis=2), "RGBA")
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "jpeg": encoded(image, "JPEG", quality=90),
        "jpeg 4:2:0": encoded(image, "JPEG", quality=60, subsampling=2),
        "jpeg 4:4:4": encoded(image, "JPEG", quality=95, subsampling=0),
        "jpeg progressive": encoded(image, "JPEG", progressive=True),
        "jpeg grey": encoded(image.convert("L"), "JPEG"),
        "jpeg 4:2:2": encoded(image, "JPEG", quality=85, subsampling=1),
        "jpeg restarts": encoded(image.resize((70, 41)), "JPEG", quality=75, restart_marker_blocks=2),
        "jpeg rows": encoded(image.resize((41, 70)), "JPEG", quality=75, restart_marker_rows=1, subsampling=1),
        "jpeg extremes": encoded(image.point(lambda value: 255 if value > 128 else 0), "JPEG", quality=30),
        "jpeg turned": encoded(image, "JPEG", exif=exif),
        "png": encoded(image, "PNG"),
        "png alpha": encoded(alpha, "PNG"),
        "png palette": encoded(image.quantize(16), "PNG"),
        "png grey": encoded(image.convert("L"), "PNG"),
        "bmp": encoded(image, "BMP"),
        "bmp palette": encoded(image.quantize(16), "BMP"),
        "bmp grey": encoded(image.convert("L"), "BMP"),
        "bmp 32": encoded(alpha, "BMP"),
    }


def main():
    audio()
    write("datasets/src/front-ends/image/image.fixture.json", {"resize": resizing(), "crops": crops()})
    write("datasets/src/images/images.fixture.json", files())


if __name__ == "__main__":
    main()

"""Data files as Python writes them: pickles of every protocol, torch.save, HDF5, MATLAB 7.3, Parquet. Needs h5py and pyarrow."""

import base64
import collections
import io
import json
import pickle
import struct
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from common import PACKAGES

TARGET = "datasets/src/readers"


def text(data):
    return base64.b64encode(data).decode()


def store(name, cases, folder=TARGET):
    target = PACKAGES / folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items()) + "\n}\n")
    print(f"{folder}/{name}  {target.stat().st_size} bytes")


def plain():
    """Plain data; shared and nested."""
    inner = [1, -2, 300, 70000, -(2**40), 1.5, float("inf"), True, False, None]
    return {"list": inner, "again": inner, "tuple": (1, (2, 3), ()), "text": "häß ❤\n'\"\\", "bytes": b"\x00\xff a", 7: {"nested": {}}, "large": 2**70}


def arrays():
    base = np.arange(6, dtype=np.float32).reshape(2, 3)
    return {
        "f4": base,
        "fortran": np.asfortranarray(base),
        "big": base.astype(">f8"),
        "i8": np.array([[1], [-2]], dtype=np.int64),
        "u1": np.array([0, 255], dtype=np.uint8),
        "bool": np.array([True, False]),
        "f2": np.array([1.5, -2], dtype=np.float16),
        "empty": np.zeros((0, 4), dtype=np.float32),
        "text": np.array(["ab", "ç❤"]),
        "bytes": np.array([b"id_1", b"x"]),
        "objects": np.array(["a", 1, None], dtype=object),
        "number": np.float32(2.5),
        "integer": np.int64(-7),
        "view": base.T,
    }


class Harmful:
    def __reduce__(self):
        return (print, ("run",))


class Thing:
    pass


def old(data, protocol):
    """As NumPy 1 wrote it: its modules were called numpy.core."""
    return pickle.dumps(data, protocol).replace(b"cnumpy._core.", b"cnumpy.core.")


def pickles():
    cases = {}
    for protocol in range(6):
        cases[f"plain{protocol}"] = text(pickle.dumps(plain(), protocol))
        cases[f"arrays{protocol}"] = text(pickle.dumps(arrays(), protocol))
    cases["numpy1"] = text(old(arrays(), 2))
    refused = {
        "builtins.print": pickle.dumps(Harmful(), 4),
        "__builtin__.print": pickle.dumps(Harmful(), 0),
        "collections.OrderedDict": pickle.dumps(collections.OrderedDict(a=1), 2),
        "__main__.Thing": pickle.dumps(Thing(), 4),
        "torch._utils._rebuild_tensor_v2": pickle.dumps(torch.zeros(2), 2),
        "a set": pickle.dumps({1}, 4),
        "records": pickle.dumps(np.zeros(1, dtype=[("a", "f4")]), 4),
        "numpy.ma.core._mareconstruct": pickle.dumps(np.ma.masked_array([1.0]), 4),
    }
    return {"cases": cases, "refused": {k: text(v) for k, v in refused.items()}}


def torch_files():
    def saved(value):
        out = io.BytesIO()
        torch.save(value, out)
        return text(out.getvalue())

    base = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    cases = {
        **{str(kind).removeprefix("torch."): base.to(kind) for kind in (torch.float32, torch.float64, torch.float16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)},
        "transposed": base.t(),
        "part": base[:, 1:],
        "numpy": np.arange(6, dtype=np.uint8).reshape(2, 3),
    }
    refused = {"a dict": {"w": base}, "a list": [base], "BFloat16": base.bfloat16(), "expanded": torch.zeros(1).expand(5), "torch.nn.modules.linear.Linear": torch.nn.Linear(1, 1)}
    old_format = io.BytesIO()
    torch.save(base, old_format, _use_new_zipfile_serialization=False)
    return {"cases": {k: saved(v) for k, v in cases.items()}, "refused": {**{k: saved(v) for k, v in refused.items()}, "old format": text(old_format.getvalue())}}


def hdf5(folder):
    path = folder / "a.h5"
    with h5py.File(path, "w", libver="latest") as f:
        f["x"] = np.arange(6, dtype="f4").reshape(2, 3)
        f["group/i8"] = np.array([1, -2], dtype="i8")
        f["big"] = np.array([1.5, 2], dtype=">f8")
        f["bool"] = np.array([True, False])
        f.create_dataset("packed", data=np.arange(60.0).reshape(20, 3), compression="gzip", shuffle=True, chunks=(5, 3))
        f["text"] = ["a", "bc"]
        f["scalar"] = 3.5
        f["half"] = np.array([1], dtype="f2")
        f["complex"] = np.array([1 + 2j])
        f.create_dataset("huge", shape=(1 << 20, 1 << 20), dtype="f8", chunks=(1, 1024))
        f["elsewhere"] = h5py.ExternalLink("other.h5", "/x")
        f["nowhere"] = h5py.SoftLink("/gone")
        layout = h5py.VirtualLayout(shape=(3,), dtype="f4")
        layout[:] = h5py.VirtualSource("other.h5", "x", shape=(3,))
        f.create_virtual_dataset("virtual", layout)
    return path.read_bytes()


def mat73(folder):
    """What MATLAB's -v7.3 writes: HDF5 behind 512 bytes, columns first, classes in attributes, cells as references."""
    path = folder / "a.mat"

    def put(f, name, data, kind, **attributes):
        d = f.create_dataset(name, data=data)
        d.attrs["MATLAB_class"] = np.bytes_(kind)
        for key, value in attributes.items():
            d.attrs[key] = value
        return d

    with h5py.File(path, "w", userblock_size=512) as f:
        one = np.arange(6.0).reshape(3, 2)
        two = np.arange(9, dtype=np.float32).reshape(3, 3)
        refs = [put(f, "#refs#/a", one.T, "double").ref, put(f, "#refs#/b", two.T, "single").ref]
        cell = f.create_dataset("X", (2, 1), dtype=h5py.ref_dtype)
        cell.attrs["MATLAB_class"] = np.bytes_("cell")
        for i, ref in enumerate(refs):
            cell[i, 0] = ref
        put(f, "Y", np.array([[1, 2, 1]], dtype=np.uint8), "uint8")
        put(f, "name", np.array([[ord(c)] for c in "hello"], dtype=np.uint16), "char", MATLAB_int_decode=np.int32(2))
        put(f, "none", np.array([0, 0], dtype=np.uint64), "double", MATLAB_empty=np.uint8(1))
        f.create_group("record").attrs["MATLAB_class"] = np.bytes_("struct")
        put(f, "complex", np.array([[1 + 2j]]), "double")
    content = bytearray(path.read_bytes())
    head = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(116) + bytes(8) + struct.pack("<H", 0x0200) + b"IM"
    content[: len(head)] = head
    return bytes(content)


def parquet(folder):
    table = pa.table(
        {
            "a": pa.array([1.5, -2.0, None], pa.float32()),
            "i": pa.array([1, 2, 3], pa.int64()),
            "flag": pa.array([True, False, True]),
            "vector": pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float64())),
            "text": pa.array(["x", "y", "x"]),
        }
    )
    out = {}
    for codec in ("none", "snappy", "gzip", "brotli", "zstd"):
        path = folder / f"{codec}.parquet"
        pq.write_table(table, path, compression=codec, store_schema=False)
        out[codec] = text(path.read_bytes())
    return out


def pack_split(rows, labels, seed):
    """Steps 4; text is padded in front, audio behind; a row without text; an infinite value, as the audio of the packs has."""
    random = np.random.default_rng(seed)
    text_, audio, vision = (random.integers(1, 9, (rows, 4, width)).astype(np.float32) for width in (3, 2, 2))
    text_[:, :2] = 0
    audio[:, 3:] = 0
    audio[0, 0, 0] = -np.inf
    text_[-1] = 0
    return text_, audio, vision, np.array(labels, dtype=np.float32)


def packs():
    """The families of packs of sentiment sets, at a small size."""
    parts = {"train": (6, [-2.5, -0.4, 0.0, 0.5, 1.5, 3.0]), "valid": (3, [-1.0, 0.0, 2.2]), "test": (3, [-3.0, 0.0, 0.2])}
    mmsa, mult, ragged, humour = {}, {}, {}, {}
    for seed, (name, (rows, labels)) in enumerate(parts.items()):
        t, a, v, y = pack_split(rows, labels, seed)
        ids = [f"video{seed}$_${i}" for i in range(rows)]
        mmsa[name] = {"raw_text": np.array(ids), "text": t, "text_bert": np.zeros((rows, 3, 4)), "audio": a, "vision": v, "id": ids, "regression_labels": y, "classification_labels": np.sign(y).astype(np.int64) + 1, "annotations": ["x"] * rows}
        mult[name] = {"vision": v.astype(np.float64), "audio": a.astype(np.float64), "text": t, "labels": y.reshape(-1, 1, 1), "id": np.array([[i, 0, 1] for i in ids])}
        # A list of rows of unequal length, and an array of such rows.
        rows_of = np.empty(rows, dtype=object)
        for i in range(rows):
            rows_of[i] = v[i, : 2 + i % 3]
        ragged[name] = {"vision": rows_of, "audio": [a[i, : 1 + i % 4] for i in range(rows)], "text": t, "labels": y.reshape(-1, 1), "id": ids}
        humour[name] = {"vision": v, "audio": a, "text": t, "labels": np.where(y > 0, 1, -1).reshape(-1, 1), "id": ids}
    return {"mmsa": text(pickle.dumps(mmsa, 4)), "mult": text(pickle.dumps(mult, 2)), "ragged": text(pickle.dumps(ragged, 5)), "humour": text(pickle.dumps(humour, 3))}


def main():
    store("packs.fixture.json", packs(), "datasets/src/sentiment")
    store("pickle/pickle.fixture.json", pickles())
    store("torch.fixture.json", torch_files())
    with tempfile.TemporaryDirectory() as folder:
        store("hdf5.fixture.json", {"file": text(hdf5(Path(folder))), "mat": text(mat73(Path(folder)))})
        store("parquet.fixture.json", parquet(Path(folder)))


if __name__ == "__main__":
    main()

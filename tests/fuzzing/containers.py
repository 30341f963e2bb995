"""Whole containers of pictures, one small one of each kind, and those whose content is odd."""

import hashlib
import io
import json
import pickle
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from .test_pictures import seeds as pictures

ODD_LABELS: tuple[Any, ...] = (
    None, -1, 0, 1, 7, -2, 2**31, 2**40, 2**63 - 1, "cat", "", "-1", "\ud800", "a\nb", "٣", "³", "-",
    0.5, True, [1], {"x": 1}, float("nan"), b"dog", "9" * 5000,
)  # fmt: skip


@cache
def seeds() -> dict[str, bytes]:
    """By file name; the suffix says how it is loaded."""
    encoded = [pictures()[name] for name in ("png", "jpeg", "gif")]
    images = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), np.uint8)
    names = json.dumps({"info": {"features": {"label": {"names": ["cat", "dog"]}}}})
    plain = pa.table({"image": encoded, "label": [0, 1, 0]})
    nested = pa.table(
        {"img": [{"bytes": one, "path": "x"} for one in encoded], "label": ["cat", None, "dog"]}
    )
    return {
        "plain.parquet": parquet_of(plain.replace_schema_metadata({"huggingface": names})),
        "nested.parquet": parquet_of(nested, write_page_checksum=True, compression="zstd"),
        "plain.npz": npz_of(images=images, labels=np.array([0, 1, -1]), indices=np.array([5, 6, 8])),
        "packed.npz": npz_of(
            np.savez_compressed, images=images[..., 0], labels=np.array(["cat", "dog", "cat"])
        ),
        "plain.tar": tar_of([(f"{place}.png", one) for place, one in enumerate(encoded)]),
        "labelled.tar": tar_of(_labelled(encoded, [3, 7])),
        "labels.csv": b"file,label\na.png,cat\nb.png,dog\n",
        "numbers.csv": b"\xef\xbb\xbffile,label,note\r\na.png,3,x\r\nb.png,,\r\n",
    }


def parquet_of(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, row_group_size=2, **options)
    return stream.getvalue()


def npz_of(save: Any = np.savez, **arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    save(stream, **arrays)
    return stream.getvalue()


def tar_of(members: list[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def _labelled(encoded: list[bytes], labels: list[Any]) -> list[tuple[str, bytes]]:
    """Labels in `.json`, then one in `.cls`."""
    members = []
    for place, (one, label) in enumerate(zip(encoded, labels, strict=False)):
        told = json.dumps({"label": label}, default=str).encode()
        members += [(f"{place:03d}.jpg", one), (f"{place:03d}.json", told)]
    return members


@st.composite
def odd_containers(draw: st.DrawFn) -> tuple[str, bytes]:
    """Well packed, with labels and columns that no data set should have."""
    labels = draw(st.lists(st.sampled_from(ODD_LABELS), min_size=2, max_size=3))
    kind = draw(st.sampled_from([_odd_json, _odd_cls, _odd_csv, _odd_npz, _odd_parquet]))
    return kind(draw, labels)


def _odd_json(_: st.DrawFn, labels: list[Any]) -> tuple[str, bytes]:
    return "odd.tar", tar_of(_labelled([pictures()["png"]] * len(labels), labels))


def _odd_cls(_: st.DrawFn, labels: list[Any]) -> tuple[str, bytes]:
    texts = [str(label).encode("utf-8", "surrogatepass") for label in labels]
    return "odd.tar", tar_of([pair for place, text in enumerate(texts) for pair in _sample(place, text)])


def _odd_csv(_: st.DrawFn, labels: list[Any]) -> tuple[str, bytes]:
    lines = ["file,label", *(f"{name}.png,{label}" for name, label in zip("abc", labels, strict=False))]
    return "labels.csv", "\n".join(lines).encode("utf-8", "surrogatepass")


def _odd_npz(draw: st.DrawFn, labels: list[Any]) -> tuple[str, bytes]:
    texts, halves = [str(label)[:50] for label in labels], [0.5] * len(labels)
    array = np.array(draw(st.sampled_from([texts, halves, [texts], [[1, 2]] * len(labels)])))
    count, height = draw(st.sampled_from([len(labels), 0, 1])), draw(st.sampled_from([2, 0]))
    which = draw(st.sampled_from(["labels", "indices", "classes"]))
    return "odd.npz", npz_of(images=np.zeros((count, height, 2), np.uint8), **{which: array})


def _odd_parquet(draw: st.DrawFn, labels: list[Any]) -> tuple[str, bytes]:
    encoded = [draw(st.sampled_from([None, pictures()["png"]])), *[pictures()["gif"]] * (len(labels) - 1)]
    alike = [label if type(label) is type(labels[0]) and label != "\ud800" else None for label in labels]
    name = draw(st.sampled_from(["label", "labels", "img", "other"]))
    features = draw(st.sampled_from([["cat"], "cat", None, 7, [1, None], {"a": 1}, [], [["a"]]]))
    names = json.dumps({"info": {"features": {name: {"names": features}}}})
    told = draw(st.sampled_from([names, "[", "null", '{"info": []}']))
    table = pa.table({"image": pa.array(encoded, pa.binary()), name: alike})
    return "odd.parquet", parquet_of(table.replace_schema_metadata({"huggingface": told}))


def _sample(place: int, text: bytes) -> list[tuple[str, bytes]]:
    return [(f"{place}.png", pictures()["png"]), (f"{place}.cls", text)]


def cifar(folder: Path) -> dict[str, Any]:
    """CIFAR-10 of two pictures in torchvision's layout; what of torchvision must know their sums."""
    folder.mkdir(parents=True)
    batch = {"data": np.zeros((2, 3072), np.uint8), "labels": [3, 4]}
    written = {
        "test_batch": batch,
        "data_batch_1": batch,
        "batches.meta": {"label_names": list("abcdefghij")},
    }
    sums = {}
    for name, content in written.items():
        data = pickle.dumps(content)
        (folder / name).write_bytes(data)
        sums[name] = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {
        "train_list": [["data_batch_1", sums["data_batch_1"]]],
        "test_list": [["test_batch", sums["test_batch"]]],
        "meta": {"filename": "batches.meta", "key": "label_names", "md5": sums["batches.meta"]},
    }

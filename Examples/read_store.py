"""Reads a LayerTap feature store with NumPy alone: python3 read_store.py STORE [COLUMN]"""
import csv, json, os, sys
import numpy as np


def read_store(folder, column=None):
    """Returns X [readable images, dimensions] and the images' lines of items.csv, aligned."""
    store = json.load(open(os.path.join(folder, "store.json"), encoding="utf-8"))
    assert store["format"] == 1, "a later format"
    files = [entry["file"] for entry in store["columns"]]
    rows = os.path.getsize(os.path.join(folder, "rows.bin")) // 32
    data = np.load(os.path.join(folder, "features", (column or files[0]) + ".npy"), mmap_mode="r")
    with open(os.path.join(folder, "items.csv"), encoding="utf-8", newline="") as table:
        items = [item for item in csv.DictReader(table) if item["row"]]
    assert len(data) <= rows, "the header never counts more than the committed rows"
    return data[[int(item["row"]) for item in items]], items


if __name__ == "__main__":
    X, items = read_store(*sys.argv[1:])
    print(X.shape, X.dtype, sorted({item["label"] for item in items}))

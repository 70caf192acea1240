"""Writes data/imagenet_classes.txt: line i names class i of the 1,000 ImageNet-1k classes.

Usage: imagenet_classes.py DATA_FOLDER.

The order (synset ids) and the names (WordNet lemmas) come from two tables in the timm 1.0.31 wheel. A line is
the first lemma of the class; where two classes share it, the synset id follows in brackets.
"""

import collections
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "timm==1.0.31"
TABLES = "timm/data/_info/"


def main(data):
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            synsets = archive.read(TABLES + "imagenet_synsets.txt").decode().split()
            lines = archive.read(TABLES + "imagenet_synset_to_lemma.txt").decode().splitlines()
    lemmas = dict(line.split("\t") for line in lines)
    names = [lemmas[synset].split(",")[0] for synset in synsets]
    counts = collections.Counter(names)
    unique = [name if counts[name] == 1 else f"{name} ({synset})" for name, synset in zip(names, synsets)]
    assert len(set(unique)) == 1000
    (Path(data) / "imagenet_classes.txt").write_text("".join(name + "\n" for name in unique))


if __name__ == "__main__":
    main(sys.argv[1])

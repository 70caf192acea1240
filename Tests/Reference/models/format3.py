"""Makes model files of format 3 by hand, as Documentation/ModelFormat.md describes it, good ones and bad ones.

    python3 format3.py FOLDER

writes FOLDER/accepted/*.layertap, FOLDER/refused/*.layertap and FOLDER/refused.json, which gives words of the error for
each refused file. LayerTap takes no part, so that a reader is tested against the document alone.
"""

import json
import pathlib
import struct
import sys

import numpy as np

CLASSES = ["10", "2", "ärger"]
WEIGHTS = np.random.default_rng(3).normal(size=(3, 7)).astype("<f4")
KEYS = np.array([[1, 2, 3, 4, 5, 6, 7, n] for n in (8, 9, 255)], np.uint8)
IDENTITY = {
    "backbone": "resnet20_cifar10", "weightsHash": "a" * 64, "graphHash": "b" * 64, "decoder": "libjpeg-turbo 2.1.5",
    "numericsRevision": 2, "precision": "float32",
    "preprocessing": {
        "alpha": "white", "channels": "rgb", "cropFraction": 1.0, "decode": "exact", "interpolation": "bilinear",
        "mean": [0.485, 0.456, 0.406], "resize": "short", "scale": 255.0, "size": 32,
        "standardDeviation": [0.229, 0.224, 0.225]},
}
COLUMNS = [
    {"tap": "relu", "pooling": "avg"},
    {"tap": "layer1.2.relu_1", "pooling": "gem", "parameters": {"p": 3.0, "epsilon": 1e-6}}]
OPTIONS = {
    "classifier": "logistic", "multiClass": "multinomial", "penalty": "l2", "solver": "auto", "c": "auto",
    "select": "best", "selectBy": "accuracy", "standardize": "auto", "normalizeRows": False, "pca": None,
    "classWeight": "none", "intercept": "free", "tolerance": 0.001, "maximumIterations": 1000,
    "testFraction": None, "validationFraction": None, "folds": 5, "repeats": 1, "nested": False, "refit": True,
    "calibrate": "none", "seed": "0"}
EXTRACTION = dict.fromkeys(
    ["size", "resize", "cropFraction", "interpolation", "scale", "mean", "std", "channels", "decode", "orientation",
     "alpha", "allowTruncated"], None)
RESULTS = {
    "c": 0.1, "objective": 2.5, "gap": 1e-9, "iterations": 7, "converged": True, "solver": "truncated-newton",
    "standardization": "std", "classCounts": [1, 1, 1], "dataHash": "c" * 64,
    "estimates": [{"c": 0.1, "correct": 2, "of": 3, "interval": [0.207655, 0.938510]}]}
SELECTION = {
    "method": "cross-validation", "folds": 5, "repeats": 1, "rule": "best", "criterion": "accuracy", "tried": [0.1]}


def text(value):
    """Canonical JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def bare(**options):
    """The metadata and tensors of a model of a bare matrix. Options replace settings of the training. None removes a setting."""
    removed = {key for key, value in options.items() if value is None}
    settings = {key: value for key, value in {**OPTIONS, **options}.items() if key not in removed}
    metadata = {
        "format": "layertap-classifier", "formatVersion": "3", "since": "0.2.0", "classes": text(CLASSES),
        "settings": text({"training": settings}), "training": text(RESULTS), "selection": text(SELECTION)}
    tensors = {
        "weights": WEIGHTS, "bias": np.array([0.5, -0.25, 0], "<f4"), "scaler.offset": np.zeros(7, "<f4"),
        "scaler.scale": np.ones(7, "<f4"), "seenRows": KEYS}
    return metadata, tensors


def of_images(**options):
    """A model of two columns."""
    metadata, tensors = bare(**options)
    settings = json.loads(metadata["settings"])
    settings["extraction"] = {"backbone": "resnet20_cifar10", "columns": COLUMNS, "tune": False, **EXTRACTION}
    metadata.update(backbone=text(IDENTITY), columns=text(COLUMNS), settings=text(settings))
    tensors["golden.scores"] = np.array([1, 2, 3], "<f4")
    tensors["seen"] = tensors.pop("seenRows")
    return metadata, tensors


def encode(metadata, tensors, dtypes={}, change=lambda header: None):
    """A safetensors file. `dtypes` gives the types that NumPy lacks, and `change` spoils the header."""
    header, data = {"__metadata__": metadata}, b""
    names = {"float32": "F32", "float64": "F64", "uint8": "U8", "uint16": "U16"}
    for name, tensor in tensors.items():
        end = len(data) + tensor.nbytes
        kind = dtypes.get(name, names[tensor.dtype.name])
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), end]}
        data += tensor.tobytes()
    change(header)
    head = json.dumps(header, ensure_ascii=False).encode()
    head += b" " * (-len(head) % 8)
    return struct.pack("<Q", len(head)) + head + data


def changed(model, metadata={}, tensors={}):
    """A model with some metadata and tensors replaced. None removes an entry."""
    both = [{**old, **new} for old, new in zip(model, (metadata, tensors))]
    return encode(*({key: value for key, value in part.items() if value is not None} for part in both))


def converted(path):
    """A golden model with an embedded backbone, converted to format 3. Its predictions stay the same."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    old = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(content[8 + size :][begin:end], "<f4").reshape(entry["shape"])
    tensors["seen"] = KEYS
    metadata, _ = of_images()
    column = json.loads(old["column"])
    settings = json.loads(metadata["settings"])
    settings["extraction"]["columns"] = [column]
    metadata.update({key: old[key] for key in ("classes", "backbone", "backbone.graph")})
    results = dict(RESULTS, classCounts=json.loads(old["training"])["classCounts"])
    metadata.update(columns=text([column]), settings=text(settings), training=text(results))
    return encode(metadata, tensors)


def extension(name="examples", **fields):
    return {"extensions": text({name: {"required": False, "revision": 1, "since": "0.3.0", **fields}})}


def accepted():
    metadata, tensors = of_images()
    metadata.update(extension(), examples="its own text", remark="belongs to nothing")
    settings = json.loads(metadata["settings"])
    settings["training"]["flavor"] = "a later setting"
    metadata["settings"] = text(settings)
    tensors["examples.codes"] = np.arange(6, dtype=np.uint8).reshape(2, 3)
    tensors["examples.means"] = np.arange(4, dtype=np.uint16)
    platt = {"method": "platt", "slopes": [-2.0, -1.5, -1.0], "offsets": [0.25, 0.0, -0.5]}
    svm = bare(classifier="svm", multiClass=None, solver=None, loss="squared-hinge", calibrate="platt")
    mean = bare(classifier="nearest-mean", multiClass=None, solver=None, penalty=None, c=None, tolerance=None,
                maximumIterations=None, classWeight=None, intercept=None, select=None)
    results = {key: value for key, value in RESULTS.items() if key != "c"}
    estimate = {key: value for key, value in RESULTS["estimates"][0].items() if key != "c"}
    results.update(solver="class-means", gap=0.0, iterations=0, estimates=[estimate])
    validation = {"method": "validation", "fraction": 0.25, "rule": "one-se", "criterion": "accuracy", "tried": [0.1]}
    return {
        "bare": changed(bare()),
        "two-columns": changed(
            of_images(normalizeRows=True, calibrate="temperature"),
            {"rows": "l2", "calibration": text({"method": "temperature", "temperature": 1.5})}),
        "svmlight": changed(svm, {"indexBase": "1", "calibration": text(platt)}),
        "one-vs-rest": changed(bare(multiClass="one-vs-rest")),
        "no-seen": changed(bare(), {}, {"seenRows": None}),
        "nearest-mean": changed(mean, {"selection": text(dict(SELECTION, tried=[])), "training": text(results)}),
        "validation": changed(
            bare(folds=None, repeats=None, validationFraction=0.25, select="one-se"), {"selection": text(validation)}),
        "extension": encode(metadata, tensors, {"examples.means": "BF16"}),
        "embedded": converted(pathlib.Path(__file__).resolve().parent / "embedded.layertap"),
    }


def refused():
    """Files with words of the error that they must give."""
    model = bare()
    metadata, tensors = model

    def with_training(**options):
        return changed(bare(**options))

    def share(header):
        header["bias"]["data_offsets"] = [0, 12]  # these bytes also belong to the first weights

    def skip(header):
        header["weights"]["data_offsets"] = [4, 4 + 4 * WEIGHTS.size]
        for name in ("bias", "scaler.offset", "scaler.scale", "seenRows"):
            header[name]["data_offsets"] = [offset + 4 for offset in header[name]["data_offsets"]]

    later = {"formatVersion": "4"}
    cases = {
        "format-4": (changed(model, {**later, "since": None}), ["format 4", "a newer LayerTap"]),
        "format-4-since": (changed(model, {**later, "since": "0.9.1"}), ["format 4", "a newer LayerTap", "0.9.1"]),
        "format-4-of-others": (
            changed(model, {**later, "classes": None, "settings": "?"}, {"weights": None}), ["format 4"]),
        "format-x": (changed(model, {"formatVersion": "3.0"}), ["3.0"]),
        "other": (changed(model, {"format": "pt"}), ["'pt'"]),
        "required": (changed(model, extension("thresholds", required=True)), ["'thresholds'", "0.3.0"]),
        "unknown-tensor": (changed(model, {}, {"more": tensors["bias"]}), ["'more'"]),
        "undeclared": (changed(model, {}, {"examples.codes": KEYS}), ["'examples.codes'"]),
        "bare-name": (changed(model, extension(), {"examples": KEYS}), ["'examples'"]),
        "other-prefix": (changed(model, extension(), {"examplesX.codes": KEYS}), ["'examplesX.codes'"]),
        "backbone-tensor": (changed(model, {}, {"backbone.0.weights": WEIGHTS}), ["'backbone.0.weights'"]),
        "revision-0": (changed(model, extension(revision=0)), ["examples"]),
        "no-since": (changed(model, extension(since=None)), ["examples"]),
        "both-seen": (changed(model, {}, {"seen": KEYS}), ["'seen'"]),
        "rows-of-images": (changed(of_images(), {}, {"seen": None, "seenRows": KEYS}), ["'seenRows'"]),
        "seen-unsorted": (changed(model, {}, {"seenRows": KEYS[::-1]}), ["sorted"]),
        "seen-twice": (changed(model, {}, {"seenRows": KEYS[[0, 0, 1]]}), ["twice"]),
        "seen-short": (changed(model, {}, {"seenRows": np.ascontiguousarray(KEYS[:, :4])}), ["seenRows", "shape"]),
        "seen-floats": (changed(model, {}, {"seenRows": KEYS.astype("<f4")}), ["seenRows", "F32"]),
        "rows-l1": (changed(model, {"rows": "l1"}), ["rows"]),
        "one-column": (changed(of_images(), {"columns": None, "column": text(COLUMNS[0])}), ["columns"]),
        "no-columns": (changed(of_images(), {"columns": "[]"}), ["column"]),
        "no-backbone": (changed(of_images(), {"backbone": None}), ["backbone"]),
        "no-settings": (changed(model, {"settings": None}), ["settings"]),
        "no-selection": (changed(model, {"selection": None}), ["selection"]),
        "no-training": (changed(model, {"training": None}), ["training"]),
        "classifier": (with_training(classifier="forest"), ["forest"]),
        "multi-class": (with_training(multiClass="pairs"), ["pairs"]),
        "no-multi-class": (with_training(multiClass=None), ["multiClass"]),
        "calibration": (changed(model, {"calibration": text({"method": "isotonic"})}), ["isotonic"]),
        "temperature": (
            changed(model, {"calibration": text({"method": "temperature", "temperature": 0})}), ["calibration"]),
        "index-base": (changed(model, {"indexBase": "2"}), ["indexBase"]),
        "classes": (changed(model, {"classes": text(["a", "b", "a"])}), ["classes"]),
        "scale": (changed(model, {}, {"scaler.scale": np.zeros(7, "<f4")}), ["scaler.scale"]),
        "doubles": (changed(model, {}, {"weights": WEIGHTS.astype("<f8")}), ["weights", "F64"]),
        "cut": (changed(model)[:-1], []),
        "more-bytes": (changed(model) + b"\0", []),
        "overlap": (encode(metadata, tensors, change=share), ["overlap"]),
        "hole": (encode(metadata, tensors, change=skip) + bytes(4), ["hole"]),
    }
    for name in ("weights", "bias", "scaler.offset", "scaler.scale"):
        spoilt = tensors[name].copy()
        spoilt.flat[-1] = np.inf
        cases[f"no-{name}"] = (changed(model, {}, {name: None}), [f"'{name}'"])
        cases[f"infinite-{name}"] = (changed(model, {}, {name: spoilt}), [f"'{name}'"])
        cases[f"shape-{name}"] = (changed(model, {}, {name: np.ones(2, "<f4")}), ["shape"])
    taken = ["weights", "bias", "scaler", "golden", "backbone", "seen", "seenRows", "settings", "format", "extensions"]
    for name in [*taken, "a.b", "1a", ""]:
        cases[f"extension-{name}"] = (changed(model, extension(name)), [f"'{name}'"])
    return cases


def main(folder):
    for part in ("accepted", "refused"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name, content in accepted().items():
        (folder / "accepted" / f"{name}.layertap").write_bytes(content)
    for name, (content, _) in refused().items():
        (folder / "refused" / f"{name}.layertap").write_bytes(content)
    words = {name: words for name, (_, words) in refused().items()}
    (folder / "refused.json").write_text(json.dumps(words, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))

"""Reads a LayerTap model with NumPy alone, formats 1 to 3, and predicts rows of features as LayerTap does.

    python3 read_model.py MODEL [--json]            a description of the model
    python3 read_model.py MODEL X.npy [--json]      predictions: CSV, or lines of JSON

Read it beside Documentation/ModelFormat.md. It is strict: a file that violates the format
is a ModelError, not a wrong prediction. It computes no features: images need LayerTap.

    from read_model import read_model
    model = read_model("shirts.layertap")
    model.scores(X)          float64 [rows, classes]
    model.probabilities(X)   float64 [rows, classes], or None: margins and similarities are no probabilities
    model.predict(X)         a list of class names
"""
import argparse, csv, json, math, re, sys
import numpy as np

NEWEST_FORMAT = 3
# The extensions that this reader understands, with the highest revision of each. A reader that learns one adds it here.
KNOWN_EXTENSIONS = {}

HEADS = {"weights", "bias", "scaler", "golden", "backbone", "seen", "seenRows"}  # of the tensors' names
KEYS = {"format", "formatVersion", "since", "classes", "columns", "rows", "backbone", "backbone.graph", "calibration",
        "settings", "training", "selection", "indexBase", "extensions"}
CLASSIFIERS = ("logistic", "svm", "nearest-mean")
MULTI_CLASS = ("multinomial", "one-vs-rest")


class ModelError(Exception):
    """The reason why a file cannot be read."""


def require(condition, reason):
    if not condition:
        raise ModelError(reason)


# ---- The container: eight bytes of length, a header of JSON, the tensors' bytes

BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2,
         "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1}


class Safetensors:
    """The metadata, and tensors by name."""

    def __init__(self, content):
        require(len(content) >= 8, "no safetensors file: it is cut off")
        length = int.from_bytes(content[:8], "little")
        require(length <= len(content) - 8, "no safetensors file: the header is longer than the file")
        header = parse_json(content[8 : 8 + length], "the safetensors header", dict)
        self.metadata = header.pop("__metadata__", {})
        require(isinstance(self.metadata, dict) and all(isinstance(text, str) for text in self.metadata.values()),
                "the safetensors metadata are not texts")
        self.entries = header
        self.data = content[8 + length :]
        # The tensors' bytes follow one another without holes, and nothing follows them.
        expected = 0
        for name, entry in sorted(header.items(), key=lambda item: self.offsets(*item)):
            begin, end = self.offsets(name, entry)
            require(begin == expected <= end, f"tensor '{name}': a hole or an overlap before it")
            expected = end
        require(expected == len(self.data), "the file is longer or shorter than its tensors")

    @staticmethod
    def offsets(name, entry):
        try:
            (begin, end), shape, kind = entry["data_offsets"], entry["shape"], entry["dtype"]
            good = all(is_integer(n) and n >= 0 for n in [begin, end, *shape]) and isinstance(kind, str)
            good = good and end - begin == math.prod(shape) * BYTES.get(kind, math.nan)
        except (KeyError, TypeError, ValueError):
            good = False
        require(good, f"tensor '{name}': its entry in the header is wrong")
        return begin, end

    def array(self, name, kind, shape):
        """A tensor that must be there; None in `shape` stands for any extent above 0."""
        require(name in self.entries, f"the tensor '{name}' is missing")
        entry = self.entries[name]
        require(entry["dtype"] == kind, f"the tensor '{name}' is {entry['dtype']}, expected {kind}")
        found = entry["shape"]
        fits = len(found) == len(shape) and all(a > 0 if b is None else a == b for a, b in zip(found, shape))
        require(fits, f"the tensor '{name}' has shape {found}, expected {['any' if b is None else b for b in shape]}")
        begin, end = entry["data_offsets"]
        array = np.frombuffer(self.data[begin:end], {"F32": "<f4", "U8": "u1"}[kind]).reshape(found)
        require(np.isfinite(array).all(), f"a value of the tensor '{name}' is not finite")
        return array


# ---- Values of JSON

def parse_json(text, what, kind):
    def unique(pairs):
        require(len(dict(pairs)) == len(pairs), f"{what}: a name occurs twice")
        return dict(pairs)

    def refuse(constant):
        raise ModelError(f"{what}: {constant} is no JSON")

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{what}: {error}") from error
    require(isinstance(value, kind), f"{what}: expected {'an object' if kind is dict else 'an array'}")
    return value


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_finite(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


# ---- The model

class Model:
    """A linear classifier. Its attributes are the contents of the file, mostly unchanged."""

    def __init__(self, content):
        file = Safetensors(content)
        self.metadata = file.metadata
        self.format = self._format()
        self.extensions = self._extensions() if self.format >= 3 else {}
        self.classes = self._json("classes", list)
        require(len(self.classes) >= 2 and all(isinstance(name, str) for name in self.classes)
                and len(set(self.classes)) == len(self.classes), "'classes': expected two or more different names")
        self.normalizes_rows = self._normalizes_rows()
        self.backbone = self._json("backbone", dict) if "backbone" in self.metadata else None
        self.columns = self._columns()
        self.training = self._json("training", dict)
        if self.format >= 3:
            self.settings = self._json("settings", dict)
            self.selection = self._json("selection", dict)
            self.index_base = self._index_base()
            settings = self.settings.get("training")
            require(isinstance(settings, dict), "'settings': expected an object 'training'")
            default = None
        else:
            # Settings and results are in one object, and defaults are left out.
            self.settings, self.index_base = None, None
            self.selection = self.training.get("selection")
            settings, default = self.training, "multinomial"
        # The settings that a prediction needs. Unknown words would mean other scores: they are refused.
        self.classifier = settings.get("classifier")
        require(self.classifier in CLASSIFIERS, f"the classifier {self.classifier!r} is unknown")
        self.multi_class = settings.get("multiClass", default) if self.classifier == "logistic" else None
        require(self.classifier != "logistic" or self.multi_class in MULTI_CLASS,
                f"the multiClass {self.multi_class!r} is unknown")
        self.calibration = self._calibration()
        self._read_tensors(file)

    def _read_tensors(self, file):
        k = len(self.classes)
        self.scale = file.array("scaler.scale", "F32", [None])
        self.dimensions = d = len(self.scale)
        require((self.scale > 0).all(), "the tensor 'scaler.scale' has values not above 0")
        self.offset = file.array("scaler.offset", "F32", [d])
        self.weights = file.array("weights", "F32", [k, d])
        self.bias = file.array("bias", "F32", [k])
        known = {"scaler.scale", "scaler.offset", "weights", "bias"}
        self.golden_scores = None
        if "golden.scores" in file.entries:
            self.golden_scores = file.array("golden.scores", "F32", [k])
            known.add("golden.scores")
        self.seen = None  # format 3: eight bytes of each image, or row, fitted on or used to choose; None: not known
        name = "seenRows" if self.columns is None else "seen"
        if self.format >= 3 and name in file.entries:
            self.seen = file.array(name, "U8", [None, 8])
            keys = [row.tobytes() for row in self.seen]
            require(all(a < b for a, b in zip(keys, keys[1:])), f"the tensor '{name}' is not sorted, or has a row twice")
            known.add(name)
        self.has_embedded_backbone = "backbone.graph" in self.metadata
        require(not self.has_embedded_backbone or self.backbone is not None, "an embedded backbone without 'backbone'")
        for name in sorted(file.entries):
            head = name.split(".")[0]
            of_backbone = self.has_embedded_backbone and re.fullmatch(r"backbone\.[0-9]+\..+", name)
            of_extension = head in self.extensions and name != head
            require(name in known or of_backbone or of_extension,
                    f"the tensor '{name}' is unknown to format {self.format}")

    # Parts of the metadata

    def _text(self, key):
        require(key in self.metadata, f"the metadata lack '{key}'")
        return self.metadata[key]

    def _json(self, key, kind):
        return parse_json(self._text(key), f"metadata '{key}'", kind)

    def _format(self):
        require(self._text("format") == "layertap-classifier", f"the format is '{self.metadata['format']}'")
        version = self._text("formatVersion")
        require(re.fullmatch("[1-9][0-9]*", version), f"the format's version is '{version}'")
        if int(version) > NEWEST_FORMAT:
            since = f", {self.metadata['since']} or later" if "since" in self.metadata else ""
            raise ModelError(f"this is format {version}: it needs a newer LayerTap{since}")
        return int(version)

    def _extensions(self):
        """Extensions by name. Unknown optional ones are ignored, with all their parts."""
        extensions = self._json("extensions", dict) if "extensions" in self.metadata else {}
        for name, entry in extensions.items():
            require(re.fullmatch("[A-Za-z][A-Za-z0-9]*", name) and name not in HEADS | KEYS,
                    f"'{name}' can't be the name of an extension")
            require(isinstance(entry, dict) and isinstance(entry.get("required"), bool)
                    and is_integer(entry.get("revision")) and entry["revision"] >= 1
                    and isinstance(entry.get("since"), str),
                    f"extension '{name}': expected 'required', 'revision' and 'since'")
            if entry["required"] and KNOWN_EXTENSIONS.get(name, 0) < entry["revision"]:
                raise ModelError(f"the model needs the extension '{name}', revision {entry['revision']}: "
                                 f"it needs a newer LayerTap, {entry['since']} or later")
        return extensions

    def _normalizes_rows(self):
        rows = self.metadata.get("rows")
        allowed = {1: (None,), 2: ("l2",), 3: (None, "l2")}[self.format]
        require(rows in allowed, f"metadata 'rows': {rows!r} in format {self.format}")
        return rows == "l2"

    def _columns(self):
        """The columns whose features follow one another in a row; None for a model of a bare matrix."""
        if self.format < 3:
            columns = [self._json("column", dict)] if self.backbone is not None else None
        else:
            require(("columns" in self.metadata) == (self.backbone is not None), "'columns' and 'backbone' go together")
            columns = self._json("columns", list) if self.backbone is not None else None
        if columns is not None:
            require(columns and all(isinstance(column, dict) and isinstance(column.get("tap"), str)
                                    and isinstance(column.get("pooling"), str) for column in columns),
                    "a column has no 'tap' or no 'pooling'")
        return columns

    def _index_base(self):
        base = self.metadata.get("indexBase")
        require(base in (None, "0", "1"), f"metadata 'indexBase': {base!r}, expected 0 or 1")
        return base

    def _calibration(self):
        if "calibration" not in self.metadata:
            return None
        calibration = self._json("calibration", dict)
        if calibration.get("method") == "temperature":
            good = is_finite(calibration.get("temperature")) and calibration["temperature"] > 0
        elif calibration.get("method") == "platt":
            lists = [calibration.get("slopes"), calibration.get("offsets")]
            good = all(isinstance(values, list) and len(values) == len(self.classes) and all(map(is_finite, values))
                       for values in lists)
        else:
            raise ModelError(f"the calibration {calibration.get('method')!r} is unknown")
        require(good, "metadata 'calibration': its numbers are wrong")
        return calibration

    # Predictions. Sums go in LayerTap's order, and the exponential is the C library's, so that the results are the same
    # bits. X @ weights.T + bias and NumPy's exponential would differ only in the last digits.

    def scores(self, X):
        """weights x + bias for each row x, divided by its norm where the model says so: float64 [rows, classes]."""
        X = np.asarray(X, np.float32)
        if X.ndim != 2 or X.shape[1] != self.dimensions:
            raise ValueError(f"the rows have shape {X.shape}, expected [rows, {self.dimensions}]")
        if not np.isfinite(X).all():
            raise ValueError("a feature is not finite in float32")
        X = X.astype(np.float64)
        scores = dot(X[:, None, :], self.weights.astype(np.float64))
        if self.normalizes_rows:
            squares = squared_norm(X)
            scores *= (1 / np.sqrt(np.where(squares == 0, 1, squares)))[:, None]  # zeros stay zeros
        return self.bias + scores

    def probabilities(self, X):
        """float64 [rows, classes], or None for a model whose scores are margins or similarities."""
        return self.probabilities_of_scores(self.scores(X))

    def probabilities_of_scores(self, scores):
        if self.calibration is None:
            if self.classifier != "logistic":
                return None
            if self.multi_class == "multinomial":
                return softmax(scores)
            # σ / Σ σ by the logarithms of the sigmoids, so that scores far below 0 still distinguish classes.
            return softmax(-(np.maximum(0, -scores) + log1p(exp(-abs(scores)))))
        if self.calibration["method"] == "temperature":
            return softmax(scores, self.calibration["temperature"])
        exponents = np.array(self.calibration["slopes"]) * scores + np.array(self.calibration["offsets"])
        small = exp(-abs(exponents))
        sigmoids = np.where(exponents >= 0, small / (1 + small), 1 / (1 + small))
        sums = total(sigmoids)
        return np.where(sums > 0, sigmoids / np.where(sums > 0, sums, 1), 1 / len(self.classes))

    def predict(self, X):
        """The class of the largest score, in a tie the first; with Platt's sigmoids that of the largest probability."""
        return self.predict_of_scores(self.scores(X))

    def predict_of_scores(self, scores):
        has_sigmoids = self.calibration is not None and self.calibration["method"] == "platt"
        deciding = self.probabilities_of_scores(scores) if has_sigmoids else scores
        return [self.classes[c] for c in deciding.argmax(axis=1)]

    @property
    def kind_of_scores(self):
        return {"logistic": "score", "svm": "margin", "nearest-mean": "similarity"}[self.classifier]

    def description(self):
        """A description of the model, ready for JSON."""
        return {
            "format": self.format, "classifier": self.classifier, "multiClass": self.multi_class,
            "classes": self.classes, "dimensions": self.dimensions, "columns": self.columns,
            "backbone": None if self.backbone is None else self.backbone.get("backbone"),
            "isBackboneEmbedded": self.has_embedded_backbone, "rows": "l2" if self.normalizes_rows else None,
            "calibration": self.calibration, "indexBase": self.index_base, "settings": self.settings,
            "selection": self.selection, "training": self.training,
            "seen": None if self.seen is None else len(self.seen), "extensions": self.extensions,
        }


def chains(a, b):
    """Sums of products over the last axis without its remainder by four, in four chains: [..., 4]."""
    sums = np.zeros(np.broadcast_shapes(a.shape[:-1], b.shape[:-1]) + (4,))
    for j in range(0, a.shape[-1] // 4 * 4, 4):
        sums += a[..., j : j + 4] * b[..., j : j + 4]
    return np.moveaxis(sums, -1, 0)


def add_remainder(sums, a, b):
    for j in range(a.shape[-1] // 4 * 4, a.shape[-1]):
        sums = sums + a[..., j] * b[..., j]
    return sums


def dot(a, b):
    """The products of rows and weights."""
    first, second, third, fourth = chains(a, b)
    return add_remainder((first + second) + (third + fourth), a, b)


def squared_norm(a):
    first, second, third, fourth = chains(a, a)
    return add_remainder(((first + second) + third) + fourth, a, a)


exp = np.vectorize(math.exp, otypes=[np.float64])
log1p = np.vectorize(math.log1p, otypes=[np.float64])


def total(values):
    """The sum of each row, from the first value to the last."""
    return np.add.accumulate(values, axis=1)[:, -1:]


def softmax(scores, temperature=1):
    powers = exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    return powers / total(powers)


def read_model(path):
    """Reads a file.

    Raises ModelError if it is no model or one that this reader must not use, OSError if it can't be read."""
    with open(path, "rb") as file:
        content = file.read()
    try:
        return Model(content)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


# ---- The command line

def describe(model):
    yield f"format {model.format}, {model.classifier}" + (f", {model.multi_class}" if model.multi_class else "")
    yield f"{len(model.classes)} classes: " + ", ".join(model.classes)
    yield f"{model.dimensions} features" + (", each row divided by its norm" if model.normalizes_rows else "")
    for column in model.columns or []:
        parameters = ", ".join(f"{name} {value}" for name, value in (column.get("parameters") or {}).items())
        embedded = ", embedded" if model.has_embedded_backbone else ""
        yield (f"column: {column['tap']}, {column['pooling']}" + (f" ({parameters})" if parameters else "")
               + f", of {model.backbone.get('backbone')}{embedded}")
    if model.index_base is not None:
        yield f"indices of SVMlight text begin at {model.index_base}"
    for part, values in (model.settings or {}).items():
        if isinstance(values, dict):
            yield f"settings of {part}: " + ", ".join(f"{key} {json.dumps(value)}" for key, value in values.items())
    selection = model.selection
    yield "selection: " + (selection if isinstance(selection, str) else
                           ", ".join(f"{key} {json.dumps(value)}" for key, value in (selection or {}).items()))
    plain = {key: value for key, value in model.training.items()
             if not isinstance(value, (dict, list)) and key not in ("selection", "dataHash")}
    yield "training: " + ", ".join(f"{key} {json.dumps(value)}" for key, value in sorted(plain.items()))
    if model.calibration is not None:
        yield f"calibration: {model.calibration['method']}"
    yield ("seen: not known before format 3" if model.seen is None else
           f"seen: {len(model.seen)} " + ("rows" if model.columns is None else "images"))
    for name, entry in model.extensions.items():
        yield f"extension: {name}, revision {entry['revision']}, " + ("required" if entry["required"] else "optional")


def main():
    parser = argparse.ArgumentParser(description="Reads a LayerTap model, and predicts rows of features.")
    parser.add_argument("model")
    parser.add_argument("rows", nargs="?", metavar="X.npy", help="a matrix [rows, dimensions]")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    model = read_model(arguments.model)
    if arguments.rows is None:
        if arguments.json:
            print(json.dumps(model.description(), ensure_ascii=False, indent=1))
        else:
            print("\n".join(describe(model)))
        return
    scores = model.scores(np.load(arguments.rows, allow_pickle=False))
    probabilities = model.probabilities_of_scores(scores)
    predictions = model.predict_of_scores(scores)
    kind, values = (model.kind_of_scores, scores) if probabilities is None else ("probability", probabilities)
    table = csv.writer(sys.stdout, lineterminator="\n")
    if not arguments.json:
        table.writerow(["row", "class", kind])
    for row, name in enumerate(predictions):
        if arguments.json:
            line = {"row": row, "class": name, "scores": scores[row].tolist()}
            if probabilities is not None:
                line["probabilities"] = probabilities[row].tolist()
            print(json.dumps(line, ensure_ascii=False))
        else:
            table.writerow([row, name, repr(float(values[row][model.classes.index(name)]))])


if __name__ == "__main__":
    try:
        main()
    except (ModelError, OSError, ValueError) as error:
        sys.exit(f"read_model.py: {error}")

"""Writes golden models and their predictions: models of formats 1 and 2, as the program wrote them before format 3.

    python3 generate.py LAYERTAP WEIGHTS [--replace]

LAYERTAP is a program that writes formats 1 and 2, and WEIGHTS is the folder that contains efficientnet-lite0-57934424.pth.
The script trains the models in a temporary folder, lets the same program predict, and writes *.layertap, rows.npy and
expected.json beside itself. It refuses to replace existing files, since later programs are compared with them. --replace
is only for the addition of a model.

Made with layertap 0.1.0 at ec4f581, Python 3.11.7, NumPy 2.4.6, on x86-64.
"""

import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent.parent.parent / "data"
PIXELS = ["surfaces/test/brick/brick_02.png", "surfaces/test/sky/sky_05.png", "surfaces/test/wood/wood_07.png",
          "digits/test/3/1350.png", "photos/handwriting.png"]
NAMES = ["10", "2", "quote \" and \\ backslash", "ärger 犬"]  # in the order of their bytes
COLUMNS = 19  # no multiple of four, so that sums have a remainder


def main(program, weights, replace):
    if not replace and any((HERE / name).exists() for name in ("rows.npy", "expected.json")):
        sys.exit("generate.py: the golden models are there; --replace replaces them")
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(program, weights, pathlib.Path(folder))
        maker.make_inputs()
        maker.train_on_matrices()
        maker.train_on_images()
        expected = {"program": maker.run("--version").strip(), "rows": "rows.npy", "models": maker.expected()}
        for path in sorted(maker.folder.glob("*.layertap")):
            shutil.copyfile(path, HERE / path.name)
        shutil.copyfile(maker.folder / "rows.npy", HERE / "rows.npy")
        with open(HERE / "expected.json", "w", encoding="utf-8") as file:
            file.write(one_line_a_row(expected))


class Maker:
    def __init__(self, program, weights, folder):
        self.program = os.path.abspath(program)
        self.weights = os.path.abspath(weights)
        self.folder = folder
        self.images = {}  # for each model from images, the options that its prediction needs

    def run(self, *arguments):
        environment = dict(os.environ, LAYERTAP_WEIGHTS=self.weights)
        environment.pop("OPENBLAS_CORETYPE", None)
        done = subprocess.run(
            [self.program, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"generate.py: {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def train(self, name, data, *options):
        self.run("train", data, "--output", f"{name}.layertap", *options)

    # Inputs

    def make_inputs(self):
        random = np.random.default_rng(20240607)
        centers = random.normal(size=(4, COLUMNS)) * 0.4
        y = np.arange(120) % 4
        X = (centers[y] + random.normal(size=(120, COLUMNS))) * np.exp(random.normal(size=COLUMNS))
        X = X.astype(np.float32)
        weights = np.where(np.arange(120) % 7 == 0, 2.5, 1.0)
        np.savez(self.folder / "plain.npz", X=X, y=np.array(NAMES)[y])
        np.savez(self.folder / "weighted.npz", X=X, y=np.array(NAMES)[y], weight=weights)
        with open(self.folder / "from-one.svm", "w", encoding="utf-8") as file:
            for row, label in zip(X, y):
                kept = [j for j in range(COLUMNS) if abs(row[j]) > 0.3 or j == COLUMNS - 1]
                pairs = (f"{j + 1}:{row[j]:.6g}" for j in kept)
                file.write(f"{label + 1} {' '.join(pairs)}\n")

        # The rows for the predictions. A model of d features uses the first d columns.
        rows = random.normal(size=(20, 48)) * np.exp(2 * random.normal(size=48))
        rows[1] = 0  # has the norm 0
        rows[2] *= 1e6
        rows[3] *= 1e-6
        rows[4] = np.abs(rows[4])
        np.save(self.folder / "rows.npy", rows.astype("<f4"))

    def train_on_matrices(self):
        matrix = "plain.npz"
        self.train("logistic", "weighted.npz", "--class-weight", "balanced", "--seed", str(2**64 - 1))
        self.train("normalized-rows", matrix, "--normalize-rows", "--validation-fraction", "0.25")
        self.train("temperature", matrix, "--calibrate", "temperature", "--repeats", "2", "--solver", "lbfgs")
        self.train("svm-platt", matrix, "--classifier", "svm", "--calibrate", "platt", "--select", "one-se")
        self.train("svm-hinge", matrix, "--classifier", "svm", "--loss", "hinge", "--c", "0.1", "--folds", "3")
        self.train("elastic-net-pca", matrix, "--multi-class", "one-vs-rest", "--penalty", "elastic-net",
                   "--l1-ratio", "0.25", "--pca", "4", "--whiten")
        self.train("one-vs-rest-platt", matrix, "--multi-class", "one-vs-rest", "--calibrate", "platt",
                   "--normalize-rows", "--pca", "0.8", "--validation-fraction", "0.125", "--select", "one-se")
        self.train("nearest-mean", matrix, "--classifier", "nearest-mean", "--standardize", "max")
        self.train("nested", matrix, "--penalty", "l1", "--nested", "--repeats", "2", "--select", "one-se",
                   "--standardize", "none")
        self.train("svmlight-no-penalty", "from-one.svm", "--penalty", "none")
        self.train("crammer-singer", "from-one.svm", "--classifier", "svm", "--loss", "crammer-singer")

    def train_on_images(self):
        network = self.folder / "random.safetensors"
        write_safetensors(network, random_resnet20())
        split = self.folder / "surfaces"
        for name in ("brick", "grass", "sky", "wood"):
            for part, source, count in (("train", "train", 12), ("val", "test", 6)):
                (split / part / name).mkdir(parents=True)
                for path in sorted((DATA / "surfaces" / source / name).iterdir())[:count]:
                    shutil.copyfile(path, split / part / name / path.name)
        digits = self.folder / "digits"
        for name in "0123456789":
            (digits / name).mkdir(parents=True)
            for path in sorted((DATA / "digits" / "train" / name).iterdir())[:8]:
                shutil.copyfile(path, digits / name / path.name)

        chosen = ("--backbone", "random.safetensors", "--embed-backbone")
        self.train("embedded", "surfaces", *chosen, "--layers", "layer1")
        self.train("embedded-tuned", "digits", *chosen, "--layers", "relu", "--pool", "avgmax", "--tune",
                   "--alpha", "black", "--calibrate", "auto", "--folds", "4")
        self.train("lite0", "surfaces", "--layers", "blocks.4", "--pool", "gem", "--no-refit",
                   "--select", "one-se")
        self.images = {"embedded": "embedded", "embedded-tuned": "embedded", "lite0": "lite0"}

        # A training on a store without the network gives no golden scores.
        self.run("extract", "digits", "--backbone", "random.safetensors", "--layers", "layer2.0.relu_1",
                 "--pool", "max", "--store", "bare")
        network.unlink()
        stores = [path.parent for path in (self.folder / "bare").rglob("store.json")]
        self.train("from-store", str(stores[0]), "--classifier", "svm", "--penalty", "l1")

    # Predictions of the program

    def expected(self):
        models = {}
        for path in sorted(self.folder.glob("*.layertap")):
            name = path.stem
            content = path.read_bytes()
            metadata, tensors = read_safetensors(content)
            classes = json.loads(metadata["classes"])
            dimensions = tensors["weights"]["shape"][1]
            rows = np.load(self.folder / "rows.npy")[:, :dimensions]
            np.save(self.folder / "input.npy", np.ascontiguousarray(rows))
            self.write_with_scores(content)
            models[name] = {"sha256": hashlib.sha256(content).hexdigest(), "dimensions": dimensions}
            models[name]["predictions"] = self.predict(path.name, classes, "input.npy")
            if name in self.images:
                pictures = self.predict(path.name, classes, *(str(DATA / image) for image in PIXELS))
                models[name]["weights"] = self.images[name]
                models[name]["images"] = [dict(entry, path=f"data/{image}") for entry, image in zip(pictures, PIXELS)]
        return models

    def predict(self, model, classes, *data):
        """The program's predictions for each input, in the order of the classes, not of the ranks."""
        said = self.ranked(model, classes, *data)
        scored = self.ranked("scores.model", classes, *data)
        result = []
        for answer, scores in zip(said, scored):
            kind = next(key for key in answer[0] if key != "class")
            entry = {"class": answer[0]["class"], "scores": in_order(scores, classes)}
            values = in_order(answer, classes)
            if kind == "probability":
                entry["probabilities"] = values
            else:
                assert values == entry["scores"]
            result.append(entry)
        return result

    def ranked(self, model, classes, *data):
        answers = json.loads(self.run("predict", model, *data, "--format", "json", "--top", str(len(classes))))
        if len(data) > 1:  # images are answered in the order of their paths
            by_path = {answer["path"]: answer for answer in answers}
            answers = [by_path[path] for path in data]
        return [answer["predictions"] for answer in answers]

    def write_with_scores(self, content):
        """The same model as an SVM without calibration, for which the program prints the scores themselves."""
        metadata, _ = read_safetensors(content)
        training = json.loads(metadata["training"])
        training.pop("multiClass", None)
        if training["classifier"] == "nearest-mean":
            training["c"] = 1.0
            training["estimates"] = [dict(entry, c=1.0) for entry in training["estimates"]]
        training.update(classifier="svm", loss="squared-hinge")
        training.pop("nested", None)
        metadata.pop("calibration", None)
        metadata["training"] = json.dumps(training)
        size = struct.unpack("<Q", content[:8])[0]
        header = json.loads(content[8 : 8 + size])
        header["__metadata__"] = metadata
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        (self.folder / "scores.model").write_bytes(struct.pack("<Q", len(text)) + text + content[8 + size :])


def in_order(ranked, classes):
    values = {entry["class"]: next(value for key, value in entry.items() if key != "class") for entry in ranked}
    return [values[name] for name in classes]


def random_resnet20():
    """A ResNet-20 for 32 x 32 pixels with random weights, under the names that other checkpoints use."""
    random = np.random.default_rng(20)
    tensors = {}

    def convolution(name, inputs, outputs):
        tensors[f"{name}.weight"] = random.normal(size=(outputs, inputs, 3, 3)) * np.sqrt(2 / (9 * inputs))

    def normalization(name, channels):
        tensors[f"{name}.weight"] = random.uniform(0.5, 1, channels)
        tensors[f"{name}.bias"] = random.normal(size=channels) / 4
        tensors[f"{name}.running_mean"] = random.normal(size=channels) / 4
        tensors[f"{name}.running_var"] = random.uniform(0.5, 2, channels)

    convolution("conv1", 3, 16)
    normalization("bn1", 16)
    channels = 16
    for stage in range(3):
        for block in range(3):
            for index, inputs in ((1, channels), (2, 16 << stage)):
                convolution(f"layer{stage + 1}.{block}.conv{index}", inputs, 16 << stage)
                normalization(f"layer{stage + 1}.{block}.bn{index}", 16 << stage)
            channels = 16 << stage
    tensors["linear.weight"] = random.normal(size=(10, 64)) / 8
    tensors["linear.bias"] = np.zeros(10)
    return {name: value.astype("<f4") for name, value in tensors.items()}


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        end = len(data) + tensor.nbytes
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), end]}
        data += tensor.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(content):
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    return header.pop("__metadata__"), header


def one_line_a_row(expected):
    """JSON with one line for each prediction."""
    models = []
    for name, model in expected["models"].items():
        fields = []
        for key, value in model.items():
            text = json.dumps(value, ensure_ascii=False)
            if isinstance(value, list):
                text = "[\n    " + ",\n    ".join(json.dumps(entry, ensure_ascii=False) for entry in value) + "\n  ]"
            fields.append(f"  {json.dumps(key)}: {text}")
        models.append(f"{json.dumps(name)}: {{\n" + ",\n".join(fields) + "\n}")
    head = ",\n".join(f"{json.dumps(key)}: {json.dumps(expected[key])}" for key in ("program", "rows"))
    return "{\n" + head + ',\n"models": {\n' + ",\n".join(models) + "\n}\n}\n"


if __name__ == "__main__":
    options = [argument for argument in sys.argv[1:] if argument == "--replace"]
    paths = [argument for argument in sys.argv[1:] if argument != "--replace"]
    if len(paths) != 2:
        sys.exit(__doc__)
    main(*paths, bool(options))

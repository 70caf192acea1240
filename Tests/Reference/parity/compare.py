"""Runs LayerTap, and Python programs with which it should agree, on the images in data/. Prints the results side by side.

    python compare.py LAYERTAP

LAYERTAP is the built program. Scripts/parity makes the Python environment that this script needs (requirements.txt), and runs
the script. The exit code is 1 if a result differs by more than its limit.

The Python side decodes and resizes images with Pillow, runs the published PyTorch model, and classifies with scikit-learn. It
gets no numbers from LayerTap. There is one exception: for the comparison of objectives, both sides get the same features.
"""

import contextlib
import csv
import io
import json
import subprocess
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image, ImageOps
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

DATA = Path(__file__).resolve().parents[3] / "data"
SETS = ["photos", "surfaces", "digits"]
# The number of images of a data set that are compared after resizing. Each has 150,528 bytes.
RESIZED = 100

PIXEL_BAR = 0  # bytes
TAP_BAR = 3e-5  # of the tap's largest value
# LayerTap may be lower than the reference, whose solvers stop earlier, but not higher.
WORSE_BAR, BETTER_BAR = 1e-9, 1e-6
# LIBSVM keeps its kernel matrix in float32, so its optimum is rough if C is large.
BETTER_BAR_LIBSVM = 1e-3
PROBABILITY_BAR = 1e-3

failures = 0


def row(*cells, passed=None):
    """Prints the first cell to the left and the others to the right."""
    global failures
    failures += passed is not None and not passed
    verdict = "" if passed is None else "PASS" if passed else "FAIL"
    print((f"  {cells[0]:<30}" + "".join(f"{cell:>16}" for cell in cells[1:]) + f"   {verdict}").rstrip(), flush=True)


class LayerTap:
    """The program, in a folder of its own."""

    def __init__(self, program, folder):
        self.program, self.folder = Path(program).resolve(), Path(folder)

    def run(self, *arguments):
        arguments = [str(argument) for argument in arguments]
        done = subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"layertap {' '.join(arguments[:3])} ...: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def extract(self, paths, layers, *options):
        """The features of each layer and the paths of the images: {layer: [images, ...]}, [path]."""
        self.run("extract", *paths, "--layers", *layers, "--output", "X.npy", "--yes", "--store", "store", *options)
        with open(self.folder / "X.csv", newline="") as file:
            listed = [Path(line["path"]) for line in csv.DictReader(file)]
        # The images of a folder are listed relative to this folder.
        listed = [path if path.is_absolute() else Path(paths[0]) / path for path in listed]
        features = {}
        for layer in layers:
            if len(layers) == 1:
                file = self.folder / "X.npy"
            else:
                [file] = [f for f in self.folder.glob("X.*.npy") if f.name.split(".npy")[0][2:].split("-")[0] == layer]
            features[layer] = numpy.load(file)
            file.unlink()
        return features, listed

    def pixels(self, paths, size, *options):
        """The network's input as bytes, and the paths: [images, size, size, 3], [path]."""
        features, listed = self.extract(paths, ["input"], "--pool", "flatten", "--size", size, *options)
        values = features["input"].reshape(-1, 3, size, size).transpose(0, 2, 3, 1) * 128 + 127
        pixels = numpy.rint(values)
        assert abs(values - pixels).max() < 1e-3
        return pixels.astype(numpy.uint8), listed


def decoded(path):
    return ImageOps.exif_transpose(Image.open(path)).convert("RGB")


def prepared(path, size=224):
    """The image after torchvision's Resize(256, bicubic) and CenterCrop(224), which use Pillow."""
    image = decoded(path)
    width, height = image.size
    short, long = min(width, height), max(width, height)
    other = int(256 * long / short)
    image = image.resize((256, other) if width <= height else (other, 256), Image.Resampling.BICUBIC)
    left, top = round((image.width - size) / 2), round((image.height - size) / 2)
    return image.crop((left, top, left + size, top + size))


def files_of(name):
    return sorted(path for path in (DATA / name).rglob("*") if path.suffix in [".jpg", ".png"])


# Pixels


def compare_pixels(layertap):
    print(f"Pixels: bytes that differ from Pillow {version('pillow')}'s")
    row("", "images", "bytes", "differing", "bar")
    for name in SETS:
        bytes_compared, differing, files = 0, 0, files_of(name)
        by_size = {}
        for path in files:
            by_size.setdefault(max(decoded(path).size), []).append(path)
        for size, paths in by_size.items():
            # Padding to the longer side changes no pixel, so only the decoder is compared.
            found, listed = layertap.pixels(paths, size, "--resize", "pad")
            for pixels, path in zip(found, listed, strict=True):
                image = numpy.asarray(decoded(path))
                top, left = (round((size - side) / 2) for side in image.shape[:2])
                same = pixels[top:top + image.shape[0], left:left + image.shape[1]]
                bytes_compared += image.size
                differing += int((same != image).sum())
        row(f"{name}, decoded", len(files), f"{bytes_compared:,}", differing, PIXEL_BAR, passed=differing <= PIXEL_BAR)
        chosen = files[::max(1, len(files) // RESIZED)]
        found, listed = layertap.pixels(chosen, 224)
        differing = sum(int((pixels != numpy.asarray(prepared(path))).sum())
                        for pixels, path in zip(found, listed, strict=True))
        row(f"{name}, resized and cropped", len(chosen), f"{found.size:,}", differing, PIXEL_BAR,
            passed=differing <= PIXEL_BAR)
    print()


# Taps


def network(layertap):
    """The published model with the checkpoint that LayerTap finds."""
    entries = json.loads(layertap.run("weights", "list", "--format", "json"))
    [path] = [entry["found"] for entry in entries if entry["architecture"] == "efficientnet_lite0"]
    with contextlib.redirect_stdout(io.StringIO()):  # it prints a message
        return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def tensor(images):
    pixels = numpy.stack([numpy.asarray(image) for image in images]).astype(numpy.float64)
    return torch.from_numpy((pixels - 127) / 128).permute(0, 3, 1, 2)


def taps(model, images):
    """Every tap's output: {name: [images, ...]}."""
    outputs = {}

    def keep(name, clamp=False):
        def hook(module, inputs, output):
            outputs[name] = (output.clamp(0, 6) if clamp else output).double().numpy()
        return hook

    # The package uses the same ReLU6 module at the end of the stem and of the head, so ReLU6 is applied here.
    hooks = [model._bn0.register_forward_hook(keep("stem", clamp=True))]
    hooks += [block.register_forward_hook(keep(f"blocks.{index}")) for index, block in enumerate(model._blocks)]
    hooks += [model._bn1.register_forward_hook(keep("head", clamp=True)),
              model._fc.register_forward_hook(keep("logits"))]
    with torch.no_grad():
        model(images)
    for hook in hooks:
        hook.remove()
    outputs["avgpool"] = outputs["head"].mean((2, 3))
    return outputs


def deviation(found, truth):
    """The largest difference divided by the largest value, in the worst image."""
    axes = tuple(range(1, truth.ndim))
    return float((abs(found - truth).max(axes) / abs(truth).max(axes)).max())


def compare_taps(layertap, model):
    print(f"Taps on data/photos: largest difference from PyTorch {version('torch')} in float64, of the largest value")
    row("", "values", "LayerTap", "PyTorch float32", "bar")
    files = files_of("photos")
    single = taps(model, tensor(map(prepared, files)).float())
    truth = taps(model.double(), tensor(map(prepared, files)))
    model.float()
    found, listed = layertap.extract([DATA / "photos"], list(truth), "--pool", "flatten")
    assert listed == files
    for name, value in truth.items():
        ours = deviation(found[name].reshape(value.shape), value)
        row(name, f"{value[0].size:,}", f"{ours:.1e}", f"{deviation(single[name], value):.1e}", f"{TAP_BAR:.0e}",
            passed=ours <= TAP_BAR)
    equal = int((found["logits"].argmax(1) == truth["logits"].argmax(1)).sum())
    row("", "images", "same class", "", "bar")
    row("the backbone's 1,000 classes", len(files), equal, "", len(files), passed=equal == len(files))
    print()


# Objectives


def logistic_objective(X, y, W, b, C):
    z = X @ W.T + b
    top = z.max(1, keepdims=True)
    loss = numpy.log(numpy.exp(z - top).sum(1)) + top[:, 0] - z[numpy.arange(len(y)), y]
    return 0.5 * (W ** 2).sum() + C * loss.sum()


def hinge_objective(power):
    def objective(X, y, W, b, C):
        signs = numpy.where(y[:, None] == numpy.arange(len(b)), 1, -1)
        return 0.5 * (W ** 2).sum() + C * (numpy.maximum(0, 1 - signs * (X @ W.T + b)) ** power).sum()
    return objective


def logistic_reference(X, y, C):
    fits = [LogisticRegression(C=C, solver=solver, tol=1e-12, max_iter=20000).fit(X, y)
            for solver in ["lbfgs", "newton-cg"]]
    return min((logistic_objective(X, y, fit.coef_, fit.intercept_, C) for fit in fits))


def hinge_reference(X, y, C):
    """Fits of one class against the rest by LIBSVM, whose intercept is free."""
    fits = [SVC(kernel="linear", C=C, tol=1e-10).fit(X, y == label) for label in range(y.max() + 1)]
    W = numpy.concatenate([fit.coef_ for fit in fits])
    b = numpy.concatenate([fit.intercept_ for fit in fits])
    return hinge_objective(1)(X, y, W, b, C)


def squared_hinge_reference(X, y, C):
    """Fits of one class against the rest with a free intercept, by Newton's method to the last digit. scikit-learn's LinearSVC
    cannot be used, since it penalizes the intercept."""
    # Weights lie in the span of the n rows. With X = R Q, only n weights are unknown, and the penalty is the same.
    R = numpy.linalg.qr(X.T, mode="r").T
    R = numpy.column_stack([R, numpy.ones(len(y))])
    penalty = numpy.append(numpy.ones(R.shape[1] - 1), 0)

    def objective(w, signs):
        return 0.5 * penalty @ w ** 2 + C * (numpy.maximum(0, 1 - signs * (R @ w)) ** 2).sum()

    total = 0.0
    for label in range(y.max() + 1):
        signs = numpy.where(y == label, 1.0, -1.0)
        w, value = numpy.zeros(R.shape[1]), C * len(y)
        for _ in range(200):
            active = signs * (R @ w) < 1
            hessian = numpy.diag(penalty) + 2 * C * R[active].T @ R[active]
            step = numpy.linalg.solve(hessian, 2 * C * R[active].T @ signs[active]) - w
            length = 1.0
            while objective(w + length * step, signs) > value and length > 1e-12:
                length /= 2
            lower = objective(w + length * step, signs)
            if lower >= value:
                break
            w, value = w + length * step, lower
        total += value
    return total


def read_model(path):
    """The tensors and the training summary of a classifier's file, which is a safetensors file."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = numpy.frombuffer(data[start:end], "<f4").reshape(entry["shape"]).astype(numpy.float64)
    return tensors, json.loads(metadata["training"])


OBJECTIVES = [
    ("logistic", [], logistic_objective, logistic_reference, BETTER_BAR),
    ("SVM, squared hinge", ["--classifier", "svm", "--loss", "squared-hinge"], hinge_objective(2),
     squared_hinge_reference, BETTER_BAR),
    ("SVM, hinge", ["--classifier", "svm", "--loss", "hinge"], hinge_objective(1), hinge_reference,
     BETTER_BAR_LIBSVM),
]


def compare_objectives(layertap):
    print(f"Objectives on the features of data/surfaces/train, against scikit-learn {version('scikit-learn')}'s")
    row("", "LayerTap", "recomputed", "reference", "difference", "certified gap")
    found, files = layertap.extract([DATA / "surfaces" / "train"], ["avgpool"])
    classes = sorted({path.parent.name for path in files})
    y = numpy.array([classes.index(path.parent.name) for path in files])
    raw = found["avgpool"].astype(numpy.float64)
    scale = raw.std(0)
    X = (raw - raw.mean(0)) / numpy.where(scale == 0, 1, scale)
    numpy.save(layertap.folder / "train.npy", found["avgpool"])
    with open(layertap.folder / "train.csv", "w") as file:
        file.write("path,label\n" + "".join(f"{path},{path.parent.name}\n" for path in files))
    for name, options, objective, reference, lower in OBJECTIVES:
        for C in [0.001, 0.1, 10]:
            layertap.run("train", "train.npy", "--c", C, "--folds", 2, "--output", "model", *options)
            tensors, training = read_model(layertap.folder / "model")
            ours, gap, theirs = training["objective"], training["gap"], reference(X, y, C)
            W = tensors["weights"] * tensors["scaler.scale"]
            b = tensors["bias"] + tensors["weights"] @ tensors["scaler.offset"]
            recomputed = objective(X, y, W, b, C)
            difference = (ours - theirs) / theirs
            # The weights in the file are float32. Near its kinks, the hinge loss changes with the rounding of each margin.
            rounding = 1e-6 * ours + C * len(y) * len(classes) * numpy.finfo(numpy.float32).eps
            row(f"{name}, C = {C}", f"{ours:.9g}", f"{recomputed:.9g}", f"{theirs:.9g}", f"{difference:+.1e}",
                f"{gap / ours:.1e}",
                passed=-lower <= difference <= WORSE_BAR and ours - gap <= theirs * (1 + 1e-12)
                and abs(recomputed - ours) <= rounding)
    print(f"  bars: higher by {WORSE_BAR:.0e}, lower by {BETTER_BAR:.0e} ({BETTER_BAR_LIBSVM:.0e} than LIBSVM, which keeps "
          "kernels in float32);\n  the certified bound holds; the float32 file gives what it says\n")


# Predictions


def features(model, paths):
    rows = []
    with torch.no_grad():
        for start in range(0, len(paths), 32):
            images = tensor(map(prepared, paths[start:start + 32])).float()
            rows.append(model.extract_features(images).mean((2, 3)).numpy())
    # scikit-learn computes in the precision of its input.
    return numpy.concatenate(rows).astype(numpy.float64)


def compare_predictions(layertap, model):
    print("Predictions on test pictures: both sides from the files on, C = 0.01")
    row("", "images", "LayerTap right", "Python right", "same class", "probability off")
    for name in ["surfaces", "digits"]:
        layertap.run("train", DATA / name, "--c", 0.01, "--folds", 2, "--output", "model", "--yes")
        layertap.run("evaluate", "model", DATA / name, "--predictions", "predictions.csv", "--yes")
        with open(layertap.folder / "predictions.csv", newline="") as file:
            found = {line["path"]: line for line in csv.DictReader(file)}
        train, test = files_of(f"{name}/train"), files_of(f"{name}/test")
        fit = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, tol=1e-9, max_iter=10000))
        fit.fit(features(model, train), [path.parent.name for path in train])
        probabilities = fit.predict_proba(features(model, test))
        predicted = fit.classes_[probabilities.argmax(1)]
        lines = [found[str(path.relative_to(DATA / name))] for path in test]
        same = sum(line["predicted"] == label for line, label in zip(lines, predicted, strict=True))
        off = max(abs(float(line["probability"]) - p) for line, p in zip(lines, probabilities.max(1), strict=True))
        right = sum(line["predicted"] == line["label"] for line in lines)
        theirs = sum(label == path.parent.name for label, path in zip(predicted, test, strict=True))
        row(name, len(test), right, theirs, same, f"{off:.1e}",
            passed=same == len(test) == len(found) and off <= PROBABILITY_BAR)
    print(f"  bars: every class the same, probabilities to {PROBABILITY_BAR:.0e}\n")


def main():
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as folder:
        layertap = LayerTap(sys.argv[1], folder)
        print(f"layertap {layertap.run('--version').strip()} beside Python {sys.version.split()[0]}\n")
        compare_pixels(layertap)
        model = network(layertap)
        compare_taps(layertap, model)
        compare_objectives(layertap)
        compare_predictions(layertap, model)
    if failures:
        sys.exit(f"{failures} comparison{'s' if failures > 1 else ''} beyond the bar")
    print("Everything agrees.")


if __name__ == "__main__":
    main()

"""Tests Examples/read_model.py with the golden models and with the files of format3.py. If all is well, it prints nothing.

    python3 check_reader.py
"""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
READER = HERE.parent.parent.parent / "Examples" / "read_model.py"


def module(path):
    specification = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(loaded)
    return loaded


reader = module(READER)
format3 = module(HERE / "format3.py")
failures = []


def expect(condition, *what):
    if not condition:
        failures.append(" ".join(map(str, what)))


def near(a, b):
    return np.allclose(a, b, rtol=1e-12, atol=0)


def check_golden_models(rows, expected):
    """Scores have the same bits. Probabilities are nearly the same, since they use the exponential of the C library."""
    for name, model in expected["models"].items():
        read = reader.read_model(HERE / f"{name}.layertap")
        X = rows[:, : model["dimensions"]]
        scores = np.array([prediction["scores"] for prediction in model["predictions"]])
        expect(read.scores(X).tobytes() == scores.tobytes(), name, "scores")
        expect(read.predict(X) == [prediction["class"] for prediction in model["predictions"]], name, "classes")
        probabilities = read.probabilities(X)
        expect((probabilities is None) == ("probabilities" not in model["predictions"][0]), name, "has probabilities")
        if probabilities is not None:
            wanted = np.array([prediction["probabilities"] for prediction in model["predictions"]])
            expect(near(probabilities, wanted), name, "probabilities")
        expect(read.seen is None and isinstance(read.selection, str), name, "is of an old format")


def check_format_3(folder, rows, expected):
    models = {path.stem: reader.read_model(path) for path in (folder / "accepted").iterdir()}
    expect(set(models) == set(format3.accepted()), "all models are read")
    X = rows[:, :7].astype(np.float64)
    W = format3.WEIGHTS.astype(np.float64)
    bias = np.array([0.5, -0.25, 0])
    plain = X @ W.T + bias
    norms = np.linalg.norm(X, axis=1, keepdims=True)
    normalized = X / np.where(norms == 0, 1, norms) @ W.T + bias

    def softmax(z):
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def sigmoids(z):
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-z))

    def shares(p):
        sums = p.sum(axis=1, keepdims=True)
        return np.divide(p, sums, out=np.full_like(p, 1 / 3), where=sums > 0)

    wanted = {
        "bare": (plain, softmax(plain)), "two-columns": (normalized, softmax(normalized / 1.5)),
        "svmlight": (plain, shares(sigmoids(plain * [2, 1.5, 1] + [-0.25, 0, 0.5]))),
        "nearest-mean": (plain, None), "validation": (plain, softmax(plain)), "extension": (plain, softmax(plain))}
    for name, (scores, probabilities) in wanted.items():
        found = models[name].scores(rows[:, :7])
        expect(np.allclose(found, scores, rtol=1e-12, atol=1e-12 * np.abs(scores).max()), name, "scores")
        decided = models[name].probabilities(rows[:, :7])
        if probabilities is None:
            expect(decided is None, name, "has no probabilities")
        else:
            # Rows with scores of a thousand and more are left out, since their rounding changes the probabilities too much.
            few = np.abs(scores).max(axis=1) < 1e3
            expect(np.allclose(decided[few], probabilities[few], rtol=1e-9, atol=1e-300), name, "probabilities")
    impossible = models["svmlight"].probabilities_of_scores(np.array([[-1e6, -1e6, -1e6]]))
    expect((impossible == 1 / 3).all(), "sigmoids that are all 0")
    sums = models["one-vs-rest"].probabilities(rows[:, :7])
    expect(np.allclose(sums.sum(axis=1), 1), "one-vs-rest sums")
    moderate = np.abs(plain).max(axis=1) < 30
    expect(moderate.sum() > 5 and near(sums[moderate], shares(sigmoids(plain[moderate]))), "one-vs-rest probabilities")
    golden = np.array([prediction["scores"] for prediction in expected["models"]["embedded"]["predictions"]])
    expect(models["embedded"].scores(rows[:, :16]).tobytes() == golden.tobytes(), "embedded scores")

    expect(len(models["two-columns"].seen) == 3 and len(models["two-columns"].columns) == 2, "two columns")
    expect(models["no-seen"].seen is None and len(models["bare"].seen) == 3, "keys of rows")
    expect(models["bare"].columns is None and models["svmlight"].index_base == "1", "bare matrices")
    expect(list(models["extension"].extensions) == ["examples"], "extensions")
    expect(models["validation"].selection["fraction"] == 0.25, "selection")


def check_refusals(folder):
    """The reader gives the reason for every bad file, and says of every beginning of a good file that it is cut off."""
    for name, words in json.loads((folder / "refused.json").read_text(encoding="utf-8")).items():
        try:
            reader.read_model(folder / "refused" / f"{name}.layertap")
            failures.append(f"{name} is accepted")
        except reader.ModelError as error:
            expect(all(word in str(error) for word in words), name, "says:", error)
    content = format3.accepted()["bare"]
    for length in range(len(content)):
        try:
            reader.Model(content[:length])
            failures.append(f"the first {length} bytes are accepted")
        except reader.ModelError:
            pass
    model = reader.Model(content)
    for rows in (np.zeros((2, 6)), np.zeros(7), np.full((1, 7), np.nan), np.full((1, 7), 1e39)):
        with np.errstate(over="ignore"):
            try:
                model.scores(rows)
                failures.append(f"{rows} is accepted")
            except ValueError:
                pass
    # A reader that knows an extension reads models that need this extension, up to the revision that it knows.
    needed = format3.changed(format3.bare(), format3.extension("thresholds", required=True, revision=2))
    for revision, is_read in ((1, False), (2, True), (3, True)):
        reader.KNOWN_EXTENSIONS["thresholds"] = revision
        try:
            expect(bool(reader.Model(needed)) and is_read, "revision", revision, "is accepted")
        except reader.ModelError as error:
            expect(not is_read and "revision 2" in str(error), "revision", revision, error)
    del reader.KNOWN_EXTENSIONS["thresholds"]


def check_command(folder):
    def run(*arguments):
        done = subprocess.run([sys.executable, "-B", str(READER), *map(str, arguments)], capture_output=True,
                              env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": ":".join(sys.path)})
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    matrix = folder / "X.npy"
    np.save(matrix, np.zeros((2, 7), np.float32))
    model = folder / "accepted" / "two-columns.layertap"
    status, output, errors = run(model)
    expect(status == 0 and "seen: 3 images" in output and "layer1.2.relu_1, gem (epsilon" in output, output, errors)
    status, output, errors = run(model, "--json")
    expect(status == 0 and json.loads(output)["seen"] == 3, output, errors)
    status, output, errors = run(model, matrix)
    lines = output.split("\n")
    expect(status == 0 and lines[0] == "row,class,probability" and lines[1].startswith("0,10,0.4"), output, errors)
    expect(len(lines) == 4, output)
    status, output, errors = run(model, matrix, "--json")
    expect(status == 0 and json.loads(output.split("\n")[1])["scores"] == [0.5, -0.25, 0], output, errors)
    status, output, errors = run(HERE / "svm-hinge.layertap")
    expect(status == 0 and "selection: 3-fold cross-validation\n" in output, output, errors)
    expect("seen: not known" in output, output)
    status, output, errors = run(folder / "refused" / "required.layertap")
    expect(status == 1 and output == "" and "'thresholds'" in errors and "Traceback" not in errors, output, errors)


def main():
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        format3.main(folder)
        rows = np.load(HERE / "rows.npy")
        expected = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
        check_golden_models(rows, expected)
        check_format_3(folder, rows, expected)
        check_refusals(folder)
        check_command(folder)
    if failures:
        sys.exit("\n".join(failures))


main()

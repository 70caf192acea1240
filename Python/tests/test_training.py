"""Classifiers, training and comparison: the results are those of the command, bit for bit."""

import csv
import json
import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pandas
import pytest
from conftest import DATA, ROOT, run_command

import layertap

sys.path.insert(0, str(ROOT / "Examples"))
from read_model import read_model  # noqa: E402

SETTINGS = {"c": 0.01, "seed": 3}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A training in Python, and the file and store of the command for the same training."""
    folder = tmp_path_factory.mktemp("training")
    path = folder / "command.layertap"
    images = DATA / "surfaces"
    options = ["--c", "0.01", "--seed", "3", "--layers", "blocks.10", "--output", path, "--store", folder / "command"]
    finished = run_command("train", images, *options)
    assert finished.returncode == 0, finished.stderr
    result = layertap.train(images, layers="blocks.10", store=folder / "python", **SETTINGS)
    return result, path


def test_a_trained_classifier_has_the_parameters_of_the_command(trained, tmp_path):
    result, path = trained
    result.classifier.save(tmp_path / "python.layertap")
    ours, theirs = read_model(tmp_path / "python.layertap"), read_model(path)
    of_command = layertap.load(path)
    np.testing.assert_array_equal(result.classifier.coef_, of_command.coef_)
    np.testing.assert_array_equal(result.classifier.intercept_, of_command.intercept_)
    rows = np.random.default_rng(0).normal(size=(5, 112)).astype(np.float32)
    np.testing.assert_array_equal(ours.scores(rows), theirs.scores(rows))
    assert result.column == "blocks.10-avg"
    assert 0 <= result.certificate["gap"] <= 1e-8 * result.certificate["objective"]
    assert result.certificate["converged"]


def test_the_evaluation_is_that_of_the_command(trained):
    result, path = trained
    finished = run_command("evaluate", path, DATA / "surfaces", "--format", "json")
    expected = json.loads(finished.stdout)
    assert result.accuracy == expected["accuracy"]["share"]
    assert result.confusion.tolist() == expected["confusion"]
    assert list(result.classes["class"]) == list(result.classifier.classes_)
    assert list(result.candidates.columns) == ["c", "accuracy", "lower", "upper"]
    assert result.images["unreadable"] == [] and len(result.images["items"]) == 432


def test_predictions_are_those_of_the_command(trained, surfaces):
    _, path = trained
    classifier = layertap.load(path)
    finished = run_command("predict", path, *surfaces, "--format", "csv")
    rows = list(csv.DictReader(finished.stdout.splitlines()))
    names, probabilities = classifier.predict(surfaces), classifier.predict_proba(surfaces)
    assert len(rows) == len(surfaces)
    for name, row, values in zip(names, rows, probabilities):
        assert name == row["class"]
        # The command writes the shortest text that means the same float64.
        assert float(row["probability"]) == values.max()
    streamed = run_command("predict", path, "-", input="".join(f"{image}\n" for image in surfaces))
    for line, values in zip(streamed.stdout.splitlines(), probabilities):
        assert json.loads(line)["probabilities"] == dict(zip(classifier.classes_.tolist(), values.tolist()))
    assert len(streamed.stdout.splitlines()) == len(surfaces)
    features = layertap.Backbone().embed(surfaces, "blocks.10")
    np.testing.assert_array_equal(classifier.predict(features), names)
    np.testing.assert_array_equal(classifier.predict_proba(features), probabilities)
    np.testing.assert_array_equal(classifier.predict_proba(pandas.DataFrame(features)), probabilities)
    model = read_model(path)
    np.testing.assert_array_equal(classifier.decision_function(surfaces), model.scores(features))
    np.testing.assert_allclose(probabilities, model.probabilities(features), rtol=1e-12)


def test_broken_images_are_reported(trained, surfaces):
    classifier = trained[0].classifier
    names, report = classifier.predict([surfaces[0], b"no image"], errors="report")
    assert names[1] is None and names[0] in classifier.classes_
    assert [row.index for row in report] == [1]
    assert np.isnan(classifier.predict_proba([b"no image"], errors="report")[0]).all()
    with pytest.raises(layertap.DataError, match="text"):
        classifier.predict([b"no image"])
    assert len(classifier.predict([])) == 0


def test_wrong_rows_are_refused(trained):
    classifier = trained[0].classifier
    with pytest.raises(ValueError, match="112.*5|5.*112"):
        classifier.predict(np.zeros((2, 5), np.float32))
    with pytest.raises(ValueError, match="row 1"):
        classifier.predict(np.array([[0.0] * 112, [np.nan] * 112], np.float32))


def test_a_pickled_classifier_predicts_the_same(trained, surfaces):
    classifier = trained[0].classifier
    copy = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(copy.predict_proba(surfaces[:3]), classifier.predict_proba(surfaces[:3]))


@pytest.mark.skipif("LAYERTAP_TESTDATA" not in os.environ, reason="needs the test data")
def test_a_backbone_from_a_file_is_given_again(surfaces, surface_labels, tmp_path):
    file = Path(os.environ["LAYERTAP_TESTDATA"]) / "weights/SqueezeNet_fp16.onnx"
    network = layertap.Backbone(file, mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    classifier = layertap.train(surfaces, surface_labels, backbone=network, layers="fire9/concat_1", c=0.01).classifier
    expected = classifier.predict_proba(surfaces[:3])
    path = tmp_path / "surfaces.layertap"
    classifier.save(path)
    with pytest.raises(layertap.MissingError, match="backbone"):
        layertap.load(path).predict(surfaces[:3])
    np.testing.assert_array_equal(layertap.load(path, backbone=network).predict_proba(surfaces[:3]), expected)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(classifier)).predict_proba(surfaces[:3]), expected)
    with pytest.raises(layertap.DataError):
        layertap.load(path, backbone=layertap.Backbone("efficientnet_lite0"))


def test_other_files_are_refused(trained, tmp_path):
    with pytest.raises(FileNotFoundError, match="none.layertap"):
        layertap.load(tmp_path / "none.layertap")
    (tmp_path / "text.layertap").write_text("no classifier")
    with pytest.raises(layertap.DataError, match="text.layertap"):
        layertap.load(tmp_path / "text.layertap")
    data = trained[1].read_bytes()
    later = data.replace(b'"formatVersion":"3"', b'"formatVersion":"9"')
    assert later != data
    (tmp_path / "later.layertap").write_bytes(later)
    with pytest.raises(layertap.DataError, match="newer"):
        layertap.load(tmp_path / "later.layertap")


def test_a_backbone_classifies_by_its_own_classes(backbone, surfaces):
    finished = run_command("classify", *surfaces[:4], "--format", "csv", "--top", "1")
    rows = list(csv.DictReader(finished.stdout.splitlines()))
    classifier = backbone.classifier()
    assert len(classifier.classes_) == 1000
    assert list(classifier.predict(surfaces[:4])) == [row["class"] for row in rows]


def test_training_takes_images_rows_and_stores(surfaces, surface_labels, tmp_path):
    images = layertap.train([path.read_bytes() for path in surfaces], surface_labels, layers="blocks.10", c=1.0)
    features = layertap.Backbone().embed(surfaces, "blocks.10")
    rows = layertap.train(features, surface_labels, c=1.0)
    np.testing.assert_array_equal(images.classifier.coef_, rows.classifier.coef_)
    assert rows.column == "matrix" and not rows.classifier.takes_images
    assert rows.accuracy is None and rows.classes is None and rows.confusion is None
    finished = run_command("extract", DATA / "surfaces/test", "--layers", "blocks.10", "--store", tmp_path)
    assert finished.returncode == 0, finished.stderr
    stored = layertap.train(layertap.Store(tmp_path), c=1.0)
    direct = layertap.train(DATA / "surfaces/test", layers="blocks.10", c=1.0)
    np.testing.assert_array_equal(stored.classifier.coef_, direct.classifier.coef_)


def test_splits_groups_and_weights(surfaces, surface_labels):
    features = layertap.Backbone().embed(surfaces, "blocks.10")
    splits = ["test" if index % 3 == 2 else "train" for index in range(len(surfaces))]
    result = layertap.train(features, surface_labels, splits=splits, c=1.0)
    predictions = result.classifier.predict(features[2::3])
    assert result.accuracy == np.mean(predictions == np.array(surface_labels[2::3]))
    training = np.array(splits) == "train"
    weights = np.where(training, 1.0, 0.0)
    weighted = layertap.train(features, surface_labels, weights=weights, c=1.0)
    np.testing.assert_allclose(weighted.classifier.coef_, result.classifier.coef_, atol=1e-4)
    with pytest.raises(ValueError, match="splits: .*'dev'"):
        layertap.train(features, surface_labels, splits=["dev"] * len(surfaces))
    with pytest.raises(ValueError, match="groups: expected 36"):
        layertap.train(features, surface_labels, groups=["a", "b"])


@pytest.mark.parametrize(
    "options, kind, words",
    [
        ({"labels": None}, TypeError, "labels"),
        ({"include": ["*.png"]}, TypeError, "include"),
        ({"store": "store"}, TypeError, "store"),
        ({"classifer": "svm"}, layertap.UsageError, "classifer"),
        ({"c": -1}, layertap.UsageError, "c"),
        ({"c": object()}, TypeError, "JSON"),
    ],
)
def test_wrong_options_are_refused(surfaces, surface_labels, options, kind, words):
    with pytest.raises(kind, match=words):
        layertap.train(surfaces[:6], **{"labels": surface_labels[:6], **options})


def test_a_comparison_is_that_of_the_command(tmp_path):
    options = {"layers": ["blocks.4", "blocks.10"], "store": tmp_path / "store"}
    result = layertap.compare(DATA / "surfaces", classifier=["logistic", "nearest-mean"], c=[0.01, 0.1], **options)
    arguments = ["--layers", "blocks.4", "blocks.10", "--classifier", "logistic", "nearest-mean", "--c", "0.01,0.1"]
    finished = run_command("compare", DATA / "surfaces", *arguments, "--store", tmp_path / "store", "--format", "json")
    assert finished.returncode == 0, finished.stderr
    expected = json.loads(finished.stdout)
    entries = result.entries
    assert list(entries["layer"]) == [entry["name"] for entry in expected["entries"]]
    assert list(entries["accuracy"]) == [entry["accuracy"]["share"] for entry in expected["entries"]]
    assert list(entries["p_value"]) == [entry["pValue"] for entry in expected["entries"]]
    assert list(entries["adjusted_p_value"]) == [entry["adjustedPValue"] for entry in expected["entries"]]
    assert result.best == expected["entries"][expected["best"]]["name"]
    assert result.corrected == expected["corrected"]
    # The advice ends with measured times.
    assert result.advice.startswith(f"The best is {result.best} with ")
    assert result.learning_curve is None and result.warnings == expected["warnings"]


def test_a_learning_curve_is_a_frame(surfaces, surface_labels):
    features = layertap.Backbone().embed(surfaces, "blocks.10")
    result = layertap.compare(features, surface_labels, c=1.0, learningCurve=2)
    assert list(result.learning_curve.columns) == ["images_per_class", "images", "accuracy", "lower", "upper"]
    assert len(result.entries) == 1


def test_several_backbones_are_compared_as_each_alone(surfaces, surface_labels):
    file = os.path.join(os.environ["LAYERTAP_TESTDATA"], "weights/resnet20-12fca82f.th")
    backbones = [layertap.Backbone("efficientnet_lite0"), layertap.Backbone(file, architecture="resnet20_cifar10")]
    options = {"layers": "penultimate", "c": [0.01, 0.1], "classifier": ["logistic", "k-nn"]}
    both = layertap.compare(iter(surfaces), surface_labels, backbone=backbones, **options)
    assert [entry["backbone"] for entry in both.record["entries"]] == [backbone.name for backbone in backbones]
    assert len(both.record["baselines"]) == 2
    for place, backbone in enumerate(backbones):
        alone = layertap.compare(surfaces, surface_labels, backbone=backbone, **options)
        for field in ["column", "dimensions", "c", "accuracy", "path", "multiplyAdds"]:
            assert both.record["entries"][place][field] == alone.record["entries"][0][field]
        assert both.record["baselines"][place]["accuracy"] == alone.record["baselines"][0]["accuracy"]
    with pytest.raises(TypeError, match="only compare takes several"):
        layertap.train(surfaces, surface_labels, backbone=backbones)


def test_columns_side_by_side_are_those_of_the_command(tmp_path):
    options = {"layers": ["blocks.2", "blocks.4", "blocks.10"], "store": tmp_path / "store", "c": 0.01}
    result = layertap.compare(DATA / "surfaces", combine=3, **options)
    arguments = ["--layers", *options["layers"], "--c", "0.01", "--combine", "3", "--store", tmp_path / "store"]
    finished = run_command("compare", DATA / "surfaces", *arguments, "--format", "json")
    expected = json.loads(finished.stdout)
    assert [entry["name"] for entry in result.record["entries"]] == [entry["name"] for entry in expected["entries"]]
    assert [entry["accuracy"] for entry in result.record["entries"]] == [
        entry["accuracy"] for entry in expected["entries"]
    ]
    assert len(result.record["entries"][3]["columns"]) == 2
    assert result.corrected == expected["corrected"] and result.record["tried"] == expected["tried"] >= 5
    with pytest.raises(layertap.UsageError, match="combine"):
        layertap.compare(DATA / "surfaces", combine=4, **options)

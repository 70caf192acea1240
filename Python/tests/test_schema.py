"""The JSON Schema of pipeline files, judged by jsonschema, against the command's own reading of the same files."""

import json

import jsonschema
import pytest
from conftest import DATA, run_command

GOOD = [
    {"layers": ["blocks.4"]},
    {"$schema": "schema.json", "task": "compare", "layers": "all", "pool": ["avg", "max"]},
    {"layers": "penultimate", "classifier": ["logistic", "svm"], "c": [0.1, 1], "seed": 18446744073709551615},
    {"layers": "penultimate", "classifiers": "nearest-mean"},
    {"layers": "penultimate", "testFraction": None, "folds": 3, "repeats": 2, "nested": True},
    {"layers": "penultimate", "testFraction": "none", "pca": 2, "mean": [0.5, 0.5, 0.5], "size": 64},
    {"layers": "penultimate", "baselines": {"pixels": {"size": 8}, "random": {"seed": 3}}},
    {"layers": "penultimate", "learningCurve": {"imagesPerClass": [1, 2], "draws": 2}, "limit": 60},
    {"layers": ["blocks.2", "blocks.4"], "combine": 2, "classifier": ["logistic", "k-nn"]},
    {"layers": "penultimate", "backbone": ["efficientnet_lite0"]},
    {"task": "classify", "top": 3, "output": "out.csv", "size": 96},
]
BAD = [
    {},
    {"layers": []},
    {"layers": "penultimate", "layer": "blocks.4"},
    {"layers": "penultimate", "pool": "average"},
    {"layers": "penultimate", "pool": ["avg", "avg"]},
    {"layers": "penultimate", "testFraction": 1},
    {"layers": "penultimate", "folds": 1},
    {"layers": "penultimate", "folds": 2.5},
    {"layers": "penultimate", "nested": "yes"},
    {"layers": "penultimate", "mean": [0.5, 0.5]},
    {"layers": "penultimate", "classifier": ["logistic", "logistic"]},
    {"layers": "penultimate", "baselines": {"pixels": {}}},
    {"layers": "penultimate", "learningCurve": {"draws": 0}},
    {"layers": "penultimate", "combine": 1},
    {"layers": "penultimate", "combine": 4},
    {"layers": "penultimate", "backbone": []},
    {"layers": "penultimate", "backbone": ["efficientnet_lite0", "efficientnet_lite0"]},
    {"layers": "penultimate", "classifier": ["logistic", "k-nn", "k-nn"]},
    {"layers": "penultimate", "seed": -1},
    {"layers": "penultimate", "$schema": 3},
    {"layers": "penultimate", "top": 3},
    {"task": "classify", "layers": "penultimate"},
    {"task": "classify", "output": "out.txt"},
    {"task": "train", "layers": "penultimate"},
]


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(run_command("run", "--schema").stdout)
    kind = jsonschema.validators.validator_for(schema)
    assert kind is jsonschema.Draft202012Validator
    kind.check_schema(schema)
    return kind(schema)


def accepts(folder, pipeline):
    """Whether the command plans the pipeline. It ends with 65 if it refuses a field."""
    path = folder / "pipeline.json5"
    path.write_text(json.dumps(pipeline))
    done = run_command("run", "--dry-run", path)
    assert done.returncode in (0, 65), done.stderr
    return done.returncode == 0


def with_images(pipeline):
    return {"images": str(DATA / "surfaces"), **pipeline}


@pytest.mark.parametrize("pipeline", GOOD, ids=json.dumps)
def test_schema_and_command_accept(pipeline, validator, tmp_path):
    pipeline = with_images(pipeline)
    assert [error.message for error in validator.iter_errors(pipeline)] == []
    assert accepts(tmp_path, pipeline)


@pytest.mark.parametrize("pipeline", BAD, ids=json.dumps)
def test_schema_and_command_refuse(pipeline, validator, tmp_path):
    pipeline = with_images(pipeline)
    assert not validator.is_valid(pipeline)
    assert not accepts(tmp_path, pipeline)


def test_images_are_required(validator):
    assert not validator.is_valid({"layers": "penultimate"})
    assert not validator.is_valid({"task": "classify"})

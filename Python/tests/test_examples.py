"""The examples run, and the service answers real requests."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import DATA, ROOT

import layertap

EXAMPLES = ROOT / "Examples/python"


def run_example(name, *arguments, cwd):
    command = [sys.executable, EXAMPLES / name, *map(str, arguments)]
    finished = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=240)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_features_layers_classifier_and_certificate(tmp_path):
    printed = run_example("layers_and_certificate.py", DATA / "surfaces", "surfaces.layertap", cwd=tmp_path)
    for words in ("avgpool: 432 images, 1280 features", "its minimum is at most", "accuracy on the test images: 9"):
        assert words in printed
    assert layertap.load(tmp_path / "surfaces.layertap").takes_images


def test_five_layers_of_500_images(tmp_path):
    printed = run_example("representations.py", DATA / "digits", cwd=tmp_path)
    assert printed.count("(500, ") == 5 and "1." in printed


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    pytest.importorskip("fastapi")
    folder = tmp_path_factory.mktemp("service")
    result = layertap.train(DATA / "surfaces", layers="blocks.10", c=0.01)
    result.classifier.save(folder / "surfaces.layertap")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "service:app", "--port", str(port), "--app-dir", str(EXAMPLES)]
    environment = {**os.environ, "LAYERTAP_CLASSIFIER": str(folder / "surfaces.layertap")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "running on" in line:
                break
        yield f"http://127.0.0.1:{port}/classify", result.classifier
        process.terminate()


def request(address, data):
    """The status and the answer of an upload."""
    boundary = "part-of-an-upload"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="image"\r\n\r\n'.encode()
    body = head + data + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_service_answers_sixteen_at_a_time(service, surfaces):
    address, classifier = service
    good = [path.read_bytes() for path in surfaces]
    bad = [b"", b"no image", good[0][:100], good[1][:-9] + b"x" * 9, bytes(range(256)) * 9]
    uploads = [data for index, data in enumerate(good) for data in (data, bad[index % len(bad)])]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda data: request(address, data), uploads))
    names, probabilities = classifier.predict(good), classifier.predict_proba(good)
    for (status, answer), name, values in zip(answers[::2], names, probabilities):
        assert status == 200
        assert answer == {"class": name, "probability": values.max()}
    assert {status for status, _ in answers[1::2]} <= {200, 422}
    assert all(isinstance(answer["detail"], str) for status, answer in answers[1::2] if status == 422)
    assert sum(status == 422 for status, _ in answers) >= 4 * len(good) // 5 - 1
    large = request(address, bytes(21 << 20))
    assert large[0] == 413
    np.testing.assert_equal(request(address, good[0])[0], 200)

"""Other processes, and a Python without scikit-learn and pandas. Every program must end in time."""

import textwrap

import numpy as np
import pytest
from conftest import run_python

import layertap

START = """
    import multiprocessing, sys
    import numpy as np
    import layertap

    def embedded(paths):
        return layertap.Backbone("efficientnet_lite0").embed(paths)

    def fitted(seed):
        random = np.random.default_rng(seed)
        X = random.normal(size=(60, 5)).astype(np.float32)
        return layertap.LogisticRegression().fit(X, np.arange(60) % 3).coef_
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_compute_the_same(method, surfaces, tmp_path):
    program = START + """
    if __name__ == "__main__":
        paths = sys.argv[2:]
        here, model = embedded(paths), fitted(0)
        with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
            assert all(np.array_equal(part, here) for part in pool.map(embedded, [paths] * 3))
            assert np.array_equal(pool.map(fitted, [0, 1])[0], model)
        print("equal")
    """
    file = tmp_path / "program.py"
    file.write_text(textwrap.dedent(program))
    run = "import runpy, sys; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
    if method != "fork":
        # The processes import the program by its path.
        run = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, *sys.argv[1:]]))"
    assert "equal" in run_python(run, file, method, *surfaces[:4])


def test_objects_work_in_a_fork(surfaces, backbone):
    program = """
        import os, sys, layertap, numpy as np
        backbone = layertap.Backbone("efficientnet_lite0")
        here = backbone.embed(sys.argv[1:])
        child = os.fork()
        if child == 0:
            os._exit(0 if np.array_equal(backbone.embed(sys.argv[1:]), here) else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert run_python(textwrap.dedent(program), *surfaces[:4]) == "0\n"


def test_a_fork_during_a_call_raises(surfaces):
    program = """
        import os, sys, layertap
        backbone = layertap.Backbone("efficientnet_lite0")
        children = []
        def fork(stage, done, total):
            if not children:
                children.append(os.fork())
                if children[0] == 0:
                    try:
                        layertap.Backbone("efficientnet_lite0")
                    except layertap.ForkError as error:
                        print(error, flush=True)
                    finally:
                        os._exit(0)
        backbone.embed(sys.argv[1:], progress=fork)
        os.waitpid(children[0], 0)
    """
    assert "fork" in run_python(textwrap.dedent(program), *surfaces)


def test_joblib_fits_in_processes_and_threads():
    joblib = pytest.importorskip("joblib")

    def fitted(seed):
        X = np.random.default_rng(seed).normal(size=(60, 5)).astype(np.float32)
        return layertap.LinearSVC().fit(X, np.arange(60) % 3).coef_

    expected = [fitted(seed) for seed in range(4)]
    for backend in ("loky", "threading"):
        found = joblib.Parallel(n_jobs=2, backend=backend)(joblib.delayed(fitted)(seed) for seed in range(4))
        np.testing.assert_array_equal(found, expected)


def test_exceptions_of_signals_at_any_moment_leave_nothing_hanging():
    program = """
        import signal, numpy as np, layertap
        random = np.random.default_rng(0)
        X, y = random.normal(size=(400, 20)).astype(np.float32), np.arange(400) % 3
        expected = layertap.LogisticRegression().fit(X, y).coef_
        class Alarm(Exception):
            pass
        def ring(*_):
            raise Alarm
        signal.signal(signal.SIGALRM, ring)
        rung = 0
        for _ in range(300):
            try:
                signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-4, 5e-3))
                layertap.LogisticRegression().fit(X, y)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except Alarm:
                rung += 1
        assert rung > 0
        print(np.array_equal(layertap.LogisticRegression().fit(X, y).coef_, expected))
    """
    assert run_python(textwrap.dedent(program)) == "True\n"


def test_threads_of_python_share_a_backbone(backbone, surfaces):
    from concurrent.futures import ThreadPoolExecutor

    expected = backbone.embed(surfaces)
    with ThreadPoolExecutor(8) as pool:
        for features in pool.map(lambda _: backbone.embed(surfaces), range(8)):
            np.testing.assert_array_equal(features, expected)


def test_without_scikit_learn_and_pandas(surfaces):
    program = """
        import pickle, sys
        class Missing:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in ("sklearn", "pandas", "tqdm", "scipy", "PIL", "torch"):
                    raise ImportError(name)
        sys.meta_path.insert(0, Missing())
        import numpy as np, layertap
        random = np.random.default_rng(0)
        X, y = random.normal(size=(90, 4)).astype(np.float32), np.arange(90) % 3
        X[np.arange(90), y] += 2
        for model in (layertap.LogisticRegression(C=2.0), layertap.LogisticRegressionCV(cv=3), layertap.LinearSVC(),
                      layertap.NearestCentroid()):
            copy = pickle.loads(pickle.dumps(model.fit(X, y)))
            assert np.array_equal(copy.predict(X), model.predict(X)) and model.score(X, y) > 0.7
            assert model.set_params(**model.get_params()) is model
            for bad in (X[:, 0], X[:, :2], X * np.float32(np.nan)):
                try:
                    model.predict(bad)
                except ValueError:
                    pass
                else:
                    raise AssertionError(bad.shape)
            try:
                type(model)().predict(X)
            except layertap._sklearn.NotFittedError:
                pass
        print(repr(layertap.LogisticRegression(C=2.0)), layertap.ConvergenceWarning.__module__)
        backbone = layertap.Backbone("efficientnet_lite0")
        assert backbone.embed(sys.argv[1:], progress=None).shape == (4, 1280)
        assert backbone.layers[0]["name"]
        try:
            backbone.embed(sys.argv[1:], progress=True)
        except ImportError as error:
            print(error)
    """
    printed = run_python(textwrap.dedent(program), *surfaces[:4]).splitlines()
    assert printed == [
        "LogisticRegression(C=2.0) layertap._sklearn",
        "progress=True shows a bar of tqdm: pip install tqdm",
    ]

"""The lines of the README's section on Python run as they stand."""

import re
import textwrap

from conftest import ROOT, run_python


def test_the_section_on_python_runs():
    section = re.search(r"^## From Python$(.*?)^## ", (ROOT / "README.md").read_text(), re.S | re.M)[1]
    program = re.search(r"```python\n(.*?)```", section, re.S)[1]
    checks = """
    assert X.shape == (1, 112) and X.dtype == "float32"
    assert model.fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]).duality_gap_ <= 1e-4
    """
    printed = run_python(program + textwrap.dedent(checks), cwd=ROOT).splitlines()
    assert re.fullmatch(r"accuracy 9\d\.\d%; the minimum is at most \S+ lower", printed[0])
    assert printed[1] == "['7']"

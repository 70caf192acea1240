#!/usr/bin/env python3
"""Writes Tests/Reference/identities.json: the hashes of every architecture, of an ONNX graph for each kind of attribute, of
small graphs with every attribute of every operator, and of networks cut at a tap.

The hashes are LayerTap's own. They are fixed so that none changes by accident. Run this script only if hashes are meant to
change or if there are new networks, and read the difference. The tests that compare the hashes also compute them: each test
writes its section into a folder, and this script puts the sections together.

usage: Tests/Reference/identities/generate.py [more arguments of 'swift test']
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

root = Path(__file__).resolve().parents[3]
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(
        ["swift", "test", "--configuration", "release", "--filter", "PinnedIdentities", *sys.argv[1:]],
        cwd=root,
        env={**os.environ, "LAYERTAP_WRITE_IDENTITIES": folder},
        check=True,
    )
    sections = {file.stem: json.loads(file.read_text()) for file in sorted(Path(folder).glob("*.json"))}
text = json.dumps(sections, indent=2, sort_keys=True, ensure_ascii=False)
(root / "Tests/Reference/identities.json").write_text(text + "\n")

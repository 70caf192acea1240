"""Makes the .npy files that NPYTests reads.

Made with Python 3.11 and NumPy 2.4.6; run in this folder: python3 make_npy.py
"""
import io
from pathlib import Path

import numpy as np

out = Path(__file__).parent / "npy"
out.mkdir(exist_ok=True)
base = np.arange(24, dtype=np.float64).reshape(2, 3, 4) - 11.5
np.save(out / "float64_2x3x4.npy", base)
np.save(out / "float64_fortran.npy", np.asfortranarray(base))
np.save(out / "float32_3x4.npy", base[0].astype(np.float32))
np.save(out / "float16_6.npy", np.array([0, -0.0, 1.5, -65504, 6e-8, np.inf], np.float16))
np.save(out / "int64_5.npy", np.array([0, -1, 2**40, 7, -(2**40)], np.int64))
np.save(out / "int32_2x2.npy", np.array([[1, -2], [3, -4]], np.int32))
np.save(out / "uint8_3.npy", np.array([0, 128, 255], np.uint8))
np.save(out / "bool_3.npy", np.array([True, False, True]))
np.save(out / "scalar.npy", np.float32(2.5))
np.save(out / "bigendian.npy", np.array([1, 2], ">f4"))
buffer = io.BytesIO()
np.lib.format.write_array(buffer, base[0].astype(np.float32), version=(2, 0))
(out / "version2.npy").write_bytes(buffer.getvalue())

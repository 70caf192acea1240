"""Every kind of image gives the features that the command computes from files, bit for bit."""

import gc
import io
import weakref

import numpy as np
import pytest
from conftest import DATA, run_command
from PIL import Image

import layertap
from layertap import _images


@pytest.fixture(scope="module")
def of_command(surfaces, tmp_path_factory):
    """The features of the command, in the order of the images."""
    folder = tmp_path_factory.mktemp("command")
    output = folder / "features.npy"
    finished = run_command("extract", *surfaces, "--output", output, "--store", folder / "store")
    assert finished.returncode == 0, finished.stderr
    return np.load(output)


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def transparent():
    values = np.random.default_rng(1).integers(0, 256, (40, 50, 4), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(values).save(file, "png")
    return values, file.getvalue()


KINDS = {
    "paths": lambda path: path,
    "text": str,
    "bytes": lambda path: path.read_bytes(),
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "PIL": Image.open,
    "array": pixels,
    "rows of negative stride": lambda path: np.ascontiguousarray(pixels(path)[::-1])[::-1],
    "Fortran order": lambda path: np.asfortranarray(pixels(path)),
    "part of a larger array": lambda path: np.pad(pixels(path), ((0, 0), (0, 9), (0, 0)))[:, : pixels(path).shape[1]],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_equals_the_command(backbone, surfaces, of_command, kind):
    features = backbone.embed([KINDS[kind](path) for path in surfaces])
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, of_command)


def test_tensors_equal_the_command(backbone, surfaces, of_command):
    torch = pytest.importorskip("torch")
    tensors = [torch.from_numpy(pixels(path).copy()).permute(2, 0, 1) for path in surfaces]
    np.testing.assert_array_equal(backbone.embed(tensors), of_command)
    batch = torch.stack([tensors[0], tensors[0].flip(1)])
    np.testing.assert_array_equal(backbone.embed(batch)[0], of_command[0])
    np.testing.assert_array_equal(backbone.embed(tensors[0]), of_command[:1])
    with pytest.raises(TypeError, match="uint8.*float32"):
        backbone.embed([tensors[0] / 255])
    with pytest.raises(ValueError, match=r"\[3, height, width\]"):
        backbone.embed([tensors[0].permute(1, 2, 0)])


def test_a_batch_is_several_images(backbone, surfaces):
    first = np.asarray(Image.open(surfaces[0]).convert("RGB").resize((60, 50)))
    batch = np.stack([first, first[:, ::-1]])
    separately = np.concatenate([backbone.embed(image) for image in batch])
    np.testing.assert_array_equal(backbone.embed(batch), separately)


def test_gray_is_three_equal_channels(backbone):
    gray = np.random.default_rng(0).integers(0, 256, (50, 60), dtype=np.uint8)
    expected = backbone.embed(np.dstack([gray] * 3))
    np.testing.assert_array_equal(backbone.embed(gray), expected)
    np.testing.assert_array_equal(backbone.embed(gray[:, :, None]), expected)
    np.testing.assert_array_equal(backbone.embed(Image.fromarray(gray)), expected)


@pytest.mark.parametrize("alpha", ["white", "black", "drop"])
def test_transparency_is_that_of_a_file(alpha):
    backbone = layertap.Backbone("efficientnet_lite0", alpha=alpha)
    values, encoded = transparent()
    expected = backbone.embed(encoded)
    np.testing.assert_array_equal(backbone.embed(values), expected)
    np.testing.assert_array_equal(backbone.embed(Image.open(io.BytesIO(encoded))), expected)


def test_a_pil_image_is_turned_upright_as_its_file(backbone, surfaces):
    image = Image.open(surfaces[5]).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    image.save(file, "png", exif=exif)
    turned = backbone.embed(file.getvalue())
    np.testing.assert_array_equal(backbone.embed(Image.open(io.BytesIO(file.getvalue()))), turned)
    assert not np.array_equal(turned, backbone.embed(image))


def test_a_generator_keeps_few_images(backbone, monkeypatch):
    monkeypatch.setattr(_images, "CHUNK_BYTES", 5 * 30 * 40 * 3)
    alive, most = set(), 0

    def images():
        nonlocal most
        for seed in range(32):
            image = np.random.default_rng(seed).integers(0, 256, (30, 40, 3), dtype=np.uint8)
            alive.add(seed)
            weakref.finalize(image, alive.discard, seed)
            yield image
            del image
            gc.collect()
            most = max(most, len(alive))

    features = backbone.embed(images())
    assert features.shape == (32, 1280)
    assert most <= 11, "two chunks of five images, and the image that is made"
    separately = [np.random.default_rng(s).integers(0, 256, (30, 40, 3), dtype=np.uint8) for s in range(32)]
    np.testing.assert_array_equal(features, backbone.embed(separately))


def test_no_images_give_no_rows(backbone):
    assert backbone.embed([]).shape == (0, 1280)
    assert backbone.embed(iter(())).shape == (0, 1280)


@pytest.mark.parametrize(
    "images, kind, words",
    [
        (3, TypeError, "found int"),
        (None, TypeError, "found NoneType"),
        ([None], TypeError, "image 0: .*NoneType"),
        (["a.png", 3.5], TypeError, "image 1: .*float"),
        (np.zeros((4, 5, 3)), TypeError, "uint8.*float64"),
        ([np.zeros((4, 5, 2), np.uint8)], ValueError, r"\[4, 5, 2\]"),
        ([np.zeros((0, 5, 3), np.uint8)], ValueError, "0"),
        ([Image.new("F", (4, 4))], TypeError, "mode 'F'"),
        (["with\0zero.png"], ValueError, "zero"),
    ],
)
def test_other_objects_are_refused(backbone, images, kind, words):
    with pytest.raises(kind, match=words):
        backbone.embed(images)


def test_a_broken_image_raises_with_its_name(backbone, surfaces, tmp_path):
    cut = tmp_path / "cut.png"
    cut.write_bytes(surfaces[0].read_bytes()[:200])
    with pytest.raises(layertap.DataError, match=r"cut\.png.*truncated"):
        backbone.embed([surfaces[0], cut])
    with pytest.raises(layertap.MissingError, match=r"none\.png.*missing"):
        backbone.embed([tmp_path / "none.png"])
    with pytest.raises(layertap.LayerTapError, match="Is a directory"):
        backbone.embed([tmp_path])


def test_a_broken_image_becomes_a_row_of_the_report(backbone, surfaces, of_command):
    images = [surfaces[0], b"no image", surfaces[1], DATA / "none.png", b""]
    features, report = backbone.embed(images, errors="report")
    np.testing.assert_array_equal(features[[0, 2]], of_command[:2])
    assert np.isnan(features[[1, 3, 4]]).all()
    assert [(row.index, row.image) for row in report] == [(1, None), (3, str(images[3])), (4, None)]
    assert [row.status for row in report] == [65, 66, 65]
    assert "text" in report[0].reason and "empty" in report[2].reason
    assert backbone.embed(surfaces[:2], errors="report")[1] == []
    with pytest.raises(ValueError, match="'raise' or 'report'"):
        backbone.embed(images, errors="ignore")


def test_an_image_that_pillow_cannot_read_is_reported_too(backbone, surfaces, of_command, tmp_path):
    cut = tmp_path / "cut.png"
    cut.write_bytes(surfaces[1].read_bytes()[: surfaces[1].stat().st_size // 2])
    features, report = backbone.embed([surfaces[0], Image.open(cut), surfaces[2]], errors="report")
    np.testing.assert_array_equal(features[[0, 2]], of_command[[0, 2]])
    assert np.isnan(features[1]).all()
    assert [(row.index, row.image, row.status) for row in report] == [(1, str(cut), 65)]
    assert "truncated" in report[0].reason
    with pytest.raises(layertap.DataError, match="image 1: .*truncated"):
        backbone.embed([surfaces[0], Image.open(cut)])
    with pytest.raises(layertap.DataError, match="image 1: .*truncated"):
        layertap.train([surfaces[0], Image.open(cut)], ["a", "b"])

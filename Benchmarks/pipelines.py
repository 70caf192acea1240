"""One Python pipeline from a folder of JPEG files to EfficientNet-Lite0's pooled features, as a user would write it:

    python pipelines.py PIPELINE FOLDER FEATURES.npy THREADS BATCH bilinear|bicubic MODELS LIMIT

Writes the features in the order of the names and prints its seconds without imports and loading the network.
"""

import sys
import threading
import time
from pathlib import Path

import numpy as np

NAME, SIZE, SHORT = "efficientnet_lite0", 224, 256
MEAN, STD = 127, 128


def square(image, filter):
    """Resizes only the cropped part: faster than resize and crop, with almost the same pixels."""
    from PIL import Image

    side = min(image.size) * SIZE / SHORT
    left, top = (image.width - side) / 2, (image.height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(image.resize((SIZE, SIZE), Image.Resampling[filter.upper()], box=box))


def pillow(path):
    from PIL import Image

    return Image.open(path).convert("RGB")


def pillow_scaled(path):
    from PIL import Image

    image = Image.open(path)
    image.draft("RGB", (SHORT, SHORT))
    return image.convert("RGB")


def turbo(path):
    import simplejpeg
    from PIL import Image

    return Image.fromarray(simplejpeg.decode_jpeg(path.read_bytes(), "RGB"))


def turbo_scaled(path):
    import simplejpeg
    from PIL import Image

    return Image.fromarray(simplejpeg.decode_jpeg(
        path.read_bytes(), "RGB", fastupsample=True, min_height=SHORT, min_width=SHORT))


def onnxruntime(models, threads, batch):
    """A session that every thread calls separately: bytes [n, 224, 224, 3] to features."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(f"{models}/{NAME}.onnx", options, providers=["CPUExecutionProvider"])

    def runner():
        def run(pixels, count):
            x = pixels[:count].astype(np.float32)
            x -= MEAN
            x *= np.float32(1 / STD)
            return session.run(None, {"x": np.ascontiguousarray(x.transpose(0, 3, 1, 2))})[0]

        return run

    return runner


def openvino(models, threads, batch):
    """One stream for each thread; OpenVINO normalizes and transposes the bytes itself."""
    import openvino
    import openvino.properties as properties
    import openvino.properties.hint as hint
    from openvino.preprocess import PrePostProcessor

    core = openvino.Core()
    model = core.read_model(f"{models}/{NAME}.onnx")
    model.reshape([batch, 3, SIZE, SIZE])
    preprocessor = PrePostProcessor(model)
    given = preprocessor.input()
    given.tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    given.model().set_layout(openvino.Layout("NCHW"))
    given.preprocess().convert_element_type(openvino.Type.f32).mean([MEAN] * 3).scale([STD] * 3)
    network = core.compile_model(preprocessor.build(), "CPU", {
        properties.inference_num_threads(): threads, properties.num_streams(): threads,
        hint.inference_precision(): openvino.Type.f32})
    # The binding initializes itself in the first call; two threads that make it at the same time can deadlock.
    network.create_infer_request().infer([np.zeros((batch, SIZE, SIZE, 3), np.uint8)])

    def runner():
        request = network.create_infer_request()
        return lambda pixels, count: request.infer([pixels], share_inputs=True, share_outputs=True)[0][:count]

    return runner


def threaded(decode, engine):
    """Every thread takes the next batch of files, decodes it and runs it."""

    def prepared(paths, threads, batch, filter, models):
        runner = engine(models, threads, batch)

        def go():
            features, failures = [None] * -(-len(paths) // batch), []
            starts, lock = iter(range(0, len(paths), batch)), threading.Lock()

            def work():
                try:
                    run, pixels = runner(), np.zeros((batch, SIZE, SIZE, 3), np.uint8)
                    while True:
                        with lock:
                            start = next(starts, None)
                        if start is None:
                            return
                        taken = paths[start:start + batch]
                        for index, path in enumerate(taken):
                            pixels[index] = square(decode(path), filter)
                        features[start // batch] = run(pixels, len(taken)).copy()
                except Exception as error:
                    failures.append(error)

            workers = [threading.Thread(target=work) for _ in range(threads)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            if failures:
                raise failures[0]
            return np.concatenate(features)

        return go

    return prepared


class Images:
    """The data set of a DataLoader's processes."""

    def __init__(self, paths, transform):
        self.paths, self.transform = paths, transform

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return self.transform(pillow(self.paths[index]))


def dataloader(paths, threads, batch, filter, models):
    """torchvision's transforms in a DataLoader, with eager PyTorch."""
    import torch

    from networks import network, torchvision_models

    torch.set_num_threads(threads)
    torchvision_models()
    from torchvision import transforms

    model = network(NAME)[0]
    transform = transforms.Compose([
        transforms.Resize(SHORT, transforms.InterpolationMode[filter.upper()]), transforms.CenterCrop(SIZE),
        transforms.ToTensor(), transforms.Normalize([MEAN / 255] * 3, [STD / 255] * 3)])
    loader = torch.utils.data.DataLoader(Images(paths, transform), batch_size=8 * batch, num_workers=threads)

    def go():
        with torch.inference_mode():
            return np.concatenate([model(x).numpy() for x in loader])

    return go


class Pipeline:
    def __init__(self, title, prepared, is_scaled=False, is_exact=False):
        self.title, self.prepared = title, prepared
        # Whether large JPEGs are decoded scaled down, and whether the pixels are those of torchvision's transforms.
        self.is_scaled, self.is_exact = is_scaled, is_exact


PIPELINES = {
    "dataloader": Pipeline("PyTorch, DataLoader", dataloader, is_exact=True),
    "pillow-onnxruntime": Pipeline("Pillow, ONNX Runtime", threaded(pillow, onnxruntime)),
    "pillow-openvino": Pipeline("Pillow, OpenVINO", threaded(pillow, openvino)),
    "turbo-onnxruntime": Pipeline("libjpeg-turbo, ONNX Runtime", threaded(turbo, onnxruntime)),
    "turbo-openvino": Pipeline("libjpeg-turbo, OpenVINO", threaded(turbo, openvino)),
    "draft-openvino": Pipeline("Pillow's draft mode, OpenVINO", threaded(pillow_scaled, openvino), is_scaled=True),
    "scaled-onnxruntime": Pipeline("libjpeg-turbo scaled, ONNX Runtime", threaded(turbo_scaled, onnxruntime), is_scaled=True),
    "scaled-openvino": Pipeline("libjpeg-turbo scaled, OpenVINO", threaded(turbo_scaled, openvino), is_scaled=True),
}


def main():
    name, folder, output, threads, batch, filter, models, limit = sys.argv[1:]
    paths = sorted(Path(folder).iterdir())[:int(limit)]
    go = PIPELINES[name].prepared(paths, int(threads), int(batch), filter, models)
    start = time.perf_counter()
    np.save(output, go())
    print(time.perf_counter() - start)


if __name__ == "__main__":
    main()

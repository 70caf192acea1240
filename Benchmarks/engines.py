"""One engine with one network, as a process that answers each request with one line on standard output:

    check BATCH       -> the features of the fixed images, [BATCH, features] one after another
    BATCH SECONDS     -> images per second

    python engines.py ENGINE NETWORK FOLDER THREADS best|avx2
"""

import ctypes
import os
import sys
import time

import numpy as np

import avx2_copies
from networks import SIDE, fixed_images, network


def repeated(run):
    """Calls in sequence: (batch, seconds) to images/s."""

    def rate(batch, seconds):
        start, images = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            run(batch)
            images += batch
        return images / (time.perf_counter() - start)

    return rate


def onnxruntime(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(f"{path}.onnx", options, providers=["CPUExecutionProvider"])

    def run(batch):
        return session.run(None, {"x": inputs[batch]})[0]

    return run, repeated(run), onnxruntime.__version__


def parallel(start, path, threads):
    """Parallel requests, each on a separate thread, to an engine that uses one thread for a request."""
    from concurrent.futures import ThreadPoolExecutor

    run, _, version = start(path, 1)
    pool = ThreadPoolExecutor(threads)

    def rate(batch, seconds):
        start = time.perf_counter()

        def work(_):
            images = 0
            while time.perf_counter() - start < seconds:
                run(batch)
                images += batch
            return images

        images = sum(pool.map(work, range(threads)))
        return images / (time.perf_counter() - start)

    return run, rate, version


def onnxruntime_parallel(path, threads):
    return parallel(onnxruntime, path, threads)


def openvino(path, threads, mode):
    import openvino
    import openvino.properties as properties
    import openvino.properties.hint as hint

    core = openvino.Core()
    compiled = {}

    def prepared(batch):
        if batch not in compiled:
            model = core.read_model(f"{path}.onnx")
            model.reshape([batch, 3, SIDE, SIDE])
            network = core.compile_model(model, "CPU", {
                hint.performance_mode(): mode, hint.inference_precision(): openvino.Type.f32,
                properties.inference_num_threads(): threads})
            compiled[batch] = network, network.create_infer_request()
        return compiled[batch]

    def run(batch):
        return prepared(batch)[1].infer([inputs[batch]], share_inputs=True, share_outputs=True)[0]

    def rate(batch, seconds):
        network = prepared(batch)[0]
        queue = openvino.AsyncInferQueue(network, network.get_property(properties.optimal_number_of_infer_requests()))
        start, images = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            queue.start_async([inputs[batch]], share_inputs=True)
            images += batch
        queue.wait_all()
        return images / (time.perf_counter() - start)

    return run, rate if mode == "THROUGHPUT" else repeated(run), openvino.__version__.split("-")[0]


def openvino_latency(path, threads):
    return openvino(path, threads, "LATENCY")


def openvino_throughput(path, threads):
    return openvino(path, threads, "THROUGHPUT")


def ncnn(path, threads):
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = False
    for name in ["fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"]:
        setattr(net.opt, f"use_{name}", False)
    net.load_param(f"{path}.ncnn.param")
    net.load_model(f"{path}.ncnn.bin")

    def run(batch):
        """Runs single images: ncnn has no batches."""
        rows = []
        for image in inputs[batch]:
            extractor = net.create_extractor()
            extractor.input("in0", ncnn.Mat(image))
            rows.append(np.array(extractor.extract("out0")[1]).ravel())
        return np.stack(rows)

    return run, repeated(run), ncnn.__version__


def ncnn_parallel(path, threads):
    return parallel(ncnn, path, threads)


def pytorch(path, threads, compiles=False):
    import torch

    torch.set_num_threads(threads)
    folder, name = os.path.split(path)
    model = network(name, folder)[0].to(memory_format=torch.channels_last)
    if compiles:
        import torch._inductor.config

        torch._inductor.config.freezing = True
        if instruction_set == "avx2":
            torch._inductor.config.cpp.simdlen = 256
        model = torch.compile(model, dynamic=False)
    tensors = {}

    def run(batch):
        if batch not in tensors:
            tensors[batch] = torch.from_numpy(inputs[batch]).contiguous(memory_format=torch.channels_last)
        # Freezing does not support inference mode.
        with torch.no_grad() if compiles else torch.inference_mode():
            return model(tensors[batch]).numpy()

    return run, repeated(run), torch.__version__


def pytorch_compiled(path, threads):
    return pytorch(path, threads, compiles=True)


class Engine:
    def __init__(self, title, start, batches=(1, 8), serves_one=True, copied=False):
        self.title, self.start, self.batches = title, start, batches
        # Whether it uses all threads for one image, and whether only a changed copy can be limited to AVX2.
        self.serves_one, self.copied = serves_one, copied


ENGINES = {
    "onnxruntime": Engine("ONNX Runtime", onnxruntime, copied=True),
    "onnxruntime-parallel": Engine("ONNX Runtime, parallel", onnxruntime_parallel, serves_one=False, copied=True),
    "openvino-latency": Engine("OpenVINO, latency", openvino_latency),
    "openvino-throughput": Engine("OpenVINO, throughput", openvino_throughput, serves_one=False),
    "ncnn": Engine("ncnn", ncnn, batches=(1,), copied=True),
    "ncnn-parallel": Engine("ncnn, parallel", ncnn_parallel, batches=(1,), serves_one=False, copied=True),
    "pytorch": Engine("PyTorch", pytorch),
    "pytorch-compiled": Engine("PyTorch, compiled", pytorch_compiled),
}


class Inputs(dict):
    def __missing__(self, batch):
        self[batch] = fixed_images(batch)
        return self[batch]


inputs = Inputs()


def environment(threads, instruction_set, folder, copied=False):
    """The environment variables of an engine's process; `copied`: it uses the changed copies if it is limited to AVX2."""
    variables = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    variables["OMP_NUM_THREADS"] = str(threads)
    variables["TORCHINDUCTOR_CACHE_DIR"] = f"{folder}/compiled"
    if instruction_set == "avx2":
        variables["ONEDNN_MAX_CPU_ISA"] = variables["DNNL_MAX_CPU_ISA"] = "AVX2"
        variables["ATEN_CPU_CAPABILITY"] = "avx2"
        variables["MKL_ENABLE_INSTRUCTIONS"] = "AVX2"
        if copied:
            variables |= avx2_copies.make(folder)
    return variables


def serve(answers, engine, name, folder, threads):
    run, rate, version = ENGINES[engine].start(f"{folder}/{name}", int(threads))
    if instruction_set == "avx2" and ENGINES[engine].copied and ctypes.CDLL(None).avx2_answers() == 0:
        sys.exit(f"{engine} did not ask for the processor's features, so it is not limited to AVX2")
    print("ready", version, file=answers, flush=True)
    for line in sys.stdin:
        first, second = line.split()
        if first == "check":
            print(*run(int(second)).ravel().tolist(), file=answers, flush=True)
        else:
            print(rate(int(first), float(second)), file=answers, flush=True)


if __name__ == "__main__":
    instruction_set = sys.argv[5]
    # Engines print other text to standard output.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(answers, *sys.argv[1:5])

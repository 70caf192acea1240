"""Features of images, layers compared, a classifier, and the certificate of its fit.

    python3 layers_and_certificate.py FOLDER [OUTPUT]

FOLDER has a folder for each class, or train/ and test/ with a folder for each class. OUTPUT is the classifier file.
"""

import sys
from pathlib import Path

import layertap

LAYERS = ["blocks.4", "blocks.10", "penultimate"]


def main(folder: str, output: str = "classifier.layertap") -> None:
    backbone = layertap.Backbone("efficientnet_lite0")
    images = sorted(path for path in Path(folder).rglob("*") if path.suffix in (".jpg", ".png"))
    features, unreadable = backbone.embed(images, LAYERS, store="layertap-store", errors="report")
    for column, rows in features.items():
        print(f"{column}: {rows.shape[0]} images, {rows.shape[1]} features")
    for image in unreadable:
        print(f"left out: {image.reason}")

    # The store has these features now, so that nothing is computed twice.
    comparison = layertap.compare(folder, backbone=backbone, layers=LAYERS, store="layertap-store")
    print(comparison.entries)

    result = layertap.train(folder, backbone=backbone, layers=LAYERS, store="layertap-store")
    certificate = result.certificate
    print(f"{result.column}: the objective is {certificate['objective']:.6g}")
    print(f"its minimum is at most {certificate['gap']:.2g} lower")
    if result.accuracy is not None:
        print(f"accuracy on the test images: {result.accuracy:.1%}")
    result.classifier.save(output)
    print(layertap.load(output).predict(images[:1]))


if __name__ == "__main__":
    main(*sys.argv[1:])

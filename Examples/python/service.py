"""An HTTP service that classifies uploaded images.

    pip install layertap fastapi uvicorn python-multipart
    LAYERTAP_CLASSIFIER=classifier.layertap uvicorn service:app
    curl --form file=@photo.jpg http://127.0.0.1:8000/classify

FastAPI runs this function on several threads. All of them use one classifier.
"""

import os
from typing import Any

from fastapi import FastAPI, HTTPException, UploadFile

import layertap

LARGEST_UPLOAD = 20 << 20

classifier = layertap.load(os.environ["LAYERTAP_CLASSIFIER"]).prepare()
app = FastAPI()


@app.post("/classify")
def classify(file: UploadFile) -> dict[str, Any]:
    """The most probable class of an uploaded JPEG or PNG file, and its probability."""
    data = file.file.read(LARGEST_UPLOAD + 1)
    if len(data) > LARGEST_UPLOAD:
        raise HTTPException(413, f"expected at most {LARGEST_UPLOAD} bytes")
    try:
        probabilities = classifier.predict_proba(data, threads=1, progress=False)[0]
    except layertap.DataError as error:
        raise HTTPException(422, str(error)) from None
    best = probabilities.argmax()
    return {"class": classifier.classes_[best], "probability": float(probabilities[best])}

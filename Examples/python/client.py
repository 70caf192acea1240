"""Classifies image files by a server, which `layertap predict MODEL --listen unix:PATH` starts.

usage: client.py PATH IMAGE...
"""

import json
import socket
import struct
import sys

path, *images = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as server:
    server.connect(path)
    lines = server.makefile("r", encoding="utf-8")
    for image in images:
        with open(image, "rb") as file:
            data = file.read()
        name = image.encode()
        server.sendall(struct.pack("<I", len(name)) + name + struct.pack("<Q", len(data)) + data)
        answer = json.loads(lines.readline())
        print(f"{image}: {answer.get('class') or answer.get('error', 'no class')}")

"""Small files of random bytes, each under its hash in a data directory's images: a node takes in what has no row there when it starts.

    many_images.py DATA_DIR COUNT
"""

import hashlib
import os
import sys

BYTES = 100_000

root, count = os.path.join(sys.argv[1], "images"), int(sys.argv[2])
for i in range(count):
    content = i.to_bytes(8, "big") + os.urandom(BYTES)
    name = hashlib.sha3_224(content).hexdigest()
    folder = os.path.join(root, name[:2])
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name + ".gvmi"), "wb") as out:
        out.write(content)

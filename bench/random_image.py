"""A squashfs superblock, random bytes, a trailer: as much of an image as a node looks at. Usage: random_image.py FILE MB"""
import os, struct, sys, zlib

name, size = sys.argv[1], int(sys.argv[2]) << 20
config = b'{"Cmd":["sh"],"Volumes":{"/golem/work":{}}}'
trailer = struct.pack("<I", zlib.crc32(config)) + config + b"%08d" % len(config)
used = size - len(trailer)
head = bytearray(96)
struct.pack_into("<4sIIII", head, 0, b"hsqs", 1, 0, 131072, 0)
struct.pack_into("<6H", head, 20, 1, 17, 0, 1, 4, 0)
struct.pack_into("<Q", head, 40, used)
with open(name, "wb") as out:
    out.write(head)
    for at in range(96, used, 1 << 22):
        out.write(os.urandom(min(1 << 22, used - at)))
    out.write(trailer)

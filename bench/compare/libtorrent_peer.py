#!/usr/bin/python3
"""One libtorrent peer at its fastest: TCP, no encryption, no DHT. Needs Debian's python3-libtorrent.

    libtorrent_peer.py make IMAGE OUT.torrent
    libtorrent_peer.py seed OUT.torrent FOLDER PORT
    libtorrent_peer.py get OUT.torrent FOLDER PORT SEEDER_PORT...

`seed` prints "ready" and runs until it is killed; `get` ends when the last piece is verified.
"""

import os
import sys
import time

import libtorrent

PIECE_BYTES = 1 << 20


def make(image, out):
    files = libtorrent.file_storage()
    libtorrent.add_files(files, image)
    torrent = libtorrent.create_torrent(files, PIECE_BYTES)
    libtorrent.set_piece_hashes(torrent, os.path.dirname(image))
    with open(out, "wb") as file:
        file.write(libtorrent.bencode(torrent.generate()))


def run(seeds, torrent, folder, port, seeders):
    session = libtorrent.session({
        "listen_interfaces": f"127.0.0.1:{port}",
        "enable_dht": False, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
        "enable_incoming_utp": False, "enable_outgoing_utp": False,
        "in_enc_policy": libtorrent.enc_policy.disabled, "out_enc_policy": libtorrent.enc_policy.disabled,
        "allow_multiple_connections_per_ip": True, "unchoke_slots_limit": -1,
        "hashing_threads": os.cpu_count(), "alert_mask": 0,
    })
    wanted = libtorrent.add_torrent_params()
    wanted.ti = libtorrent.torrent_info(torrent)
    wanted.save_path = folder
    if seeds:
        wanted.flags |= libtorrent.torrent_flags.seed_mode
    wanted.flags &= ~(libtorrent.torrent_flags.auto_managed | libtorrent.torrent_flags.paused)
    handle = session.add_torrent(wanted)
    for seeder in seeders:
        handle.connect_peer(("127.0.0.1", int(seeder)))
    if seeds:
        print("ready", flush=True)
        while True:
            time.sleep(60)
    while not handle.status().is_seeding:
        time.sleep(0.02)
    # The last pieces are in its cache until they are flushed: they count as done when they are in the file.
    handle.flush_cache()


if sys.argv[1] == "make":
    make(*sys.argv[2:4])
else:
    run(sys.argv[1] == "seed", sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])

#!/bin/sh
# How time and memory grow with the size of an image, the number of its seeders, and the images that are held: tables, and plots as SVG.
#   RUNS=3  SIZES_MB="64 256 1024 4096 8192"  SEEDERS="1 2 4 8"  SEEDERS_MB=1024  HELD="1 10 100 1000"  HELD_MB=64  WORK=/tmp  OUT=.  bench/growth.sh [size] [seeders] [held]
# The plots are OUT/growth-size.svg, growth-seeders.svg, growth-held.svg. WORK needs three times the largest image, and one and a half times all seeders' copies. Needs Linux (/proc), python3 and openssl.
set -eu
exec python3 "$(dirname "$0")/growth.py" "$@"

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed.py OUT FILE...: write each file as a C array into the header OUT, under a name with a hash of its bytes."""

import hashlib
import pathlib
import sys


def embed(path):
    data = path.read_bytes()
    symbol = "embedded_" + path.name.replace(".", "_").replace("-", "_")
    digest = hashlib.sha256(data).hexdigest()[:16]
    yield f'#define {symbol.upper()}_NAME "{path.stem}.{digest}{path.suffix}"\n'
    yield f"static const unsigned char {symbol}[] = {{\n"
    for start in range(0, len(data), 24):
        yield "    " + "".join(f"{byte}," for byte in data[start:start + 24]) + "\n"
    yield "};\n"


def main():
    out, *files = (pathlib.Path(name) for name in sys.argv[1:])
    with out.open("w", encoding="utf-8") as header:
        header.write("/* Made by embed.py; do not edit. */\n")
        for path in files:
            header.writelines(embed(path))


if __name__ == "__main__":
    main()

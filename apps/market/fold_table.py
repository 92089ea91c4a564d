#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints fold_table.h: for letters of the ranges below, the lower-case letter without its accents, from Python's copy
of the Unicode character database. Run by hand when a range is added: ./fold_table.py > fold_table.h"""
import unicodedata

# Latin-1 and Latin Extended-A, -B; Greek; Cyrillic; Latin Extended Additional and Greek Extended.
RANGES = [("latin", 0x00C0, 0x024F), ("greek_cyrillic", 0x0370, 0x052F), ("extended", 0x1E00, 0x1FFF)]
# Letters that Unicode does not take apart, but people type without their stroke or tail.
PLAIN = {"ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŧ": "t", "ŋ": "n", "ſ": "s", "ς": "σ"}
# Cyrillic letters of their own, which only look like another one with an accent.
WHOLE = {"й"}


def fold(code):
    lower = chr(code).lower()
    if lower[0] in WHOLE:
        return ord(lower[0])
    base = unicodedata.normalize("NFD", lower)[0]
    base = PLAIN.get(base, base)
    return ord(base) if unicodedata.category(base)[0] in "LN" and ord(base) < 0x10000 else 0


print("/* SPDX-License-Identifier: MIT */")
print("/* fold_table.h: letters folded to lower case without accents; 0: no letter. Made by fold_table.py. */")
print("#ifndef MARKET_FOLD_TABLE_H\n#define MARKET_FOLD_TABLE_H\n\n#include <stdint.h>\n")
print("/* clang-format off */")
for name, first, last in RANGES:
    print(f"enum {{ FOLD_{name.upper()}_FIRST = 0x{first:04X}, FOLD_{name.upper()}_LAST = 0x{last:04X} }};")
    print(f"static const uint16_t fold_{name}[] = {{")
    for row in range(first, last + 1, 12):
        print("    " + " ".join(f"0x{fold(code):04X}," for code in range(row, min(row + 12, last + 1))))
    print("};\n")
print("/* clang-format on */\n#endif")

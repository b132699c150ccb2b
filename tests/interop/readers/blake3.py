"""BLAKE3 of bytes, from its paper (O'Connor, Aumasson, Neves, Wilcox-O'Hearn, 2020), for readers that want no package. `pip install blake3` is a
thousand times as fast and says the same."""

import struct

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
START, END, PARENT, ROOT = 1, 2, 4, 8
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)


def _unrolled():
    """The seven rounds as one function without loops: the only way to be bearable in Python."""
    lines = ["def compress(h, m, counter, length, flags):", " v0,v1,v2,v3,v4,v5,v6,v7 = h"]
    lines.append(" v8,v9,v10,v11 = IV[:4]; v12 = counter & 0xFFFFFFFF; v13 = counter >> 32; v14 = length; v15 = flags")
    lines.append(" " + ",".join(f"m{i}" for i in range(16)) + " = m")
    order = list(range(16))
    mixes = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for _ in range(7):
        for at, (a, b, c, d) in enumerate(mixes):
            for word, left, right in ((order[2 * at], 16, 12), (order[2 * at + 1], 8, 7)):
                lines.append(f" v{a} = (v{a} + v{b} + m{word}) & 0xFFFFFFFF")
                lines.append(f" x = v{d} ^ v{a}; v{d} = (x >> {left} | x << {32 - left}) & 0xFFFFFFFF")
                lines.append(f" v{c} = (v{c} + v{d}) & 0xFFFFFFFF")
                lines.append(f" x = v{b} ^ v{c}; v{b} = (x >> {right} | x << {32 - right}) & 0xFFFFFFFF")
        order = [order[i] for i in PERMUTATION]
    lines.append(" return (" + ",".join(f"v{i} ^ v{i + 8}" for i in range(8)) + ")")
    scope = {"IV": IV}
    exec("\n".join(lines), scope)
    return scope["compress"]


compress = _unrolled()


def _chunk(data, counter, root):
    """The chaining value of a chunk of at most 1024 bytes."""
    value = IV
    blocks = max(1, -(-len(data) // 64))
    for at in range(blocks):
        block = data[64 * at : 64 * at + 64]
        flags = (START if at == 0 else 0) | ((END | root) if at == blocks - 1 else 0)
        value = compress(value, struct.unpack("<16I", block.ljust(64, b"\0")), counter, len(block), flags)
    return value


def _tree(data, first, root):
    if len(data) <= 1024:
        return _chunk(data, first, root)
    # The left side has as many whole chunks as a power of two, the greatest that leaves something to the right.
    left = 1 << ((len(data) - 1) // 1024).bit_length() - 1
    halves = _tree(data[: 1024 * left], first, 0) + _tree(data[1024 * left :], first + left, 0)
    return compress(IV, halves, 0, 64, PARENT | root)


def hexdigest(data):
    return struct.pack("<8I", *_tree(data, 0, ROOT)).hex()

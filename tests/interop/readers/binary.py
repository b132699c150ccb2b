"""A reader of the binary form, written from docs/targets/binary.md alone: it makes of it the table of docs/tables.md, which `table.py` asks.

Usage: binary.py FILE [open | show]"""

import struct

import blake3
import table

WIDTHS = (24, 48, 4, 8, 24, 4, 4, 4, 24, 16, 8, 4, 8, 16, 8, 40, 8, 1, 8, 4, 4)
SIZE = 64 + 64 * len(WIDTHS)


def sections(data):
    """The bytes of each section, held against everything that the header says."""
    if data[:8] != b"\x89LXT\r\n\x1a\n":
        raise ValueError("not a table")
    version, count, length = struct.unpack_from("<IIQ", data, 8)
    if version != 2:
        raise ValueError(f"a table of version {version}")
    if len(data) < max(length, SIZE):
        raise ValueError("the table is cut short")
    if blake3.hexdigest(data[:32] + data[64:SIZE]) != data[32:64].hex():
        raise ValueError("the table was altered")
    found, end = [], SIZE
    for at, width in enumerate(WIDTHS):
        number, said, offset, entries, none = struct.unpack_from("<IIQQQ", data, 64 + 64 * at)
        first = -(-end // 64) * 64
        if (number, said, offset, none) != (at + 1, width, first, 0) or any(data[end:first]):
            raise ValueError("the table was altered")
        end = first + entries * width
        found.append(data[first:end])
        if blake3.hexdigest(found[-1]) != data[96 + 64 * at : 128 + 64 * at].hex():
            raise ValueError("the table was altered")
    if count != len(WIDTHS) or end != len(data):
        raise ValueError("the table was altered")
    return found


def load(data):
    parts = dict(zip(range(1, 22), sections(data)))
    entries = {number: list(struct.iter_unpack(shape, parts[number])) for number, shape in SHAPES.items()}
    flat = {number: [word for (word,) in entries[number]] for number in (3, 4, 6, 7, 8, 11, 12, 13, 15, 17, 20, 21)}
    number128 = lambda low, high: low | high << 64
    begin, texts = 0, []
    for end in flat[17]:
        texts.append(parts[18][begin:end].decode())
        begin = end
    strings = iter(texts)
    dated, first, last, readings, rules, vectors = flat[13]
    body = {"regime": next(strings), "title": next(strings), "source": next(strings)}
    body["readings"] = [next(strings) for _ in range(readings)]
    body["dates"] = [first, last] if dated else None
    words = iter(flat[15])
    take = lambda words, size: members(size, [next(words) for _ in range(-(-size // 64))])
    body["enums"] = []
    for size, ordered, headings, _ in entries[14]:
        one = {"name": next(strings), "members": [{"name": next(strings), "label": next(strings)} for _ in range(size)]}
        one |= {"ordered": bool(ordered), "headings": [{"name": next(strings), "members": take(words, size)} for _ in range(headings)]}
        body["enums"].append(one)
    domains = iter(entries[16])

    def domain(unit):
        kind, of, lo, hi, mantissa, scale, _ = next(domains)
        if kind == 3:
            return {"number": {"unit": unit, "step": {"mantissa": mantissa, "scale": scale}, "lo": lo, "hi": hi}}
        return ("bool", {"enum": of}, {"set": of}, None, {"date": {"lo": lo, "hi": hi}})[kind]

    body["inputs"] = [{"name": next(strings), "title": next(strings), "domain": domain(next(strings))} for _ in entries[1]]
    asked = iter(flat[21])
    body["decisions"] = [
        {"name": next(strings), "title": next(strings), "domain": domain(next(strings)), "root": root}
        | {"ask": [next(asked) for _ in range(next(asked))]}
        for root in flat[7]
    ]
    body["rules"] = [{"name": next(strings), "title": next(strings), "cite": next(strings)} for _ in range(rules)]
    body["tests"] = []
    for kind, given, other, classes, first, count, map_first, map_count, low, high in entries[2]:
        at = flat[3][map_first : map_first + map_count]
        products = [
            {"coefficient": str(number128(*monomial[:2])), "factors": flat[6][monomial[2] : monomial[2] + monomial[3]]}
            for monomial in entries[5][first : first + count]
        ]
        body["tests"].append([
            {"flag": {"input": given}},
            {"member": {"input": given, "classes": classes, "map": [None if to == 0xFFFFFFFF else to for to in at]}},
            {"interval": {"input": given, "classes": classes, "thresholds": flat[4][first : first + count], "map": at}},
            {"has": {"input": given, "member": other}},
            {"same": {"a": given, "b": other}},
            {"at_least_zero": {"constant": str(number128(low, high)), "monomials": products}},
        ][kind])
    body["nodes"] = flat[8]

    def answer(kind, payload):
        first, count = struct.unpack("<II", payload)
        (plain,) = struct.unpack("<q", payload)
        if kind == 1:
            return {"conflict": [answer(kind, payload) for kind, _, payload in entries[10][first : first + count]]}
        if kind == 4:
            return {"set": members(64 * count, flat[11][first : first + count])}
        return ("gap", None, {"bool": bool(plain)}, {"member": plain}, None, {"int": plain})[kind]

    body["outcomes"] = [
        {"answer": answer(kind, payload), "rules": flat[12][first : first + count]} for kind, _, payload, first, count in entries[9]
    ]
    values, outcomes = struct.iter_unpack("<8s", parts[19]), iter(flat[20])
    body["vectors"] = []
    for _ in range(vectors):
        row = []
        for kind, size, _, _ in entries[1]:
            if kind == 2:
                row.append({"set": take((int.from_bytes(word, "little") for (word,) in values), size)})
            else:
                plain = int.from_bytes(next(values)[0], "little", signed=True)
                row.append(({"bool": bool(plain)}, {"member": plain}, None, {"int": plain}, {"int": plain})[kind])
        body["vectors"].append({"values": row, "outcomes": [next(outcomes) for _ in entries[7]]})
    return body


SHAPES = {1: "<IIqq", 2: "<IIIIIIIIQq", 3: "<I", 4: "<q", 5: "<QqII", 6: "<I", 7: "<I", 8: "<I", 9: "<II8sII", 10: "<II8s", 11: "<Q", 12: "<I"}
SHAPES |= {13: "<q", 14: "<IIII", 15: "<Q", 16: "<IIqqqII", 17: "<Q", 20: "<I", 21: "<I"}


def members(size, words):
    return {"size": size, "members": [member for member in range(size) if words[member // 64] >> member % 64 & 1]}


if __name__ == "__main__":
    table.main(load)

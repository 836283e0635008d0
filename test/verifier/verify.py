#!/usr/bin/env python3
"""A second verifier of audit bundles, written from docs/features/audit.md alone and sharing nothing with the first.
Usage: verify.py <bundle> ... --key <file> [--key <file>] [--since <checkpoint>]
Prints what is wrong as JSON. Exit codes: 0 valid, 1 invalid, 2 wrong usage. Keeps the whole tree in memory."""
import base64, datetime, hashlib, json, re, sys, zlib
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519 (RFC 8032, 5.1), slow and plain
D = -121665 * pow(121666, P - 2, P) % P
def x_of(y, sign):
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    x = x * pow(2, (P - 1) // 4, P) % P if (x * x - xx) % P else x
    return None if (x * x - xx) % P or (x == 0 and sign) else P - x if x % 2 != sign else x
def point(data):
    sign, y = divmod(int.from_bytes(data, "little"), 2**255)
    x = x_of(y, sign) if y < P else None
    return x if x is None else (x, y, 1, x * y % P)
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)
def times(n, p):
    result = (0, 1, 1, 0)
    while n:
        result, p, n = add(result, p) if n & 1 else result, add(p, p), n >> 1
    return result
BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (x_of(BASE_Y, 0), BASE_Y, 1, x_of(BASE_Y, 0) * BASE_Y % P)
def ed25519(key, message, signature):
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if None in (a, r) or s >= L or len(signature) != 64: return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 == (left[1] * right[2] - right[1] * left[2]) % P
def read_keys(text):  # signed notes and checkpoints (C2SP)
    found = re.findall(r'([^\s"\'+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)', text)
    return {(name, key_id): base64.b64decode(key)[1:] for name, key_id, key in found}
def read_note(note, keys):
    """(origin, size, root, signed, claims): signed is True, False (a known key's signature is wrong) or None."""
    match = re.fullmatch(r"((?:[^\n]+\n){3,})\n((?:\u2014 \S+ [A-Za-z0-9+/]+=*\n)+)", note)
    origin, size, root, *more = match.group(1).split("\n") if match else ("", "", "")
    if not re.fullmatch(r"0|[1-9]\d{0,15}", size): return None
    text, signed = match.group(1), None
    for line in match.group(2).splitlines():
        name, raw = line.split(" ")[1], base64.b64decode(line.split(" ")[2])
        key = keys.get((name, raw[:4].hex()))
        if key is not None and name == origin and signed is not False: signed = ed25519(key, text.encode(), raw[4:])
    return origin, int(size), base64.b64decode(root), signed, [line for line in more if line.startswith("claims ")]
def subtrees(start, end):  # the tree (RFC 6962): every full subtree by (level, index)
    while start < end:
        level = min((start & -start or end).bit_length(), (end - start).bit_length()) - 1
        yield level, start >> level
        start += 2**level
SHAPES = ["event leaf hash position", "event leaf hash position opened", "bare", "skipped", "checkpoint",
    "format origin log_id filter from_leaf before size exported_at exporter keys"]
class Verifier:
    def __init__(self, keys, since):
        self.keys, self.since, self.problems, self.nodes = keys, since, [], {}
        self.header, self.size, self.first, self.lost, self.agreed = None, 0, 0, False, 0
        self.covered, self.last, self.position, self.streams = 0, "", "", {}
        self.bare, self.proved = [(0, 0, bytes(32))], (0, 0)  # after each bare leaf: the size, how many, their digest
    def wrong(self, code, start=None, end=None):
        self.problems.append({"code": code, "from": start, "to": start if end is None else end})
    def check(self, holds, code, leaf):
        holds or self.wrong(code, leaf)
    def push(self, level, node):
        index = self.size >> level
        self.size, self.nodes[level, index] = self.size + 2**level, node
        while index % 2 and (level, index - 1) in self.nodes:
            node = hashlib.sha256(b"\1" + self.nodes[level, index - 1] + node).digest()
            level, index = level + 1, index // 2
            self.nodes[level, index] = node
    def hide(self, leaf):
        digest = hashlib.sha256(self.bare[-1][2] + self.size.to_bytes(8, "big")).digest()
        self.bare.append((self.size + 1, len(self.bare), digest))
        self.push(0, leaf)
    def root(self, size):
        parts = [self.nodes.get(node) for node in subtrees(0, size)]
        if self.lost or size > self.size or None in parts: return None
        node = parts.pop() if parts else hashlib.sha256().digest()
        for left in reversed(parts):
            node = hashlib.sha256(b"\1" + left + node).digest()
        return node
    def step(self, leaf):
        if leaf != self.size:
            self.wrong("leaf-missing" if leaf > self.size else "leaf-repeated", min(leaf, self.size), max(leaf, self.size))
            self.lost, self.size = True, max(leaf, self.size)
        return leaf >= self.size
    def line(self, raw, torn=False):  # torn: the last bytes of a part that another part follows
        body = raw[:-20]
        if raw[-20:] != b',"crc32":"%08x"}' % zlib.crc32(body):
            if not torn: self.lost, self.last = True, self.wrong("line-damaged", self.size)
            return
        once = lambda pairs: dict(pairs) if len(dict(pairs)) == len(pairs) else {}["a member twice"]
        try:
            text = body.decode() + "}"
            decoder = json.JSONDecoder(object_pairs_hook=once, parse_constant=lambda name: {}[name])
            line = decoder.raw_decode(text)[0]
            beside = {name: line[name] for name in line if name != "event"}
            own = '{"event":' + text[9:decoder.raw_decode(text, 9)[1]] + "," if "event" in line else "{"
            spelt = own + json.dumps(beside, ensure_ascii=False, separators=(",", ":"))[1:]
            if " ".join(line) not in SHAPES or spelt != text or type(line.get("leaf", 0)) is not int or line.get("filter") == {}:
                raise ValueError("written otherwise")
            self.take(line, text, decoder)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.lost, self.last = True, self.wrong("line-unreadable", self.size)
    def take(self, line, text, decoder):
        if "format" in line: return self.begin(line)
        if self.header is None or "checkpoint" in line:
            return self.checkpoint(line["checkpoint"]) if self.header else self.wrong("wrong-header")
        self.last = "leaves"
        if "bare" in line and self.step(line["bare"]["from"]):
            any(self.hide(bytes.fromhex(leaf)) for leaf in line["bare"]["hashes"])
        elif "skipped" in line and self.step(line["skipped"]["from"]):
            start, end, roots = (line["skipped"][name] for name in ("from", "to", "subtrees"))
            self.check(self.header["filter"] and len(list(subtrees(start, end))) == len(roots), "leaf-missing", start)
            any(self.push(level, bytes.fromhex(node)) for (level, _), node in zip(subtrees(start, end), roots))
        elif "event" in line and self.step(line["leaf"]):
            event, end = decoder.raw_decode(text, 9)  # behind {"event":
            self.event(event, line, hashlib.sha256(b"\0" + text[9:end].encode()).hexdigest())
    def begin(self, header):
        wanted = "rollbook-audit-bundle/1", "rollbook/" + header["log_id"]
        self.check((header["format"], header["origin"]) == wanted, "wrong-header", None)
        if self.header is None:
            self.header, self.first = header, header["from_leaf"]
            any(self.push(level, bytes.fromhex(node)) for (level, _), node in zip(subtrees(0, self.first), header["before"]))
        elif any(header[name] != self.header[name] for name in ("origin", "log_id", "filter")):
            self.wrong("wrong-header")
        elif self.step(header["from_leaf"]) and not self.lost:
            self.check([self.nodes[node].hex() for node in subtrees(0, self.size)] == header["before"], "root-mismatch", 0)
        self.last = "header"
    def event(self, event, line, found):
        leaf, stream, revision = line["leaf"], event["stream"], event["revision"]
        self.check(found == line["hash"], "event-changed", leaf)
        self.check(line["position"] > self.position, "position-order", leaf)
        self.position, full = line["position"], self.header["filter"] is None
        last, previous = self.streams.get(stream), event["metadata"]["previousHash"]
        time = datetime.datetime.fromisoformat(event["recordedAt"].replace("Z", "+00:00"))
        if last is None:
            self.check(revision == 0 or not full or self.first > 0, "revision-gap", leaf)
            self.check(revision != 0 or previous is None, "chain-broken", leaf)
        else:
            self.check(revision == last[0] + 1 or (revision > last[0] and not full), "revision-gap", leaf)
            self.check(revision != last[0] + 1 or previous == last[1], "chain-broken", leaf)
            self.check(time >= last[2], "time-runs-back", leaf)
        self.streams[stream] = revision, line["hash"], time
        self.push(0, bytes.fromhex(line["hash"]))
        if stream == "notary" and "note" in event["data"]:
            said = read_note(event["data"]["note"], self.keys)
            if said is None or said[1] > leaf or said[3] is False: return self.wrong("bad-checkpoint", leaf)
            self.seal(said)
    def seal(self, said):
        if self.compare(said[1], said[2], "root-mismatch") == said[2] and said[3]: self.claims(said[1], said[4])
    def claims(self, size, said, start=None):  # of a checkpoint with a good signature and our root
        if not said or self.header["filter"] is not None or self.first > 0: return
        _, count, digest = next(state for state in reversed(self.bare) if state[0] <= size)
        if said == [f"claims {count} {base64.b64encode(digest).decode()}"]:
            self.proved = max(self.proved, (size, count))
        elif not self.problems:
            self.wrong("not-claims", self.proved[0] if start is None else start, size - 1)
    def compare(self, size, root, code):
        own = self.root(size)
        if own not in (None, root) and (code == "fork" or not self.problems):
            self.wrong(code, 0 if code == "fork" else min(self.agreed, size - 1), size - 1)
        self.agreed = max(self.agreed, size) if own == root else self.agreed
        return own
    def checkpoint(self, note):
        said, self.last = read_note(note, self.keys), "checkpoint"
        if said is None or said[3] is not True: return self.wrong("bad-checkpoint")
        self.check(said[0] == self.header["origin"], "wrong-log", None)
        self.check(said[1] <= self.size, "leaf-missing", self.agreed)
        self.covered = max(self.covered, said[1])
        self.seal(said)
    def end(self):
        if self.header is None: self.wrong("wrong-header")
        elif self.covered < self.size or (self.last != "checkpoint" and not self.problems):
            self.wrong(*(("not-sealed", self.covered) if self.last == "checkpoint" else ("broken-off", self.size)))
        for origin, size, root, _, claims in sorted(self.since, key=lambda said: said[1]):
            if self.header is None or origin != self.header["origin"]: self.wrong("wrong-log")
            elif size > self.size: self.wrong("tail-cut", self.size, size - 1)
            elif self.compare(size, root, "fork") == root: self.claims(size, claims, 0)
            elif self.root(size) is None and not self.lost: self.wrong("not-comparable")
        return self.problems
def main(words):
    files, options = [], {"--key": [], "--since": []}
    while words:
        word = words.pop(0)
        options.get(word, files).append(words.pop(0) if word in options and words else word)
    files and options["--key"] or sys.exit((print(__doc__, file=sys.stderr), 2)[1])
    read = lambda name: open(name, encoding="utf-8", newline="").read()
    keys = {name: key for file in options["--key"] for name, key in read_keys(read(file)).items()}
    since = [read_note(read(file), keys) for file in options["--since"]]
    all(note and note[3] for note in since) or sys.exit((print("--since: not signed by a given key", file=sys.stderr), 2)[1])
    verifier = Verifier(keys, since)
    any(verifier.line(raw.rstrip(b"\n"), raw[-1:] != b"\n" and file != files[-1]) for file in files for raw in open(file, "rb"))
    problems = verifier.end()
    unproved = len(verifier.bare) - 1 - verifier.proved[1]  # bare leaves that nothing proves to be claims
    print(json.dumps({"valid": not problems, "leaves": verifier.size, "bare_unproved": unproved, "problems": problems}))
    sys.exit(1 if problems else 0)
main(sys.argv[1:])

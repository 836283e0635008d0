# An example follower to copy: prints each event of Rollbook's stream, and goes on where it stopped.
#   python3 follow-events.py http://localhost:8000 "$KEY" position.txt
# It needs nothing but Python 3.8 or newer. A test of Rollbook runs this file.
import json
import os
import sys
import time
import urllib.error
import urllib.request

origin, key, file = sys.argv[1:4]
SILENCE = 30  # Seconds without a word after which the connection is dead: the stream says every 10 s that it lives.

# The position of the last event handled. Yours belongs into your database, saved together with what the event changes.
try:
    with open(file) as saved:
        position = saved.read().strip()
except FileNotFoundError:
    position = ""
retry = 2.0


def handle(event):
    print(json.dumps(event), flush=True)


def take_block(fields):
    global position, retry
    if "retry" in fields:
        retry = int(fields["retry"]) / 1000
    if "data" in fields:
        handle(json.loads(fields["data"]))
    if "id" in fields:  # Also without data: everything up to there was looked through.
        position = fields["id"]
        # In one step: whoever is stopped in the middle of writing must not find half a place, or none.
        with open(file + ".new", "w") as saving:
            saving.write(position)
        os.replace(file + ".new", file)


def follow():
    headers = {"Authorization": "Bearer " + key}
    if position:
        headers["Last-Event-ID"] = position
    request = urllib.request.Request(origin + "/v1/events?from=start", headers=headers)
    with urllib.request.urlopen(request, timeout=SILENCE) as answer:
        fields = {}
        for raw in answer:
            line = raw.decode().rstrip("\n")
            if line == "":
                take_block(fields)
                fields = {}
            else:  # A comment begins with a colon, so its name is empty.
                name, _, value = line.partition(":")
                fields[name] = value.lstrip()


while True:
    try:
        follow()
    except urllib.error.HTTPError as refused:
        if refused.code not in (429, 503):
            # 400: the position belongs to another log: begin anew. 401, 403: the key opens nothing any more.
            sys.exit("%s %s" % (refused.code, refused.read().decode()))
        print(refused.code, refused.read().decode(), file=sys.stderr)
        time.sleep(float(refused.headers.get("Retry-After", "2")))
        continue
    except (OSError, EOFError) as fault:  # Cut off, or silent.
        print(fault, file=sys.stderr)
    time.sleep(retry)

// An example follower to copy: prints each event of Rollbook's stream, and goes on where it stopped.
//   node follow-events.mjs http://localhost:8000 "$KEY" position.txt
// It needs nothing but Node 20 or newer. A test of Rollbook runs this file.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const [origin = 'http://localhost:8000', key = '', file = 'position.txt'] = process.argv.slice(2);
/** ms without a word after which the connection is dead: the stream says every 10 s that it lives. */
const SILENCE = 30_000;

/** The position of the last event handled. Yours belongs into your database, saved together with what the event changes. */
let position = (await readFile(file, 'utf8').catch(() => '')).trim();
let retry = 2_000;

const handle = async (event) => {
  console.log(JSON.stringify(event));
};

/** One block of the stream: lines of `field: value`, and comments that begin with a colon. */
const takeBlock = async (block) => {
  const fields = new Map();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
  }
  if (fields.has('retry')) retry = Number(fields.get('retry'));
  if (fields.has('data')) await handle(JSON.parse(fields.get('data')));
  // Also without data: everything up to there was looked through.
  if (!fields.has('id')) return;
  position = fields.get('id');
  // In one step: whoever is stopped in the middle of writing must not find half a place, or none.
  await writeFile(`${file}.new`, position);
  await rename(`${file}.new`, file);
};

const follow = async () => {
  const silent = new AbortController();
  const watch = setTimeout(() => silent.abort(), SILENCE);
  try {
    const answer = await fetch(`${origin}/v1/events?from=start`, {
      headers: { Authorization: `Bearer ${key}`, ...(position !== '' && { 'Last-Event-ID': position }) },
      signal: silent.signal,
    });
    if (answer.status === 429 || answer.status === 503) {
      console.error(answer.status, await answer.text());
      clearTimeout(watch);
      await sleep(Number(answer.headers.get('retry-after') ?? 2) * 1_000);
      return;
    }
    if (!answer.ok) {
      // 400: the position belongs to another log: begin anew. 401, 403: the key opens nothing any more.
      console.error(answer.status, await answer.text());
      process.exit(1);
    }
    let rest = '';
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      watch.refresh();
      const blocks = (rest + text).split('\n\n');
      // What is not whole yet. If it never becomes whole, it comes again.
      rest = blocks.pop() ?? '';
      for (const block of blocks) await takeBlock(block);
    }
  } finally {
    clearTimeout(watch);
  }
};

for (;;) {
  await follow().catch((fault) => console.error(String(fault)));
  await sleep(retry);
}

import { createPublicKey } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { noteRecord } from '@rollbook/shared/audit/note-file';
import { runAuditCommand } from '../../../deploy/audit/command-line.ts';
import { Progress } from '../../../deploy/audit/progress.ts';
import { AuditLog, bundleLines, notaryKey, ORIGIN, type NotaryKey } from '../../support/audit-log.ts';

let folder: string;
let key: NotaryKey;
let lines: readonly string[];
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollbook-verify-'));
  key = notaryKey();
  const log = new AuditLog({ seed: 3, key });
  lines = [...bundleLines(log, 80)];
  const publicKey = createPublicKey(key.privateKey);
  await Promise.all([
    writeFile(at('bundle'), lines.join('')),
    writeFile(at('changed'), lines.join('').replace('"stream":"user-', '"stream":"usex-')),
    writeFile(at('torn'), lines.join('').slice(0, -30)),
    writeFile(at('vkey'), `${key.vkey}\n`),
    writeFile(at('pem'), publicKey.export({ format: 'pem', type: 'spki' })),
    writeFile(at('jwks'), JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }] })),
    writeFile(at('published'), JSON.stringify({ origin: ORIGIN, keys: [{ vkey: key.vkey }] })),
    writeFile(at('other'), notaryKey().vkey),
    writeFile(at('checkpoint'), log.checkpoint()),
    writeFile(at('nothing'), 'nothing'),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

const run = async (...words: readonly string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { log: (line: string) => void out.push(line), error: (line: string) => void err.push(line) };
  const code = await runAuditCommand(['verify', ...words], terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
};

describe('audit verify', () => {
  test.each(['vkey', 'pem', 'jwks', 'published'])('takes the key as %s', async (name) => {
    const { code, out } = await run(at('bundle'), '--key', at(name), '--since', at('checkpoint'));
    expect([code, out.split('\n')[0]]).toStrictEqual([0, 'VALID']);
    expect(out).toContain('this log is what it was then');
  });

  test('ends with 1 where something is wrong, and says what, where, and what it means', async () => {
    expect((await run(at('bundle'), '--key', at('other'))).code).toBe(1);
    const { code, out } = await run(at('changed'), '--key', at('vkey'));
    expect(code).toBe(1);
    expect(out).toMatch(/^INVALID\n[^]*line-damaged at leaf \d+, line \d+\n[^]*damaged after it was written/);
    expect((await run(at('torn'), '--key', at('vkey'))).out).toContain('broken-off');
  });

  test('takes several keys, of which one signed', async () => {
    expect((await run(at('bundle'), '--key', at('other'), '--key', at('pem'))).code).toBe(0);
  });

  test('takes the file in which a sink keeps all checkpoints, and passes over none of them', async () => {
    const [older, newer] = [new AuditLog({ seed: 3, key }), new AuditLog({ seed: 3, key })];
    for (let leaf = 0; leaf < 20; leaf += 1) older.next();
    for (let leaf = 0; leaf < 90; leaf += 1) newer.next();
    const since = async (...notes: readonly string[]) => {
      await writeFile(at('kept'), notes.map(noteRecord).join(''));
      return run(at('bundle'), '--key', at('vkey'), '--since', at('kept'));
    };
    expect((await since(older.checkpoint())).out).toMatch(/^VALID[^]*kept \(20 leaves\): this log is what it was then/);
    const cut = await since(older.checkpoint(), newer.checkpoint());
    expect([cut.code, cut.out]).toStrictEqual([1, expect.stringContaining('tail-cut at leaves 80 to 89')]);
    const other = await since(older.checkpoint(), new AuditLog({ seed: 3, key: notaryKey() }).checkpoint());
    expect([other.code, other.err]).toStrictEqual([2, expect.stringContaining('that no given key signed')]);
  });

  test('looks for no header where there is no line, however long the file is', async () => {
    const file = await open(at('long'), 'w');
    await file.truncate(600_000_000).finally(() => file.close());
    const { code, out } = await run(at('long'), '--key', at('pem'));
    expect([code, out.split('\n')[0]]).toStrictEqual([1, 'INVALID']);
  }, 120_000);

  test('says the same for programs', async () => {
    const { code, out } = await run(at('changed'), '--key', at('vkey'), '--json');
    expect(code).toBe(1);
    const { findings } = JSON.parse(out);
    expect(findings[0].code).toBe('line-damaged');
    expect(JSON.parse(out)).toMatchObject({ valid: false, findings: expect.anything() });
  });

  test('ends with 2 for wrong words and for files that it cannot use', async () => {
    for (const words of [
      [],
      [at('bundle')],
      [at('bundle'), '--key', at('nothing')],
      [at('bundle'), '--key', at('missing')],
      [at('missing'), '--key', at('vkey')],
      [at('bundle'), '--key', at('vkey'), '--since', at('nothing')],
      [at('bundle'), '--key', at('vkey'), '--since', at('missing')],
      [at('bundle'), '--key', at('vkey'), '--sinze', at('checkpoint')],
    ]) {
      const { code, out, err } = await run(...words);
      expect([words, code, out]).toStrictEqual([words, 2, '']);
      expect(err).toContain('Usage: audit verify');
    }
  });
});

describe('Its progress bar', () => {
  const drawn = (isTTY: boolean, total: number | null): string => {
    let text = '';
    let now = 0;
    const write = (piece: string | Uint8Array): boolean => {
      text += String(piece);
      return true;
    };
    const progress = new Progress({ isTTY, write, columns: 80 }, total, () => (now += 200));
    progress.add(500_000, '10 events');
    progress.add(500_000, '20 events');
    progress.end();
    return text;
  };

  test('is drawn on a terminal, and only there', () => {
    const bar = drawn(true, 1_000_000);
    expect(bar).toMatch(/50 % {2}10 events[^]*100 % {2}20 events/);
    expect(bar.endsWith('\r\u001b[K')).toBe(true);
    expect(drawn(true, null)).toContain('1.0 MB');
    expect(drawn(false, 1_000_000)).toBe('');
  });
});

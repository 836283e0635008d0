import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verifyFiles } from '../../deploy/audit/verify.ts';
import { call } from '../support/client.ts';
import { eventsIn, journeyOn, PASSWORD } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

let rollbook: TestRollbook;
let journey: ReturnType<typeof journeyOn>;
let folder: string;
let admin: string;
let ada: string;
let eve: string;

const fetchExport = (query = '', token = admin): Promise<Response> =>
  fetch(`${rollbook.url}/v1/audit/export${query}`, { headers: { authorization: `Bearer ${token}` } });

const exported = async (query = '', token = admin): Promise<string> => {
  const answer = await fetchExport(query, token);
  const text = await answer.text();
  expect([answer.status, answer.status === 200 ? '' : text]).toStrictEqual([200, '']);
  return text;
};

const keyFile = (): string => join(folder, 'keys.json');

/** Checks what was exported, as an auditor would: by files, and with the key that the service publishes. */
const verify = async (parts: readonly string[], notes: readonly string[] = []) => {
  const files = parts.map((_, at) => join(folder, `part-${at}.ndjson`));
  for (const [at, part] of parts.entries()) await writeFile(files[at]!, part);
  const since = notes.map((_, at) => join(folder, `since-${at}`));
  for (const [at, note] of notes.entries()) await writeFile(since[at]!, note);
  return verifyFiles(files, { keys: [keyFile()], since });
};

type Line = Record<string, any>;
const linesOf = (bundle: string): readonly Line[] =>
  bundle
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollbook-export-'));
  rollbook = await startRollbook();
  journey = journeyOn(rollbook);
  admin = await journey.admin();
  ada = String((await journey.member('ada')).body.user.id);
  eve = String((await journey.member('eve')).body.user.id);
  await call(rollbook.url, 'PATCH', `/users/${ada}`, {
    token: admin,
    body: { name: '=1+1 Countess', phone: '+1-555-0123' },
  });
  await call(rollbook.url, 'DELETE', `/users/${eve}?soft_delete=false`, { token: admin });
  await writeFile(keyFile(), await (await fetch(`${rollbook.url}/.well-known/audit-keys.json`)).text());
}, 180_000);
afterAll(async () => {
  await rollbook.stop();
  await rm(folder, { recursive: true });
});

describe('The export of the audit trail', () => {
  test('is a bundle of every event, in the order of the log, that verifies with the published key', async () => {
    const answer = await fetchExport();
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const bundle = await answer.text();
    const verdict = await verify([bundle]);
    expect(verdict.findings).toStrictEqual([]);
    expect(verdict).toMatchObject({ valid: true, fromLeaf: 0, notSealed: null, filter: null });
    const lines = linesOf(bundle);
    const log = await rollbook.store.readAll({ after: null, limit: 10_000 });
    const stored = log.events.slice(0, verdict.leaves);
    const claims = stored.filter(({ type }) => type.endsWith('Claimed'));
    expect(claims.length).toBe(6);
    expect(verdict).toMatchObject({
      bare: claims.length,
      bareProved: claims.length,
      events: stored.length - claims.length,
    });
    const shown = lines.filter(({ event }) => event !== undefined);
    expect(shown.map(({ event }) => event.id)).toStrictEqual(
      stored.filter((event) => !claims.includes(event)).map(({ id }) => id),
    );
    expect(bundle).not.toMatch(/emailclaim|usernameclaim/);
  });

  test('shows personal values beside what is hashed, the erased as erased, and no password’s hash', async () => {
    const lines = linesOf(await exported());
    const opened = (type: string, id: string) =>
      lines.find(({ event }) => event?.type === type && event.stream === `user-${id}`)?.['opened'];
    expect(opened('UserRegistered', ada)).toMatchObject({
      personal: { email: 'ada@example.com', username: 'ada' },
      origin: { address: '127.0.0.1' },
    });
    expect(opened('UserRegistered', eve)).toMatchObject({ personal: '[erased]' });
    expect(JSON.stringify(lines)).not.toMatch(/passwordHash|eve@example\.com/);
  });

  test('is itself an event in the stream of whoever asked, within the export', async () => {
    const auditor = await journey.staff('auditor-1', 'auditor');
    const lines = linesOf(await exported(`?subject=${ada}&type=ProfileChanged`, auditor));
    const [recorded] = (await eventsIn(rollbook, 'AuditExported')).slice(-1);
    expect(recorded!.data).toStrictEqual({
      format: 'ndjson',
      filter: { subject: ada, type: 'ProfileChanged' },
      fromLeaf: 0,
    });
    const [header] = lines;
    expect(recorded!.stream).toBe(`signin-${String(header!['exporter'].id)}`);
    const full = linesOf(await exported());
    expect(full.some(({ event }) => event?.id === recorded!.id)).toBe(true);
    // Of its own too: the seal waited for it.
    const [own] = (await eventsIn(rollbook, 'AuditExported')).slice(-1);
    expect(full.some(({ event }) => event?.id === own!.id)).toBe(true);
  });

  test('holds by a filter what it lets through, proves that it is in the log, and says what it does not prove', async () => {
    for (const query of [
      `?subject=${ada}`,
      '?type=SessionStarted',
      '?actor=system',
      `?actor=${ada}`,
      '?type=RoleChanged',
    ]) {
      const bundle = await exported(query);
      const verdict = await verify([bundle]);
      expect([query, verdict.findings]).toStrictEqual([query, []]);
      expect(verdict.valid).toBe(true);
      expect(verdict.events + verdict.skipped).toBe(verdict.leaves);
      expect(verdict.notProved.join('\n')).toContain('no event which the filter lets through is missing');
    }
    const types = linesOf(await exported('?type=SessionStarted')).flatMap(({ event }) => event?.type ?? []);
    expect(types.length).toBeGreaterThan(2);
    expect(new Set(types)).toStrictEqual(new Set(['SessionStarted']));
    const lines = (await exported('?type=SessionStarted')).split('\n');
    const fewer = lines
      .toSpliced(
        lines.findIndex((line) => line.startsWith('{"event"')),
        1,
      )
      .join('\n');
    expect((await verify([fewer])).findings.map(({ code }) => code)).toContain('leaf-missing');
  });

  test('goes on after the last whole line of a part that was broken off', async () => {
    for (const query of ['', `?subject=${ada}`]) {
      const whole = await exported(query);
      const torn = whole.slice(0, Math.floor(whole.length * 0.6));
      const kept = linesOf(torn.slice(0, torn.lastIndexOf('\n')));
      expect((await verify([torn])).findings.map(({ code }) => code)).toContain('broken-off');
      const last = kept.at(-1)!;
      const next =
        last['leaf'] !== undefined
          ? Number(last['leaf']) + 1
          : Number(last['skipped']?.to ?? Number(last['bare'].from) + Number(last['bare'].hashes.length));
      const rest = await exported(`${query === '' ? '?' : `${query}&`}from_leaf=${next}`);
      const verdict = await verify([torn, rest]);
      expect(verdict.findings).toStrictEqual([]);
      expect(verdict).toMatchObject({ valid: true, fromLeaf: 0 });
      expect(await verify([rest])).toMatchObject({ valid: true, fromLeaf: next });
    }
  });

  test('agrees with an earlier one, whose checkpoint shows an older log', async () => {
    const [earlier, later] = [await exported(), await exported()];
    const note = (bundle: string): string => String(linesOf(bundle).at(-1)!['checkpoint']);
    expect(await verify([later], [note(earlier)])).toMatchObject({ valid: true, since: [{ outcome: 'agrees' }] });
    expect((await verify([earlier], [note(later)])).findings).toMatchObject([{ code: 'tail-cut' }]);
  });

  test('is a table for people, in which no cell is a formula, and which ends with the checkpoint', async () => {
    const table = await exported('?format=csv');
    const rows = table.trimEnd().split('\r\n');
    expect(rows[0]).toMatch(/^leaf,recorded_at,type,stream,revision,actor_kind,actor_id,/);
    expect(table).toContain('Countess');
    expect(table).not.toMatch(/(?:^|,)[=+@-]/m);
    expect(table).toMatch(/\r\n\d+,,checkpoint,/);
    expect(table).not.toMatch(/passwordHash|emailclaim/);
  });

  test('is given to an API key for the audit trail, whose own stream then says so', async () => {
    const { body } = await journey.post('/api-keys', { name: 'siem', scopes: ['audit:read'] }, { token: admin });
    await exported('', String(body.key));
    const [recorded] = (await eventsIn(rollbook, 'AuditExported')).slice(-1);
    expect(recorded!.stream).toBe(`apikey-${String(body.id)}`);
  });

  test('is refused for parameters that it does not have', async () => {
    for (const query of ['?from_leaf=99999999', '?from_leaf=-1', '?format=xml', '?cursor=x', '?subject=ada'])
      expect([query, (await fetchExport(query)).status]).toStrictEqual([query, 400]);
    const user = String((await journey.signIn('ada', PASSWORD)).body.access_token);
    expect((await fetchExport('', user)).status).toBe(403);
    expect((await readFile(keyFile(), 'utf8')).includes('vkey')).toBe(true);
  });
});

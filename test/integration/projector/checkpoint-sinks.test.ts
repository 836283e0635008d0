import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readNotes } from '@rollbook/shared/audit/note-file';
import { checkpointsIn } from '../../support/checkpoints.ts';
import { until } from '../../support/feed-audience.ts';
import { peopleIn } from '../../support/people.ts';
import { projectorRig, type ProjectorRig } from '../../support/projector-rig.ts';

const AT_ONCE = { every: 0, most: 1_000 };

describe('A checkpoint', () => {
  let rig: ProjectorRig;
  let folder: string;
  let server: Server | undefined;
  const posted: string[] = [];
  let status = 204;

  beforeEach(async () => {
    rig = await projectorRig();
    folder = await mkdtemp(join(tmpdir(), 'rollbook-sinks-'));
    posted.length = 0;
    status = 204;
  });
  afterEach(async () => {
    await rig.close();
    server?.close();
    await rm(folder, { recursive: true });
  });

  const listen = async (): Promise<string> => {
    const started = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { authorization, 'content-type': type } = request.headers;
        if (status === 204)
          posted.push(`${String(authorization)} ${String(type)}\n${Buffer.concat(chunks).toString('utf8')}`);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    server = started;
    return `http://anna:secret@127.0.0.1:${String((started.address() as AddressInfo).port)}/log`;
  };
  const notes = async (): Promise<readonly string[]> => (await checkpointsIn(rig)).map(({ data }) => data.note);
  const sealOne = async (name: string): Promise<void> => {
    const before = (await notes()).length;
    await peopleIn(rig).register(name);
    await until('it is sealed', async () => (await notes()).length > before);
  };
  const file = (): string => join(folder, 'deep/checkpoints');
  const inFile = async (): Promise<readonly string[]> => readNotes(await readFile(file(), 'utf8').catch(() => ''));

  test('reaches a file, a folder and an address, each in order and once', async () => {
    const address = await listen();
    const sinks = [pathToFileURL(file()).href, `${pathToFileURL(join(folder, 'each')).href}/`, address];
    Object.assign(rig.env, { CHECKPOINT_SINK: sinks.join(', ') });
    await rig.project({ sealing: AT_ONCE });
    await sealOne('anna');
    await sealOne('bob');
    const all = await notes();
    await until('the file has them', async () => (await inFile()).length === all.length);
    await until('the address has them', () => posted.length === all.length);
    expect(await inFile()).toStrictEqual(all);
    expect(posted).toStrictEqual(
      all.map((note) => `Basic ${Buffer.from('anna:secret').toString('base64')} text/plain; charset=utf-8\n${note}`),
    );
    // One that is being written has another name.
    const whole = async (): Promise<readonly string[]> =>
      (await readdir(join(folder, 'each'))).filter((name) => name.endsWith('.checkpoint')).toSorted();
    await until('the folder has them', async () => (await whole()).length === all.length);
    expect(
      await Promise.all((await whole()).map((name) => readFile(join(folder, 'each', name), 'utf8'))),
    ).toStrictEqual(all);
    const kept = await rig.pool.query<{ sink: string }>('select sink from notary.sinks');
    expect(JSON.stringify(kept.rows)).not.toContain('secret');
  });

  test('waits for a sink that is away, which holds up neither the others nor sealing, and gets all of them', async () => {
    const address = await listen();
    status = 503;
    Object.assign(rig.env, { CHECKPOINT_SINK: `${address},${pathToFileURL(file()).href}` });
    const first = await rig.project({ sealing: AT_ONCE });
    await sealOne('anna');
    await sealOne('bob');
    await until('the file has them', async () => (await inFile()).length === (await notes()).length);
    const failing = (): Promise<{ since: Date | null } | undefined> =>
      rig.one<{ since: Date | null }>("select failing_since as since from notary.sinks where sink like 'http%'");
    await until('it is known to be away', async () => (await failing())?.since instanceof Date);
    expect(posted).toStrictEqual([]);
    // It comes back while nobody pushes; the next start goes on.
    await first.stop();
    status = 204;
    await rig.project({ sealing: AT_ONCE });
    await until('the address has them', async () => posted.length === (await notes()).length);
    expect(posted.map((text) => text.slice(text.indexOf('\n') + 1))).toStrictEqual(await notes());
    expect(await inFile()).toStrictEqual(await notes());
  });

  test('is never written over in a folder by another one of its size, and that is said', async () => {
    const each = join(folder, 'each');
    Object.assign(rig.env, { CHECKPOINT_SINK: `${pathToFileURL(each).href}/` });
    const first = await rig.project({ sealing: AT_ONCE });
    await sealOne('anna');
    await until('the folder has it', async () => (await readdir(each).catch(() => [])).length === 1);
    await first.stop();
    const [name] = await readdir(each);
    await writeFile(join(each, name!), 'what was signed before');
    await rig.pool.query('update notary.sinks set revision = -1, failing_since = null');
    await rig.project({ sealing: AT_ONCE });
    await until(
      'it is not taken',
      async () => (await rig.one('select 1 from notary.sinks where failing_since is not null')) !== undefined,
    );
    expect(await readdir(each)).toStrictEqual([name]);
    expect(await readFile(join(each, name!), 'utf8')).toBe('what was signed before');
  });

  test('comes to a file once though nobody got to save that, and closes off what a crash left half', async () => {
    Object.assign(rig.env, { CHECKPOINT_SINK: pathToFileURL(file()).href });
    const first = await rig.project({ sealing: AT_ONCE });
    await sealOne('anna');
    await until('the file has it', async () => (await inFile()).length === 1);
    await until(
      'that is saved',
      async () => (await rig.one('select 1 from notary.sinks where revision = 0')) !== undefined,
    );
    await first.stop();
    const before = await readFile(file(), 'utf8');
    await writeFile(file(), `${before}rollbook/half\n17`);
    await rig.pool.query('update notary.sinks set revision = -1');
    await Promise.all([rig.project({ sealing: AT_ONCE }), rig.project({ sealing: AT_ONCE })]);
    await sealOne('bob');
    await until('the file has both', async () => (await inFile()).length === 2);
    expect(await inFile()).toStrictEqual(await notes());
    expect((await readFile(file(), 'utf8')).startsWith(before)).toBe(true);
  });
});

import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { breaks, eventSchemas } from '../../docs/asyncapi/event-schemas.ts';
import { publish, PUBLISHED, publishedSchemas } from '../../docs/asyncapi/published.ts';
import { blobOf, firstVersions } from '../support/first-versions.ts';

// What consumers have read is kept in a file for each type. It is compared with what is made now, and with the file's
// first version in git: whoever changes a schema, makes the documents anew and changes the file too is still refused.

/** Files of a folder that are gone, or are not as they first were committed. */
const changedFiles = async (folder: string): Promise<readonly string[]> => {
  const there = await readdir(folder);
  const first = (await firstVersions(folder)) ?? new Map<string, string>();
  const isFirst = async (file: string) => blobOf(await readFile(join(folder, file))) === first.get(file);
  const changed: string[] = [];
  for (const file of first.keys()) if (!there.includes(file) || !(await isFirst(file))) changed.push(file);
  return changed;
};

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** The published schemas in a checkout of their own, committed. */
const checkout = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollbook-published-'));
  folders.push(folder);
  const settings = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
  const git = (...args: readonly string[]) => promisify(execFile)('git', [...settings, ...args], { cwd: folder });
  await cp(PUBLISHED, folder, { recursive: true });
  await git('init', '-q');
  const commit = async () => {
    await git('add', '.');
    await git('commit', '-q', '-m', 'as it is');
  };
  await commit();
  return { folder, commit };
};

const testWithGit = spawnSync('git', ['--version']).status === 0 ? test : test.skip;
const TYPE = 'rollbook.user.registered.v1';

describe('The published schemas of the public events', () => {
  test('are those that are made now, of every type', async () => {
    expect(await publishedSchemas()).toStrictEqual(eventSchemas());
  });

  test('are as they first were committed', async () => {
    expect(await changedFiles(PUBLISHED)).toStrictEqual([]);
  });

  testWithGit('may get a new type', async () => {
    const { folder, commit } = await checkout();
    await publish({ ...eventSchemas(), 'rollbook.user.waved.v1': { type: 'object' } }, folder);
    await commit();
    expect(await publishedSchemas(folder)).toHaveProperty(['rollbook.user.waved.v1'], { type: 'object' });
    expect(await changedFiles(folder)).toStrictEqual([]);
  });

  testWithGit('are not written over by what is made now', async () => {
    const { folder } = await checkout();
    const { [TYPE]: schema, ...others } = eventSchemas();
    const changed = { ...others, [TYPE]: { ...schema, required: ['user_id'] } };
    await publish(changed, folder);
    expect(breaks(await publishedSchemas(folder), changed)).toStrictEqual([
      `${TYPE} has changed: give the new shape a new type`,
    ]);
  });

  testWithGit.each([
    ['changed with its schema', (file: string) => writeFile(file, '{}\n')],
    ['taken away with its schema', (file: string) => rm(file)],
  ])('refuse a file that is %s, committed or not', async (_how, change) => {
    const { folder, commit } = await checkout();
    await change(join(folder, `${TYPE}.json`));
    expect(await changedFiles(folder)).toStrictEqual([`${TYPE}.json`]);
    await commit();
    expect(await changedFiles(folder)).toStrictEqual([`${TYPE}.json`]);
  });
});

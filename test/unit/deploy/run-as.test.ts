import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { chooseRunAs, dataOwner, invocation, unprivilegedUser } from '../../../deploy/standalone/postgres/run-as.ts';

const asRoot = process.getuid?.() === 0 ? test : test.skip;
const asOrdinaryUser = process.getuid?.() === 0 ? test.skip : test;

describe('the unprivileged user', () => {
  const root = 'root:x:0:0:root:/root:/bin/bash';
  const postgres = 'postgres:x:101:104::/var/lib/postgresql:/bin/bash';
  const nobody = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';

  test('is postgres where there is one', () => {
    expect(unprivilegedUser([root, nobody, postgres].join('\n'))).toEqual({ name: 'postgres', uid: 101, gid: 104 });
  });

  test('is nobody otherwise', () => {
    expect(unprivilegedUser([root, nobody].join('\n'))).toEqual({ name: 'nobody', uid: 65534, gid: 65534 });
  });

  test('is never root under another name', () => {
    expect(unprivilegedUser([root, 'postgres:x:0:0:::'].join('\n'))).toBeUndefined();
  });
});

describe('a program', () => {
  const user = { name: 'postgres', uid: 101, gid: 104 };

  test('runs as the starter', () => {
    expect(invocation({ kind: 'self' }, '/bin/x', ['-a'])).toMatchObject({ file: '/bin/x', args: ['-a'] });
    expect(dataOwner({ kind: 'self' })).toBeUndefined();
  });

  test('runs as another user, who owns the data', () => {
    const call = invocation({ kind: 'user', ...user }, '/bin/x', ['-a']);
    expect(call).toMatchObject({ file: '/bin/x', args: ['-a'], options: { uid: 101, gid: 104 } });
    expect(dataOwner({ kind: 'user', ...user })).toEqual({ uid: 101, gid: 104 });
  });

  test('runs in a namespace in which that user stands for root, who owns the data', () => {
    const call = invocation({ kind: 'namespace', ...user }, '/bin/x', ['-a']);
    expect(call.file).toBe('unshare');
    expect(call.args).toEqual(['-U', '--map-user=101', '--map-group=104', '--', '/bin/x', '-a']);
    expect(call.options.uid).toBeUndefined();
    expect(dataOwner({ kind: 'namespace', ...user })).toEqual({ uid: 0, gid: 0 });
  });

  test('does not inherit the secrets in the environment', () => {
    const { env } = invocation({ kind: 'self' }, '/bin/x', []).options;
    expect(Object.keys(env ?? {}).toSorted()).toEqual(['LC_ALL', 'PATH', 'TZ']);
  });
});

describe('the choice', () => {
  asOrdinaryUser('an ordinary user runs PostgreSQL as itself', () => {
    expect(chooseRunAs('/bin/true', tmpdir())).toEqual({ kind: 'self' });
  });

  asRoot('root lends a user, or says in one sentence what to set', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollbook-run-as-'));
    try {
      expect(chooseRunAs('/bin/true', tmpdir()).kind).toBe('user');
      expect(chooseRunAs('/bin/true', folder).kind).toBe('namespace');
      expect(() => chooseRunAs(join(folder, 'missing'), folder)).toThrow(/refuses to run as root.*set DATA_DIR.*\.$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

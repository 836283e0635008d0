import { describe, expect, test } from '@jest/globals';
import { isLoopback, readStandaloneConfig } from '../../../deploy/standalone/config.ts';
import { settingsOf } from '../../../deploy/standalone/service-settings.ts';

describe('The settings of the small profile', () => {
  test('none is needed', () => {
    expect(readStandaloneConfig({})).toEqual({
      HOST: '127.0.0.1',
      PORT: 8000,
      DATA_DIR: `${process.cwd()}/.data`,
      LOG_LEVEL: 'warn',
    });
  });

  test.each([
    ['HOST', { HOST: '0.0.0.0' }, /^HOST is not a loopback address.*set SMTP_URL/],
    ['PUBLIC_URL', { PUBLIC_URL: 'https://rollbook.example' }, /^PUBLIC_URL is not a loopback address.*set SMTP_URL/],
    ['ADMIN_EMAIL', { ADMIN_EMAIL: 'a@example.org' }, /^ADMIN_EMAIL and ADMIN_PASSWORD go together/],
    ['PORT', { PORT: 'eighty' }, /^PORT must be a port/],
  ])('a %s that cannot be used is told', (_name, env, sentence) => {
    expect(() => readStandaloneConfig(env)).toThrow(sentence);
  });

  test('with a mail server of its own it may be reached from outside', () => {
    const env = { HOST: '0.0.0.0', PUBLIC_URL: 'https://rollbook.example', SMTP_URL: 'smtp://mail.example:25' };
    expect(readStandaloneConfig(env)).toMatchObject(env);
  });

  test('loopback is told by name and by address', () => {
    for (const name of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', 'app.localhost'])
      expect([name, isLoopback(name)]).toEqual([name, true]);
    for (const name of ['0.0.0.0', '128.0.0.1', 'localhost.example', '127.0.0.1.example', '::', ''])
      expect([name, isLoopback(name)]).toEqual([name, false]);
  });
});

describe('Which secrets a service gets', () => {
  const all = Object.fromEntries(
    [
      'MASTER_KEY',
      'PASSWORD_PEPPER',
      'DIGEST_KEY',
      'LINK_KEYS',
      ...['TOKEN', 'NOTARY', 'RECEIPT'].flatMap((name) => [`${name}_PRIVATE_KEYS`, `${name}_PUBLIC_KEYS`]),
    ].map((name) => [name, 'x']),
  );

  test.each([
    [
      'command-api',
      ['MASTER_KEY', 'PASSWORD_PEPPER', 'DIGEST_KEY', 'LINK_KEYS', 'TOKEN_PRIVATE_KEYS', 'RECEIPT_PRIVATE_KEYS'],
    ],
    ['query-api', ['MASTER_KEY', 'TOKEN_PUBLIC_KEYS', 'NOTARY_PUBLIC_KEYS', 'RECEIPT_PUBLIC_KEYS']],
    ['projector', ['MASTER_KEY', 'NOTARY_PRIVATE_KEYS']],
    ['mailer-worker', ['MASTER_KEY', 'LINK_KEYS']],
  ] as const)('%s: what it needs, and nothing else', (service, names) => {
    expect(Object.keys(settingsOf(service, { ...all, HOME: '/root', AWS_SECRET_ACCESS_KEY: 'x' }))).toEqual(names);
  });
});

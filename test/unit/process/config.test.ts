import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '@rollbook/shared/process/config';
import { privateKeyList, publicKeyList, secret, secretList } from '@rollbook/shared/process/secret-settings';
import {
  flag,
  host,
  list,
  oneOf,
  origins,
  portals,
  port,
  publicUrl,
  seconds,
  trustProxy,
  urlOf,
  whole,
} from '@rollbook/shared/process/settings';
import { z } from 'zod';

const thirtyTwo = Buffer.alloc(32, 7).toString('base64');
const short = Buffer.alloc(16, 7).toString('base64');

const read = <S extends z.ZodType>(type: S, value: string | undefined): z.output<S> =>
  (readConfig(z.object({ NAME: type }), { NAME: value }) as { NAME: z.output<S> }).NAME;

const refusal = (type: z.ZodType, value: string | undefined): string => {
  try {
    read(type, value);
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.message;
    throw fault;
  }
  throw new Error('The value was accepted');
};

describe('Settings', () => {
  test('one sentence is given for each variable that is missing or wrong', () => {
    const schema = z.object({ PORT: port(), DATABASE_URL: urlOf('postgres'), DIGEST_KEY: secret() });
    expect(() => readConfig(schema, { PORT: 'eighty', DIGEST_KEY: short })).toThrow(
      [
        'PORT must be a port from 0 to 65535: it is not.',
        'DATABASE_URL must be a URL beginning with postgres://; it is not set.',
        'DIGEST_KEY must be base64 of at least 32 bytes: it has only 16 bytes.',
      ].join('\n'),
    );
  });

  test('wrong settings end the process with 78', () => {
    expect(new ConfigError('x').exitCode).toBe(78);
  });

  test('an empty variable counts as one that is not set', () => {
    expect(read(port().default(8000), '')).toBe(8000);
    expect(refusal(port(), '')).toBe('NAME must be a port from 0 to 65535; it is not set.');
  });

  test('variables that nobody asked for are left out', () => {
    expect(readConfig(z.object({ PORT: port() }), { PORT: '1', HOME: '/root' })).toEqual({ PORT: 1 });
  });

  test.each([
    ['a short secret', secretList(), `k1:${short}`],
    ['a secret without an id', secretList(), thirtyTwo],
    ['a secret that is not base64', secretList(), 'k1:this!is!no!base64!at!all!but!long!enough!to!be!a!secret'],
    ['an id twice', secretList(), `k1:${thirtyTwo},k1:${thirtyTwo}`],
    ['a broken single secret', secret(), 'hunter2!hunter2!hunter2!hunter2!'],
    ['a key that is no key', privateKeyList('rsa'), `k1:${thirtyTwo}`],
  ])('%s is refused, and the sentence does not quote it', (_what, type, value) => {
    const sentence = refusal(type, value);
    expect(sentence).toMatch(/^NAME must be /);
    for (const part of value.split(/[:,]/).filter((text) => text.length > 4)) expect(sentence).not.toContain(part);
  });

  test('a list of secrets keeps its order: the first is current', () => {
    expect(read(secretList(), `new:${thirtyTwo}, old:${thirtyTwo}`)).toEqual([
      { id: 'new', secret: Buffer.alloc(32, 7) },
      { id: 'old', secret: Buffer.alloc(32, 7) },
    ]);
    expect(read(secret(), thirtyTwo)).toEqual(Buffer.alloc(32, 7));
  });

  test('keys are read by kind and half, and no others', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const ed = generateKeyPairSync('ed25519');
    const der = (key: typeof rsa.privateKey): string =>
      'k:' + key.export({ format: 'der', type: key.type === 'private' ? 'pkcs8' : 'spki' }).toString('base64');
    expect(read(privateKeyList('rsa'), der(rsa.privateKey))[0].key.asymmetricKeyType).toBe('rsa');
    expect(read(publicKeyList('ed25519'), der(ed.publicKey))[0].key.type).toBe('public');
    expect(refusal(privateKeyList('rsa'), der(ed.privateKey))).toContain('not of the kind rsa');
    expect(refusal(privateKeyList('rsa'), der(weak.privateKey))).toContain('less than 2048 bits');
    expect(refusal(publicKeyList('rsa'), der(rsa.privateKey))).toContain('the key is not SPKI DER');
    expect(refusal(privateKeyList('rsa'), 'k:')).toContain('the key is not base64');
  });

  test('numbers, times and ports are whole and in their range', () => {
    expect(read(whole(4, 31), '12')).toBe(12);
    expect(refusal(whole(4, 31), '3')).toContain('from 4 to 31');
    expect(read(seconds(), '900')).toBe(900);
    for (const wrong of ['0', '-1', '1.5', '15m', '1e3', ' 9', '99999999999']) refusal(seconds(), wrong);
    expect(read(port(), '0')).toBe(0);
    refusal(port(), '65536');
  });

  test('flags are read in the usual spellings', () => {
    for (const text of ['true', 'YES', 'on', '1']) expect(read(flag(), text)).toBe(true);
    for (const text of ['false', 'No', 'off', '0']) expect(read(flag(), text)).toBe(false);
    refusal(flag(), 'maybe');
  });

  test('a host is a name or an address, without a port', () => {
    for (const text of ['127.0.0.1', '::1', 'localhost', 'api.example.org']) expect(read(host(), text)).toBe(text);
    for (const text of ['localhost:80', 'http://localhost', 'a b']) refusal(host(), text);
  });

  test('URLs are told by their scheme, with several hosts too', () => {
    const feed = urlOf('postgres', 'kafka');
    for (const text of ['postgres://u:p@127.0.0.1:5432/rollbook', 'kafka://u:p@a:9092,b:9092?tls=true'])
      expect(read(feed, text)).toBe(text);
    expect(refusal(feed, 'https://example.org')).toContain('its scheme is another one');
    expect(refusal(feed, 'postgres')).toContain('not a URL with a host');
    expect(refusal(feed, 'postgres://host:99999/x')).toContain('not a valid URL');
    expect(refusal(feed, 'postgres://host:0/x')).toContain('its port is 0');
    for (const text of ['postgres://u:p%word@host/x', 'postgres://host/%zz', 'kafka://u:100%@a:9092,b:9092'])
      expect(refusal(feed, text)).toContain('a % in it must be written %25');
  });

  test('public addresses lose their trailing slash and may hold no query, fragment or password', () => {
    expect(read(publicUrl(), 'https://example.org/')).toBe('https://example.org');
    expect(read(publicUrl(), 'https://example.org/portal/')).toBe('https://example.org/portal');
    for (const wrong of ['ftp://x', 'example.org', 'https://u:p@x', 'https://x?a', 'https://x#a'])
      refusal(publicUrl(), wrong);
  });

  test('portals are a list of names and addresses', () => {
    expect([...read(portals(), 'shop=https://shop.example/, back-office=http://localhost:3000')]).toEqual([
      ['shop', 'https://shop.example'],
      ['back-office', 'http://localhost:3000'],
    ]);
    for (const wrong of ['shop', 'shop=ftp://x', 'a=https://x,a=https://y', 'a b=https://x']) refusal(portals(), wrong);
  });

  test('trusted proxies are a count or networks', () => {
    expect(read(trustProxy(), '2')).toBe(2);
    expect(read(trustProxy(), '10.0.0.0/8, fd00::/8, loopback, 192.0.2.1')).toEqual([
      '10.0.0.0/8',
      'fd00::/8',
      'loopback',
      '192.0.2.1',
    ]);
    for (const wrong of ['true', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/8/8', 'example.org'])
      refusal(trustProxy(), wrong);
  });

  test('one of a few words is named with all of them', () => {
    expect(read(oneOf(['classes', 'length']), 'length')).toBe('length');
    expect(refusal(oneOf(['classes', 'length']), 'none')).toBe('NAME must be one of classes, length.');
  });

  test('lists drop empty entries', () => {
    expect(read(list(), 'a, ,b,')).toEqual(['a', 'b']);
  });
});

describe('CORS_ORIGINS', () => {
  test('is a list of origins exactly as browsers send them', () => {
    expect([...read(origins(), 'https://a.example.org, http://localhost:3000')]).toStrictEqual([
      'https://a.example.org',
      'http://localhost:3000',
    ]);
  });

  test.each([
    '*',
    'https://*.example.org',
    'null',
    'https://a.example.org/',
    'https://a.example.org/app',
    'https://A.example.org',
    'https://a.example.org:443',
    'ftp://a.example.org',
    'a.example.org',
    'https://user@a.example.org',
  ])('is refused with %s in it, by name', (entry) => {
    expect(refusal(origins(), `https://b.example.org,${entry}`)).toBe(
      'NAME must be a list of origins (https://app.example.org,…), each without a path, never *: entry 2 is not an origin.',
    );
  });
});

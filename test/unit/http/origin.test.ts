import { describe, expect, test } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { clientAddress, normalAddress, originOf, trustRule } from '@rollbook/shared/http/origin';

const request = (peer: string, forwarded?: string, userAgent?: string): IncomingMessage =>
  ({
    socket: { remoteAddress: peer },
    headers: {
      ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
      ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
    },
  }) as unknown as IncomingMessage;

describe('The client’s address', () => {
  test.each([
    ['nobody is trusted', undefined, '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['one proxy is trusted', 1, '192.0.2.1', '203.0.113.9', '203.0.113.9'],
    ['a client adds entries of its own', 1, '192.0.2.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['two proxies are trusted', 2, '192.0.2.1', '1.1.1.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['networks are trusted', ['10.0.0.0/8', '192.0.2.1'], '192.0.2.1', '1.1.1.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['the peer is not of the network', ['10.0.0.0/8'], '192.0.2.1', '1.1.1.1', '192.0.2.1'],
    ['the peer came mapped into IPv6', ['127.0.0.1'], '::ffff:127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['what is forwarded is no address', 1, '192.0.2.1', 'evil', '192.0.2.1'],
    ['nothing is forwarded', 1, '192.0.2.1', undefined, '192.0.2.1'],
  ] as const)('when %s', (_when, trust, peer, forwarded, expected) => {
    expect(clientAddress(request(peer, forwarded), trustRule(trust))).toBe(expected);
  });

  test.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:80', null],
    ['', null],
  ])('has one spelling: %s', (text, expected) => {
    expect(normalAddress(text)).toBe(expected);
  });

  test('comes with a user agent of bounded length', () => {
    const trust = trustRule(undefined);
    expect(originOf(request('::1', undefined, 'x'.repeat(600)), trust)).toEqual({
      address: '::1',
      userAgent: 'x'.repeat(512),
    });
    expect(originOf(request('::1'), trust).userAgent).toBeNull();
  });
});

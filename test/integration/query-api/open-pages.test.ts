import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { probe } from '../../support/http-probe.ts';
import { startQueryApi, type QueryApi } from '../../support/query-api.ts';
import { tokenKeys } from '../../support/signed-in.ts';

let api: QueryApi;
beforeAll(async () => {
  api = await startQueryApi();
});
afterAll(() => api.close());

describe('The page behind a mail’s link', () => {
  test.each([
    ['/verify-email', 'v1/auth/verify-email'],
    ['/reject-registration', 'v1/auth/reject-registration'],
    ['/confirm-email-change', 'v1/auth/confirm-email-change'],
    ['/confirm-erasure', 'v1/auth/confirm-erasure'],
  ])('does nothing by itself; its button posts to the API: %s', async (path, action) => {
    const seen = await probe(api.url, { path: `${path}?token=secret-link` });
    expect(seen.status).toBe(200);
    expect(seen.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(seen.text).toContain(`data-action="${action}"`);
    expect(seen.text).toContain('<button type="button"');
    expect(seen.text).not.toContain('secret-link');
    expect(seen.text).not.toContain('<form');
  });

  test('loads the script that takes the token away before anything else, and runs nothing inline', async () => {
    const { text, headers } = await probe(api.url, { path: '/verify-email?token=x' });
    const loads = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(loads).toEqual(['assets/mail-link.js']);
    expect(text).not.toMatch(/<script>|<style|\son\w+=/);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cache-control']).toBe('no-store');
  });

  test('its script clears the address bar first of all', async () => {
    const { text, headers } = await probe(api.url, { path: '/assets/mail-link.js' });
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    const clears = text.indexOf('history.replaceState');
    expect(clears).toBeGreaterThan(0);
    for (const load of ['createElement', 'await fetch']) expect(text.indexOf(load)).toBeGreaterThan(clears);
    expect((await probe(api.url, { path: '/assets/mail-link.css' })).headers['content-type']).toContain('text/css');
  });
});

describe('The signing keys', () => {
  test('are published without their private halves', async () => {
    const seen = await probe(api.url, { path: '/.well-known/jwks.json' });
    const { keys } = seen.json as { keys: (JsonWebKey & { kid: string })[] };
    expect(keys.map(({ kid, alg, use, kty }) => [kid, alg, use, kty])).toEqual([['k1', 'RS256', 'sig', 'RSA']]);
    expect(keys.flatMap(Object.keys)).not.toContain('d');
    const published = createPublicKey({ key: keys[0]!, format: 'jwk' });
    expect(published.equals(tokenKeys[0]!.key)).toBe(true);
  });
});

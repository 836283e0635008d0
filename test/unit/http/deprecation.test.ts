import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deprecationHeaders, type Deprecated } from '@rollbook/shared/http/deprecation';
import { ENDPOINTS } from '../../../docs/endpoints.ts';
import { openApiDocument } from '../../../docs/openapi/document.ts';
import { ApiDocument } from '../../support/api-document.ts';
import { json, probe } from '../../support/http-probe.ts';
import { serveSample, type Sample } from '../../support/sample-app.ts';

const GOING: Deprecated = { since: '2027-01-01', sunset: '2028-01-01', successor: '/v2/users' };
const TOLD = {
  deprecation: '@1798761600',
  sunset: 'Sat, 01 Jan 2028 00:00:00 GMT',
  link:
    '</docs>; rel="deprecation"; type="text/html", </docs>; rel="sunset"; type="text/html", ' +
    '</v2/users>; rel="successor-version"',
};

let sample: Sample;
beforeAll(async () => {
  // The one line of a declaration.
  sample = await serveSample({
    change: (endpoint) => (endpoint.operation === 'registerUser' ? { ...endpoint, deprecated: GOING } : endpoint),
  });
});
afterAll(() => sample.server.close());

const noticeOf = async (path: string, options: Omit<Parameters<typeof probe>[1], 'path'>) => {
  const { status, headers } = await probe(sample.url, { ...options, path });
  const { deprecation, sunset, link } = headers;
  return [status, { deprecation, sunset, link }];
};
const NOTHING = { deprecation: undefined, sunset: undefined, link: undefined };

describe('A route that is declared deprecated', () => {
  test.each([
    ['its success', 200, { email: 'a@example.com' }],
    ['its refusals', 400, { email: 1 }],
  ])('says so on %s, whichever of its paths was called', async (_what, status, body) => {
    for (const path of ['/v1/users', '/api/v1/users'])
      expect(await noticeOf(path, { method: 'POST', ...json(body) })).toStrictEqual([status, TOLD]);
  });

  test('says nothing for the other methods of its path, nor for other paths', async () => {
    const headers = { Authorization: 'Bearer abc.def.ghi' };
    expect(await noticeOf('/v1/users', { headers })).toStrictEqual([200, NOTHING]);
    expect(await noticeOf('/v1/users/me', { headers })).toStrictEqual([200, NOTHING]);
    expect(await noticeOf('/v1/nowhere', { headers })).toStrictEqual([404, NOTHING]);
  });

  test('cannot end before the twelve months that are promised, nor on a day that is none', () => {
    const told = (dates: Partial<Deprecated>) => () => deprecationHeaders({ ...GOING, ...dates });
    expect(told({ sunset: '2027-12-31' })).toThrow('sooner than 12 months');
    expect(told({ since: '2027-02-30' })).toThrow('no day');
    expect(deprecationHeaders({ since: '2027-01-01', sunset: '2028-06-30', policy: '/news' }).Link).toBe(
      '</news>; rel="deprecation"; type="text/html", </news>; rel="sunset"; type="text/html"',
    );
  });
});

describe('The API document', () => {
  const changed = ENDPOINTS.map((endpoint) =>
    endpoint.operation === 'registerUser' ? { ...endpoint, deprecated: GOING } : endpoint,
  );
  const api = new ApiDocument(openApiDocument(changed));

  test('marks it, says until when it is there, and has the headers on each of its answers', () => {
    const going = api.operations.find((operation) => operation['operationId'] === 'registerUser');
    expect(going?.['deprecated']).toBe(true);
    expect(going?.['description']).toContain('**Deprecated** since 2027-01-01; it may be gone from 2028-01-01 on.');
    for (const answer of Object.values(going?.['responses'] as Record<string, { headers: object }>))
      expect(Object.keys(answer.headers)).toEqual(expect.arrayContaining(['Deprecation', 'Sunset', 'Link']));
  });

  test('finds an answer whose notice is not as documented, and one of another route that has any', () => {
    const headers = new Headers({
      'X-Request-Id': 'r',
      'WWW-Authenticate': 'Bearer realm="rollbook"',
      ...deprecationHeaders(GOING),
    });
    const seen = (method: string) => api.compare({ method, url: '/v1/users', status: 401, headers }).differences;
    expect(seen('POST')).toStrictEqual([]);
    expect(seen('GET')).toStrictEqual([
      'header Deprecation is not documented for 401',
      'header Sunset is not documented for 401',
      'header Link is not documented for 401',
    ]);
    headers.set('Deprecation', 'true');
    expect(seen('POST')).toStrictEqual(['header Deprecation: true']);
  });
});

import { describe, expect, test } from '@jest/globals';
import { readListing } from '@rollbook/shared/pictures/s3/listing';

const OWNER = '11111111-1111-4111-8111-111111111111';
const ID = '22222222-2222-4222-8222-222222222222';
const entry = (key: string): string =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>7</Size></Contents>`;
const listing = (content: string, more = '<IsTruncated>false</IsTruncated>'): string =>
  `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${more}${content}</ListBucketResult>`;
const found = { owner: OWNER, id: ID, storedAt: Date.parse('2026-01-02T03:04:05.000Z') };

describe('A listing of a bucket', () => {
  test('gives owner, id and time of each picture below the folder', () => {
    expect(readListing(listing(entry(`live/${OWNER}/${ID}`)), 'live/')).toEqual({ entries: [found], next: null });
    expect(readListing(listing(entry(`${OWNER}/${ID}`)), '')).toEqual({ entries: [found], next: null });
    expect(readListing(listing(''), '')).toEqual({ entries: [], next: null });
  });

  test('passes over what is not ours: nothing else in the bucket is ever touched', () => {
    const others = [
      `${OWNER}/${ID}`,
      `live/${OWNER}/${ID}.bak`,
      `live/${OWNER}`,
      'live/notes.txt',
      `old/${OWNER}/${ID}`,
    ];
    expect(readListing(listing(others.map(entry).join('')), 'live/').entries).toEqual([]);
    const undated = `<Contents><Key>${OWNER}/${ID}</Key></Contents>`;
    expect(readListing(listing(undated), '').entries).toEqual([]);
  });

  test('says how the next page is asked for', () => {
    const more = '<NextContinuationToken>1a&amp;b&lt;&quot;=</NextContinuationToken><IsTruncated>true</IsTruncated>';
    expect(readListing(listing(entry(`${OWNER}/${ID}`), more), '')).toEqual({ entries: [found], next: '1a&b<"=' });
    expect(readListing(listing('', '<IsTruncated>true</IsTruncated>'), '').next).toBeNull();
  });
});

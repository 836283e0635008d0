import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { call, type ClientAnswer } from '../support/client.ts';
import { eventsIn, journeyOn, query, refusal, typesIn } from '../support/journey.ts';
import { including, picturesAt, untilCount } from '../support/picture-client.ts';
import { bomb, cameraPicture, coloursAt, OWNER, picture } from '../support/pictures.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

type Pictures = ReturnType<typeof picturesAt>;

describe('People show their picture', () => {
  let rollbook: TestRollbook;
  let on: ReturnType<typeof journeyOn>;
  let admin: string;
  let red: Buffer;

  const put: Pictures['put'] = (...sent) => picturesAt(rollbook.url).put(...sent);
  const see: Pictures['see'] = (...sent) => picturesAt(rollbook.url).see(...sent);
  const remove: Pictures['remove'] = (...sent) => picturesAt(rollbook.url).remove(...sent);
  const member = async (name: string): Promise<{ id: string; token: string }> => {
    const { body } = await on.member(name);
    return { id: body.user.id, token: body.access_token };
  };
  const storedOf = async (id: string): Promise<number> =>
    (await query(rollbook, 'select 1 from pictures.pictures where owner = $1', [id])).length;
  const untilStored = (id: string, count: number): Promise<void> => untilCount(() => storedOf(id), count);

  beforeAll(async () => {
    // A full queue is a line in the log each time.
    rollbook = await startRollbook({ LOG_LEVEL: 'fatal' });
    on = journeyOn(rollbook);
    admin = await on.admin();
    red = await sharp({ create: { width: 90, height: 60, channels: 3, background: '#ff0000' } })
      .png()
      .toBuffer();
  });
  afterAll(() => rollbook.stop());

  test('set, seen, replaced and removed: each is an event, and only the current one is kept', async () => {
    const { id, token } = await member('shown');
    expect((await call(rollbook.url, 'GET', `/users/${id}`, { token })).body.picture_url).toBeNull();
    expect((await see(token, id)).status).toBe(404);

    const set = await put(token, id, red);
    expect(set.status).toBe(200);
    expect(set.body).toMatchObject({ id, picture_url: `/v1/users/${id}/picture` });
    const seen = await see(token, id, including(set));
    expect(seen.status).toBe(200);
    expect(Object.fromEntries(seen.headers)).toMatchObject({
      'content-type': 'image/webp',
      'content-length': String(seen.bytes.length),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'projection-position': expect.any(String),
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
    });
    expect(await sharp(seen.bytes).metadata()).toMatchObject({ format: 'webp', width: 90, height: 60 });
    expect(await coloursAt(seen.bytes, [45, 30])).toEqual(['red']);
    const user = await call(rollbook.url, 'GET', '/users/me', { token, headers: including(set) });
    expect(user.body.picture_url).toBe(`/v1/users/${id}/picture`);

    const same = { ...including(set), 'if-none-match': seen.headers.get('etag') ?? '' };
    expect(await see(token, id, same)).toMatchObject({ status: 304, bytes: Buffer.alloc(0) });
    const head = await see(token, id, including(set), 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.bytes.length]).toEqual([
      200,
      String(seen.bytes.length),
      0,
    ]);

    const replaced = await put(token, id, await picture(700, 100).jpeg().toBuffer(), { 'content-type': 'image/jpeg' });
    expect(replaced.status).toBe(200);
    const next = await see(token, id, { ...same, ...including(replaced) });
    expect(next.status).toBe(200);
    expect(await sharp(next.bytes).metadata()).toMatchObject({ width: 512, height: 73 });
    await untilStored(id, 1);
    expect((await see(token, id, including(replaced))).bytes.equals(next.bytes)).toBe(true);

    const removed = await remove(token, id);
    expect(removed.status).toBe(204);
    expect((await see(token, id, including(removed))).status).toBe(404);
    expect((await call(rollbook.url, 'GET', '/users/me', { token })).body.picture_url).toBeNull();
    await untilStored(id, 0);
    expect((await remove(token, id)).status).toBe(204);
    expect((await typesIn(rollbook, `user-${id}`)).slice(-3)).toEqual(['PictureSet', 'PictureSet', 'PictureRemoved']);
  });

  test('nothing of where, when and by whom it was taken is kept, and nothing readable is stored', async () => {
    const { id, token } = await member('traveller');
    const set = await put(token, id, await cameraPicture(300, 150), { 'content-type': 'image/jpeg' });
    const { bytes } = await see(token, id, including(set));
    const { width, height, exif } = await sharp(bytes).metadata();
    expect([width, height, exif]).toEqual([150, 300, undefined]);
    expect(bytes.includes(OWNER)).toBe(false);
    const [row] = await query<{ sealed: Buffer }>(rollbook, 'select sealed from pictures.pictures where owner = $1', [
      id,
    ]);
    expect(row?.sealed.includes('WEBP')).toBe(false);
    expect(row?.sealed.length).toBe(bytes.length + 12 + 16);
    const [event] = (await eventsIn(rollbook, 'PictureSet')).filter(({ stream }) => stream === `user-${id}`);
    expect(event?.data).toEqual({ pictureId: expect.any(String), type: 'image/webp' });
  });

  test('what is no picture, too big, or a bomb is refused with its reason, and changes nothing', async () => {
    const { id, token } = await member('sender');
    const before = await typesIn(rollbook, `user-${id}`);
    const answers = [
      await put(token, id, red, { 'content-type': 'application/json' }),
      await put(token, id, red, { 'content-type': 'image/png', 'content-encoding': 'gzip' }),
      await put(token, id, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), {
        'content-type': 'image/svg+xml',
      }),
      await put(token, id, Buffer.alloc(0)),
      await put(token, id, red.subarray(0, 60)),
      await put(token, id, bomb(60_000, 60_000)),
      await put(token, id, Buffer.concat([red, Buffer.alloc(5 * 1024 * 1024)])),
    ];
    expect(answers.map(refusal)).toEqual([
      [415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type', 'unsupported'],
      [415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type', 'unsupported'],
      [415, 'UNSUPPORTED_MEDIA_TYPE', 'body', 'unsupported'],
      [400, 'VALIDATION_ERROR', 'body', 'required'],
      [400, 'VALIDATION_ERROR', 'body', 'malformed'],
      [400, 'VALIDATION_ERROR', 'body', 'too_many_pixels'],
      [413, 'PAYLOAD_TOO_LARGE', 'body', 'too_large'],
    ]);
    // Its header does not make it one, and a wrong header of a picture is no reason to refuse it.
    expect((await put(token, id, red, { 'content-type': 'image/jpeg' })).status).toBe(200);
    expect(await typesIn(rollbook, `user-${id}`)).toEqual([...before, 'PictureSet']);
  });

  test('others see it only where they may see the person, and change it only where they may change the person', async () => {
    const { id, token } = await member('owner');
    const stranger = await member('stranger');
    const [moderator, manager] = [
      await on.staff('pic_moderator', 'moderator'),
      await on.staff('pic_manager', 'manager'),
    ];
    const set = await put(token, id, red);
    expect(set.status).toBe(200);
    expect((await see(stranger.token, id, including(set))).status).toBe(404);
    for (const staff of [moderator, manager, admin]) expect((await see(staff, id, including(set))).status).toBe(200);
    expect(refusal(await put(stranger.token, id, red))).toEqual([404, 'NOT_FOUND']);
    expect(refusal(await remove(stranger.token, id))).toEqual([404, 'NOT_FOUND']);
    expect(refusal(await put(moderator, id, red))).toEqual([403, 'FORBIDDEN']);
    const { id: adminId } = (await on.me(admin)).body;
    expect(refusal(await put(manager, adminId, red))).toEqual([403, 'FORBIDDEN']);
    expect(refusal(await put(manager, randomUUID(), red))).toEqual([404, 'NOT_FOUND']);
    expect((await remove(manager, id)).status).toBe(204);
    expect((await put(manager, id, red)).status).toBe(200);
    expect(refusal(await put('', id, red))).toEqual([401, 'UNAUTHORIZED', 'Authorization', 'token_invalid']);
  });

  test('a repeat with its key gives the first answer again; another picture under that key is refused', async () => {
    const { id, token } = await member('repeater');
    const key = { 'idempotency-key': randomUUID() };
    const first = await put(token, id, red, key);
    const again = await put(token, id, red, key);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    const other = await put(token, id, await picture(50).png().toBuffer(), key);
    expect(refusal(other)).toEqual([422, 'UNPROCESSABLE_ENTITY', 'Idempotency-Key', 'reused']);
    const taken = { 'idempotency-key': randomUUID() };
    const removals = [await remove(token, id, taken), await put(token, id, red), await remove(token, id, taken)];
    expect(removals.map(({ status }) => status)).toEqual([204, 200, 204]);
    const events = (await typesIn(rollbook, `user-${id}`)).filter((type) => type.startsWith('Picture'));
    expect(events).toEqual(['PictureSet', 'PictureRemoved', 'PictureSet']);
  });

  test('the same picture again is no change; one over a profile that has changed meanwhile is refused', async () => {
    const { id, token } = await member('unchanged');
    const first = await put(token, id, red);
    expect((await put(token, id, red)).headers.get('etag')).toBe(first.headers.get('etag'));
    const stale = { 'if-match': '"0"' };
    expect(refusal(await put(token, id, await picture(50).png().toBuffer(), stale))).toEqual([
      412,
      'PRECONDITION_FAILED',
    ]);
    expect(refusal(await remove(token, id, stale))).toEqual([412, 'PRECONDITION_FAILED']);
    expect((await remove(token, id, { 'if-match': first.headers.get('etag') ?? '' })).status).toBe(204);
  });

  test('twenty at once leave one picture, and it can be seen', async () => {
    const { id, token } = await member('busy');
    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        picture(20 + n)
          .png()
          .toBuffer(),
      ),
    );
    const answers = await Promise.all(sent.map((one) => put(token, id, one)));
    for (const { status, headers } of answers)
      if (status !== 200) expect([status, headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    const done = answers.filter(({ status }) => status === 200);
    expect(done.length).toBeGreaterThan(0);
    const revision = ({ headers }: ClientAnswer): number => Number(headers.get('etag')?.replaceAll('"', ''));
    const last = done.reduce((a, b) => (revision(a) > revision(b) ? a : b));
    const seen = await see(token, id, including(last));
    expect(seen.status).toBe(200);
    await untilStored(id, 1);
    expect((await see(token, id)).bytes.equals(seen.bytes)).toBe(true);
  });

  test('an erasure deletes it for good', async () => {
    const { id, token } = await member('leaver');
    await put(token, id, red);
    await untilStored(id, 1);
    const erased = await call(rollbook.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: admin });
    expect(erased.status).toBe(204);
    expect((await see(admin, id, including(erased))).status).toBe(404);
    await untilStored(id, 0);
  });
});

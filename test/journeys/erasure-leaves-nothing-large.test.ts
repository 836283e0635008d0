import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startProcess, type TestProcess } from '../support/child-process.ts';
import { call, linkToken } from '../support/client.ts';
import { everyTopic } from '../support/every-topic.ts';
import { until } from '../support/feed-audience.ts';
import { journeyOn } from '../support/journey.ts';
import { testKafka } from '../support/kafka.ts';
import { freeRow, largeSurroundings, type LargeSurroundings } from '../support/large-surroundings.ts';
import { fullLife, Planted, rejectedLife, type Home } from '../support/planted-lives.ts';
import { everyFile, everyTable, Wanted, whereFound } from '../support/search-everything.ts';

const kafka = await testKafka();

(kafka === null ? describe.skip : describe)('On the large profile, whoever is erased', () => {
  let around: LargeSurroundings;
  let large: TestProcess;
  let home: Home;
  let id: string;
  const [planted, plantedByStranger] = [new Planted(), new Planted()];
  const wanted = (): Wanted => new Wanted([...planted.strings, ...plantedByStranger.strings]);

  const mailTo = async (address: string, path: string): Promise<string> => {
    let text: string | undefined;
    await until(`the mail with ${path}`, () => {
      text = around.smtp.received.find(
        ({ recipients, mail }) => recipients.includes(address) && (mail.text ?? '').includes(`/${path}?token=`),
      )?.mail.text;
      return text !== undefined;
    });
    return linkToken(text, path);
  };
  /** Every table, the log's file, and what the five processes wrote. */
  const everywhere = async (): Promise<ReadonlyMap<string, string>> =>
    new Map([
      ...(await everyTable(around.databaseUrl)),
      ...(await everyFile(around.folder)),
      ['the logs', large.said()],
    ]);

  beforeAll(async () => {
    around = await largeSurroundings(kafka ?? '');
    const port = await freeRow(5);
    const url = `http://127.0.0.1:${String(port)}`;
    large = startProcess('npm', ['run', '--silent', 'start:large'], {
      ...around.env,
      ...{ PORT: String(port), LOG_LEVEL: 'trace', TRUST_PROXY: 'loopback' },
    });
    const ready = async (): Promise<boolean> => {
      if (large.child.exitCode !== null) throw new Error(large.said());
      return (await fetch(`${url}/health/ready`).catch(() => null))?.status === 200;
    };
    await until('all five are ready', ready, 60_000);
    home = { url, admin: await journeyOn({ url, smtp: around.smtp }).admin(), mailTo };
  }, 120_000);
  afterAll(async () => {
    await large.stop();
    await around.end();
  });

  test('is readable in no topic, no log and not in the event store, from the beginning on', async () => {
    id = await fullLife(home, planted);
    const message = { ...{ id: randomUUID(), key: id, type: 'x', time: '2026-01-02T03:04:05.678Z' }, position: '1' };
    const feed = around.feed.open();
    await feed.deadLetter('mailer-worker', { ...message, data: {}, place: '0:1' }, '550 at RCPT TO');
    await feed.close();
    const found = whereFound(wanted(), await everywhere());
    expect(
      Object.keys(found)
        .filter((place) => !place.startsWith('pg_catalog.'))
        .sort(),
    ).toEqual(['read_model.api_keys', 'read_model.user_directory', 'read_model.user_sessions']);
    const topics = await everyTopic(around.feed);
    // Each was read: the id is in both, in the offsets the name of the mailer's group.
    const expected = [id, id, 'mailer-worker'];
    expect([...topics.values()].map((text, index) => text.includes(expected[index] ?? 'none'))).toEqual([
      true,
      true,
      true,
    ]);
    expect(whereFound(wanted(), topics)).toStrictEqual({});
  }, 120_000);

  test('is nowhere within 60 s: in no table, file, log and topic; nor is who never wanted the account', async () => {
    await rejectedLife(home, plantedByStranger);
    const erased = await call(home.url, 'DELETE', `/users/${id}?soft_delete=false`, { token: home.admin });
    expect(erased.status).toBe(204);
    let left: Readonly<Record<string, readonly string[]>> = {};
    const isClean = async (): Promise<boolean> => {
      left = whereFound(wanted(), await everywhere());
      return Object.keys(left).length === 0;
    };
    await until('everything is clean', isClean, 60_000).catch(() => {
      expect(left).toStrictEqual({});
    });
    expect(whereFound(wanted(), await everyTopic(around.feed))).toStrictEqual({});
  }, 120_000);
});

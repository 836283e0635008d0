import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { userStream } from '@rollbook/shared/contracts/streams';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { deadLetterTopic, feedTopic } from '@rollbook/shared/message-feed/kafka/topic-names';
import { until } from '../../support/feed-audience.ts';
import { testKafka } from '../../support/kafka.ts';
import { kafkaRig, type KafkaRig } from '../../support/kafka-rig.ts';
import { startMailRig, type MailPerson, type MailRig } from '../../support/mail-rig.ts';
import { runDeadLetters as command, type Printed } from '../../support/run-dead-letters.ts';

const HOUR = 3_600_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';

const NONE: Printed = { code: 0, out: 'No dead letters.', err: '' };

const stories = (startRig: () => Promise<MailRig>): void => {
  let rig: MailRig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.close());

  const run = (...words: readonly string[]): Promise<Printed> => command(rig.env, ...words);
  /** So many people whose mails the server refused for good. */
  const withDeadMails = async (count = 1): Promise<readonly MailPerson[]> => {
    rig.smtp.behave(550);
    const people = [];
    for (let n = 0; n < count; n += 1) people.push(await rig.register());
    await rig.relay();
    await rig.untilStatus(...people.map(() => 'dead'));
    return people;
  };

  test('show a mail that was refused, and send it once when somebody re-drives it', async () => {
    await rig.startMailer();
    const [person] = await withDeadMails();
    const id = person!.requestId;
    const listed = await run('list');
    expect(listed).toMatchObject({ code: 0, err: '' });
    const [head, line, ...more] = listed.out.split('\n').map((text) => text.split('\t'));
    expect(head).toEqual(['id', 'type', 'time', 'given up', 'reason']);
    const [time, givenUp] = [line?.[2] ?? '', line?.[3] ?? ''];
    expect(line).toEqual([id, 'rollbook.user.email-verification-requested.v1', time, givenUp, '550 at RCPT TO']);
    expect(more).toEqual([]);
    for (const instant of [time, givenUp]) expect(Math.abs(Date.now() - Date.parse(instant))).toBeLessThan(60_000);
    expect(listed.out).not.toContain(person!.id);
    expect(listed.out).not.toContain(person!.email);

    rig.smtp.behave('accept');
    expect(await run('redrive', '--id', id)).toEqual({ code: 0, out: 'The mailer tries again: 1 mail.', err: '' });
    await rig.untilStatus('sent');
    expect(rig.smtp.received.map(({ recipients }) => recipients)).toEqual([[person!.email]]);
    expect(await rig.deliveries()).toMatchObject([{ attempts: 1, message: null }]);

    expect(await run('list')).toEqual(NONE);
    expect(await run('redrive', '--all')).toEqual(NONE);
    const sentence = `Nothing of ${id} is dead any more: verify-email is sent.`;
    expect(await run('redrive', '--id', id)).toEqual({ code: 1, out: '', err: sentence });
    expect(rig.smtp.received).toHaveLength(1);
  });

  test('are all sent once, also when two re-drive them at once', async () => {
    await rig.startMailer();
    const people = await withDeadMails(3);
    rig.smtp.behave('accept');
    const both = await Promise.all([run('redrive', '--all'), run('redrive', '--all')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    await rig.untilStatus('sent', 'sent', 'sent');
    expect(rig.smtp.received.flatMap(({ recipients }) => recipients).sort()).toEqual(
      people.map(({ email }) => email).sort(),
    );
  });

  test('expire on re-drive when the request was fulfilled meanwhile, or the link would be too old', async () => {
    let ahead = 0;
    await rig.startMailer({ clock: { ...systemClock, now: () => systemClock.now() + ahead } });
    const [verified, late] = await withDeadMails(2);
    const data = { requestId: verified!.requestId };
    await rig.append(userStream(verified!.id), { type: 'EmailVerified', data, personal: null });
    rig.smtp.behave('accept');
    const before = rig.smtp.connections();
    expect(await run('redrive', '--id', verified!.requestId)).toMatchObject({ code: 0 });
    await rig.untilStatus('dead', 'expired');
    ahead = 25 * HOUR;
    expect(await run('redrive', '--id', late!.requestId)).toMatchObject({ code: 0 });
    await rig.untilStatus('expired', 'expired');
    expect((await rig.deliveries()).map(({ reason }) => reason).sort()).toEqual(['request_closed', 'too_old']);
    expect(rig.smtp.connections()).toBe(before);
    expect(await run('list')).toEqual(NONE);
  });

  test('are listed once, with the newest reason, when they die again', async () => {
    await rig.startMailer();
    const [person] = await withDeadMails();
    const first = (await run('list')).out;
    expect(await run('redrive', '--all')).toMatchObject({ code: 0, out: 'The mailer tries again: 1 mail.' });
    const again = async (): Promise<string> => {
      for (;;) {
        const { out } = await run('list');
        if (out !== first && out !== NONE.out) return out;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const second = await again();
    expect(second.split('\n')).toHaveLength(2);
    expect(second.split('\n')[1]?.split('\t')[0]).toBe(person!.requestId);
    expect(second.split('\t')[7]! > first.split('\t')[7]!).toBe(true);
  });

  test('are no longer shown, nor re-driven, of somebody who was erased', async () => {
    await rig.startMailer();
    const [person] = await withDeadMails();
    await rig.append(userStream(person!.id), { type: 'PersonErased', data: { reason: 'requested' }, personal: null });
    await rig.keys.destroy(person!.id, null);
    await rig.relay();
    await rig.untilStatus();
    rig.smtp.behave('accept');
    expect(await run('list')).toEqual(NONE);
    expect(await run('redrive', '--all')).toEqual(NONE);
    expect(await run('redrive', '--id', person!.requestId)).toMatchObject({ code: 1 });
    expect(await rig.deliveries()).toEqual([]);
    expect(rig.smtp.received).toEqual([]);
  });

  const request = (id: string): Promise<void> =>
    rig.append('operations', { type: 'RedriveRequested', data: { what: 'dead_letter', id }, personal: null });
  const acted = async () =>
    (
      await rig.pool.query<{ event_id: string; mails: number }>(
        'select event_id, mails from mailer.redrives order by position',
      )
    ).rows;

  test('are tried again when a request for it stands in the log, once with two mailers, and once after a start', async () => {
    await Promise.all([rig.startMailer(), rig.startMailer()]);
    const [one, other] = await withDeadMails(2);
    rig.smtp.behave('accept');
    await request(one!.requestId);
    await request(one!.requestId);
    await request(NOBODY);
    await rig.untilStatus('sent', 'dead');
    await until('every request was acted on', async () => (await acted()).length === 3);
    expect(await acted()).toEqual([
      { event_id: one!.requestId, mails: 1 },
      { event_id: one!.requestId, mails: 0 },
      { event_id: NOBODY, mails: 0 },
    ]);
    await rig.startMailer();
    await request(other!.requestId);
    await rig.untilStatus('sent', 'sent');
    expect(rig.smtp.received.flatMap(({ recipients }) => recipients)).toEqual([one!.email, other!.email]);
    expect(await acted()).toHaveLength(4);
  });

  test('are tried again by a mailer that was not there when it was asked for, under the rules of every mail', async () => {
    const mailer = await rig.startMailer();
    const [erased, verified, open] = await withDeadMails(3);
    await mailer.stop();
    rig.smtp.behave('accept');
    for (const { requestId } of [erased!, verified!, open!]) await request(requestId);
    const data = { requestId: verified!.requestId };
    await rig.append(userStream(verified!.id), { type: 'EmailVerified', data, personal: null });
    await rig.append(userStream(erased!.id), { type: 'PersonErased', data: { reason: 'requested' }, personal: null });
    await rig.keys.destroy(erased!.id, null);
    await rig.startMailer();
    await until('every request was acted on', async () => (await acted()).length === 3);
    expect((await acted()).map(({ mails }) => mails)).toEqual([0, 1, 1]);
    await until('no mail waits', async () => (await rig.deliveries()).every(({ status }) => status !== 'waiting'));
    expect(rig.smtp.received.flatMap(({ recipients }) => recipients)).toEqual([open!.email]);
  });

  test('are left alone when nobody knows the id', async () => {
    await rig.startMailer();
    await withDeadMails();
    for (const id of [NOBODY, 'anything'])
      expect(await run('redrive', '--id', id)).toEqual({
        code: 1,
        out: '',
        err: `There is no dead letter with the id ${id}.`,
      });
    expect(await rig.deliveries()).toMatchObject([{ status: 'dead', attempts: 1 }]);
  });
};

describe("The mailer's dead letters in PostgreSQL", () => {
  stories(() => startMailRig());
});

const address = await testKafka();

(address === null ? describe.skip : describe)("The mailer's dead letters in Kafka", () => {
  let kafka: KafkaRig;
  beforeEach(async () => {
    kafka = await kafkaRig(address ?? '', ['mailer-worker']);
  });
  afterEach(() => kafka.close());

  describe('in its own topic', () => {
    stories(() => startMailRig({ feedUrl: kafka.url }));
  });

  test('show a record that is no message of the feed, and leave it where it is', async () => {
    const rig = await startMailRig({ feedUrl: kafka.url });
    const producer = kafka.kafka.producer();
    await producer.connect();
    const topic = deadLetterTopic(new URL(kafka.url).searchParams.get('prefix') ?? '', 'mailer-worker');
    const headers = { dead_place: '3:17', dead_reason: 'mia@example.org', dead_at: '2026-01-02T03:04:05.678Z' };
    await producer.send({ topic, messages: [{ key: 'x', value: 'mia@example.org', headers }] });
    await producer.disconnect();
    const line = '-\t-\t-\t2026-01-02T03:04:05.678Z\tno message that asks for a mail, from 3:17';
    const list = `id\ttype\ttime\tgiven up\treason\n${line}`;
    expect(await command(rig.env, 'list')).toEqual({ code: 0, out: list, err: '' });
    expect(await command(rig.env, 'redrive', '--all')).toEqual(NONE);
    expect(await command(rig.env, 'list')).toEqual({ code: 0, out: list, err: '' });
    await rig.close();
  });
});

(address === null ? describe.skip : describe)('A record of the feed in Kafka that is no message', () => {
  test('is remembered by its place, so that whoever looks after the mails sees it', async () => {
    const kafka = await kafkaRig(address ?? '', ['mailer-worker']);
    const rig = await startMailRig({ feedUrl: kafka.url });
    await rig.startMailer();
    const producer = kafka.kafka.producer();
    await producer.connect();
    const topic = feedTopic(new URL(kafka.url).searchParams.get('prefix') ?? '');
    await producer.send({ topic, messages: [{ key: 'x', value: 'mia@example.org', partition: 0 }] });
    await producer.disconnect();
    const remembered = async () => (await rig.pool.query('select place, reason from mailer.unread_letters')).rows;
    await until('it is remembered', async () => (await remembered()).length > 0);
    expect(await remembered()).toEqual([{ place: '0:0', reason: 'no message of this feed' }]);
    await rig.close();
    await kafka.close();
  });
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { userStream } from '@rollbook/shared/contracts/streams';
import { systemClock } from '@rollbook/shared/kernel/system-clock';
import { systemRandom } from '@rollbook/shared/kernel/system-random';
import { PostgresMessageFeed } from '@rollbook/shared/message-feed/postgres/postgres-message-feed';
import { deliverMail } from '../../../mailer-worker/src/deliver-mail/deliver-mail.handle.ts';
import type { Delivery } from '../../../mailer-worker/src/deliver-mail/delivery.ts';
import { postgresDeliveries } from '../../../mailer-worker/src/deliver-mail/postgres-deliveries.ts';
import { takeInMessage } from '../../../mailer-worker/src/deliver-mail/take-in-message.handle.ts';
import { loadTemplates } from '../../../mailer-worker/src/mails/load-template.ts';
import { MailWriter } from '../../../mailer-worker/src/mails/mail-writer.ts';
import { Listener, until } from '../../support/feed-audience.ts';
import { startMailRig, type MailRig } from '../../support/mail-rig.ts';

/** The mailer's parts without its loops, so that a test says what happens between two of its steps. */
const mailerOf = async () => {
  const feed = new PostgresMessageFeed({ url: rig.env['DATABASE_URL'] ?? '', clock: systemClock });
  const deliveries = postgresDeliveries(rig.pool);
  const { keys, log, links } = rig;
  const writer = new MailWriter({
    templates: await loadTemplates(),
    ...{ links, publicUrl: 'https://rollbook.example', portals: new Map(), messageHost: 'rollbook.example' },
  });
  const takeIn = { deliveries, feed, group: 'mailer-worker', wake: () => undefined };
  const done = new Set<string>();
  const taking = new Listener(feed, 'mailer-worker', async (message) => {
    await takeInMessage(message, takeIn);
    done.add(`${message.type} ${message.key}`);
  });
  /** One attempt; the server refuses the mail after `meanwhile` has happened. */
  const refuse = async (delivery: Delivery, meanwhile: () => Promise<void>): Promise<string> => {
    let told = '';
    await deliverMail(delivery, {
      ...{ deliveries, keys, log, feed, links, writer, clock: systemClock, random: systemRandom },
      group: 'mailer-worker',
      transport: {
        mostMs: 1_000,
        close: () => undefined,
        async send() {
          await meanwhile();
          return { outcome: 'refused', reason: '550 at RCPT TO' };
        },
      },
      onOutcome: (_, outcome) => {
        told = outcome;
      },
    });
    return told;
  };
  const stop = async (): Promise<void> => {
    await taking.stop();
    await feed.close();
  };
  return { deliveries, refuse, done, stop };
};
let rig: MailRig;
let mailer: Awaited<ReturnType<typeof mailerOf>>;
beforeEach(async () => {
  rig = await startMailRig();
  mailer = await mailerOf();
});
afterEach(async () => {
  await mailer.stop();
  await rig.close();
});

test('What the mailer gave up of somebody who is erased is forgotten, also what it gives up at that moment', async () => {
  const [mia, ned, lea] = [await rig.register(), await rig.register(), await rig.register()];
  await rig.relay();
  await until('all are in the inbox', async () => (await rig.deliveries()).length === 3);
  const claimed = await mailer.deliveries.claim(3, 60_000);
  const of = ({ id }: { readonly id: string }): Delivery => claimed.find(({ userId }) => userId === id)!;
  const erase = async (...people: readonly { readonly id: string }[]): Promise<void> => {
    for (const { id } of people)
      await rig.append(userStream(id), { type: 'PersonErased', data: { reason: 'requested' }, personal: null });
    await rig.relay();
    await until('the mailer has forgotten them', () =>
      people.every(({ id }) => mailer.done.has(`rollbook.user.erased.v1 ${id}`)),
    );
  };
  const nothing = (): Promise<void> => Promise.resolve();
  expect(await mailer.refuse(of(mia), nothing)).toBe('dead');
  expect(await mailer.refuse(of(lea), nothing)).toBe('dead');
  expect(await mailer.refuse(of(ned), () => erase(mia, ned))).toBe('taken-over');
  expect(await rig.deadLetters()).toEqual([{ message_id: lea.requestId, reason: '550 at RCPT TO' }]);
});

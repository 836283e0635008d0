import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DeadLetter, MessageFeed } from '@rollbook/shared/message-feed/port';
import { Listener, messageOf, until } from '../support/feed-audience.ts';

/** One feed, empty at first, and what a test may do to it. */
export interface FeedUnderTest {
  /** What a consumer in another process connects to. */
  readonly url: string;
  /** Another client of the same feed. */
  open(): MessageFeed;
  deadLettersOf(group: string): Promise<readonly { readonly id: string; readonly reason: string }[]>;
  /** Whether it can take out single messages; else what a group put aside stays until a retention ends. */
  readonly takesOut: boolean;
  /** Breaks every connection to the feed. */
  cutConnections(): Promise<void>;
  close(): Promise<void>;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const idsOf = (key: string, count: number): string[] => numbers(count).map((n) => `${key}-${String(n)}`);

/** What every message feed promises. */
export const messageFeedContract = (adapter: string, create: () => Promise<FeedUnderTest>): void => {
  describe(`A message feed in ${adapter}`, () => {
    let feedUnderTest: FeedUnderTest;
    let feed: MessageFeed;
    const listeners: Listener[] = [];
    const clients: MessageFeed[] = [];

    const open = (): MessageFeed => {
      const client = feedUnderTest.open();
      clients.push(client);
      return client;
    };
    const listen = (...args: ConstructorParameters<typeof Listener>): Listener => {
      const listener = new Listener(...args);
      listeners.push(listener);
      return listener;
    };

    beforeEach(async () => {
      feedUnderTest = await create();
      feed = open();
    });

    afterEach(async () => {
      await Promise.all(listeners.splice(0).map((listener) => listener.stop()));
      await Promise.all(clients.splice(0).map((client) => client.close()));
      await feedUnderTest.close();
    });

    test('delivers every message of a person in the order in which it was published, just as it was', async () => {
      const keys = ['anna', 'ben', 'cleo', 'dan', 'eve'];
      for (const n of numbers(40)) await feed.publish(keys.map((key) => messageOf(key, n)));
      const listener = listen(feed, 'mailer');
      await until('all messages came', () => new Set(listener.ids).size === 200);
      for (const key of keys) expect(listener.firstsOf(key)).toEqual(idsOf(key, 40));
      const { place, ...first } = listener.received.find(({ id }) => id === 'anna-1')!;
      expect(first).toEqual(messageOf('anna', 1));
      expect(place).not.toBe('');
    });

    test('delivers what is published while somebody listens', async () => {
      const listener = listen(feed, 'mailer');
      await feed.publish([messageOf('anna', 1)]);
      await until('the first came', () => listener.ids.includes('anna-1'));
      await feed.publish([messageOf('anna', 2)]);
      await until('the second came', () => listener.ids.includes('anna-2'));
    });

    test('keeps a published message though the publisher is gone and nobody listened', async () => {
      const publisher = open();
      await publisher.publish([messageOf('anna', 1)]);
      await publisher.close();
      const listener = listen(feed, 'mailer');
      await until('it came', () => listener.ids.includes('anna-1'));
    });

    test('takes a message that it has already, and delivers it at least once', async () => {
      await feed.publish([messageOf('anna', 1)]);
      await feed.publish([messageOf('anna', 1), messageOf('anna', 2)]);
      const listener = listen(feed, 'mailer');
      await until('both came', () => listener.ids.includes('anna-2'));
      expect(listener.firstsOf('anna')).toEqual(['anna-1', 'anna-2']);
    });

    test('delivers a message again that could not be handled; later ones of that person wait, other people do not', async () => {
      let failures = 0;
      await feed.publish([messageOf('anna', 1), messageOf('anna', 2), messageOf('ben', 1)]);
      const listener = listen(feed, 'mailer', ({ id }) => {
        if (id !== 'anna-1' || failures === 4) return;
        failures += 1;
        throw new Error('The mail server is away');
      });
      await until('ben is served while anna waits', () => listener.ids.includes('ben-1') && failures < 4);
      await until('anna is served', () => listener.ids.includes('anna-2'));
      expect(listener.ids.filter((id) => id !== 'ben-1')).toEqual([...Array<string>(5).fill('anna-1'), 'anna-2']);
      expect(listener.faults).toHaveLength(4);
    });

    test('lets two consumers of one group share the messages, each message to one of them', async () => {
      const other = open();
      const two = [listen(feed, 'mailer'), listen(other, 'mailer')] as const;
      const keys = numbers(60).map((n) => `person-${String(n)}`);
      const all = (): string[] => two.flatMap(({ ids }) => ids);
      // Until they have found each other, one may have it all.
      let round = 0;
      await until('both got some', async () => {
        round += 1;
        const before = two.map(({ received }) => received.length);
        await feed.publish(keys.map((key) => messageOf(key, round)));
        await until('the round came', () => new Set(all()).size === round * keys.length);
        return two.every(({ received }, index) => received.length > before[index]!);
      });
      const settled = all().length;
      await feed.publish(keys.map((key) => messageOf(key, round + 1)));
      await until('the last round came', () => new Set(all()).size === (round + 1) * keys.length);
      expect(all()).toHaveLength(settled + keys.length);
      expect(two.every(({ ids }) => ids.some((id) => id.endsWith(`-${String(round + 1)}`)))).toBe(true);
    });

    test('gives every group all messages', async () => {
      const listening = [listen(feed, 'mailer'), listen(feed, 'statistics')];
      await feed.publish(numbers(20).map((n) => messageOf('anna', n)));
      for (const { firstsOf } of listening.map((one) => ({ firstsOf: () => one.firstsOf('anna') })))
        await until('all came', () => firstsOf().length === 20);
      for (const one of listening) expect(one.firstsOf('anna')).toEqual(idsOf('anna', 20));
    });

    test('goes on after the last acknowledged message when a group comes back', async () => {
      await feed.publish(numbers(10).map((n) => messageOf('anna', n)));
      const before = listen(feed, 'mailer');
      await until('all came', () => before.ids.includes('anna-10'));
      await before.stop();
      await feed.publish([messageOf('anna', 11)]);
      const after = listen(open(), 'mailer');
      await until('the new one came', () => after.ids.includes('anna-11'));
      expect(after.ids).toEqual(['anna-11']);
    });

    test('hands the messages of a killed consumer to another, from the one it was busy with', async () => {
      await feed.publish(numbers(6).map((n) => messageOf('anna', n)));
      const script = join(import.meta.dirname, '../support/feed-consumer.ts');
      const child = spawn(process.execPath, [script, feedUnderTest.url, 'mailer', 'anna-4'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const lines: string[] = [];
      createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
      await until('it hangs on the fourth', () => lines.includes('anna-4'));
      const heir = listen(feed, 'mailer');
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(heir.ids).toEqual([]);
      child.kill('SIGKILL');
      await until('the other got the rest', () => heir.ids.includes('anna-6'));
      expect(heir.ids.slice(-3)).toEqual(['anna-4', 'anna-5', 'anna-6']);
    });

    test('survives broken connections: publishing can be repeated, consuming goes on by itself, nothing is lost', async () => {
      const listener = listen(feed, 'mailer');
      for (const n of numbers(60)) {
        if (n % 20 === 10) void feedUnderTest.cutConnections();
        for (let published = false; !published;)
          published = await feed.publish([messageOf('anna', n)]).then(
            () => true,
            () => false,
          );
      }
      await until('all came', () => listener.firstsOf('anna').length === 60, 60_000);
      expect(listener.firstsOf('anna')).toEqual(idsOf('anna', 60));
      await expect(feed.ping()).resolves.toBeUndefined();
    }, 90_000);

    test('keeps what a group puts aside, with the reason, once', async () => {
      await feed.publish([messageOf('anna', 1), messageOf('anna', 2)]);
      const listener = listen(feed, 'mailer', async (message) => {
        if (message.id === 'anna-1') await feed.deadLetter('mailer', message, 'No such address');
      });
      await until('the next came', () => listener.ids.includes('anna-2'));
      expect(await feedUnderTest.deadLettersOf('mailer')).toEqual([{ id: 'anna-1', reason: 'No such address' }]);
      expect(await feedUnderTest.deadLettersOf('statistics')).toEqual([]);
    });

    test('reads the dead letters of a group back as they came, as often as somebody asks, and takes none away', async () => {
      const places = new Map<string, string>();
      await feed.publish([messageOf('anna', 1), messageOf('anna', 2), messageOf('ben', 1)]);
      const listener = listen(feed, 'mailer', async (message) => {
        places.set(message.id, message.place);
        if (message.id !== 'anna-2') await feed.deadLetter('mailer', message, `No ${message.key}`);
      });
      await until('all came', () => listener.ids.length === 3);
      await listener.stop();
      const begun = Date.now();
      const reader = open();
      for (const group of ['mailer', 'statistics', 'mailer']) {
        const letters: DeadLetter[] = [];
        await reader.readDeadLetters(group, (letter) => Promise.resolve(void letters.push(letter)));
        const found = letters.map(({ deadAt, ...rest }) => ({ ...rest, lately: Math.abs(deadAt - begun) < 60_000 }));
        const expected = ['anna', 'ben'].map((key) => {
          const place = places.get(`${key}-1`) ?? '';
          return { message: { ...messageOf(key, 1), place }, place, reason: `No ${key}`, lately: true };
        });
        expect(found.sort((a, b) => a.reason.localeCompare(b.reason))).toEqual(group === 'mailer' ? expected : []);
      }
    });

    test('says so when the reader of a dead letter fails', async () => {
      await feed.deadLetter('mailer', { ...messageOf('anna', 1), place: '0:1' }, 'No such address');
      const reading = feed.readDeadLetters('mailer', () => Promise.reject(new Error('I cannot read')));
      await expect(reading).rejects.toThrow('I cannot read');
    });

    test('forgets what every group put aside of one person, where it can take out single messages', async () => {
      for (const group of ['mailer', 'statistics'])
        for (const key of ['anna', 'ben'])
          await feed.deadLetter(group, { ...messageOf(key, 1), place: '0:1' }, 'No such address');
      await feed.forget('anna');
      await feed.forget('nobody');
      const left = feedUnderTest.takesOut ? ['ben-1'] : ['anna-1', 'ben-1'];
      for (const group of ['mailer', 'statistics'])
        expect((await feedUnderTest.deadLettersOf(group)).map(({ id }) => id)).toEqual(left);
    });

    test('prunes no message that a group it knows has not acknowledged', async () => {
      const people = numbers(20).map((n) => `person-${String(n)}`);
      // As if everything were old.
      const prune = (): Promise<number> => feed.prune(-60_000);
      await feed.publish(people.map((key) => messageOf(key, 1)));
      expect(await prune()).toBe(0);
      const slow = listen(feed, 'statistics');
      await until('the slow group came to know the first', () => slow.ids.length === 20);
      await slow.stop();
      await feed.publish(people.map((key) => messageOf(key, 2)));
      const fast = listen(feed, 'mailer');
      await until('the fast one knows all', () => fast.ids.length === 40);
      await fast.stop();
      expect(await prune()).toBe(feedUnderTest.takesOut ? 20 : 0);
      const again = listen(open(), 'statistics');
      await until('the slow group came to know the others', () => again.ids.length === 20);
      expect(new Set(again.ids)).toEqual(new Set(people.map((key) => `${key}-2`)));
    });

    test('ends a message in progress before it stops', async () => {
      let ended = false;
      await feed.publish([messageOf('anna', 1)]);
      const listener = listen(feed, 'mailer', async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        ended = true;
      });
      await until('it began', () => listener.ids.length === 1);
      await listener.stop();
      expect(ended).toBe(true);
    });
  });
};

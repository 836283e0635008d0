import { describe, expect, test } from '@jest/globals';
import { parseKafkaUrl } from '@rollbook/shared/message-feed/kafka/kafka-url';
import { deadLetterTopic, feedTopic } from '@rollbook/shared/message-feed/kafka/topic-names';

describe('A Kafka URL', () => {
  test('names brokers, user, mechanism and encryption', () => {
    expect(parseKafkaUrl('kafka://user:p%40ss%3Aword@a:9092,b:9093?sasl=scram-sha-256&tls=true&prefix=team-')).toEqual({
      brokers: ['a:9092', 'b:9093'],
      sasl: { mechanism: 'scram-sha-256', username: 'user', password: 'p@ss:word' },
      tls: true,
      prefix: 'team-',
    });
  });

  test('may be as short as one host', () => {
    expect(parseKafkaUrl('kafka://broker')).toEqual({ brokers: ['broker:9092'], sasl: null, tls: false, prefix: '' });
    expect(parseKafkaUrl('kafka://u:p@[::1]:9092/').sasl?.mechanism).toBe('scram-sha-512');
    expect(parseKafkaUrl('kafka://u:p@[::1]:9092/').brokers).toEqual(['::1:9092']);
  });

  test.each([
    ['another scheme', 'http://a:9092'],
    ['no host', 'kafka://'],
    ['a port that is none', 'kafka://a:99999'],
    ['half of the credentials', 'kafka://user@a:9092'],
    ['credentials that are not encoded', 'kafka://user:%zz@a:9092'],
    ['an unknown mechanism', 'kafka://user:secret@a?sasl=none'],
    ['a mechanism without a user', 'kafka://a?sasl=plain'],
    ['an unknown option', 'kafka://a?ssl=true'],
    ['an unclear switch', 'kafka://a?tls=yes'],
    ['a prefix that no topic may have', 'kafka://a?prefix=a/b'],
  ])('with %s is refused in a sentence that names the setting and keeps the password', (_what, url) => {
    const read = (): unknown => parseKafkaUrl(url);
    expect(read).toThrow(/^MESSAGE_FEED_URL must be/);
    expect(read).not.toThrow(/secret/);
  });

  test('puts its prefix before every name', () => {
    expect(feedTopic('')).toBe('user-events.v1');
    expect(deadLetterTopic('', 'mailer-worker')).toBe('user-events.mailer.dlq');
    expect(deadLetterTopic('team-', 'billing')).toBe('team-user-events.billing.dlq');
  });
});

import { describe } from '@jest/globals';
import { testKafka } from '../support/kafka.ts';
import { kafkaRig } from '../support/kafka-rig.ts';
import { messageFeedContract } from './message-feed.contract.ts';

const address = await testKafka();

(address === null ? describe.skip : describe)('With a real broker', () => {
  messageFeedContract('Kafka', async () => {
    const rig = await kafkaRig(address ?? '', ['mailer', 'statistics']);
    return {
      url: rig.url,
      takesOut: false,
      open: () => rig.open(),
      deadLettersOf: async (group) =>
        (await rig.deadLetters(group)).map(({ headers }) => ({
          id: headers['ce_id'] ?? '',
          reason: headers['dead_reason'] ?? '',
        })),
      cutConnections: () => {
        rig.cutConnections();
        return Promise.resolve();
      },
      close: () => rig.close(),
    };
  });
});

import { textHeaders } from '@rollbook/shared/message-feed/kafka/cloud-event';
import { Publisher } from '@rollbook/shared/message-feed/kafka/publisher';
import { PostgresMessageFeed } from '@rollbook/shared/message-feed/postgres/postgres-message-feed';
import { lookAtMessage, lookAtRecord } from './every-message.ts';

// Looks at everything that a relay in this process publishes, on its way into the feed of either profile.

const { publish } = PostgresMessageFeed.prototype;
PostgresMessageFeed.prototype.publish = function (messages) {
  for (const message of messages) lookAtMessage(message);
  return publish.call(this, messages);
};

const { send } = Publisher.prototype;
Publisher.prototype.send = function (topic, records) {
  // Dead letters go where consumers of the feed do not read.
  if (topic.endsWith('user-events.v1'))
    for (const { headers, value } of records) lookAtRecord(textHeaders(headers), String(value));
  return send.call(this, topic, records);
};

import type { Consumer, Kafka, KafkaMessage } from 'kafkajs';
import type { Clock } from '../../kernel/clock.ts';
import type { ReceivedMessage } from '../port.ts';
import { partitionAssigner, type Holdings } from './assign-partitions.ts';
import { RETRY } from './kafka-client.ts';

export interface MembershipOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly topic: string;
  /** With the installation's prefix. */
  readonly groupId: string;
  /** Milliseconds after which the others go on without a member that says nothing. */
  readonly sessionTimeoutMs: number;
  readonly signal: AbortSignal;
  /** The record as a message; its outcome when handled is `handle`'s. Never throws. */
  readonly read: (record: KafkaMessage, place: string) => ReceivedMessage;
  readonly handle: (message: ReceivedMessage) => Promise<void>;
  /** Told of a handler's fault. */
  readonly onHandlerFault: (fault: unknown) => void;
  /** The partitions of this member changed. */
  readonly onAssigned: (partitions: readonly number[]) => void;
  /** A sign of life: a handler came back, or a commit was taken. */
  readonly onSign: () => void;
}

/** The consumer of one membership: it never creates topics, never commits by itself, and never starts over by itself. */
export const groupConsumer = (
  { kafka, topic, groupId, sessionTimeoutMs }: MembershipOptions,
  prepareToJoin: () => Holdings,
): Consumer =>
  kafka.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: 2 * sessionTimeoutMs,
    heartbeatInterval: Math.min(1_000, sessionTimeoutMs / 4),
    maxWaitTimeInMs: 500,
    maxBytesPerPartition: 256 * 1024,
    allowAutoTopicCreation: false,
    partitionAssigners: [partitionAssigner(topic, prepareToJoin)],
    retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
  });

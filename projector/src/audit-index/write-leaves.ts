import type { GrowingTree, NodeId } from '@rollbook/shared/audit/merkle-tree';
import { STORED_EVERY } from '@rollbook/shared/audit/stored-tree';
import { subjectOfEvent } from '@rollbook/shared/audit/subject-of';
import type { StoredEvent } from '@rollbook/shared/event-log/event';
import type { Client } from '@rollbook/shared/sql/pool';
import { checkedHash } from './check-hash.ts';

const LEAVES = `
  insert into read_model.audit_index (leaf, event_id, position, stream, revision, type, recorded_at, actor_kind,
    actor_id, subject, request_id, correlation_id, causation_id, command_id, hash)
  select $1::bigint + e.at - 1, e.event_id, e.position, e.stream, e.revision, e.type, e.recorded_at, e.actor_kind,
    e.actor_id, e.subject, e.request_id, e.correlation_id, e.causation_id, e.command_id, decode(e.hash, 'hex')
  from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[], $8::text[], $9::text[],
    $10::uuid[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[]) with ordinality
    as e (event_id, position, stream, revision, type, recorded_at, actor_kind, actor_id, subject, request_id,
      correlation_id, causation_id, command_id, hash, at)`;

const NODES = `
  insert into read_model.audit_tree (level, index, hash)
  select level, index, decode(hash, 'hex') from unnest($1::smallint[], $2::bigint[], $3::text[]) as n (level, index, hash)`;

/**
 * Adds the events to the tree and writes them and the subtrees that they complete, inside the caller's transaction. What
 * stands there already makes it fail: whoever wrote it is another copy. Throws AlteredEvent.
 */
export const writeLeaves = async (client: Client, tree: GrowingTree, events: readonly StoredEvent[]): Promise<void> => {
  const first = tree.size;
  const hashes = events.map(checkedHash);
  const nodes: (NodeId & { readonly hash: string })[] = [];
  for (const hash of hashes)
    tree.append(Buffer.from(hash, 'hex'), (node, nodeHash) => {
      if (node.level % STORED_EVERY === 0) nodes.push({ ...node, hash: nodeHash.toString('hex') });
    });
  const columns = [
    events.map(({ id }) => id),
    events.map(({ position }) => position),
    events.map(({ stream }) => stream),
    events.map(({ revision }) => revision),
    events.map(({ type }) => type),
    events.map(({ recordedAt }) => recordedAt),
    events.map(({ metadata }) => metadata.actor.kind),
    events.map(({ metadata }) => metadata.actor.id),
    events.map(subjectOfEvent),
    events.map(({ metadata }) => metadata.requestId),
    events.map(({ metadata }) => metadata.correlationId),
    events.map(({ metadata }) => metadata.causationId),
    events.map(({ metadata }) => metadata.commandId),
    hashes,
  ];
  await client.query({ name: 'audit-leaves', text: LEAVES, values: [first, ...columns] });
  if (nodes.length > 0)
    await client.query(NODES, [
      nodes.map(({ level }) => level),
      nodes.map(({ index }) => index),
      nodes.map(({ hash }) => hash),
    ]);
};

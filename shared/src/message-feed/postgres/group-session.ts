import pg from 'pg';
import { PARTITIONS } from '../partition.ts';
import type { ReceivedMessage } from '../port.ts';

/** The channel on which a publish wakes consumers. */
export const CHANNEL = 'message_feed';

interface MessageRow {
  readonly partition: number;
  readonly seq: string;
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly position: string;
  readonly time: string;
  readonly data: ReceivedMessage['data'];
}

export interface Fetched {
  readonly partition: number;
  readonly seq: number;
  readonly message: ReceivedMessage;
}

// Both numbers of a two-part advisory lock: the group, and 0 for "a member" or the partition's number plus 1.
const GROUP = `hashtext('message-feed ' || $1)`;

/**
 * One consumer's membership in a group: a connection that holds the locks of its partitions. Everything goes over this
 * one connection, so a consumer that lost its locks cannot acknowledge any more, and one that died holds nothing up.
 */
export class GroupSession {
  readonly #client: pg.Client;
  readonly #group: string;

  private constructor(client: pg.Client, group: string) {
    this.#client = client;
    this.#group = group;
  }

  /** `onWake`: messages were published, or (with a fault) the connection broke. */
  static async open(url: string, group: string, onWake: (fault?: unknown) => void): Promise<GroupSession> {
    const client = new pg.Client({
      connectionString: url,
      application_name: `rollbook feed ${group}`,
      connectionTimeoutMillis: 2_000,
      statement_timeout: 5_000,
      query_timeout: 7_000,
      keepAlive: true,
    });
    client.on('error', onWake);
    client.on('end', () => {
      onWake(new Error('The connection to the message feed ended'));
    });
    client.on('notification', () => {
      onWake();
    });
    try {
      await client.connect();
      // The server must notice a consumer that vanished, to give its partitions to another. A lost acknowledgement
      // only means a repeat, so acknowledgements need not wait for the disk.
      await client.query('set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3');
      await client.query('set synchronous_commit = off');
      await client.query(`listen ${CHANNEL}`);
      await client.query(`select pg_advisory_lock_shared(${GROUP}, 0)`, [group]);
    } catch (fault) {
      void client.end().catch(() => undefined);
      throw fault;
    }
    return new GroupSession(client, group);
  }

  /** How many partitions this member may hold, so that all members hold about as many. */
  async fairShare(): Promise<number> {
    const { rows } = await this.#client.query<{ members: number }>(
      `select count(*)::int as members from pg_locks
       where locktype = 'advisory' and objsubid = 2 and objid = 0 and granted and classid = ${GROUP}::oid
         and database = (select oid from pg_database where datname = current_database())`,
      [this.#group],
    );
    return Math.ceil(PARTITIONS / Math.max(rows[0]?.members ?? 1, 1));
  }

  /** Takes a partition if nobody holds it: the place acknowledged last, or null when another consumer has it. */
  async take(partition: number): Promise<number | null> {
    const lock = await this.#client.query<{ taken: boolean }>(`select pg_try_advisory_lock(${GROUP}, $2) as taken`, [
      this.#group,
      partition + 1,
    ]);
    if (lock.rows[0]?.taken !== true) return null;
    const { rows } = await this.#client.query<{ acked: string }>(
      `insert into message_feed.group_offsets (group_name, partition) values ($1, $2)
       on conflict (group_name, partition) do update set acked = group_offsets.acked returning acked`,
      [this.#group, partition],
    );
    return Number(rows[0]?.acked ?? 0);
  }

  async release(partition: number): Promise<void> {
    await this.#client.query(`select pg_advisory_unlock(${GROUP}, $2)`, [this.#group, partition + 1]);
  }

  /** Up to `limit` messages of each partition after the given place. */
  async fetch(after: readonly (readonly [partition: number, seq: number])[], limit: number): Promise<Fetched[]> {
    const { rows } = await this.#client.query<MessageRow>({
      name: 'fetch',
      text: `select m.* from unnest($1::smallint[], $2::bigint[]) as wanted(partition, after)
             cross join lateral (
               select partition, seq, id, key, type, position, time, data from message_feed.messages
               where partition = wanted.partition and seq > wanted.after order by seq limit $3
             ) as m order by m.seq`,
      values: [after.map(([partition]) => partition), after.map(([, seq]) => seq), limit],
    });
    return rows.map(({ partition, seq, ...message }) => ({
      partition,
      seq: Number(seq),
      message: { ...message, place: `${String(partition)}:${seq}` },
    }));
  }

  async acknowledge(handled: readonly (readonly [partition: number, seq: number])[]): Promise<void> {
    await this.#client.query({
      name: 'acknowledge',
      text: `update message_feed.group_offsets as o set acked = h.seq
             from unnest($2::smallint[], $3::bigint[]) as h(partition, seq)
             where o.group_name = $1 and o.partition = h.partition and o.acked < h.seq`,
      values: [this.#group, handled.map(([partition]) => partition), handled.map(([, seq]) => seq)],
    });
  }

  /** Ends the connection, and with it every lock. Never rejects. */
  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

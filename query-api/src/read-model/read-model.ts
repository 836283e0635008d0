import type { DetailCode } from '@rollbook/shared/contracts/detail-codes';
import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { apiKeyOfStream, personOfStream } from '@rollbook/shared/contracts/streams';
import type { Refusal } from '@rollbook/shared/http/endpoint';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import type { Pool } from '@rollbook/shared/sql/pool';
import type { ConsistencyPoint, ConsistencyTokens } from '@rollbook/shared/tokens/consistency-tokens';
import { rethrow } from './database-faults.ts';

/** The most that a query waits for the read model, in milliseconds. */
const WAIT_MS = 2 * SECOND;
/** Between two looks, in milliseconds. */
const LOOK_MS = 10;

// By the database's clock on both sides: `at_end_at` is written with its now().
const LAG = `greatest(0, floor(extract(epoch from clock_timestamp() - coalesce(p.at_end_at, p.started_at)) * 1000))::float8`;

// What the log no longer holds (another log, an older backup) is no shape of it: nobody gets to see it.
const USABLE = "p.state = 'live' and p.other_log_at is null";

/** What was found, and how far the read model was in the very same snapshot. */
export interface Snapshot<Found> {
  readonly found: Found;
  readonly position: string | null;
  /** How long ago the read model was known to be complete, in milliseconds. */
  readonly lagMs: number;
}

/** A select of one JSON value. */
export interface JsonQuery {
  /** For a text that is always the same: PostgreSQL plans it once for each connection. */
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Of `explain (format json)`. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
}
interface Plan {
  readonly 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }];
}

const readsTable = (node: PlanNode): boolean =>
  node['Node Type'].endsWith('Seq Scan') || (node.Plans ?? []).some((below) => readsTable(below));

/** What the planner expects of a select. */
export interface Estimate {
  readonly rows: number;
  /** Whether it would read a table from end to end, by no index. */
  readonly readsTable: boolean;
}

/** As `read_model.projections` names them. */
export type ReadModelName = 'user_directory' | 'user_sessions' | 'erasures' | 'api_keys' | 'audit_index' | 'redrive';

interface Stand {
  readonly log_id: string | null;
  readonly position: string | null;
  readonly lag: number;
  readonly parked: boolean;
}

/** What a query has waited for. */
export interface Reached {
  /** Whether time has passed. */
  readonly waited: boolean;
  /** How far the read model was, where somebody looked: for a refusal that reads no further. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** For a `Consistency-Token` that means nothing here. */
export const badToken = (code: DetailCode, message: string): Rejection =>
  reject('invalid_input', { details: [{ field: 'Consistency-Token', code, message }] });

/**
 * A read model, read with its position in one snapshot. Throws StoreUnavailable when it cannot be read. Where a query
 * reads a second one too, both are one to it: as far as the one that is less far.
 */
export class ReadModel {
  readonly #names: readonly ReadModelName[];
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #tokens: ConsistencyTokens;

  constructor(parts: {
    /** Whose position counts. */
    readonly name: ReadModelName;
    /** Whose rows are read beside. */
    readonly also?: ReadModelName;
    readonly pool: Pool;
    readonly clock: Clock;
    readonly tokens: ConsistencyTokens;
  }) {
    this.#names = [parts.name, ...(parts.also ? [parts.also] : [])];
    this.#pool = parts.pool;
    this.#clock = parts.clock;
    this.#tokens = parts.tokens;
  }

  /** Runs the query and reads the position as one statement, so on one snapshot. */
  async read<Found>(query: JsonQuery): Promise<Snapshot<Found>> {
    const text = `select case when bool_and(p.position is not null) then min(p.position) end as position,
        max(${LAG}) as lag, (${query.text}) as found
      ${this.#from} having count(*) = ${String(this.#names.length)}`;
    const [row] = await this.#query<{ position: string | null; lag: number; found: Found }>({ ...query, text });
    if (row === undefined)
      return rethrow(new Error(`There is no live ${this.#names.join(' and ')}, or the log has lost its place`));
    return { found: row.found, position: row.position, lagMs: row.lag };
  }

  /** What the planner expects: from its samples, without reading any row. */
  async estimate({ text, values }: JsonQuery): Promise<Estimate> {
    const [explained] = await this.#query<Plan>({ text: `explain (format json) ${text}`, values });
    if (!explained) return { rows: 0, readsTable: false };
    const plan = explained['QUERY PLAN'][0].Plan;
    return { rows: plan['Plan Rows'], readsTable: readsTable(plan) };
  }

  /**
   * Waits until the read model holds what a `Consistency-Token` vouches for, at most two seconds. A person whose own
   * events are parked waits in vain (503); other people's are no reason.
   */
  async reach(token: string | null): Promise<Reached | Refusal> {
    if (token === null) return { waited: false };
    const point = this.#tokens.read(token);
    if (point === null) return badToken('malformed', 'was not given out here');
    const until = this.#clock.now() + WAIT_MS;
    for (let looks = 0; ; looks += 1) {
      const stands = await this.#lookFor(point);
      const headers = headersOf(stands);
      if (stands.some(({ log_id: logId }) => logId !== null && logId !== point.logId))
        return { ...badToken('other_log', 'belongs to another event log'), headers };
      const isReached = stands.every(({ position }) => position !== null && position >= point.position);
      if (isReached && stands.length === this.#names.length)
        return stands.some(({ parked }) => parked)
          ? { ...reject('read_model_behind'), headers }
          : { waited: looks > 0, headers };
      if (this.#clock.now() >= until) return { ...reject('read_model_behind'), headers };
      await this.#clock.sleep(LOOK_MS);
    }
  }

  /**
   * Resolves when there is a live read model, however far it is behind, and tells how far; throws otherwise. A balancer
   * must not take away every copy at once because of what no copy can help; each answer says its own lag.
   */
  async check(): Promise<{ readonly lagMs: number }> {
    const { lagMs } = await this.read({ text: 'select 1', values: [] });
    return { lagMs };
  }

  get #from(): string {
    const names = this.#names.map((name) => `'${name}'`).join(', ');
    return `from read_model.projections p where p.name in (${names}) and ${USABLE}`;
  }

  #lookFor({ stream }: ConsistencyPoint): Promise<readonly Stand[]> {
    const text = `select p.log_id, p.position, ${LAG} as lag, exists (
        select from read_model.parked_events e
        where e.name = p.name and e.version = p.version and e.person = $1::uuid
      ) as parked
      ${this.#from}`;
    return this.#query<Stand>({ name: 'reached', text, values: [personOfStream(stream) ?? apiKeyOfStream(stream)] });
  }

  async #query<Row extends object>({ name, text, values }: JsonQuery): Promise<readonly Row[]> {
    try {
      // The same select of another read model is another statement.
      const named = name === undefined ? {} : { name: [name, ...this.#names].join(' ') };
      const { rows } = await this.#pool.query<Row>({ ...named, text, values: [...values] });
      return rows;
    } catch (fault) {
      return rethrow(fault);
    }
  }
}

const headersOf = (stands: readonly Stand[]): Readonly<Record<string, string>> => {
  const [first] = stands.map(({ position }) => position ?? '').sort();
  const lagMs = Math.max(0, ...stands.map(({ lag }) => lag));
  return first === undefined ? {} : projectionHeaders({ position: first, lagMs });
};

/** The headers of every query answer. */
export const projectionHeaders = ({
  position,
  lagMs,
}: Pick<Snapshot<unknown>, 'position' | 'lagMs'>): Readonly<Record<string, string>> => ({
  'Projection-Position': position ?? '',
  'Projection-Lag-Ms': String(lagMs),
});

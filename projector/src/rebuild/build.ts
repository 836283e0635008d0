import type { Position } from '@rollbook/shared/event-log/event';
import type { EventStore, FollowOptions } from '@rollbook/shared/event-log/port';
import type { Clock } from '@rollbook/shared/kernel/clock';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { Client, Pool } from '@rollbook/shared/sql/pool';
import { withTransaction } from '@rollbook/shared/sql/transaction';
import { savePosition, type Move } from '../follow-in-turn/position.ts';
import { walkTo } from '../follow-in-turn/walk.ts';
import { applyOpened, type PageTools } from '../project-in-order/apply-page.ts';
import { farBehind, openedPages, type OpenedPage } from '../project-in-order/project-in-order.ts';
import type { ReadModel } from '../project-in-order/read-model.ts';
import { buildingSchema, readVersions } from './building.ts';
import { forgetErased, openedToday } from './erased-meanwhile.ts';

export interface RebuildParts {
  readonly databaseUrl: string;
  /** With time for statements that go over whole tables. */
  readonly pool: Pool;
  readonly store: EventStore;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly onFault: (fault: unknown) => void;
  readonly onParked: PageTools['onParked'];
  /** Events in one page. Default: BULK. */
  readonly pageSize?: number;
}

/** The version that is being built, and the tables that it is written to. */
export interface Building extends RebuildParts {
  /** In the building version. */
  readonly readModel: ReadModel;
  readonly signal: AbortSignal;
}

/** Brings a page into the new tables and moves the new position, inside the caller's transaction. */
export const buildPage = async (
  client: Client,
  { opened }: Pick<OpenedPage, 'opened'>,
  move: Move,
  { readModel, ...parts }: Building,
): Promise<void> => {
  await savePosition(client, readModel, move);
  const tools = { ...parts, readModel, schema: buildingSchema(readModel.name) };
  await applyOpened(client, await openedToday(client, readModel, move.to, opened, parts.keys), tools);
  await forgetErased(client, readModel);
};

/** The page as far as the goal: the new version must be able to stand exactly where the live one stands. */
const cut = ({ passed, ...page }: OpenedPage, goal: Position): OpenedPage => {
  if (page.position === null || page.position <= goal) return { ...page, ...(passed !== undefined && { passed }) };
  const events = page.events.filter(({ position }) => position <= goal);
  const opened = page.opened.filter(({ stored }) => stored.position <= goal);
  return { ...page, events, opened, position: goal, atEnd: false };
};

async function* cutAt(pages: AsyncIterable<OpenedPage>, goal: Position): AsyncGenerator<OpenedPage, void> {
  for await (const page of pages) yield cut(page, goal);
}

/**
 * Follows the log from where the new version stands to where the live one stands by then; gives the position. Each page
 * and its position are one transaction. Throws when the signal comes first.
 */
export const catchUp = async (building: Building, onPage: (move: Move) => void): Promise<Position | null> => {
  const { pool, readModel, signal, onFault } = building;
  for (;;) {
    const { live, building: built } = await readVersions(pool, readModel.name);
    signal.throwIfAborted();
    const [after, goal] = [built?.position ?? null, live?.position ?? null];
    if (goal === null || (after !== null && after >= goal)) return after;
    const pages = (options: FollowOptions): AsyncIterable<OpenedPage> => cutAt(openedPages(building, options), goal);
    const handle = async (page: OpenedPage, move: Move | null): Promise<void> => {
      if (!move) return;
      await withTransaction(pool, async (client) => {
        // What a crash of the server loses of the new tables it loses of their position too.
        await client.query('set local synchronous_commit to off');
        await buildPage(client, page, move, building);
      });
      onPage(move);
    };
    await walkTo({ pages, signal, onFault, handle }, { after, ...farBehind(building, building.pageSize) }, goal);
  }
};

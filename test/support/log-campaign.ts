import type { Position } from '@rollbook/shared/event-log/event';
import { NO_STREAM, type EventStore } from '@rollbook/shared/event-log/port';
import { anAppend, idsOf, newStream } from './log-events.ts';

export interface LogCampaign {
  /** Another instance over the log, as another process has it. */
  readonly open: () => EventStore;
  /** Events that the writers want to see in the log, together. */
  readonly events: number;
  readonly writers: number;
  /** Instances that the writers share. */
  readonly instances: number;
  readonly followers: number;
  /** Called at random while followers work, to break what can be broken. */
  readonly disturb: () => Promise<void>;
}

export interface CampaignOutcome {
  /** Ids of the events whose append was answered with "stored". */
  readonly acknowledged: readonly string[];
  /** Ids of the events whose append was rolled back for good. */
  readonly abandoned: readonly string[];
  /** For each follower the ids that it handled, in its order. */
  readonly handled: readonly (readonly string[])[];
  /** How often followers were killed. */
  readonly kills: number;
}

const chance = (of: number): boolean => Math.random() < of;

/** Writers and followers at work on one log, with followers killed and started again at random. */
export const runCampaign = async (campaign: LogCampaign): Promise<CampaignOutcome> => {
  const acknowledged: string[] = [];
  const abandoned: string[] = [];
  const contested = Array.from({ length: 8 }, () => newStream('usernameclaim'));
  const writing = Array.from({ length: campaign.instances }, () => campaign.open());
  let wanted = campaign.events;
  let end: Position | null | undefined = undefined;
  let kills = 0;

  const write = async (store: EventStore): Promise<void> => {
    const last = new Map<string, number>();
    const own = newStream();
    while (wanted > 0) {
      const stream = chance(0.1) ? (contested[Math.floor(Math.random() * contested.length)] ?? own) : own;
      const count = Math.min(wanted, 1 + Math.floor(Math.random() * 25));
      wanted -= count;
      const append = anAppend(stream, last.get(stream) ?? NO_STREAM, count);
      try {
        const result = await store.append(append);
        last.set(stream, result.revision);
        if (result.outcome === 'conflict') wanted += count;
        else for (const { id } of append.events) acknowledged.push(id);
      } catch (fault) {
        if (!Error.isError(fault) || fault.name !== 'AppendRefused') throw fault;
        abandoned.push(...idsOf(append.events));
        wanted += count;
      }
    }
  };

  const followUntilTheEnd = async (): Promise<string[]> => {
    const handled: string[] = [];
    let position: Position | null = null;
    const arrived = (): boolean => end !== undefined && (position ?? '') >= (end ?? '');
    while (!arrived()) {
      const store = campaign.open();
      const life = 1 + Math.floor(Math.random() * 60);
      let pages = 0;
      for await (const page of store.follow({ after: position, signal: new AbortController().signal })) {
        pages += 1;
        // Killed with a page in hand: whoever comes next has to get it again.
        if (pages > life) break;
        handled.push(...idsOf(page.events));
        position = page.position;
        if (arrived()) break;
        if (chance(0.02)) await campaign.disturb();
      }
      kills += 1;
      await store.close();
    }
    return handled;
  };

  const following = Promise.all(Array.from({ length: campaign.followers }, followUntilTheEnd));
  await Promise.all(
    Array.from({ length: campaign.writers }, (_, n) => write(writing[n % writing.length] ?? campaign.open())),
  );
  end = await campaign.open().end();
  return { acknowledged, abandoned, handled: await following, kills };
};

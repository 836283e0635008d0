import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { EventLog, OpenedPage } from '@rollbook/shared/event-log/event-log';
import type { Position } from '@rollbook/shared/event-log/event';

/** What the scan of a log found. */
export interface Scan {
  readonly positions: number;
  /** Addresses that had an owner at some position. */
  readonly addresses: number;
  /** How often an address went from one person to another. */
  readonly handovers: number;
  /** What must not be: at which position, and what. */
  readonly broken: readonly string[];
}

interface Holding {
  readonly address: string;
  readonly claimId: string;
}

/**
 * Walks through the log position by position, and says for every address who owns it by then: who registered with it or
 * changed to it, and neither left it nor was erased. A fold of its own, over addresses in the clear: it knows neither
 * digests nor states as the product does.
 */
export const scanOwners = async (log: EventLog): Promise<Scan> => {
  const held = new Map<string, Holding>();
  const owners = new Map<string, Set<string>>();
  const claims = new Map<string, { readonly userId: string; used: boolean }>();
  const lastOwner = new Map<string, string>();
  const broken: string[] = [];
  let positions = 0;
  let handovers = 0;

  const leave = (stream: string): void => {
    const holding = held.get(stream);
    if (holding) owners.get(holding.address)?.delete(stream);
    held.delete(stream);
  };
  const take = (event: AnyEvent, address: string, claimId: string): void => {
    leave(event.stream);
    const others = owners.get(address) ?? new Set();
    if (others.size > 0) broken.push(`${event.position}: ${address} has two owners after ${event.type}`);
    const claim = claims.get(claimId);
    if (claim?.userId !== event.stream.slice('user-'.length))
      broken.push(`${event.position}: ${event.type} uses a claim that is not theirs`);
    else if (claim.used) broken.push(`${event.position}: ${event.type} uses a claim a second time`);
    else claim.used = true;
    owners.set(address, others.add(event.stream));
    held.set(event.stream, { address, claimId });
    if (lastOwner.has(address) && lastOwner.get(address) !== event.stream) handovers += 1;
    lastOwner.set(address, event.stream);
  };
  const see = (event: AnyEvent): void => {
    if (event.type === 'EmailClaimed') claims.set(event.id, { userId: event.data.userId, used: false });
    if (event.type === 'PersonErased') leave(event.stream);
    if (event.type !== 'UserRegistered' && event.type !== 'EmailChanged') return;
    const address = event.personal?.email.toLowerCase();
    if (address === undefined) broken.push(`${event.position}: the address of ${event.type} cannot be read`);
    else take(event, address, event.type === 'UserRegistered' ? event.data.emailClaimId : event.data.claimId);
  };

  for (let after: Position | null = null; ;) {
    const page: OpenedPage = await log.readAll({ after });
    for (const event of page.events) {
      positions += 1;
      see(event);
    }
    if (page.atEnd) return { positions, addresses: owners.size, handovers, broken };
    after = page.position;
  }
};

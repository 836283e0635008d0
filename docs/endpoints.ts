import { commandEndpoints } from '../command-api/src/app.ts';
import type { CommandPorts } from '../command-api/src/command-ports.ts';
import { queryEndpoints } from '../query-api/src/query-endpoints.ts';
import type { Endpoint } from '@rollbook/shared/http/endpoint';

// Only what is declared is looked at. Of all that handlers work with, a declaration needs the names of portals.
const unused = { portals: new Set<string>() } as unknown as CommandPorts & Parameters<typeof queryEndpoints>[0];

/** Every endpoint as the two routers have it, to be read and never called. */
export const COMMANDS: readonly Endpoint[] = commandEndpoints(unused);
export const QUERIES: readonly Endpoint[] = queryEndpoints(unused);
export const ENDPOINTS: readonly Endpoint[] = [...COMMANDS, ...QUERIES];

import { readFollowers } from '@rollbook/shared/operations/followers';
import type { Subcommand } from '../subcommand.ts';
import { followerTable } from './follower-table.ts';

/** `npm run projections -- list`. */
export const list: Subcommand = {
  name: 'list',
  help: `  list [--json]            every follower of the log: version, state, position, lag, parked events`,
  options: { json: { type: 'boolean' } },
  read({ positionals, values }) {
    if (positionals.length > 0) return 'list takes no names.';
    return async ({ pool, terminal }) => {
      const followers = await readFollowers(pool());
      terminal.log(values['json'] === true ? JSON.stringify(followers, null, 2) : followerTable(followers));
      return 0;
    };
  },
};

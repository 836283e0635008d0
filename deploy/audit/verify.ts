import { parseArgs } from 'node:util';
import { UsageError, type Subcommand } from './subcommand.ts';

const HELP = `Usage: audit verify <bundle.ndjson> --key <file> [--since <file>] [--json]`;

/** `audit verify`: checks an export with nothing but the notary's public key. */
export const verify: Subcommand = {
  summary: 'check an export of the audit trail, without database and network',
  help: HELP,
  run: (words) => {
    parseArgs({ args: [...words], allowPositionals: true, options: { key: { type: 'string', multiple: true } } });
    throw new UsageError('It cannot verify yet.');
  },
};

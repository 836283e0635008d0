import { HOUR } from '@rollbook/shared/kernel/clock';
import { createPool } from '@rollbook/shared/sql/pool';
import type { ReadModel } from '../../project-in-order/read-model.ts';
import { READ_MODELS } from '../../read-models.ts';
import { CannotRebuild, RebuildUnderWay } from '../../rebuild/building.ts';
import { abandon, rebuild as rebuildIn } from '../../rebuild/rebuild.ts';
import type { CommandParts, Subcommand, Terminal } from '../subcommand.ts';
import { tellRebuild } from './tell-rebuild.ts';

/** Most time for one statement: an index over everybody may take long. */
const STATEMENT_MS = 6 * HOUR;

/** `npm run projections -- rebuild`. */
export const rebuild: Subcommand = {
  name: 'rebuild',
  help: `  rebuild <read model>     build it anew from the log beside the live one, compare and switch; after an interruption
                           the same words go on. --accept: switch also where they differ; --abandon: remove what is
                           half built`,
  options: { accept: { type: 'boolean' }, abandon: { type: 'boolean' } },
  read({ positionals: [name, ...rest], values: { accept = false, abandon: give = false } }) {
    const readModel = READ_MODELS.find((one) => one.name === name);
    if (!readModel || rest.length > 0)
      return `rebuild takes one read model: ${READ_MODELS.map((one) => one.name).join(', ')}.`;
    if (accept === true && give === true) return 'rebuild takes --accept or --abandon, not both.';
    const work = give === true ? giveUp : build;
    return (parts) => inWords(parts, readModel, (options) => work(readModel, options, accept === true));
  },
};

type Options = Omit<Parameters<typeof rebuildIn>[1], 'accept'> & { readonly terminal: Terminal };

const inWords = async (
  parts: CommandParts,
  { name }: ReadModel,
  work: (options: Options) => Promise<number>,
): Promise<number> => {
  const { terminal, clock, signal } = parts;
  const databaseUrl = parts.databaseUrl();
  const onFault = (fault: unknown): void => {
    terminal.error(`Goes on after a fault: ${Error.isError(fault) ? fault.message : String(fault)}`);
  };
  const pool = createPool({
    url: databaseUrl,
    applicationName: `rollbook rebuild ${name}`,
    max: 4,
    statementTimeout: STATEMENT_MS,
    idleInTransactionTimeout: HOUR,
    onError: onFault,
  });
  try {
    const [store, keys] = [await parts.store(), parts.keys()];
    const report = tellRebuild(terminal, clock);
    const onParked: Options['onParked'] = ({ id, type, stream }, reason) => {
      terminal.error(`Parked: ${type} ${id} of ${stream}: ${reason}`);
    };
    return await work({ databaseUrl, pool, store, keys, clock, signal, onFault, onParked, report, terminal });
  } catch (fault) {
    if (signal.aborted) {
      terminal.error(`Interrupted; the same words go on from there, --abandon removes what is built.`);
      return 130;
    }
    if (!(fault instanceof CannotRebuild) && !(fault instanceof RebuildUnderWay)) throw fault;
    terminal.error(`${fault.message}.`);
    return 1;
  } finally {
    await pool.end();
  }
};

const build = async (readModel: ReadModel, options: Options, accept: boolean): Promise<number> => {
  const how = await rebuildIn(readModel, { ...options, accept });
  if (how === 'switched') return 0;
  options.terminal.error(
    'The new version differs, and stays beside the live one. Say the same with --accept to switch all the same, or with --abandon to remove it.',
  );
  return 1;
};

const giveUp = async (readModel: ReadModel, options: Options): Promise<number> => {
  const removed = await abandon(readModel, options);
  options.terminal.log(removed ? 'Removed what was built.' : 'There was nothing to remove.');
  return 0;
};

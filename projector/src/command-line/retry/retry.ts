import { isUuid } from '@rollbook/shared/kernel/uuid';
import { liveVersionOf } from '../../follow-in-turn/position.ts';
import { peopleParked } from '../../project-in-order/parked-events.ts';
import type { ReadModel } from '../../project-in-order/read-model.ts';
import { retryParked } from '../../project-in-order/retry-parked.ts';
import { READ_MODELS } from '../../read-models.ts';
import type { CommandParts, Subcommand } from '../subcommand.ts';

/** `npm run projections -- retry`. */
export const retry: Subcommand = {
  name: 'retry',
  help: `  retry <read model>       try parked events again, also while projectors run: --person <id> those of one person,
                           --all everybody's`,
  options: { person: { type: 'string' }, all: { type: 'boolean' } },
  read({ positionals: [name, ...rest], values: { person, all = false } }) {
    const readModel = READ_MODELS.find((one) => one.name === name);
    const names = READ_MODELS.map((one) => one.name).join(', ');
    if (!readModel || rest.length > 0) return `retry takes one read model: ${names}.`;
    if (readModel.security) return `${readModel.name} parks nothing: it stands still before what it cannot apply.`;
    if (typeof person === 'string' && !isUuid(person.toLowerCase())) return '--person takes the id of a person.';
    if ((typeof person === 'string') === (all === true)) return 'retry takes either --person <id> or --all.';
    return (parts) => retryAll(parts, readModel, typeof person === 'string' ? person.toLowerCase() : null);
  },
};

const retryAll = async (parts: CommandParts, readModel: ReadModel, person: string | null): Promise<number> => {
  const { terminal, signal } = parts;
  const pool = parts.pool();
  const tools = { pool, store: await parts.store(), keys: parts.keys(), readModel, onParked: () => undefined };
  const version = await liveVersionOf(pool, readModel);
  const people = person === null ? await peopleParked(pool, { name: readModel.name, version }) : [person];
  let [applied, parked] = [0, 0];
  for (const one of people) {
    if (signal.aborted) break;
    const result = await retryParked(tools, one);
    applied += result.applied;
    parked += result.parked;
  }
  if (applied + parked === 0) {
    terminal.log(person === null ? 'Nothing is parked.' : 'Nothing of this person is parked.');
    return person === null ? 0 : 1;
  }
  terminal.log(`${applied} applied, ${parked} still parked.`);
  return parked === 0 && !signal.aborted ? 0 : 1;
};

import { asksForHelp } from '@rollbook/shared/process/answer-words';
import { explore, budget } from './explore.ts';
import { loadHandlers, withPlanted } from './handlers.ts';
import { PLANTED_FAULTS } from './planted-faults.ts';
import { accountScenarios } from './account.scenarios.ts';
import { apiKeyScenarios } from './api-key.scenarios.ts';
import { erasureScenarios } from './erasure.scenarios.ts';
import { expiryScenarios } from './expiry.scenarios.ts';
import { invitationScenarios } from './invitation.scenarios.ts';
import { operationsScenarios } from './operations.scenarios.ts';
import { passwordScenarios } from './password.scenarios.ts';
import { registrationScenarios } from './registration.scenarios.ts';
import { removalScenarios } from './removal.scenarios.ts';
import { sessionScenarios } from './session.scenarios.ts';

const HELP = `Usage: npm run test:interleavings [-- <words of a scenario's name>]

Runs two or three commands on the real handlers in every order of their log accesses, with a stop, a lost answer and a
jump of the clock at every step, and looks whether a promise is broken. Then plants known faults, each of which must be
found. Behind -- only the scenarios whose name holds the words.

  INTERLEAVINGS=n  the schedules that a scenario may take (250)

Exit codes: 0 every promise held and every planted fault was found, 1 not so, 2 wrong usage.`;

/** Schedules a scenario takes unless told otherwise, and schedules in which a planted fault must show. */
const USUAL = 250;
const PLANTED = 5_000;
/** All scenarios together run at least so many, or the search has lost its teeth. */
const LEAST = 10_000;

const only = process.argv[2];
if (asksForHelp(only) || only?.startsWith('-')) {
  if (asksForHelp(only)) console.log(HELP);
  else console.error(`${String(only)} is not understood.\n\n${HELP}`);
  process.exit(asksForHelp(only) ? 0 : 2);
}

const handlers = await loadHandlers();
let schedules = 0;
let failed = 0;
let passed = 0;

const tell = (good: boolean, text: string): void => {
  if (good) passed += 1;
  else failed += 1;
  console.log(`${good ? 'ok    ' : 'FAILED'} ${text}`);
};

const allScenarios = (of: typeof handlers) => [
  ...registrationScenarios(of),
  ...sessionScenarios(of),
  ...accountScenarios(of),
  ...removalScenarios(of),
  ...erasureScenarios(of),
  ...passwordScenarios(of),
  ...invitationScenarios(of),
  ...expiryScenarios(of),
  ...apiKeyScenarios(of),
  ...operationsScenarios(of),
];

for (const scenario of allScenarios(handlers).filter(({ name }) => only === undefined || name.includes(only))) {
  const found = await explore(scenario, budget(USUAL));
  schedules += found.schedules;
  const size = `${String(found.schedules)} schedules, ${String(found.states)} states${found.exhausted ? ', all there are' : ''}`;
  tell(found.broken === null, `${scenario.name}: ${size}`);
  if (found.broken) console.log(`       ${found.broken.promise}\n       ${found.broken.schedule.join(', ')}`);
}

for (const fault of PLANTED_FAULTS) {
  const found = await withPlanted(fault.plants, (planted) => {
    const scenario = allScenarios(planted).find(({ name }) => name === fault.scenario);
    if (!scenario) throw new Error(`There is no scenario "${fault.scenario}"`);
    return explore(scenario, PLANTED);
  });
  tell(
    found.broken !== null,
    `planted, ${fault.name}: ${found.broken?.promise ?? 'not found'} (${String(found.schedules)})`,
  );
}

if (process.env['INTERLEAVINGS'] === undefined && only === undefined)
  tell(schedules >= LEAST, `${String(schedules)} schedules in all`);
console.log(`${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

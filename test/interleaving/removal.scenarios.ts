import { MINUTE } from '@rollbook/shared/kernel/clock';
import { admins, change, idOf, names, register, signedIn, type Name } from './account.scenarios.ts';
import { keyed, portsAt } from './commands.ts';
import type { Handlers } from './handlers.ts';
import type { Process, Scenario } from './world.ts';

const CLAIM_OVER = 2 * MINUTE + 1;

const erase = (handlers: Handlers, by: Name, whom: Name): Process => ({
  name: `${by} erases ${whom}`,
  run: (workplace) =>
    handlers.eraseUser(portsAt(workplace), keyed(`${by} erases ${whom}`), idOf(whom), signedIn(workplace, by)),
});

/** Every way in which both administrators can be taken away at the same moment; and a name that two commands want. */
export const removalScenarios = (handlers: Handlers): readonly Scenario[] => [
  admins(handlers, 'two administrators deactivate each other', [
    change(handlers, 'ann', 'bob', { isActive: false }),
    change(handlers, 'bob', 'ann', { isActive: false }),
  ]),
  admins(handlers, 'both administrators deactivate themselves', [
    change(handlers, 'ann', 'ann', { isActive: false }),
    change(handlers, 'bob', 'bob', { isActive: false }),
  ]),
  admins(handlers, 'one administrator deactivates themselves while the other erases themselves', [
    change(handlers, 'ann', 'ann', { isActive: false }),
    erase(handlers, 'bob', 'bob'),
  ]),
  admins(handlers, 'an administrator is demoted, deactivated and erased at once', [
    change(handlers, 'ann', 'bob', { role: 'user' }),
    change(handlers, 'bob', 'bob', { isActive: false }),
    erase(handlers, 'ann', 'bob'),
  ]),
  admins(handlers, 'a demotion is executed twice while the other administrator leaves', [
    change(handlers, 'ann', 'bob', { role: 'moderator' }),
    change(handlers, 'ann', 'bob', { role: 'moderator' }),
    change(handlers, 'bob', 'ann', { isActive: false }),
  ]),
  names(
    handlers,
    'a username is taken while somebody registers it',
    [change(handlers, 'cyd', 'cyd', { username: 'zoe' }), register(handlers, 'new@x.org', 'zoe')],
    { jumps: [CLAIM_OVER] },
  ),
  names(
    handlers,
    'two people swap their usernames',
    [
      change(handlers, 'cyd', 'cyd', { username: 'eve' }),
      change(handlers, 'eve', 'eve', { username: 'cyd' }),
      register(handlers, 'new@x.org', 'cyd'),
    ],
    { stops: 0, losses: 1 },
  ),
];

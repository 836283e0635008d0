import type { Running } from '@rollbook/shared/process/running';
import { start as startCommandApi } from '../../command-api/src/main.ts';
import { call, linkToken } from '../support/client.ts';
import { until } from '../support/feed-audience.ts';
import { eventsIn, journeyOn, PASSWORD, query as sql } from '../support/journey.ts';
import { startRollbook, type TestRollbook } from '../support/rollbook.ts';

/** What the examples are sent to, and what lives in the place of the tokens and ids that they show. */
export interface ExampleStage {
  readonly rollbook: TestRollbook;
  /** A second command-api, where registration tells nothing. */
  readonly private: string;
  /** By a name of the walk's own. */
  readonly live: Record<string, string>;
  /** The token of the n-th mail to the address with a link to the path. */
  mailed(address: string, path: string, count?: number): Promise<string>;
  /** Signs in; the access token. */
  signIn(username: string, password?: string): Promise<string>;
  /** What the walk needs of people whom no example registers. */
  prepare(): Promise<void>;
  /** Makes a read model put an event of the person aside, and able to take it again. */
  park(person: string): Promise<string>;
  sealed(): Promise<void>;
  stop(): Promise<void>;
}

export const setExampleStage = async (): Promise<ExampleStage> => {
  const rollbook = await startRollbook({ LOG_LEVEL: 'silent' }, { sealing: { every: 0, most: 1 } });
  const beside: Running = await startCommandApi({ ...rollbook.env, REGISTRATION_DISCLOSURE: 'private' });
  const { url } = rollbook;
  const journey = journeyOn(rollbook);
  const live: Record<string, string> = { admin: await journey.admin() };
  const token = live['admin'] ?? '';
  const signIn = async (username: string, password = PASSWORD): Promise<string> =>
    (await journey.signIn(username, password)).body.access_token;
  const created = async (username: string, more: object): Promise<string> => {
    const answer = await journey.post('/users', { email: `${username}@example.com`, username, ...more }, { token });
    return String(answer.body.id);
  };
  return {
    rollbook,
    private: beside.addresses['http'] ?? '',
    live,
    signIn,
    async mailed(address, path, count = 1) {
      const texts = () => journey.mailsTo(address).map(({ mail }) => mail.text ?? '');
      const found = () => texts().filter((text) => text.includes(`/${path}?`))[count - 1];
      await until(`${address} has mail ${String(count)} with a link to ${path}`, () => found() !== undefined);
      return linkToken(found(), path);
    },
    async prepare() {
      const password = PASSWORD;
      for (const name of ['bob', 'carl', 'carla', 'mona']) live[name] = await created(name, { password });
      live['ivo'] = await created('ivo', {});
      await journey.register('eve');
      live['dora'] = await created('dora', { password });
      const change = { email: 'dora.new@example.com', current_password: PASSWORD };
      await call(url, 'PATCH', `/users/${live['dora']}`, { token: await signIn('dora'), body: change });
    },
    async park(person) {
      const text =
        "alter table read_model.user_directory add constraint planted check (phone <> '+1-555-0100') not valid";
      await sql(rollbook, text);
      await call(url, 'PATCH', `/users/${person}`, { token, body: { phone: '+1-555-0100' } });
      const parked = () => sql<{ event_id: string }>(rollbook, 'select event_id from read_model.parked_events');
      await until('an event is parked', async () => (await parked()).length > 0);
      await sql(rollbook, 'alter table read_model.user_directory drop constraint planted');
      return (await parked())[0]?.event_id ?? '';
    },
    sealed: () => until('there is a checkpoint', async () => (await eventsIn(rollbook, 'CheckpointSigned')).length > 0),
    async stop() {
      await beside.stop();
      await rollbook.stop();
    },
  };
};

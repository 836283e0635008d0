import assert from 'node:assert/strict';
import { Given, Then, When, type DataTable } from '@cucumber/cucumber';
import pg from 'pg';
import type { Client } from './client.ts';

interface ErrorBody {
  readonly message: string;
  readonly details: readonly { readonly field: string }[];
}

const errorOf = (client: Client): ErrorBody => client.last.body['error'] as ErrorBody;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

Given('I am an API client', function (this: Client) {
  assert.equal(this.answer, undefined);
});

Given('a user exists with email {string}', async function (this: Client, email: string) {
  assert.equal((await this.register({ email })).status, 201);
});

Given('a user exists with username {string}', async function (this: Client, username: string) {
  assert.equal((await this.register({ username })).status, 201);
});

Given('I create a user with password {string}', async function (this: Client, password: string) {
  assert.equal((await this.register({ password })).status, 201);
});

When('I POST to {string} with:', async function (this: Client, path: string, table: DataTable) {
  await this.register(table.hashes()[0] ?? {}, path);
});

When(
  /^I POST to "([^"]*)" with (email|username|password) "([^"]*)"$/,
  async function (this: Client, path: string, field: string, value: string) {
    await this.register({ [field]: value }, path);
  },
);

Then('I receive a {int} status code', function (this: Client, status: number) {
  assert.equal(this.last.status, status, this.last.text);
});

Then('the response contains the user ID', function (this: Client) {
  assert.match(String(this.last.body['id']), uuid);
  assert.equal(this.last.headers.get('location'), `/v1/users/${String(this.last.body['id'])}`);
});

Then(/^the response contains (email|username) "([^"]*)"$/, function (this: Client, field: string, value: string) {
  assert.equal(this.last.body[field], value);
});

Then('the response does not contain the password', function (this: Client) {
  assert.doesNotMatch(this.last.text, /SecurePass123!|password|hash/i);
});

Then('the user is stored', async function (this: Client) {
  const { body, headers } = this.last;
  const { email, password } = this.service.admin;
  const signedIn = await this.send('POST', '/v1/auth/login', { email, password });
  assert.equal(signedIn.status, 200, signedIn.text);
  const found = await this.send('GET', `/v1/users/${String(body['id'])}`, undefined, {
    authorization: `Bearer ${String(signedIn.body['access_token'])}`,
    'consistency-token': headers.get('consistency-token') ?? '',
  });
  assert.equal(found.status, 200, found.text);
  assert.deepEqual(found.body, body);
});

Then('the error message is {string}', function (this: Client, message: string) {
  assert.equal(errorOf(this).message, message);
});

Then('the error is about {string}', function (this: Client, field: string) {
  assert.deepEqual([...new Set(errorOf(this).details.map((detail) => detail.field))], [field]);
});

Then('the password {string} is nowhere in the database', async function (this: Client, password: string) {
  const client = new pg.Client({ connectionString: this.service.databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`);
    assert.ok(tables.length > 3);
    const spellings = [password, Buffer.from(password).toString('hex'), Buffer.from(password).toString('base64')];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      const shown = rows.filter(({ row }) => spellings.some((spelling) => row.includes(spelling)));
      assert.equal(shown.length, 0, `${name} shows the password`);
    }
  } finally {
    await client.end();
  }
});

Then('only the password {string} is known to the service', async function (this: Client, password: string) {
  const { email } = this.last.body;
  const right = await this.send('POST', '/v1/auth/login', { email, password });
  // The state of the account is told only to whoever knows the password.
  assert.equal(right.status, 403, right.text);
  const wrong = await this.send('POST', '/v1/auth/login', { email, password: `${password}x` });
  assert.equal(wrong.status, 401, wrong.text);
});

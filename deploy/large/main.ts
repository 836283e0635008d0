import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { settingsOf, type ServiceName } from '../standalone/service-settings.ts';

// `npm run start:large`: the four services and the gateway, each a process of its own, against the given URLs
// (DATABASE_URL, EVENT_STORE_URL, MESSAGE_FEED_URL, SMTP_URL, PUBLIC_URL and the secrets). Each process gets only the
// settings that it needs. The first that ends ends the others; the exit code is its own.

const ROOT = join(import.meta.dirname, '../..');
const SERVICES: readonly ServiceName[] = ['command-api', 'query-api', 'projector', 'mailer-worker'];
/** ms a process has for its clean end. */
const GRACE = 4_800;

const env = process.env;
const host = env['HOST'] ?? '127.0.0.1';
const port = Number(env['PORT'] ?? '8000');
const children = new Map<string, ChildProcess>();
let ending = false;
let code = 0;

const end = (exitCode: number): void => {
  if (ending) return;
  ending = true;
  code = exitCode;
  for (const child of children.values()) child.kill('SIGTERM');
  setTimeout(() => {
    for (const child of children.values()) child.kill('SIGKILL');
  }, GRACE).unref();
};

const run = (name: string, entry: string, settings: NodeJS.ProcessEnv): void => {
  const system = Object.fromEntries(
    ['PATH', 'HOME', 'TZ', 'LANG'].flatMap((key) => (env[key] ? [[key, env[key]]] : [])),
  );
  const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];
  const child = spawn(process.execPath, [...flags, join(ROOT, entry)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...system, ...settings },
  });
  children.set(name, child);
  child.on('exit', (exitCode, signal) => {
    children.delete(name);
    if (!ending) console.error(`${name} has ended (${signal ?? String(exitCode)}); the others are stopped.`);
    end(exitCode === 0 ? 1 : (exitCode ?? 1));
    if (children.size === 0) process.exitCode = code;
  });
};

const urlOf = (index: number): string => `http://127.0.0.1:${String(port + 1 + index)}`;
for (const [index, service] of SERVICES.entries()) {
  // The gateway stands on this machine: its word on a caller's address is believed.
  const all = { ...env, HOST: '127.0.0.1', PORT: String(port + 1 + index), TRUST_PROXY: 'loopback' };
  run(service, `${service}/src/main.ts`, settingsOf(service, all));
}
run('gateway', 'deploy/gateway/main.ts', {
  HOST: host,
  PORT: String(port),
  COMMAND_API_URL: urlOf(0),
  QUERY_API_URL: urlOf(1),
  PROJECTOR_URL: urlOf(2),
  MAILER_URL: urlOf(3),
  ...(env['TRUST_PROXY'] ? { TRUST_PROXY: env['TRUST_PROXY'] } : {}),
  ...(env['LOG_LEVEL'] ? { LOG_LEVEL: env['LOG_LEVEL'] } : {}),
});
console.log(`Five processes start; the gateway will answer on http://${host}:${String(port)}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    end(0);
  });

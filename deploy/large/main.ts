import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { answerWords } from '@rollbook/shared/process/answer-words';
import { readConfig } from '@rollbook/shared/process/config';
import { StartError } from '@rollbook/shared/process/start-error';
import { settingsOf } from '../standalone/service-settings.ts';
import { LargeSettings, SERVICES } from './config.ts';

const HELP = `Usage: npm run start:large

Starts the four services and the gateway, each a process of its own, against the URLs in the environment: DATABASE_URL,
EVENT_STORE_URL, MESSAGE_FEED_URL, SMTP_URL, MAIL_FROM, PUBLIC_URL, and the secrets ("npm run keys -- generate" prints
fresh ones). Before the first start: npm run migrate -- up, and with Kafka npm run kafka:topics.

The gateway listens on PORT (8000), the services on the four ports after it. Each process gets only the settings that it
needs: docs/configuration.md. The first that ends ends the others. Ctrl-C stops all.

Exit codes: 0 stopped, 2 wrong usage, 78 wrong settings, else that of the process that ended first.`;

const ROOT = join(import.meta.dirname, '../..');
const FLAGS = [
  ...['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'],
  // As in the Dockerfile: what an export of the audit trail takes is mostly what V8 leaves lying about.
  ...['--max-semi-space-size=8', '--heap-growing-percent=30'],
];
/** What any program may see; NODE_EXTRA_CA_CERTS names authorities for TLS, and is no secret. */
const SYSTEM = ['PATH', 'HOME', 'TZ', 'LANG', 'NODE_EXTRA_CA_CERTS'];
/** ms a process has for its clean end. */
const GRACE = 4_800;

const children = new Map<string, ChildProcess>();
let ending = false;

/** Asks all to end; the first reason for an end decides the exit code, and a clean end that failed is none. */
const end = (exitCode: number): void => {
  if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = exitCode;
  if (ending) return;
  ending = true;
  for (const child of children.values()) child.kill('SIGTERM');
  setTimeout(() => {
    for (const child of children.values()) child.kill('SIGKILL');
  }, GRACE).unref();
};

const run = (name: string, entry: string, settings: NodeJS.ProcessEnv): void => {
  const system = Object.fromEntries(SYSTEM.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])));
  const child = spawn(process.execPath, [...FLAGS, join(ROOT, entry)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...system, ...settings },
    // Ctrl-C reaches this process alone, which passes it on: a second signal would break the clean end off.
    detached: true,
  });
  children.set(name, child);
  child.on('exit', (code, signal) => {
    children.delete(name);
    // One that had not begun yet when it was asked to end has no handler for signals.
    const failed = code !== 0 && !(ending && signal === 'SIGTERM');
    if (!ending) console.error(`${name} has ended (${signal ?? String(code)}); the others are stopped.`);
    else if (failed) console.error(`${name} did not end cleanly (${signal ?? String(code)}).`);
    // Nobody asked it to end: that is a failure even with code 0.
    end(failed ? (code ?? 1) : ending ? 0 : 1);
  });
};

const startAll = (env: NodeJS.ProcessEnv): void => {
  const { HOST, PORT } = readConfig(LargeSettings, env);
  const urlOf = (index: number): string => `http://127.0.0.1:${String(PORT + 1 + index)}`;
  for (const [index, service] of SERVICES.entries()) {
    // The gateway stands on this machine: its word on a caller's address is believed.
    const all = { ...env, HOST: '127.0.0.1', PORT: String(PORT + 1 + index), TRUST_PROXY: 'loopback' };
    run(service, `${service}/src/main.ts`, settingsOf(service, all));
  }
  run('gateway', 'deploy/gateway/main.ts', {
    HOST,
    PORT: String(PORT),
    COMMAND_API_URL: urlOf(0),
    QUERY_API_URL: urlOf(1),
    PROJECTOR_URL: urlOf(2),
    MAILER_URL: urlOf(3),
    ...(env['TRUST_PROXY'] ? { TRUST_PROXY: env['TRUST_PROXY'] } : {}),
    ...(env['CORS_ORIGINS'] ? { CORS_ORIGINS: env['CORS_ORIGINS'] } : {}),
    ...(env['LOG_LEVEL'] ? { LOG_LEVEL: env['LOG_LEVEL'] } : {}),
  });
  const address = HOST.includes(':') ? `[${HOST}]` : HOST;
  console.log(`Five processes start; the gateway will answer on http://${address}:${String(PORT)}`);
};

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    end(0);
  });
try {
  const answered = answerWords(process.argv.slice(2), HELP);
  if (answered === null) startAll(process.env);
  else process.exitCode = answered;
} catch (fault) {
  if (!(fault instanceof StartError)) throw fault;
  console.error(fault.message);
  process.exitCode = fault.exitCode;
}

import { answerWords } from './answer-words.ts';
import { createLogger, type Logger } from './logger.ts';
import type { Running } from './running.ts';
import { LOG_LEVELS } from './settings.ts';
import { StartError } from './start-error.ts';

/** What is needed of `process`; a test gives its own. */
export interface ProcessHost {
  readonly env: NodeJS.ProcessEnv;
  /** What was typed: the runtime, the program, and the words behind it. */
  readonly argv?: readonly string[];
  on(event: string, listener: (value: unknown) => void): unknown;
  exit(code: number): void;
}

export interface RunOptions {
  readonly host?: ProcessHost;
  readonly logger?: Logger;
  /** What `--help` shows. Default: that it is a service, and where its settings stand. */
  readonly help?: string;
  /** Shows the sentence of a start that failed. Default: standard error. */
  readonly say?: (sentence: string) => void;
  /** How long `stop` may take, in ms, before the process ends without it. Default 4,500. */
  readonly stopWithinMs?: number;
}

const helpOf = (name: string): string => `Usage: npm run start -w ${name}

Runs ${name}, a service of Rollbook, until SIGINT or SIGTERM. Its settings come from the environment: docs/configuration.md.

Exit codes: 0 stopped, 1 it could not start or go on, 2 wrong usage, 78 wrong settings.`;

/**
 * Runs a service as this process: starts it, and stops it on SIGINT or SIGTERM. A second signal ends at once. Ends
 * with 0 after a clean stop, with 78 for wrong settings, else with 1. A fault nobody caught is logged and ends the
 * process, because nothing is known of its state any more. Takes no words but `--help` (others: 2).
 */
export async function runService(
  name: string,
  start: (env: NodeJS.ProcessEnv) => Promise<Running>,
  options: RunOptions = {},
): Promise<void> {
  const host = options.host ?? process;
  const answered = answerWords(host.argv?.slice(2) ?? [], options.help ?? helpOf(name));
  if (answered !== null) {
    host.exit(answered);
    return;
  }
  const level = LOG_LEVELS.find((known) => known === host.env['LOG_LEVEL']) ?? 'info';
  const logger = options.logger ?? createLogger({ service: name, level });
  const say = options.say ?? ((sentence: string) => void process.stderr.write(`${sentence}\n`));

  const die = (why: string) => (fault: unknown) => {
    logger.fatal({ err: fault }, why);
    host.exit(1);
  };
  host.on('uncaughtException', die('A fault that nobody caught'));
  host.on('unhandledRejection', die('A rejection that nobody handled'));

  let service: Running | undefined;
  const asked = new AbortController();
  const stop = (): void => {
    const late = setTimeout(() => {
      logger.error('Stopping took too long');
      host.exit(1);
    }, options.stopWithinMs ?? 4_500);
    service?.stop().then(
      () => {
        clearTimeout(late);
        logger.info('Stopped');
        host.exit(0);
      },
      (fault: unknown) => {
        clearTimeout(late);
        die('Stopping failed')(fault);
      },
    );
  };
  const onSignal = (): void => {
    if (asked.signal.aborted) {
      host.exit(1);
      return;
    }
    asked.abort();
    if (service) stop();
  };
  host.on('SIGINT', onSignal);
  host.on('SIGTERM', onSignal);

  try {
    service = await start(host.env);
  } catch (fault) {
    if (fault instanceof StartError) {
      say(fault.message);
      host.exit(fault.exitCode);
    } else die('The start failed')(fault);
    return;
  }
  logger.info({ addresses: service.addresses }, 'Started');
  // A signal that came while it was starting.
  if (asked.signal.aborted) stop();
}

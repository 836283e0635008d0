import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Answer, RequestContext } from '@rollbook/shared/http/endpoint';
import type { Clock } from '@rollbook/shared/kernel/clock';
import { derivedUuid, hmacOfParts } from '@rollbook/shared/kernel/digest';
import { canonicalJson } from '@rollbook/shared/kernel/json';
import type { Random } from '@rollbook/shared/kernel/random';
import { nonceBytes, open, seal } from '@rollbook/shared/personal-data/aes-gcm';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import { KEY_LIFETIME, type Command } from '../command/command.ts';
import { commandIdOf } from './command-id.ts';
import type { SealedAnswer, StoredAnswers } from './stored-answers.ts';

export interface SafeRetryPorts {
  readonly answers: StoredAnswers;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
  readonly digestKey: Buffer;
}

/** `null` for a stranger. */
type CallerId = string | null;

/** The command of a request: with a key the same for every repeat, without one never the same. */
export const commandOf = (
  { random, digestKey }: Pick<SafeRetryPorts, 'random' | 'digestKey'>,
  context: RequestContext,
  caller: CallerId,
): Command => {
  const { idempotencyKey, method, url, rawBody: body } = context;
  const once = random.uuid();
  const idOf = (attempt: number): string =>
    idempotencyKey === null
      ? derivedUuid('command', once, String(attempt))
      : commandIdOf(digestKey, { caller: caller ?? 'anonymous', method, url, idempotencyKey, body }, attempt);
  return {
    idOf,
    keyed: idempotencyKey !== null,
    lifetime: KEY_LIFETIME,
    ifMatch: context.ifMatch,
    bearer: context.bearer,
    requestId: context.requestId,
    correlationId: context.correlationId,
    origin: context.origin,
  };
};

export interface SafeRun {
  readonly context: RequestContext;
  readonly caller: CallerId;
  /** Looked at before an answer is repeated: a session or a permission may have ended since. */
  readonly authorize: () => Promise<Rejection | null>;
  /** Runs the command. `subject` is the person that the answer is about, or whose it is. */
  readonly execute: (command: Command) => Promise<Executed | Rejection>;
}

interface Executed {
  readonly answer: Answer;
  /** What is kept for repeats, where the answer holds something to be told only once. */
  readonly repeat?: Answer;
  readonly subject: string;
}

/** ms that a repeat waits for the first to finish, and between its looks. */
const WAIT = 2_500;
const LOOK_EVERY = 50;

/**
 * Runs a command so that it may be sent again: the same key and body give the first answer again, another body is 422,
 * a repeat while the first still runs waits for it. Only answers whose effect stands in the log are kept; refusals are
 * decided again.
 */
export const runSafely = async (ports: SafeRetryPorts, run: SafeRun): Promise<Answer | Rejection> => {
  const command = commandOf(ports, run.context, run.caller);
  if (run.context.idempotencyKey === null) {
    const result = await run.execute(command);
    return isRejection(result) ? result : result.answer;
  }
  const { scope, bodyMac } = scopeOf(ports.digestKey, run);
  const deadline = ports.clock.now() + WAIT;
  const mark = { scope, execution: ports.random.uuid() };
  for (;;) {
    const begun = await ports.answers.begin(scope, bodyMac, mark.execution);
    if (begun.state === 'other-body') return reject('key_reused');
    if (begun.state === 'begun') return execute(ports, run, command, mark);
    if (begun.state === 'done') {
      const refused = await run.authorize();
      if (refused) return refused;
      const answer = await unseal(ports.keys, scope, begun.answer);
      if (answer) return answer;
      // The person was erased, and the answer with them. What stands in the log decides.
      const result = await run.execute(command);
      return isRejection(result) ? result : result.answer;
    }
    if (ports.clock.now() >= deadline) return reject('command_in_progress');
    await ports.clock.sleep(LOOK_EVERY);
  }
};

const scopeOf = (digestKey: Buffer, { context, caller }: SafeRun): { scope: string; bodyMac: string } => {
  const { method, url, idempotencyKey, rawBody } = context;
  const bodyMac = hmacOfParts(digestKey, ['body', canonicalJson(rawBody)]).toString('hex');
  const parts = ['scope', caller ?? 'anonymous', method, url, idempotencyKey ?? ''];
  // Strangers share one scope; so that they never meet by accident, only the same body is the same command.
  const scoped = caller === null ? [...parts, bodyMac] : parts;
  return { bodyMac, scope: hmacOfParts(digestKey, scoped).toString('hex') };
};

const execute = async (
  ports: SafeRetryPorts,
  run: SafeRun,
  command: Command,
  { scope, execution }: { readonly scope: string; readonly execution: string },
): Promise<Answer | Rejection> => {
  let kept = false;
  try {
    const result = await run.execute(command);
    if (isRejection(result)) return result;
    const sealed = await sealAnswer(ports, scope, result.repeat ?? result.answer, result.subject);
    // The effect stands in the log whether or not its answer is kept.
    if (sealed)
      kept = await ports.answers.finish(scope, execution, sealed).then(
        () => true,
        () => false,
      );
    return result.answer;
  } finally {
    // Best effort: a mark that stays behind ends with its lease.
    if (!kept) await ports.answers.release(scope, execution).catch(() => undefined);
  }
};

const sealAnswer = async (
  { keys, random }: SafeRetryPorts,
  scope: string,
  { status, body, headers }: Answer,
  subject: string,
): Promise<SealedAnswer | null> => {
  const key = await keys.find(subject);
  if (typeof key === 'string') return null;
  const text = JSON.stringify({ status, body, headers });
  return { subject, keyId: key.keyId, ...seal(key.key, random.bytes(nonceBytes), Buffer.from(text, 'utf8'), scope) };
};

const unseal = async (keys: KeyRing, scope: string, sealed: SealedAnswer): Promise<Answer | null> => {
  const key = await keys.find(sealed.subject);
  if (typeof key === 'string' || key.keyId !== sealed.keyId) return null;
  return JSON.parse(open(key.key, sealed, scope).toString('utf8')) as Answer;
};

import { isRejection } from '@rollbook/shared/contracts/rejections';
import type { Endpoint } from '@rollbook/shared/http/endpoint';
import type { TokenVerifier } from '@rollbook/shared/tokens/access-tokens';
import { commandOf, type SafeRetryPorts } from '../safe-retry/run-safely.ts';
import { recordRefusal, type RecordRefusalPorts } from './record-refusal.handle.ts';
import { refusedAdministration } from './refused-administration.decide.ts';

export interface RefusalsRecordedPorts extends RecordRefusalPorts, Pick<SafeRetryPorts, 'digestKey'> {
  readonly verifier: TokenVerifier;
}

/**
 * The same endpoint, whose refusals to somebody signed in stand in the log before they are answered, if they are about
 * who may do what. That the caller is signed in, the handler has found out: to others it says so, and nothing else.
 */
export const refusalsRecorded = (ports: RefusalsRecordedPorts, endpoint: Endpoint): Endpoint => ({
  ...endpoint,
  handle: async (input, context) => {
    const result = await endpoint.handle(input, context);
    const event = isRejection(result) ? refusedAdministration(endpoint, input, result) : null;
    if (event === null || context.bearer === null) return result;
    const verified = ports.verifier.access(context.bearer, ports.clock.now());
    if (verified.outcome === 'bad') return result;
    const { sub } = verified.claims;
    await recordRefusal(ports, commandOf(ports, context, sub), sub, event);
    return result;
  },
});

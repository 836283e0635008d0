import { Metadata, status } from '@grpc/grpc-js';

/** A gRPC error as the server sends it: the client looks at the trailer `exception` before the status (wire 6). */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: number;
  readonly details: string;
  readonly metadata = new Metadata();

  constructor(code: number, details: string, trailers: Readonly<Record<string, string>> = {}) {
    super(details);
    this.code = code;
    this.details = details;
    for (const [key, value] of Object.entries(trailers)) this.metadata.set(key, value);
  }
}

/** What a caller gets for an exception in the server. */
export const unhandled = (): Fault => new Fault(status.UNKNOWN, 'Exception was thrown by handler.');
export const asFault = (fault: unknown): Fault => (fault instanceof Fault ? fault : unhandled());

export const notLeader = (leader: { host: string; port: number } | undefined): Fault => {
  if (!leader) return new Fault(status.UNKNOWN, 'No leader info available in response');
  const trailers = { 'leader-endpoint-host': leader.host, 'leader-endpoint-port': String(leader.port) };
  return new Fault(status.NOT_FOUND, 'Leader info available', { exception: 'not-leader', ...trailers });
};

export const streamDeleted = (stream: string): Fault => {
  const trailers = { exception: 'stream-deleted', 'stream-name': stream };
  return new Fault(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, trailers);
};

export const tooLarge = (limit: number): Fault => {
  const trailers = { exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(limit) };
  return new Fault(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, trailers);
};

/** Only for delete and tombstone: an append gets a normal answer. */
export const wrongRevision = (stream: string, expected: bigint, actual: bigint): Fault => {
  const versions = { 'expected-version': String(expected), 'actual-version': String(actual) };
  const trailers = { exception: 'wrong-expected-version', 'stream-name': stream, ...versions };
  return new Fault(status.FAILED_PRECONDITION, 'Append failed due to WrongExpectedVersion.', trailers);
};

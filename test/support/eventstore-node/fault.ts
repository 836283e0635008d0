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

export interface EndPoint {
  readonly host: string;
  readonly port: number;
}

export const unhandled = (): Fault => new Fault(status.UNKNOWN, 'Exception was thrown by handler.');

export const notLeader = (leader: EndPoint | undefined): Fault => {
  if (!leader) return new Fault(status.UNKNOWN, 'No leader info available in response');
  const trailers = { 'leader-endpoint-host': leader.host, 'leader-endpoint-port': String(leader.port) };
  return new Fault(status.NOT_FOUND, 'Leader info available', { exception: 'not-leader', ...trailers });
};

export const streamDeleted = (stream: string): Fault => {
  const trailers = { exception: 'stream-deleted', 'stream-name': stream };
  return new Fault(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, trailers);
};

/** Only for delete and tombstone: an append gets a normal answer. */
export const wrongRevision = (stream: string, expected: bigint, actual: bigint): Fault =>
  new Fault(status.FAILED_PRECONDITION, 'Append failed due to WrongExpectedVersion.', {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(expected),
    'actual-version': String(actual),
  });

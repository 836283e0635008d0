import { Metadata, status } from '@grpc/grpc-js';

export type Trailers = Readonly<Record<string, string>>;

/** A gRPC error as the server sends it: the client looks at the trailer `exception` before the status (wire 6). */
export type Fault = Error & { readonly code: number; readonly details: string; readonly metadata: Metadata };

export const fault = (code: number, details: string, trailers: Trailers = {}): Fault =>
  Object.assign(new Error(details), { code, details, metadata: Metadata.fromHttp2Headers({ ...trailers }) });

/** What a caller gets for an exception in the server. */
export const unhandled = (): Fault => fault(status.UNKNOWN, 'Exception was thrown by handler.');
export const asFault = (thrown: unknown): Fault =>
  Error.isError(thrown) && 'metadata' in thrown ? (thrown as Fault) : unhandled();

/** One that the client knows by its trailers. */
const known = (code: number, details: string, exception: string, more: Trailers = {}): Fault =>
  fault(code, details, { exception, ...more });

export const notLeader = (leader: { host: string; port: number } | undefined): Fault => {
  if (!leader) return fault(status.UNKNOWN, 'No leader info available in response');
  const trailers = { 'leader-endpoint-host': leader.host, 'leader-endpoint-port': String(leader.port) };
  return known(status.NOT_FOUND, 'Leader info available', 'not-leader', trailers);
};

export const accessDenied = (): Fault => known(status.PERMISSION_DENIED, 'Access Denied', 'access-denied');

export const streamDeleted = (name: string): Fault =>
  known(status.FAILED_PRECONDITION, `Event stream '${name}' is deleted.`, 'stream-deleted', { 'stream-name': name });

export const tooLarge = (limit: number): Fault => {
  const [details, trailers] = [`Maximum Append Size of ${limit} Exceeded.`, { 'maximum-append-size': String(limit) }];
  return known(status.INVALID_ARGUMENT, details, 'maximum-append-size-exceeded', trailers);
};

/** Only for delete and tombstone: an append gets a normal answer. */
export const wrongRevision = (name: string, expected: bigint, actual: bigint): Fault => {
  const trailers = { 'stream-name': name, 'expected-version': String(expected), 'actual-version': String(actual) };
  const details = 'Append failed due to WrongExpectedVersion.';
  return known(status.FAILED_PRECONDITION, details, 'wrong-expected-version', trailers);
};

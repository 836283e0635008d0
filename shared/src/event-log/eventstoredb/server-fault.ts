/** What a failed call says about the append that it carried. */
export type Verdict =
  /** The stream's last revision was another one. */
  | 'wrong-revision'
  /** No server will take these bytes. */
  | 'refused'
  /** The server will not do it for us, however often it is asked: no right, or the stream was deleted. */
  | 'forbidden'
  /** No connection was made, so nothing was sent. */
  | 'unsent'
  /** Everything else: it may have been written, or may yet be. */
  | 'unknown';

/** Nothing came back in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

interface ClientFault {
  /** The client's own name for the kind of error. */
  readonly type?: string;
  /** gRPC status. */
  readonly code?: number;
  readonly message?: string;
  readonly actualVersion?: bigint | 'no_stream';
}

const look = (fault: unknown): ClientFault => (Error.isError(fault) ? fault : {});

const REFUSALS: readonly (string | undefined)[] = [
  'maximum-append-size-exceeded',
  'missing-required-metadata-property',
  'invalid-transaction',
];
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

/** Told by the client before any connection stands (grpc-js, `pick-first` and the resolver). */
const UNSENT = /No connection established|Name resolution failed|Failed to discover after/;

export const verdictOf = (fault: unknown): Verdict => {
  const { type, code, message = '' } = look(fault);
  if (type === 'wrong-expected-version') return 'wrong-revision';
  if (REFUSALS.includes(type)) return 'refused';
  if (type === 'stream-deleted' || type === 'access-denied') return 'forbidden';
  if (code === INVALID_ARGUMENT || code === RESOURCE_EXHAUSTED) return 'refused';
  return (code === undefined || code === UNAVAILABLE) && UNSENT.test(message) ? 'unsent' : 'unknown';
};

/** The stream's last revision, from the fault of a wrong one; -1 where there is no event. */
export const actualRevision = (fault: unknown): number => {
  const { actualVersion } = look(fault);
  return typeof actualVersion === 'bigint' ? Number(actualVersion) : -1;
};

export const isStreamNotFound = (fault: unknown): boolean => look(fault).type === 'stream-not-found';

/** A read or subscription from a place where no record starts, or beyond the log's end (wire 4.9, 5.13). */
export const isNoPlace = (fault: unknown): boolean =>
  /Unexpected ReadAllResult: (?:Error|InvalidPosition)|from an invalid position/.test(look(fault).message ?? '');

/** Asking again will not help. */
export const isFinal = (fault: unknown): boolean => isNoPlace(fault) || verdictOf(fault) === 'forbidden';

/** The server does not know the name and password, or does not let them do this. */
export const isForbidden = (fault: unknown): boolean => look(fault).type === 'access-denied';

/** A failure that this client may keep for ever. */
export const isOfDiscovery = (fault: unknown): boolean => /Failed to discover/.test(look(fault).message ?? '');

export const isSilence = (fault: unknown): boolean =>
  Error.isError(fault) && (fault.name === NoAnswer.name || look(fault).type === 'deadline-exceeded');

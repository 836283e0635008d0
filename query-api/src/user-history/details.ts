import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import type { HistoryEntry } from './history.schema.ts';

/**
 * Of what stands in the clear in an event, what its entry says: names on the wire and in the event. Nothing else of it
 * is shown: no digest, no claim, no grant.
 */
const DETAILS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  UserRegistered: { via: 'via' },
  RegistrationExpired: { reason: 'reason' },
  PersonErased: { reason: 'reason' },
  ErasureReceipted: { backups_until: 'backupsUntil', signed_by: 'signedBy' },
  PasswordResetRequested: { mail: 'mail' },
  SignedIn: { session_id: 'sessionId' },
  SignInFailed: { where: 'where' },
  HistoryRead: { subject: 'subject', from: 'from' },
  AuditExported: { format: 'format', from_leaf: 'fromLeaf' },
  SignInsRefused: { from: 'from', count: 'count' },
  AdministrationRefused: { operation: 'operation', target: 'target', role: 'role' },
  SessionRefreshed: { generation: 'generation' },
  SessionEnded: { reason: 'reason' },
  ApiKeyCreated: { scopes: 'scopes', rate_limit_per_hour: 'rateLimitPerHour', expires_at: 'expiresAt' },
  AdminUnlisted: { removal: 'removal', to: 'to' },
  RedriveRequested: { what: 'what', redriven: 'id' },
  CheckpointSigned: { size: 'size' },
  KeyCheckAdded: { kind: 'kind', key_id: 'id' },
};

const shown = (value: unknown): string | number | null => {
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' || typeof value === 'number' ? value : null;
};

/** What else is to be said of an event. */
export const detailsOf = ({ type, data }: AnyEvent): HistoryEntry['details'] =>
  Object.fromEntries(
    Object.entries(DETAILS[type] ?? {}).map(([name, field]) => [name, shown((data as Record<string, unknown>)[field])]),
  );

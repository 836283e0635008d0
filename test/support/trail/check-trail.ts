import { appendFileSync } from 'node:fs';
import { meansApiKey } from '@rollbook/shared/api-key/api-key-text';
import type { Access } from '@rollbook/shared/contracts/access';
import type { AnyEvent } from '@rollbook/shared/contracts/events/all-events';
import { PERMISSIONS, type PermissionId } from '@rollbook/shared/contracts/permissions';
import { COMMANDS } from '../../../docs/endpoints.ts';
import { excuseOf, type Evidence } from './excuses.ts';
import type { AnsweredCommand } from './record-commands.ts';
import { claimsIn } from './state-in-log.ts';

export interface TrailCheck extends Omit<Evidence, 'byRequest'> {
  readonly commands: readonly AnsweredCommand[];
}

/** Commands without their event, in words, and how often each excuse was taken. */
export interface TrailFindings {
  readonly missing: readonly string[];
  readonly excused: Readonly<Record<string, number>>;
}

const roleOf = (bearer: string): string => (claimsIn(bearer) as { readonly role?: string } | null)?.role ?? '';
const subjectOf = (bearer: string): string => (claimsIn(bearer) as { readonly sub?: string } | null)?.sub ?? '';

const lacks = (role: string, may: PermissionId | null): boolean =>
  may === null || !(PERMISSIONS[may].roles as readonly string[]).includes(role);

/** Whether a refusal is one for want of a role, or to keep the last administrator; not by what the product says. */
const isRefusedAdministration = ({ operation, bearer, status, code, params }: AnsweredCommand): boolean => {
  const permission: Access | undefined = COMMANDS.find((endpoint) => endpoint.operation === operation)?.permission;
  if (!permission || permission.who === 'anyone' || permission.who === 'holder') return false;
  if (bearer === null || meansApiKey(bearer)) return false;
  if (code === 'LAST_ADMIN' || (status === 403 && code === 'FORBIDDEN')) return true;
  if (status !== 404 || (permission.who !== 'person' && permission.who !== 'self')) return false;
  // "Nobody is there", to whoever may not do this to anybody.
  const may = permission.who === 'person' ? permission.may : null;
  return lacks(roleOf(bearer), may) && params['id']?.toLowerCase() !== subjectOf(bearer);
};

/** Compares what was answered with what stands in the log, by request ids. */
export const checkTrail = ({ events, commands, ...settings }: TrailCheck): TrailFindings => {
  const byRequest = new Map<string, AnyEvent[]>();
  for (const event of events) {
    const { requestId } = event.metadata;
    byRequest.set(requestId, [...(byRequest.get(requestId) ?? []), event]);
  }
  const evidence = { events, commands, byRequest, ...settings };
  const missing: string[] = [];
  const excused: Record<string, number> = {};
  for (const command of commands) {
    const { operation, requestId, status, code } = command;
    const own = byRequest.get(requestId) ?? [];
    const said = `${operation} ${command.url} (${requestId}): ${String(status)} ${code ?? ''}`;
    if (isRefusedAdministration(command)) {
      const isKnown = own.some(({ type }) => type === 'AdministrationRefused') || isRepeat(command, evidence);
      if (!isKnown) missing.push(`${said} is not in the trail as refused`);
    } else if (status < 300 && own.length === 0) {
      const reason = excuseOf(command, evidence);
      if (reason === null) missing.push(`${said} was accepted, has no event, and none of the reasons for that holds`);
      else excused[`${operation}: ${reason}`] = (excused[`${operation}: ${reason}`] ?? 0) + 1;
    }
  }
  return { missing, excused };
};

const isRepeat = (command: AnsweredCommand, { commands, byRequest }: Evidence): boolean =>
  command.key !== null &&
  commands.some(
    ({ key, url, requestId }) =>
      key === command.key &&
      url === command.url &&
      (byRequest.get(requestId) ?? []).some(({ type }) => type === 'AdministrationRefused'),
  );

/** Where TRAIL_REPORT names a file, what was excused is added to it, a line for each kind. */
export const reportExcused = (excused: TrailFindings['excused'], where: string): void => {
  const file = process.env['TRAIL_REPORT'];
  if (file === undefined) return;
  for (const [what, count] of Object.entries(excused)) appendFileSync(file, `${String(count)}\t${what}\t${where}\n`);
};

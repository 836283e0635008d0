import { ServerCredentials, status } from '@grpc/grpc-js';
import type { Certificate } from './certificate.ts';
import { accessDenied, fault } from './eventstore-node/fault.ts';
import type { Guard } from './eventstore-node/perform.ts';

/** The roles of whom a call says it comes from; a wrong password is refused whatever is asked for (wire 8.2). */
const rolesOf = (users: Readonly<Record<string, string>>, authorization = ''): readonly string[] => {
  if (authorization === '') return [];
  const pair = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
  const name = pair.split(':', 1)[0] ?? '';
  if (users[name] === undefined || pair !== `${name}:${users[name]}`)
    throw fault(status.UNAUTHENTICATED, 'Unauthenticated');
  return ['$all', name, ...(['admin', 'ops'].includes(name) ? ['$admins'] : [])];
};

/**
 * Users of the node for tests, with their passwords. Everybody who is known may use the streams of users; the system's,
 * and `$all`, are for administrators and for whom an ACL names (wire 8.2, 8.3).
 */
export const guardedFor =
  (users: Readonly<Record<string, string>>): Guard =>
  ({ metadata }, stream, log) => {
    const roles = rolesOf(users, metadata.get('authorization').map(String)[0]);
    const admitted = stream.startsWith('$') ? ['$admins', ...[log.metadata(stream).$acl?.$r ?? []].flat()] : ['$all'];
    if (!roles.some((role) => admitted.includes(role))) throw accessDenied();
  };

/** TLS for the node for tests. */
export const encrypted = ({ key, certificate }: Certificate): ServerCredentials =>
  ServerCredentials.createSsl(null, [{ private_key: Buffer.from(key), cert_chain: Buffer.from(certificate) }]);

import { status, type Metadata } from '@grpc/grpc-js';
import { accessDenied, Fault } from './fault.ts';

/** By name. Only administrators may read `$all` (wire 8.2, 8.3). */
export type Users = Readonly<Record<string, { readonly password: string; readonly isAdmin: boolean }>>;

/** Lets everybody in where no users are given, as a server does that runs with `--insecure`. */
export const authorizer =
  (users: Users | undefined) =>
  (metadata: Metadata, isAboutAll: boolean): void => {
    if (!users) return;
    const [basic] = metadata.get('authorization');
    if (basic === undefined) throw accessDenied();
    const [name = '', password = ''] = Buffer.from(String(basic).replace('Basic ', ''), 'base64').toString().split(':');
    const user = users[name];
    if (user?.password !== password) throw new Fault(status.UNAUTHENTICATED, 'Authentication failed');
    if (isAboutAll && !user.isAdmin) throw accessDenied();
  };

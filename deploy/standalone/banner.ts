import type { FirstAdmin } from './first-admin.ts';

export interface BannerFacts {
  readonly gateway: string;
  readonly dataDir: string;
  /** Whether `/dev/inbox` is there. */
  readonly inbox: boolean;
  /** Shown once, when they were just made. */
  readonly newAdmin: FirstAdmin | null;
}

/** What a start shows: addresses, the first administrator, a first request to try. */
export function banner({ gateway, dataDir, inbox, newAdmin }: BannerFacts): string {
  const lines = [
    '',
    `  Rollbook is ready at ${gateway}`,
    ...(inbox ? [`  Mails arrive at      ${gateway}/dev/inbox`] : []),
    `  Data is kept in      ${dataDir}`,
    '',
  ];
  if (newAdmin)
    lines.push(
      '  The first administrator (shown once, kept in first-admin.json there):',
      `    email     ${newAdmin.email}`,
      `    password  ${newAdmin.password}`,
      '',
    );
  lines.push(
    '  A first request to try:',
    '',
    `    curl -i ${gateway}/v1/users -H 'Content-Type: application/json' \\`,
    `      -d '{"email":"ben@example.org","password":"Correct-horse-9"}'`,
    '',
    '  Ctrl-C stops it.',
    '',
  );
  return lines.join('\n');
}

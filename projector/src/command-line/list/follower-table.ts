import type { FollowerStanding } from '@rollbook/shared/operations/followers';

const HEAD = ['name', 'version', 'state', 'position', 'lag', 'parked events', 'of people'];

const cells = (one: FollowerStanding): readonly string[] => [
  one.name,
  String(one.version),
  // Nothing that it wrote is shown to anybody.
  one.other_log_at === null ? one.state : `${one.state}, the log lacks its place`,
  one.position ?? '-',
  `${one.lag_ms} ms`,
  String(one.parked_events),
  String(one.parked_people),
];

/** Followers as a table for a terminal. */
export const followerTable = (followers: readonly FollowerStanding[]): string => {
  if (followers.length === 0) return 'Nothing has followed the log yet.';
  const rows = [HEAD, ...followers.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

import { FINDINGS, type Finding } from '@rollbook/shared/audit/bundle/findings';
import type { SinceResult } from '@rollbook/shared/audit/bundle/older-checkpoints';
import type { Verdict } from '@rollbook/shared/audit/bundle/verdict';

/** Findings past this number are only counted. */
const SHOWN = 20;

const count = (n: number, one: string, many = `${one}s`): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

const placeOf = ({ leaves, line, event, stream }: Finding): string =>
  [
    leaves === null ? '' : leaves[0] === leaves[1] ? `leaf ${leaves[0]}` : `leaves ${leaves[0]} to ${leaves[1]}`,
    event === null ? '' : `event ${event}`,
    stream === null ? '' : `stream ${stream}`,
    line === null ? '' : `line ${line}`,
  ]
    .filter((part) => part !== '')
    .join(', ');

const SINCE: Readonly<Record<SinceResult['outcome'], string>> = {
  agrees: 'this log is what it was then, and went on',
  fork: 'THIS IS ANOTHER LOG',
  cut: 'THIS LOG ENDS BEFORE IT',
  'wrong-log': 'it is of another log',
  'not-comparable': 'not compared',
};

const findingLines = (finding: Finding): readonly string[] => [
  `  ${finding.code}${placeOf(finding) === '' ? '' : ` at ${placeOf(finding)}`}`,
  `    ${finding.says}`,
  `    ${FINDINGS[finding.code]}`,
];

/** The verdict in sentences, for people. */
export const sayVerdict = (verdict: Verdict): readonly string[] => {
  const { events, bare, skipped, streams, sealed, notSealed, findings, findingCount, recordedCheckpoints } = verdict;
  const hidden = findingCount - Math.min(SHOWN, findings.length);
  return [
    verdict.valid ? 'VALID' : 'INVALID',
    `  log:      ${verdict.origin ?? 'unknown'}`,
    `  export:   ${verdict.filter === null ? 'full' : `filtered by ${JSON.stringify(verdict.filter)}`}${verdict.fromLeaf > 0 ? `, from leaf ${verdict.fromLeaf}` : ''}`,
    `  checked:  ${count(events, 'event')} of ${count(streams, 'stream')}` +
      (bare > 0 ? `, ${count(bare, 'bare leaf', 'bare leaves')}` : '') +
      (skipped > 0 ? `, ${count(skipped, 'leaf', 'leaves')} left out by the filter` : ''),
    sealed === null
      ? '  sealed:   nothing, by the keys that were given'
      : `  sealed:   ${count(sealed.size, 'leaf', 'leaves')}, root ${sealed.root}, signed by ${sealed.signers.join(', ')}`,
    ...(recordedCheckpoints.checked > 0
      ? [`  within:   ${count(recordedCheckpoints.checked, 'earlier checkpoint')} checked`]
      : []),
    ...verdict.since.map(
      ({ from, size, outcome }) => `  since:    ${from} (${count(size, 'leaf', 'leaves')}): ${SINCE[outcome]}`,
    ),
    ...(notSealed === null
      ? []
      : [
          `  NOT YET SEALED: ${count(notSealed.leaves, 'leaf', 'leaves')} from leaf ${notSealed.from} on: no checkpoint vouches for them.`,
        ]),
    ...(findingCount > 0 ? ['', `${count(findingCount, 'finding')}:`] : []),
    ...findings.slice(0, SHOWN).flatMap(findingLines),
    ...(hidden > 0 ? [`  … and ${hidden.toLocaleString('en')} more`] : []),
    '',
    'Not proved:',
    ...verdict.notProved.map((sentence) => `  - ${sentence}`),
  ];
};

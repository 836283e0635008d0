import { DETAIL_CODES } from '@rollbook/shared/contracts/detail-codes';
import { ADVICE } from '@rollbook/shared/contracts/rejection-advice';
import { ERROR_STATUS, REJECTIONS, type ErrorCode, type RejectionCode } from '@rollbook/shared/contracts/rejections';

interface Shown {
  readonly error: ErrorCode;
  readonly message: string;
  readonly detail?: { readonly field: string; readonly code: string };
  readonly retryAfter?: number;
}

const HEAD = `# Errors

<!-- Made by \`npm run docs -- errors\` from shared/src/contracts. Change it there. -->

Every error of every service has one form. \`code\` is one of those below; \`details\` name fields, by paths with dots,
query parameters or headers; \`request_id\` finds the case in the log.

\`\`\`json
{
  "error": {
    "code": "CONFLICT",
    "message": "Email already registered",
    "details": [{ "field": "email", "code": "taken", "message": "Email already registered" }],
    "timestamp": "2026-01-02T03:04:05.678Z",
    "request_id": "req_abc123xyz"
  }
}
\`\`\`

A refusal is no change: nothing of what was asked for was done, where it does not say otherwise. Codes stay; messages may
be worded better.
`;

/** Rejections that cannot be told apart from outside stand under one heading. */
const rejectionPart = (same: readonly RejectionCode[]): string => {
  const { message, detail, retryAfter }: Shown = REJECTIONS[same[0] ?? 'internal'];
  return [
    `### ${message}`,
    [
      ...(detail ? [`- Detail: \`${detail.code}\` on \`${detail.field}\``] : []),
      ...(retryAfter === undefined ? [] : [`- \`Retry-After\`: ${String(retryAfter)} s or longer`]),
      ...same.flatMap((code) => [`- When: ${ADVICE[code].given}`, `- What to do: ${ADVICE[code].remedy}`]),
    ].join('\n'),
  ].join('\n\n');
};

const codePart = (error: ErrorCode): string => {
  const codes = (Object.keys(REJECTIONS) as RejectionCode[]).filter((code) => REJECTIONS[code].error === error);
  const alike = Object.values(Object.groupBy(codes, (code) => JSON.stringify(REJECTIONS[code])));
  const parts = alike.flatMap((same) => (same ? [rejectionPart(same)] : []));
  return [`## ${String(ERROR_STATUS[error])} \`${error}\``, ...parts].join('\n\n');
};

/** `docs/errors.md`: every refusal as it goes over the wire, when it is given, and what to do about it. */
export const errorsPage = (): string => {
  const byStatus = (Object.keys(ERROR_STATUS) as ErrorCode[]).toSorted((a, b) => ERROR_STATUS[a] - ERROR_STATUS[b]);
  const details = Object.entries(DETAIL_CODES).map(([code, meaning]) => `- \`${code}\`: ${meaning}`);
  return `${[HEAD.trimEnd(), ...byStatus.map(codePart), '## Codes of details', details.join('\n')].join('\n\n')}\n`;
};

import { dictionary } from '@zxcvbn-ts/language-common';
import type { DetailCode } from '@rollbook/shared/contracts/detail-codes';
import type { Detail } from '@rollbook/shared/contracts/rejections';

/** `classes`: 8 characters of four classes. `length`: 15 characters (NIST SP 800-63B-4, 3.1.1.2). Both with the list. */
export type PasswordPolicy = 'classes' | 'length';

const MOST = 256;
const LEAST: Readonly<Record<PasswordPolicy, number>> = { classes: 8, length: 15 };

/** Some 49,000 passwords that attackers try first, in lower case. */
const common: ReadonlySet<string> = new Set(dictionary['passwords-common']);

const CLASSES: readonly (readonly [RegExp, DetailCode, string])[] = [
  [/\p{Lu}/u, 'uppercase', 'must contain an uppercase letter'],
  [/\p{Ll}/u, 'lowercase', 'must contain a lowercase letter'],
  [/\p{N}/u, 'digit', 'must contain a digit'],
  [/[^\p{L}\p{N}]/u, 'special', 'must contain a character that is neither letter nor digit'],
];

/** Everything that is wrong with a new password; empty when it may be used. Lengths are counted in code points. */
export const passwordFaults = (password: string, policy: PasswordPolicy, field = 'password'): readonly Detail[] => {
  const text = password.normalize('NFC');
  const length = [...text].length;
  const fault = (code: DetailCode, message: string): Detail => ({ field, code, message });
  // Nothing longer is looked at: the other checks would cost an attacker's megabyte.
  if (length > MOST) return [fault('too_long', `must have at most ${String(MOST)} characters`)];
  const faults: Detail[] = [];
  if (length < LEAST[policy]) faults.push(fault('too_short', `must have at least ${String(LEAST[policy])} characters`));
  if (policy === 'classes')
    for (const [pattern, code, message] of CLASSES) if (!pattern.test(text)) faults.push(fault(code, message));
  if (isCommon(text)) faults.push(fault('common', 'is among the passwords that attackers try first'));
  return faults;
};

/** Also with digits and signs behind it: `Password1!` is as common as `password`. */
const isCommon = (password: string): boolean => {
  const folded = password.toLowerCase();
  return common.has(folded) || common.has(folded.replace(/[^\p{L}]+$/u, ''));
};

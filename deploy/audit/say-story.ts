import type { UserResource } from '@rollbook/shared/contracts/user';
import { inWords, printable } from './printable.ts';
import type { Step } from './story.ts';

const by = ({ kind, id }: Step['actor']): string => (id === null ? kind : `${kind} ${id}`);

/** A step as lines for people; every one safe for a terminal. */
export const linesOf = (step: Step): readonly string[] =>
  [
    `${step.at}  ${step.what}`,
    `    ${step.type} at ${step.position}, by ${by(step.actor)}${step.address === null ? '' : ` from ${step.address}`}, request ${step.request_id}`,
    ...Object.entries(step.details).map(([name, value]) => `    ${name}: ${inWords(value)}`),
    ...step.changes.map(({ field, before, after }) => `    ${field}: ${inWords(before)} -> ${inWords(after)}`),
  ].map(printable);

/** A person as lines for people. */
export const linesOfState = (state: UserResource): readonly string[] =>
  Object.entries(state).map(([name, value]) => `  ${name.padEnd(16)}${inWords(value)}`);

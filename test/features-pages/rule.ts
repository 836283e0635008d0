import type { Page } from './read-page.ts';

/** What a page lacks, in words that go on after its name. */
export type Rule = (page: Page) => readonly string[];

/** The fault, unless it holds. */
export const unless = (holds: boolean, fault: string): readonly string[] => (holds ? [] : [fault]);

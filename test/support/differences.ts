/**
 * Where answers and messages that the running test saw differ from what is described. It has to be empty after each test
 * (every-answer.ts).
 */
export const differences: string[] = [];

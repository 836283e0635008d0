/** A start that cannot succeed, told in one sentence that says what to do. Its message is shown as it is. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
  /** What the process ends with. */
  readonly exitCode: number = 1;
}

/** Settings that are missing or wrong: one sentence each, and never a secret's value. Ends with 78 (`EX_CONFIG`). */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';
  override readonly exitCode = 78;
}

/** Installs the locked dependencies when `node_modules` does not hold them yet; resolves to the exit code. */
export function install(settings: {
  readonly root: string;
  readonly version: string;
  readonly npm: string;
  readonly say: (line: string) => void;
}): Promise<number>;

import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '@rollbook/shared/process/config';
import { readJsonFile, writePrivateJson } from './private-file.ts';

const Credentials = z.object({ email: z.string(), password: z.string() });
export type FirstAdmin = z.output<typeof Credentials>;

/** Without letters and digits that look alike. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** 24 random signs in groups of six (130 bits), with capital and small letters and digits. */
export function randomPassword(): string {
  for (;;) {
    const groups = Array.from({ length: 4 }, () =>
      Array.from({ length: 6 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join(''),
    );
    const password = groups.join('-');
    if ([/[A-Z]/, /[a-z]/, /\d/].every((kind) => kind.test(password))) return password;
  }
}

/**
 * The first administrator's credentials in `dataDir/first-admin.json` (0600); made when there are none. `isNew` says
 * whether this call made them: they are shown that once.
 */
export async function provideFirstAdmin(dataDir: string): Promise<FirstAdmin & { readonly isNew: boolean }> {
  const file = join(dataDir, 'first-admin.json');
  const kept = await readJsonFile(file);
  if (kept !== undefined) {
    const parsed = Credentials.safeParse(kept);
    if (!parsed.success) throw new ConfigError(`${file} is not as it was written: put the former file back.`);
    return { ...parsed.data, isNew: false };
  }
  const made: FirstAdmin = { email: 'admin@rollbook.localhost', password: randomPassword() };
  await writePrivateJson(file, made);
  return { ...made, isNew: true };
}

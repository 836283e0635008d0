import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

const self = readFileSync(new URL(import.meta.url));

/** A jest transformer: the types become blanks, everything else stays where it was. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
  getCacheKey: (source, path, { instrument }) =>
    createHash('sha256')
      .update(self)
      .update(process.version)
      .update(path)
      .update(String(instrument))
      .update(source)
      .digest('hex'),
};

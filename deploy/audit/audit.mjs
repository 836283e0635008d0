#!/usr/bin/env node
// `npx audit …`: plain JavaScript, so that it runs on whatever Node is installed; the rest wants one that reads
// TypeScript, which stands in node_modules where a package brings it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const packaged = join(here, '../../node_modules/.bin/node');
const runtime = Number(process.versions.node.split('.')[0]) < 24 && existsSync(packaged) ? packaged : process.execPath;
const { status } = spawnSync(
  runtime,
  ['--disable-warning=ExperimentalWarning', join(here, 'main.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exitCode = status === null ? 1 : status;

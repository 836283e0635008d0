import { runKeysCommand } from './command-line.ts';

process.exitCode = await runKeysCommand(process.argv.slice(2), process.env);

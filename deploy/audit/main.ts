import { runAuditCommand } from './command-line.ts';

process.exitCode = await runAuditCommand(process.argv.slice(2), console);

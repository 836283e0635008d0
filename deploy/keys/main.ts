import { generateSecrets } from '../standalone/secrets.ts';

const HELP = `npm run keys -- generate

  generate   print fresh values for every secret setting, as lines for .env

Keep them: a log can be read only with the keys that it was written with.`;

const [command, ...more] = process.argv.slice(2);
if (command === 'generate' && more.length === 0) {
  for (const [name, value] of Object.entries(await generateSecrets())) console.log(`${name}=${value}`);
} else {
  const asked = command === 'help' || command === '--help';
  (asked ? console.log : console.error)(HELP);
  process.exitCode = asked ? 0 : 2;
}

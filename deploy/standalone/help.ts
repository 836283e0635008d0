export const HELP = `Usage: npm start

Runs the whole of Rollbook in this process: PostgreSQL (unless DATABASE_URL names one), the four services, the gateway,
and an inbox for mails (unless SMTP_URL names a mail server). Prints where it answers, and the first administrator when
it has just made one. Ctrl-C stops it; the next start finds everything again.

  DATA_DIR    where everything is kept (.data)
  HOST, PORT  where to listen (127.0.0.1, 8000)

These and all other settings come from the environment: docs/configuration.md.

Exit codes: 0 stopped, 1 it could not start or PostgreSQL ended under it, 2 wrong usage, 78 wrong settings.`;

import type { HealthCheck, HealthChecks } from '@rollbook/shared/http/health';

const checkOf =
  (url: URL): HealthCheck =>
  async (signal) => {
    const answer = await fetch(new URL('/health/ready', url), { signal });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`${url.host} is not ready`);
  };

/** The gateway is ready when every service behind it is. */
export const serviceHealth = (services: Readonly<Record<string, URL>>): HealthChecks =>
  Object.fromEntries(Object.entries(services).map(([name, url]) => [name, checkOf(url)]));

import { running, type Running } from '@rollbook/shared/process/running';
import { memoryRequestLimits } from '@rollbook/shared/request-limits/memory-request-limits';
import { start as startCommandApi } from '../../command-api/src/main.ts';
import { start as startMailer } from '../../mailer-worker/src/main.ts';
import { start as startProjector } from '../../projector/src/main.ts';
import { start as startQueryApi } from '../../query-api/src/main.ts';
import { settingsOf } from './service-settings.ts';

/** Where each service listens. */
export interface ServiceAddresses {
  readonly command_api: string;
  readonly query_api: string;
  readonly projector: string;
  readonly mailer: string;
}

export interface RunningServices {
  readonly addresses: ServiceAddresses;
  stop(): Promise<void>;
}

/**
 * Starts the four services in this process, each with the settings and secrets of its own and no others. `all` holds
 * the settings of all. When one does not start, the others are stopped again.
 */
export async function startServices(all: NodeJS.ProcessEnv): Promise<RunningServices> {
  // This process is the whole installation: its memory counts everybody's requests.
  const requestLimits = memoryRequestLimits();
  // First, because it writes what the others check: which keys the log is written with.
  const commandApi = await startCommandApi(settingsOf('command-api', all), { requestLimits });
  const results = await Promise.allSettled([
    startQueryApi(settingsOf('query-api', all), { requestLimits }),
    startProjector(settingsOf('projector', all)),
    startMailer(settingsOf('mailer-worker', all)),
  ]);
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  const [queryApi, projector, mailer] = started;
  if (failed || !queryApi || !projector || !mailer) {
    await Promise.all([commandApi, ...started].map((service) => service.stop()));
    throw failed?.reason;
  }
  const at = (service: Running): string => service.addresses['http'] ?? '';
  const addresses: ServiceAddresses = {
    command_api: at(commandApi),
    query_api: at(queryApi),
    projector: at(projector),
    mailer: at(mailer),
  };
  // Requests first, then what works them off.
  const both = running({}, async () => {
    await Promise.all([commandApi.stop(), queryApi.stop()]);
    await Promise.all([projector.stop(), mailer.stop()]);
  });
  return { addresses, stop: () => both.stop() };
}

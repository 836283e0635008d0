import { ADMIN, startRollbook } from '../../support/rollbook.ts';
import { serveTestCluster } from '../../support/test-cluster.ts';

/** A whole Rollbook with a database of its own. */
export interface RunningService {
  /** The gateway, without a slash at its end. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly admin: { readonly email: string; readonly password: string };
  stop(): Promise<void>;
}

/** Starts the services over real PostgreSQL: that of the test run, or one of its own when there is none. */
export async function startService(): Promise<RunningService> {
  const cluster = process.env['ROLLBOOK_TEST_CLUSTER'] === undefined ? await serveTestCluster() : undefined;
  if (cluster !== undefined) process.env['ROLLBOOK_TEST_CLUSTER'] = cluster.address;
  try {
    const { url, databaseUrl, stop } = await startRollbook();
    return {
      url,
      databaseUrl,
      admin: ADMIN,
      stop: async () => {
        await stop();
        await cluster?.stop();
      },
    };
  } catch (fault) {
    await cluster?.stop();
    throw fault;
  }
}

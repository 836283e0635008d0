import * as shared from '@rollbook/shared/process/shared-settings';
import { z } from 'zod';

// What `npm run projections` reads, each part only when it is needed.

export const Database = z.object({ DATABASE_URL: shared.DATABASE_URL });
export const Log = z.object({ NODE_ENV: shared.NODE_ENV, EVENT_STORE_URL: shared.EVENT_STORE_URL });
export const Keys = z.object({ MASTER_KEY: shared.MASTER_KEY });

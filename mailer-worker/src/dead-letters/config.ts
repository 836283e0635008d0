import * as shared from '@rollbook/shared/process/shared-settings';
import { z } from 'zod';

/** What `npm run dead-letters` reads. */
export const DeadLettersSettings = z.object({
  DATABASE_URL: shared.DATABASE_URL,
  MESSAGE_FEED_URL: shared.MESSAGE_FEED_URL.optional(),
});

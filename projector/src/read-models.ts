import { apiKeys } from './api-keys/api-keys.ts';
import { erasures } from './erasures/erasures.ts';
import type { ReadModel } from './project-in-order/read-model.ts';
import { userDirectory } from './user-directory/user-directory.ts';
import { userSessions } from './user-sessions/user-sessions.ts';

/** Every read model that the projector keeps. */
export const READ_MODELS: readonly ReadModel[] = [userDirectory, userSessions, erasures, apiKeys];

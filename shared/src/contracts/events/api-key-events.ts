import { z } from 'zod';
import { defineEvent } from '../define-event.ts';
import { API_SCOPES } from '../permissions.ts';

/**
 * In `apikey-…`, by an administrator. The key itself is nowhere: it is random, so its plain digest says nothing about
 * it. The name is free text of that administrator's, sealed under their key (`subjectOf`), and goes with their erasure;
 * the key goes on.
 */
export const ApiKeyCreated = defineEvent('ApiKeyCreated', 1, {
  data: {
    /** SHA-256 (hex) of the key's text. */
    digest: z.string(),
    scopes: z.array(z.enum(API_SCOPES)),
    rateLimitPerHour: z.int().nullable(),
    /** RFC 3339; null: never. */
    expiresAt: z.string().nullable(),
  },
  personal: { name: z.string() },
});

/** By an administrator, not always the same one. For good. */
export const ApiKeyRevoked = defineEvent('ApiKeyRevoked', 1, { data: {} });

export const API_KEY_EVENTS = [ApiKeyCreated, ApiKeyRevoked] as const;

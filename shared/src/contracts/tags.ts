/** What the operations are grouped by in the API document: one tag for each feature, and what it is about. */
export const TAGS = {
  Registration: 'Registering, verifying an address, invitations.',
  Sessions: 'Signing in and out, tokens, open sessions.',
  Passwords: 'Changing and resetting a password.',
  Users: 'People: their profile, picture, state and history.',
  Roles: 'Who may do what.',
  Erasure: 'Erasing a person for good, with a receipt.',
  'API keys': 'Keys for other services.',
  Events: 'Following what happens.',
  Audit: 'The audit trail and its proofs.',
  Operations: 'How far everything is, and what waits for a hand.',
  Service: 'Health, keys, specifications.',
} as const;
export type Tag = keyof typeof TAGS;

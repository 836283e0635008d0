import { reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { READ_AUDIT } from '../audit/read-audit.ts';
import { askSealed, type ProofParts } from './sealed-tree.ts';

const TYPE = 'text/plain; charset=utf-8';

/** `GET /audit/checkpoint`: text, since a verifier takes it to the byte. */
export const getCheckpoint = (parts: ProofParts): Endpoint =>
  defineEndpoint({
    operation: 'getCheckpoint',
    tag: 'Audit',
    summary: 'Show the newest checkpoint',
    description:
      'How long the log was and the root of the Merkle tree over it, as a signed note (C2SP signed-note and ' +
      'tlog-checkpoint, Ed25519), to the byte. Its keys: `/.well-known/audit-keys.json`. Keep one: a later export ' +
      'must go on from it. Before the first checkpoint the answer is 409.',
    token: 'required',
    permission: READ_AUDIT,
    answers: { 200: { description: 'The signed note.', body: null, type: TYPE } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'CONFLICT', 'SERVICE_UNAVAILABLE'],
    handle: (_input, context) =>
      askSealed(parts, context, ({ checkpoint }) =>
        Promise.resolve(
          checkpoint === null
            ? reject('not_sealed')
            : { status: 200, bytes: { type: TYPE, content: Buffer.from(checkpoint.data.note, 'utf8') } },
        ),
      ),
  });

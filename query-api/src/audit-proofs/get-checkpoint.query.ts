import { reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { READ_AUDIT } from '../audit/read-audit.ts';
import { askSealed, type ProofParts } from './sealed-tree.ts';

const TYPE = 'text/plain; charset=utf-8';

const EXAMPLE = `rollbook/0d8c2a44-6f0e-4b39-9a4c-1d2f7f6f4f0a
12
bbarEfWrHffLlhpuLm5AaebXB5jN2Uv5NesQVlSbo/4=
claims 2 oQXzOCcegwIIHm8AYdKw7SfgfF3mrLbuy+xFt/zxlxs=

— rollbook/0d8c2a44-6f0e-4b39-9a4c-1d2f7f6f4f0a XqHa50k/twMkPqjiBxGiPQepWsLk0SqPp7BmOuh62NVi7vc5CZQKLwU0+tjFUAlEYhjAplctRaDYIph/Oqx4LNMXvAU=
`;

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
    answers: { 200: { description: 'The signed note.', body: null, texts: { 'text/plain': EXAMPLE } } },
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

import { z } from 'zod';
import { proveConsistency, readRoot } from '@rollbook/shared/audit/merkle-proof';
import { reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { READ_AUDIT } from '../audit/read-audit.ts';
import { refuseParameter } from '../read-model/paging.ts';
import { askSealed, inHex, type ProofParts } from './sealed-tree.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const size = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,14})$/, { error: 'must be a number of events' })
  .transform(Number);

const ConsistencyProof = z
  .strictObject({
    from: z.int(),
    from_root: hash.meta({ description: 'The root (hex) over the first `from` leaves.' }),
    to: z.int(),
    to_root: hash.meta({ description: 'The root (hex) over the first `to` leaves.' }),
    path: z.array(hash).meta({ description: 'As RFC 6962 has it; empty where `from` is 0 or `to`.' }),
    checkpoint: z.string().meta({ description: 'The newest signed note: where `to` is its size, it signs `to_root`.' }),
  })
  .meta({
    id: 'ConsistencyProof',
    example: {
      from: 2,
      from_root: 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      to: 3,
      to_root: 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      path: ['0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7'],
      checkpoint: 'rollbook/5f0c…\n3\nrrbLziVH4XCgT7Bnpe…=\n\n— rollbook/5f0c… x08go/ZJ…=\n',
    },
  });

/** `GET /audit/consistency`. */
export const getConsistencyProof = (parts: ProofParts): Endpoint =>
  defineEndpoint({
    operation: 'getConsistencyProof',
    tag: 'Audit',
    summary: 'Prove that the log only grew',
    description:
      'That the first `from` events are the beginning of the first `to`, for whoever kept a checkpoint of `from` events. ' +
      '`to` is at most, and when left out, what the newest checkpoint covers.',
    token: 'required',
    permission: READ_AUDIT,
    query: z.strictObject({ from: size, to: size.optional() }),
    answers: { 200: { description: 'The proof.', body: ConsistencyProof } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'CONFLICT', 'SERVICE_UNAVAILABLE'],
    handle: ({ query }, context) =>
      askSealed(parts, context, async ({ checkpoint, read }) => {
        if (checkpoint === null) return reject('not_sealed');
        const { from, to = checkpoint.data.size } = query;
        if (to > checkpoint.data.size) return refuseParameter('to', 'too_big', 'is beyond the newest checkpoint');
        if (from > to) return refuseParameter('from', 'too_big', 'is beyond the later size');
        const [fromRoot, toRoot] = [await readRoot(from, read), await readRoot(to, read)];
        const path = inHex(await proveConsistency(from, to, read));
        const [from_root = '', to_root = ''] = inHex([fromRoot, toRoot]);
        return { status: 200, body: { from, from_root, to, to_root, path, checkpoint: checkpoint.data.note } };
      }),
  });

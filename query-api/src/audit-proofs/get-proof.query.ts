import { z } from 'zod';
import { proveInclusion } from '@rollbook/shared/audit/merkle-proof';
import { reject } from '@rollbook/shared/contracts/rejections';
import { defineEndpoint, type Endpoint } from '@rollbook/shared/http/endpoint';
import { NO_CLAIM } from '../audit/index-row.ts';
import { READ_AUDIT } from '../audit/read-audit.ts';
import { askSealed, inHex, type ProofParts } from './sealed-tree.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const Proof = z
  .strictObject({
    event_id: z.uuid(),
    leaf: z.int().meta({ description: 'The place of the event in the log, from 0.' }),
    leaf_hash: hash.meta({ description: 'SHA-256 (hex) of 0x00 and the canonical JSON of the event as stored.' }),
    tree_size: z.int().meta({ description: 'How many leaves the checkpoint covers.' }),
    path: z.array(hash).meta({ description: 'The hashes beside the way to the root, from the leaf up (RFC 6962).' }),
    checkpoint: z.string().meta({ description: 'The signed note that the path leads to.' }),
  })
  .meta({
    id: 'InclusionProof',
    example: {
      event_id: '7f3b1c9e-52a4-4d0b-9c1f-0a6d2e8b4c11',
      leaf: 2,
      leaf_hash: '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
      tree_size: 3,
      path: ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
      checkpoint: 'rollbook/5f0c…\n3\nrrbLziVH4XCgT7Bnpe…=\n\n— rollbook/5f0c… x08go/ZJ…=\n',
    },
  });

// The hash was computed from the event again before it stood here.
const LEAF = `select json_build_object('leaf', a.leaf, 'hash', encode(a.hash, 'hex'))
  from read_model.audit_index a where a.event_id = $1 and ${NO_CLAIM} order by a.leaf limit 1`;

/** `GET /audit/events/{id}/proof`. */
export const getProof = (parts: ProofParts): Endpoint =>
  defineEndpoint({
    operation: 'getProof',
    tag: 'Audit',
    summary: 'Prove that an event is in the log',
    description:
      'The way from the event to the root that the newest checkpoint signs. Until a checkpoint covers the event, at ' +
      'most a minute, the answer is 409: it is not sealed yet.',
    token: 'required',
    permission: READ_AUDIT,
    params: z.strictObject({ id: z.uuid().transform((id) => id.toLowerCase()) }),
    answers: { 200: { description: 'The proof.', body: Proof } },
    errors: ['VALIDATION_ERROR', 'UNAUTHORIZED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'SERVICE_UNAVAILABLE'],
    handle: ({ params }, context) =>
      askSealed(parts, context, async ({ checkpoint, read }) => {
        const { found } = await parts.readModel.read<{ leaf: number; hash: string } | null>({
          text: LEAF,
          values: [params.id],
        });
        if (found === null) return reject('not_found');
        if (checkpoint === null || found.leaf >= checkpoint.data.size) return reject('not_sealed');
        const { size, note } = checkpoint.data;
        const path = inHex(await proveInclusion(found.leaf, size, read));
        const body = {
          event_id: params.id,
          leaf: found.leaf,
          leaf_hash: found.hash,
          tree_size: size,
          path,
          checkpoint: note,
        };
        return { status: 200, body };
      }),
  });

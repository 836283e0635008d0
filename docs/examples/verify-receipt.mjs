// Checks the receipt of an erasure, without any network and with nothing but Node.js (20 or later):
//   node verify-receipt.mjs erasure.json receipt-keys.json
// erasure.json: the answer of GET /v1/erasures/{id}, or its member `receipt` alone.
// receipt-keys.json: what /.well-known/receipt-keys.json served, kept from a time when you trusted it.
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [erasure, published] = process.argv.slice(2, 4).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const { signature, ...receipt } = erasure.receipt ?? erasure;
const jwk = published.keys.find(({ kid }) => kid === receipt.signed_by);

// RFC 8785: members in order, no space. All values are strings or lists of strings, so JSON.stringify writes the rest.
const sorted = Object.fromEntries(Object.entries(receipt).sort(([a], [b]) => (a < b ? -1 : 1)));
const bytes = Buffer.from(JSON.stringify(sorted), 'utf8');

const good =
  jwk !== undefined &&
  verify(null, bytes, createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(signature, 'base64'));
console.log(good ? `valid: ${receipt.id} was erased at ${receipt.erased_at}` : 'NOT valid');
process.exitCode = good ? 0 : 1;

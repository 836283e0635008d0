import type { Position as LogPosition } from '@eventstore/db-client';
import { OtherLog } from '../errors.ts';
import type { Position } from '../event.ts';

/** From here on a number is no place: 2^64−1 means "the end", and some servers send it as a checkpoint (wire 5.10). */
const BEYOND = 2n ** 63n;
const PLACE = /^(\d{20})-(\d{20})$/;

const digits = (number: bigint): string => String(number).padStart(20, '0');

export const isPlace = ({ commit, prepare }: LogPosition): boolean => commit < BEYOND && prepare < BEYOND;

/** Both numbers, 20 digits each: text compares as the log's order does. */
export const toPosition = ({ commit, prepare }: LogPosition): Position =>
  `${digits(commit)}-${digits(prepare)}` as Position;

/** Throws OtherLog for the position of another kind of log, and for one that no record can have. */
export const toPlace = (position: Position): LogPosition => {
  const parts = PLACE.exec(position);
  const place = { commit: BigInt(parts?.[1] ?? BEYOND), prepare: BigInt(parts?.[2] ?? BEYOND) };
  if (!isPlace(place)) throw new OtherLog('The position does not come from an EventStoreDB');
  return place;
};

/** Later of two places; null is before every record. */
export const later = (one: Position | null, other: Position | null): Position | null =>
  one === null || (other !== null && other > one) ? other : one;

import { z } from 'zod';
import type { Position } from '@rollbook/shared/event-log/event';
import { fromInstant } from '@rollbook/shared/kernel/clock';
import type { Cut } from '../../query-api/src/get-user/cut.ts';
import { UsageError } from './subcommand.ts';

const POSITION = /^\d{20}(?:-\d{20})?$/;
const Time = z.iso.datetime({ offset: true });

/** Reads a moment as the API has it: a time with its offset, or a position. Throws UsageError. */
export const momentOf = (option: string, text: string): Cut => {
  if (POSITION.test(text)) return { position: text as Position };
  const time = text.toUpperCase();
  if (!Time.safeParse(time).success)
    throw new UsageError(`${option} must be a time as 2026-01-02T03:04:05Z, or a position.`);
  return { time: fromInstant(time) };
};

/** Reads the id of a person. Throws UsageError. */
export const personOf = (text: string | undefined): string => {
  const read = z.uuid().safeParse(text?.toLowerCase());
  if (!read.success) throw new UsageError('--user must be the id of a person.');
  return read.data;
};

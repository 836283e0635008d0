import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Admission } from '@rollbook/shared/http/admission';
import type { Answer } from '@rollbook/shared/http/endpoint';
import { isService, type Reader } from './query-authority.ts';

/**
 * Gives an answer that goes on, a stream or an export, while it holds one of the `places`: from before anything is read
 * for it until its last byte is sent, or until it is refused or fails. Without a place it is refused: 503 where this
 * process has none left for anybody, 429 where this person or API key holds as many as one may.
 */
export const holdPlace = async (
  places: Admission,
  reader: Reader,
  answer: () => Promise<Omit<Answer, 'after'> | Rejection>,
): Promise<Answer | Rejection> => {
  const place = places.enter(isService(reader) ? `key ${reader.id}` : reader.userId);
  if (place === null) return reject(places.full ? 'streams_full' : 'too_many_streams');
  const after = (): Promise<void> => {
    place.release();
    return Promise.resolve();
  };
  try {
    const answered = await answer();
    if (!isRejection(answered)) return { ...answered, after };
    place.release();
    return answered;
  } catch (fault) {
    place.release();
    throw fault;
  }
};

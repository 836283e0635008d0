import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Answer, Refusal } from '@rollbook/shared/http/endpoint';
import { formatUserEtag } from '@rollbook/shared/http/etag';
import { pickFields, type FieldsWanted } from '../read-model/fields.ts';
import { isService, type Reader } from '../read-model/query-authority.ts';
import { projectionHeaders, type ReadModel } from '../read-model/read-model.ts';
import { toResource, USER_JSON, type UserRow } from '../read-model/user-row.ts';
import { maySee } from './who-may-see.ts';

const SELECT_USER = `select ${USER_JSON} from read_model.user_directory u where u.id = $1`;

/** Whether the caller is the person whom the path names. */
export const isSelf = (reader: Reader, id: string): boolean => !isService(reader) && reader.userId === id;

/**
 * One person for one caller. Whoever may not see them gets the same answer as where nobody is. The caller themselves
 * exist, as the log says: where their row is missing, the read model is behind.
 */
export const answerUser = async (
  readModel: ReadModel,
  reader: Reader,
  id: string,
  fields?: FieldsWanted,
): Promise<Answer | Rejection | Refusal> => {
  const snapshot = await readModel.read<UserRow | null>({ name: 'user', text: SELECT_USER, values: [id] });
  const headers = projectionHeaders(snapshot);
  const row = snapshot.found;
  if (row === null) return { ...reject(isSelf(reader, id) ? 'read_model_behind' : 'not_found'), headers };
  if (!maySee(reader, row)) return { ...reject('not_found'), headers };
  const etag = formatUserEtag(row.revision, row.sign_ins);
  return { status: 200, body: pickFields(toResource(row), fields), headers: { ...headers, ETag: etag } };
};

import { reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import type { Role, Status } from '@rollbook/shared/contracts/roles';
import type { Answer, Refusal } from '@rollbook/shared/http/endpoint';
import { matchesIfNoneMatch } from '@rollbook/shared/http/etag';
import { SECOND, type Clock } from '@rollbook/shared/kernel/clock';
import { sha256 } from '@rollbook/shared/kernel/digest';
import type { CurrentPicture } from '@rollbook/shared/person/user-resource';
import type { KeyRing } from '@rollbook/shared/personal-data/key-ring';
import type { PictureStore } from '@rollbook/shared/pictures/picture-store';
import { openPicture } from '@rollbook/shared/pictures/sealed-picture';
import { isSelf } from '../get-user/answer-user.ts';
import { maySee } from '../get-user/who-may-see.ts';
import type { Reader } from '../read-model/query-authority.ts';
import { projectionHeaders, type ReadModel } from '../read-model/read-model.ts';

export interface PictureParts {
  readonly readModel: ReadModel;
  readonly pictures: PictureStore;
  readonly keys: KeyRing;
  readonly clock: Clock;
}

interface Row {
  readonly id: string;
  readonly status: Status;
  readonly role: Role;
  readonly picture: CurrentPicture | null;
}

const SELECT = `select json_build_object('id', u.id, 'status', u.status, 'role', u.role, 'picture', u.picture)
  from read_model.user_directory u where u.id = $1`;

/** ms that the read model gets to say which picture took the place of one that is deleted already; and between looks. */
const WAIT = 2 * SECOND;
const LOOK = 25;

/**
 * The picture that the read model names, to whoever may see the person. A picture that was replaced a moment ago may be
 * deleted before the read model knows: then it is asked again. 503 when it goes on naming one that is not there.
 */
export const answerPicture = async (
  parts: PictureParts,
  reader: Reader,
  { id, ifNoneMatch }: { readonly id: string; readonly ifNoneMatch: string | null },
): Promise<Answer | Rejection | Refusal> => {
  const until = parts.clock.now() + WAIT;
  for (;;) {
    const snapshot = await parts.readModel.read<Row | null>({ text: SELECT, values: [id] });
    const headers = projectionHeaders(snapshot);
    const row = snapshot.found;
    if (row === null) return { ...reject(isSelf(reader, id) ? 'read_model_behind' : 'not_found'), headers };
    const { picture } = row;
    if (!maySee(reader, row) || !picture?.digest) return { ...reject('not_found'), headers };
    const current = { ...headers, ETag: `"${picture.digest}"` };
    if (matchesIfNoneMatch(ifNoneMatch, current.ETag)) return { status: 304, headers: current };
    const content = await read(parts, id, picture);
    if (content === 'erased') return { ...reject('not_found'), headers };
    if (content !== null)
      return {
        status: 200,
        bytes: { type: picture.type, content },
        headers: { ...current, 'Content-Disposition': 'inline' },
      };
    if (parts.clock.now() >= until) return { ...reject('picture_missing'), headers };
    await parts.clock.sleep(LOOK);
  }
};

/** null: its bytes are not in the store. Throws when they are not those that the event spoke of. */
const read = async (
  { pictures, keys }: PictureParts,
  owner: string,
  { id, digest }: CurrentPicture,
): Promise<Buffer | 'erased' | null> => {
  const sealed = await pictures.get({ owner, id });
  if (sealed === null) return null;
  const key = await keys.find(owner);
  if (key === 'destroyed') return 'erased';
  if (key === 'missing') throw new Error(`There is no key for the picture ${id}`);
  const content = openPicture(key.key, { owner, id }, sealed);
  if (sha256(content).toString('hex') !== digest) throw new Error(`The picture ${id} is not the one that was set`);
  return content;
};

import { isRejection, reject, type Rejection } from '@rollbook/shared/contracts/rejections';
import { sha256 } from '@rollbook/shared/kernel/digest';
import { nonceBytes } from '@rollbook/shared/personal-data/aes-gcm';
import type { PictureStore } from '@rollbook/shared/pictures/picture-store';
import { sealPicture } from '@rollbook/shared/pictures/sealed-picture';
import type { Command } from '../../command/command.ts';
import type { Effect } from '../../command/own-events.ts';
import { readPerson } from '../../command/read-person.ts';
import { decideSetPicture, type NewPicture } from '../../picture/change-picture.decide.ts';
import { changePicture, type ChangePicturePorts } from '../../picture/change-picture.handle.ts';
import type { EncodePicture } from '../../picture/picture-encoder.ts';

export interface SetPicturePorts extends ChangePicturePorts {
  readonly pictures: PictureStore;
  readonly encodePicture: EncodePicture;
}

/**
 * Sets a person's picture. It is stored, sealed, before the event that names it, under an id of this execution alone: so
 * nobody can name what another one is about to delete. What stays behind without an event is swept away later
 * (`tidy-pictures.handle.ts`).
 */
export const setPicture = async (
  ports: SetPicturePorts,
  command: Command,
  { userId, sent }: { readonly userId: string; readonly sent: Buffer },
): Promise<Effect | Rejection> => {
  const name = { owner: userId, id: ports.random.uuid() };
  const done: { ready?: NewPicture & { readonly bytes: Buffer }; stored?: true } = {};

  const store = async (bytes: Buffer): Promise<Rejection | null> => {
    const key = await ports.keys.ensure(userId);
    if (key === 'destroyed') return reject('not_found');
    await ports.pictures.put(name, sealPicture(key.key, ports.random.bytes(nonceBytes), name, bytes));
    done.stored = true;
    return null;
  };

  const result = await changePicture(ports, command, {
    userId,
    decide: async (person) => {
      if (!done.ready) {
        const encoded = await ports.encodePicture(sent);
        if (isRejection(encoded)) return encoded;
        done.ready = { id: name.id, ...encoded, digest: sha256(encoded.bytes).toString('hex') };
      }
      const { bytes, ...picture } = done.ready;
      const decided = decideSetPicture(person, picture);
      const refused = decided.length > 0 && !done.stored ? await store(bytes) : null;
      return refused ?? decided;
    },
  });
  // Erased meanwhile: whoever deletes the pictures of the erased may have been there before this one was stored.
  if (done.stored && isRejection(result) && (await readPerson(ports.log, userId)).person.existence === 'erased')
    await ports.pictures.remove([name]);
  return result;
};

import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { whole } from '@rollbook/shared/process/settings';
import { settingsOf, type ServiceName } from '../../deploy/standalone/service-settings.ts';
import { tell } from '../../docs/configuration-page.ts';
import { SERVICE_SETTINGS } from '../../docs/settings-readers.ts';

describe('The settings that docs/configuration.md is made from', () => {
  const everything = new Proxy<NodeJS.ProcessEnv>({}, { get: () => 'something' });

  test.each(Object.entries(SERVICE_SETTINGS))(
    '%s is handed every setting that it declares, where another process starts it',
    (service, declared) => {
      const handed = Object.keys(settingsOf(service as ServiceName, everything));
      expect(Object.keys(declared).filter((name) => !handed.includes(name))).toStrictEqual([]);
    },
  );

  test('a setting without words, or with two different ones, makes no page', () => {
    const said = whole(0, 9).describe('How many.');
    const readers = (other: z.ZodType) => () => tell({ one: { COUNT: said }, two: { COUNT: other } });
    expect(() => tell({ one: { COUNT: whole(0) } })).toThrow('COUNT must be described');
    expect(readers(whole(0).describe('How many there are.'))).toThrow('COUNT must be described');
    expect(readers(whole(2).default(3))()).toStrictEqual([
      {
        name: 'COUNT',
        says: 'How many.',
        readings: [
          { reader: 'one', says: 'How many.', standard: null, expected: 'a whole number from 0 to 9' },
          { reader: 'two', says: undefined, standard: '3', expected: 'a whole number from 2 to 2147483647' },
        ],
      },
    ]);
  });
});

import { afterAll, describe, expect, test } from '@jest/globals';
import { plant, root, type PlantedTree } from './planted-tree.ts';
import { rejectionsOfDeciders } from './rejection-specs.ts';

const where = { deciders: 'command-api/src/**/*.decide.ts', specs: 'test/unit/**/*.test.ts' };
const trees: PlantedTree[] = [];
afterAll(() => Promise.all(trees.map((tree) => tree.remove())));

describe('Every rejection that a decider can give', () => {
  const given = rejectionsOfDeciders(root, where);

  test('is expected by a spec of that decider', () => {
    const missing = given.filter(({ expected }) => !expected).map(({ file, code }) => `${file}: ${code}`);
    expect(missing).toStrictEqual([]);
    expect(given.length).toBeGreaterThan(50);
    expect(new Set(given.map(({ file }) => file)).size).toBeGreaterThan(15);
  });
});

describe('The look for specs finds', () => {
  const DECIDERS = {
    'command-api/src/a/open.decide.ts': `
      export const refuseOpen = (person) => (person.used ? reject('link_used') : null);`,
    'command-api/src/a/give.decide.ts': `
      import { refuseOpen } from './open.decide.ts';
      const refusal = (person) => reject(person.staff ? 'forbidden' : 'hidden');
      export const decideGive = (person) => refuseOpen(person) ?? refusal(person);`,
  };
  const SPEC = (body: string): Record<string, string> => ({
    ...DECIDERS,
    'test/unit/give.test.ts': `
      import { decideGive } from '../../command-api/src/a/give.decide.ts';
      const USED = { rejection: 'link_used' };
      ${body}`,
    'test/unit/open.test.ts': `
      import { refuseOpen } from '../../command-api/src/a/open.decide.ts';
      test.each([['link_used']])('%s', (code) => expect(refuseOpen({}).rejection).toBe(code));`,
  });
  const missingIn = async (files: Record<string, string>): Promise<readonly string[]> => {
    const tree = await plant(files);
    trees.push(tree);
    return rejectionsOfDeciders(tree.folder, where)
      .filter(({ expected }) => !expected)
      .map(({ file, code }) => `${file.split('/').at(-1) ?? ''}: ${code}`)
      .toSorted();
  };

  test('nothing where each is expected, also by a name and in a table', async () => {
    const whole = `
      describe('giving', () => {
        const by = (person) => decideGive(person);
        test('a', () => given().when(by).then(USED));
        test('b', () => expect([by(1).rejection, by(2).rejection]).toEqual(['forbidden', 'hidden']));
      });`;
    expect(await missingIn(SPEC(whole))).toStrictEqual([]);
  });

  test('a rejection that no test of the decider expects, its own and that of a decider it calls', async () => {
    const less = `
      const elsewhere = 'hidden';
      test('a', () => expect(decideGive({}).rejection).toBe('forbidden'));
      test('b', () => expect(something()).toEqual(USED));`;
    expect(await missingIn(SPEC(less))).toStrictEqual(['give.decide.ts: hidden', 'give.decide.ts: link_used']);
  });

  test('a test that mentions another decider by the same name', async () => {
    const homonym = `
      describe('one', () => { const by = other; test('a', () => expect(by()).toEqual(USED)); });
      describe('two', () => { const by = decideGive; test('b', () => expect(by()).toEqual(['hidden', 'forbidden'])); });`;
    expect(await missingIn(SPEC(homonym))).toStrictEqual(['give.decide.ts: link_used']);
  });

  test('a decider without any spec', async () => {
    expect(await missingIn(DECIDERS)).toStrictEqual([
      'give.decide.ts: forbidden',
      'give.decide.ts: hidden',
      'give.decide.ts: link_used',
      'open.decide.ts: link_used',
    ]);
  });
});

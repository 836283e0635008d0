import { basename } from 'node:path';

const drawers = /^(utils?|helpers?|common|misc|types|index)(\.[a-z-]+)*\.(ts|js|mjs)$/;
const drawerFolder = /(^|\/)(utils?|helpers?|common|misc)\//;
const numbered = /\d+\.test\.ts$/;

/** An ESLint rule: a file's name says what is in it. Drawers, barrels and numbered tests say nothing. */
export const fileName = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      drawer: 'A file or folder named "{{name}}" becomes a drawer: name it after what it does.',
      numbered: 'A numbered test says nothing: name it after the behaviour that it shows.',
    },
  },
  create: (context) => ({
    Program: (node) => {
      const path = context.filename.slice(context.cwd.length + 1).replaceAll('\\', '/');
      const name = basename(path);
      if (drawers.test(name) || drawerFolder.test(path)) context.report({ node, messageId: 'drawer', data: { name } });
      if (numbered.test(name)) context.report({ node, messageId: 'numbered' });
    },
  }),
};

import { registerHooks } from 'node:module';

// `node --import` this, with PLANT_IN, PLANT_FROM and PLANT_TO set: the program sees one of its own source files as if
// somebody had replaced one word in it by another. No file is touched.

const { PLANT_IN: file = '', PLANT_FROM: from = '', PLANT_TO: to = '' } = process.env;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(file)) return loaded;
    const source = String(loaded.source);
    if (!source.includes(from)) throw new Error(`${file} has no ${from}`);
    return { ...loaded, source: source.replaceAll(from, to) };
  },
});

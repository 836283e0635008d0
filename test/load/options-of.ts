import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: Options }>>['values'];

/** The options behind a measuring command. Ends the process for one that it does not know (2): a sentence, and the help. */
export const optionsOf = <const Options extends ParseArgsOptionsConfig>(
  help: string,
  options: Options,
): Values<Options> => {
  try {
    return parseArgs<{ options: Options }>({ options }).values;
  } catch (fault) {
    console.error(`${(fault as Error).message}\n\n${help}`);
    process.exit(2);
  }
};

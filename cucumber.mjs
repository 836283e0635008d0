/** Use cases as Gherkin. The steps run natively in Node, against a started service. */
export default {
  paths: ['test/features/**/*.feature'],
  import: ['test/features/**/*.ts'],
  strict: true,
  publishQuiet: true,
};

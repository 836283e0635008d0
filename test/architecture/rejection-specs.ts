import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** What a top-level name of a file, or a test in it, mentions: strings, names, and the codes that it rejects with. */
interface Mentions {
  readonly names: Set<string>;
  readonly strings: Set<string>;
  readonly rejects: Set<string>;
}

interface SourceOf {
  readonly declared: ReadonlyMap<string, Mentions>;
  readonly exported: readonly string[];
  /** name in this file → file and name there */
  readonly imports: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
  /** What each `test(…)` of the file mentions, with all that the names in it lead to. */
  readonly tests: readonly Mentions[];
}

const mentionsOf = (node: ts.Node): Mentions => {
  const found: Mentions = { names: new Set(), strings: new Set(), rejects: new Set() };
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at)) found.names.add(at.text);
    if (ts.isStringLiteral(at)) found.strings.add(at.text);
    if (ts.isCallExpression(at) && ts.isIdentifier(at.expression) && at.expression.text === 'reject')
      for (const code of codesIn(at.arguments[0])) found.rejects.add(code);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
};

/** `reject('a')`, and both of `reject(x ? 'a' : 'b')`. */
const codesIn = (node: ts.Node | undefined): readonly string[] => {
  if (node === undefined) return [];
  if (ts.isStringLiteral(node)) return [node.text];
  return ts.isConditionalExpression(node) ? [...codesIn(node.whenTrue), ...codesIn(node.whenFalse)] : [];
};

const isExported = ({ modifiers }: { readonly modifiers?: ts.NodeArray<ts.ModifierLike> }): boolean =>
  modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

const isTest = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) && /^(test|it)\b/.test(node.expression.getText());

const fileOf = (root: string, from: string, specifier: string): string =>
  specifier.startsWith('@rollbook/shared/')
    ? `shared/src/${specifier.slice('@rollbook/shared/'.length)}.ts`
    : relative(root, resolve(root, dirname(from), specifier));

/** What is declared right in these statements. */
const declaredIn = (statements: readonly ts.Statement[]): Map<string, Mentions> => {
  const declared = new Map<string, Mentions>();
  for (const statement of statements) {
    if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name)
      declared.set(statement.name.text, mentionsOf(statement));
    if (!ts.isVariableStatement(statement)) continue;
    for (const declaration of statement.declarationList.declarations) {
      const { name } = declaration;
      const names = ts.isIdentifier(name) ? [name] : name.elements.flatMap((one) => ('name' in one ? [one.name] : []));
      for (const one of names) if (ts.isIdentifier(one)) declared.set(one.text, mentionsOf(declaration));
    }
  }
  return declared;
};

/** A test sees what is declared in the blocks around it, the nearest first, and the tables of `describe.each`. */
const testMentions = (test: ts.CallExpression): Mentions => {
  const mentions = mentionsOf(test);
  const declared = new Map<string, Mentions>();
  for (let at: ts.Node = test; ; at = at.parent) {
    if (ts.isCallExpression(at)) for (const name of mentionsOf(at.expression).names) mentions.names.add(name);
    if (ts.isBlock(at) || ts.isSourceFile(at))
      for (const [name, found] of declaredIn([...at.statements])) if (!declared.has(name)) declared.set(name, found);
    if (ts.isSourceFile(at)) return closure(declared, mentions);
  }
};

const read = (root: string, file: string): SourceOf => {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const exported: string[] = [];
  const imports = new Map<string, { file: string; name: string }>();
  const tests: Mentions[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableStatement(node) && isExported(node))
      for (const { name } of node.declarationList.declarations) exported.push(name.getText());
    if ((ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && node.name && isExported(node))
      exported.push(node.name.text);
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const from = fileOf(root, file, node.moduleSpecifier.text);
      const bindings = node.importClause?.namedBindings;
      if (bindings && ts.isNamedImports(bindings))
        for (const { name, propertyName } of bindings.elements)
          imports.set(name.text, { file: from, name: (propertyName ?? name).text });
    }
    if (isTest(node)) tests.push(testMentions(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { declared: declaredIn([...source.statements]), exported, imports, tests };
};

/** Everything that names of a file lead to inside it. */
const closure = (declared: ReadonlyMap<string, Mentions>, start: Mentions): Mentions => {
  const all: Mentions = { names: new Set(), strings: new Set(), rejects: new Set() };
  const open = [start];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const code of next.rejects) all.rejects.add(code);
    for (const text of next.strings) all.strings.add(text);
    for (const name of next.names) {
      if (all.names.has(name)) continue;
      all.names.add(name);
      const more = declared.get(name);
      if (more) open.push(more);
    }
  }
  return all;
};

/** A decider, a rejection that it can give, and whether a spec of it expects that one. */
export interface GivenRejection {
  readonly file: string;
  readonly code: string;
  readonly expected: boolean;
}

/** Where a decision goes on in another file. Elsewhere (handlers, ports) it ends. */
const isFollowed = (file: string): boolean => file.endsWith('.decide.ts') || file === 'shared/src/contracts/access.ts';

/**
 * Reads deciders and their specs, without running them: each rejection that a decider's exports can give, their own and
 * (`follow`) those of the deciders they call, must stand in a test that mentions one of these exports too.
 */
export const rejectionsOfDeciders = (
  root: string,
  { deciders, specs, follow = true }: { readonly deciders: string; readonly specs: string; readonly follow?: boolean },
): readonly GivenRejection[] => {
  const cache = new Map<string, SourceOf>();
  const sourceOf = (file: string): SourceOf => {
    const source = cache.get(file) ?? read(root, file);
    cache.set(file, source);
    return source;
  };
  const codesOf = (file: string, name: string, seen = new Set<string>()): readonly string[] => {
    const source = sourceOf(file);
    const own = source.declared.get(name);
    if (own === undefined || seen.has(`${file} ${name}`)) return [];
    seen.add(`${file} ${name}`);
    const all = closure(source.declared, own);
    const elsewhere = [...all.names].flatMap((used) => {
      const imported = source.imports.get(used);
      if (!follow || !imported || !isFollowed(imported.file) || !existsSync(join(root, imported.file))) return [];
      return codesOf(imported.file, imported.name, seen);
    });
    return [...all.rejects, ...elsewhere];
  };
  const allSpecs = globSync(specs, { cwd: root }).map((file) => sourceOf(file));
  return globSync(deciders, { cwd: root }).flatMap((file) => {
    const exported = sourceOf(file).exported;
    const codes = new Set(exported.flatMap((name) => codesOf(file, name)));
    const expected = new Set(
      allSpecs.flatMap((spec) => {
        const names = [...spec.imports].flatMap(([name, from]) => (from.file === file ? [name] : []));
        if (names.length === 0) return [];
        return spec.tests.flatMap((test) => (names.some((name) => test.names.has(name)) ? [...test.strings] : []));
      }),
    );
    return [...codes].map((code) => ({ file, code, expected: expected.has(code) }));
  });
};

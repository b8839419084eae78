// `npm run new filter request-tags`: writes the skeleton of an extension, its test or a document, and says what is left to do.
// A skeleton runs and its test passes; the words in capitals are what its author replaces.
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Files by path, and what remains for the author. */
interface Skeleton {
  readonly files: Readonly<Record<string, string>>;
  readonly next: readonly string[];
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function filterSkeleton(name: string): Skeleton {
  const definition = camelCase(name);
  return {
    files: {
      [`src/filters/${name}.ts`]: `// WHAT IT IS FOR. Runs in the guard stage of a listener's or a route's chain.
import { defineFilter } from '../pipeline/filter.ts';
import { s } from '../schema/builder.ts';

export const ${definition} = defineFilter({
  name: '${name}',
  summary: 'ONE SENTENCE FOR THE REFERENCE.',
  stage: 'guard',
  attach: ['listener', 'route'],
  inspects: { request: 'head', reply: 'head' },
  schema: s.object({}),
  examples: [{ title: 'WHEN TO USE IT', config: {} }],
  compile: () => ({
    onRequest: () => undefined,
  }),
});
`,
      [`src/filters/${name}.test.ts`]: `// ${name}: its examples are valid, and what it does to a request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ${definition} } from './${name}.ts';

test('every example is accepted by the schema', () => {
  for (const { config } of ${definition}.examples) assert.equal(${definition}.schema.parse(config).ok, true);
});
`,
    },
    next: [
      `src/filters/registry.ts: import { ${definition} } from './${name}.ts'; and add \`${definition},\` in pipeline order`,
      'npm run reference',
      `npm run new change ${name}`,
    ],
  };
}

function decisionSkeleton(name: string, root: string): Skeleton {
  const numbers = globSync('docs/decisions/*.md', { cwd: root }).map((path) => Number(/(\d{4})-/.exec(path)?.[1] ?? 0));
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
  const title = name.replaceAll('-', ' ');
  const text = `# ${number}: ${title}\n\nStatus: proposed\n\n## Context\n\n## Decision\n\n## Consequences\n\n## Alternatives\n`;
  return {
    files: { [`docs/decisions/${number}-${name}.md`]: text },
    next: ['One page: what forced it, what holds now, what it costs, what was not taken.'],
  };
}

function changeSkeleton(name: string): Skeleton {
  return {
    files: { [`changes/${name}.md`]: 'added: ONE SENTENCE, AS A USER WOULD SAY IT\n' },
    next: ['Keep one of added, changed, fixed, security; it moves into CHANGELOG.md at release.'],
  };
}

const KINDS: Readonly<Record<string, (name: string, root: string) => Skeleton>> = {
  filter: filterSkeleton,
  decision: decisionSkeleton,
  change: changeSkeleton,
};

/** Writes the skeleton below `root`, never over a file that exists, and returns what was written and what is left to do. */
export function createSkeleton(
  root: string,
  kind: string,
  name: string,
): { readonly lines: readonly string[]; readonly ok: boolean } {
  const skeletonOf = KINDS[kind];
  if (skeletonOf === undefined || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    return { ok: false, lines: [`usage: npm run new <${Object.keys(KINDS).join('|')}> <kebab-case-name>`] };
  }
  const { files, next } = skeletonOf(name, root);
  const taken = Object.keys(files).filter((path) => existsSync(join(root, path)));
  if (taken.length > 0) return { ok: false, lines: taken.map((path) => `${path} exists already`) };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return {
    ok: true,
    lines: [...Object.keys(files).map((path) => `wrote ${path}`), ...next.map((line) => `next: ${line}`)],
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { ok, lines } = createSkeleton(dirname(import.meta.dirname), process.argv[2] ?? '', process.argv[3] ?? '');
  for (const line of lines) console.log(line);
  process.exitCode = ok ? 0 : 1;
}

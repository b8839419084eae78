// Writes docs/reference/ from the definitions in the sources, so that the reference cannot say anything else than the code.
// `npm run reference` writes the pages; `--check` (in the gate) fails when one is not what would be written.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { createCatalog } from '../src/app/catalog.ts';
import { nativeJsonSchema } from '../src/dialects/native/json-schema.ts';
import { ERROR_CODES } from '../src/errors/codes.ts';
import { filterRegistry } from '../src/filters/registry.ts';
import { STAGES } from '../src/pipeline/stages.ts';
import { scenarioJsonSchema } from '../src/scenario/scenario-schema.ts';
import { type MetricDefinition, shownAs } from '../src/telemetry/metric-definition.ts';
import { METRIC_DEFINITIONS } from '../src/telemetry/metric-definitions.ts';
import { balancerRegistry } from '../src/upstream/balancers/registry.ts';
import { parameterParts, providerParts } from './provider-pages.ts';
import { type JsonSchema, SchemaTable, table } from './schema-table.ts';

const FOLDER = join(dirname(import.meta.dirname), 'docs', 'reference');

function page(title: string, source: string, parts: readonly string[]): string {
  return [
    `# ${title}`,
    '',
    `Generated from \`${source}\` by \`npm run reference\`; edits here are overwritten.`,
    '',
    ...parts,
  ].join('\n');
}

function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, entry]) => {
    const proxyStatus = 'proxyStatus' in entry ? `\`${entry.proxyStatus}\`` : '';
    return [
      `\`${code}\``,
      String(entry.status),
      entry.title,
      entry.source,
      entry.retry.replaceAll('-', ' '),
      proxyStatus,
    ];
  });
  return page('Error codes', 'src/errors/codes.ts', [
    'Every error the gateway itself answers with has one of these codes: in the `code` of the `application/problem+json`',
    'body (RFC 9457), in the message of an AI format’s own error JSON, in the log line and in the metrics. *Source* says',
    'who is at fault, *retry* what the gateway may do before it answers so, *Proxy-Status* is the RFC 9209 token it sends.',
    '',
    table(['code', 'status', 'title', 'source', 'retry', 'Proxy-Status'], rows),
  ]);
}

function filtersPage(): string {
  const parts = [`Stages run in this order: ${STAGES.join(', ')}. Inside a stage the order is that of this page.`, ''];
  for (const stage of STAGES) {
    for (const filter of filterRegistry.filter((each) => each.stage === stage)) {
      const schema = filter.schema.jsonSchema as JsonSchema;
      parts.push(`## ${filter.name}`, '', filter.summary, '');
      parts.push(
        `Stage \`${filter.stage}\`; attaches to ${filter.attach.join(', ')}; reads the request’s ${filter.inspects.request}`,
      );
      parts.push(`and the reply’s ${filter.inspects.reply}.`, '', new SchemaTable(schema).markdown(schema));
      for (const { title, config } of filter.examples)
        parts.push(`${title}:`, '', '```yaml', stringify(config).trimEnd(), '```', '');
    }
  }
  return page('Filters', 'src/filters/registry.ts', parts);
}

function balancersPage(): string {
  const parts = [
    'How a backend chooses among its endpoints: `balancer: NAME`, or a map with `name` and the settings below. All of them give',
    'nothing to an endpoint that is down while another is left, share by `weight` (0 = nothing new), ramp new and recovered',
    'endpoints up under `slow_start`, and use endpoints of a higher `priority` number only as those of the lower ones go down.',
    '',
  ];
  for (const balancer of balancerRegistry.values()) {
    const schema = balancer.schema.jsonSchema as JsonSchema;
    parts.push(`## ${balancer.name}`, '', balancer.summary, '');
    if (Object.keys(schema.properties ?? {}).length > 0) parts.push(new SchemaTable(schema).markdown(schema));
    for (const { title, config } of balancer.examples)
      parts.push(
        `${title}:`,
        '',
        '```yaml',
        stringify({ balancer: { name: balancer.name, ...(config as object) } }).trimEnd(),
        '```',
        '',
      );
  }
  return page('Balancers', 'src/upstream/balancers/registry.ts', parts);
}

function metricsPage(): string {
  const rows = Object.values<MetricDefinition>(METRIC_DEFINITIONS)
    .flatMap(shownAs)
    .map((metric) => {
      const labels = metric.labels.map((label) => `\`${label}\``).join(', ');
      return [`\`${metric.name}\``, metric.kind, labels, metric.help];
    });
  return page('Metrics', 'src/telemetry/metric-definitions.ts', [
    'Served in the Prometheus text format at `/metrics` of the admin address. A label whose values grow without bound is',
    'capped: what comes after the cap is counted under `_other`.',
    '',
    table(['name', 'kind', 'labels', 'meaning'], rows),
  ]);
}

/** One section per top-level key, so that a table stays readable. */
function sectionsOf(schema: JsonSchema): readonly string[] {
  const tables = new SchemaTable(schema);
  return Object.entries(schema.properties ?? {}).flatMap(([key, section]) => {
    const { description, ...rest } = section;
    const head = [`## ${key}`, '', `${description ?? ''} Value: ${tables.typeOf(section)}.`.trim(), ''];
    return tables.rows(rest, key).length === 0 ? head : [...head, tables.markdown(rest, key)];
  });
}

function configurationPage(): string {
  const schema = nativeJsonSchema(createCatalog()) as JsonSchema;
  const parts = [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the notation of the configuration itself
    'Configuration is YAML (or JSON). `${NAME}` takes a value from the environment, `${NAME:-default}` with a fallback;',
    '`@file path` takes it from a file. `switchyard schema` prints the JSON Schema that this page is made from, for editors.',
    '',
    ...sectionsOf(schema),
  ];
  return page('Configuration', 'src/dialects/native/', parts);
}

function scenariosPage(): string {
  const parts = [
    'What a file for `switchyard test` may say; [the guide](../guides/test-scenarios.md) shows how to write one. Comparisons are',
    'written as in configurations: `0`, `"< 1%"`, `">= 99%"`, `"<= 150ms"`. `switchyard schema --scenario` prints the JSON Schema',
    'that this page is made from, for editors.',
    '',
    ...sectionsOf(scenarioJsonSchema() as JsonSchema),
  ];
  return page('Scenarios', 'src/scenario/scenario-schema.ts', parts);
}

const PAGES: Readonly<Record<string, () => string>> = {
  'balancers.md': balancersPage,
  'configuration.md': configurationPage,
  'errors.md': errorsPage,
  'filters.md': filtersPage,
  'metrics.md': metricsPage,
  'parameters.md': () => page('Parameters across AI wires', 'src/llm/codecs/', parameterParts()),
  'providers.md': () => page('AI providers', 'src/llm/providers/registry.ts', providerParts()),
  'scenarios.md': scenariosPage,
};

function currentText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Names of the pages that differ from what the sources say; with `write` they are brought up to date. */
export function bringUpToDate(folder: string, mode: 'check' | 'write'): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const stale = Object.keys(PAGES).filter((name) => currentText(join(folder, name)) !== PAGES[name]());
  if (mode === 'write') for (const name of stale) writeFileSync(join(folder, name), PAGES[name]());
  return stale;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const mode = process.argv.includes('--check') ? 'check' : 'write';
  const stale = bringUpToDate(FOLDER, mode);
  for (const name of stale)
    console.log(`docs/reference/${name}: ${mode === 'check' ? 'stale, run `npm run reference`' : 'written'}`);
  if (mode === 'check' && stale.length > 0) process.exitCode = 1;
}

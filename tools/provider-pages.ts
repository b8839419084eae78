// The reference pages of AI providers and of what becomes of a client's wishes at each wire, written from the definitions.
import { stringify } from 'yaml';
import { isContentField } from '../src/llm/apply-parameter-table.ts';
import { formatRegistry } from '../src/llm/formats/registry.ts';
import type { ChatField, FieldTreatment, ParameterTable } from '../src/llm/parameter-table.ts';
import type { ProviderAdapter } from '../src/llm/provider.ts';
import { type AnyProviderDefinition, providerRegistry } from '../src/llm/providers/registry.ts';
import { type JsonSchema, SchemaTable, table } from './schema-table.ts';

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function adapterOf(definition: AnyProviderDefinition): ProviderAdapter {
  return definition.compile(definition.examples[0].config);
}

function addressOf(definition: AnyProviderDefinition): string {
  const { defaultBaseUrl, baseUrlOf, examples } = definition;
  if (defaultBaseUrl !== undefined) return code(defaultBaseUrl);
  const made = baseUrlOf?.(examples[0].config);
  return made === undefined ? 'none: `base_url` is required' : `made of the options, such as ${code(made)}`;
}

function providerPart(definition: AnyProviderDefinition): readonly string[] {
  const { name, summary, keyVariables, baseUrlVariables, schema, examples, speaks } = definition;
  const adapter = adapterOf(definition);
  const { properties = {} } = schema.jsonSchema as JsonSchema;
  const options = schema.jsonSchema as JsonSchema;
  return [
    `## ${name}`,
    '',
    summary,
    '',
    `- Address: ${addressOf(definition)}${baseUrlVariables.length === 0 ? '' : `; environment ${baseUrlVariables.map(code).join(', ')}`}`,
    `- Key: \`api_key\`${keyVariables.length === 0 ? '' : `, else environment ${keyVariables.map(code).join(', ')}`}`,
    `- Passed on as they come: ${speaks.length === 0 ? 'none, all are translated' : `requests of ${speaks.join(', ')}`}`,
    `- Operations: ${adapter.operations.join(', ')}`,
    '',
    ...(Object.keys(properties).length === 0 ? [] : ['`options`:', '', new SchemaTable(options).markdown(options)]),
    ...examples.flatMap(({ title, config }) =>
      Object.keys(config as object).length === 0
        ? []
        : [`${title}:`, '', '```yaml', stringify({ provider: name, options: config }).trimEnd(), '```', ''],
    ),
  ];
}

export function providerParts(): readonly string[] {
  return [
    'A backend with `provider: NAME` is an AI backend. Clients of any format reach any provider: requests of a format that the',
    'provider takes pass as bytes, others are translated, and [parameters](parameters.md) says what becomes of each wish.',
    '',
    ...[...providerRegistry.values()].flatMap(providerPart),
  ];
}

interface Column {
  readonly names: string[];
  readonly wire: string;
  readonly parameters: ParameterTable;
}

/** One for each table: providers of the same table share it. */
function columns(): readonly Column[] {
  const found: Column[] = [];
  for (const definition of providerRegistry.values()) {
    const target = adapterOf(definition).translation({ operation: 'chat', model: 'model', stream: false });
    if (target === undefined || target.codec.kind !== 'chat') continue;
    const { wire, parameters } = target.codec.codec;
    const same = found.find((column) => column.parameters === parameters);
    if (same === undefined) found.push({ names: [definition.name], wire, parameters });
    else same.names.push(definition.name);
  }
  return found;
}

function clientNames(field: ChatField): string {
  const names = new Set<string>();
  for (const format of formatRegistry.values())
    for (const operation of ['chat', 'responses', 'completions'] as const) {
      const name = format.chatCodec(operation)?.fieldNames[field];
      if (name !== undefined) names.add(name);
    }
  return [...names].map(code).join(', ');
}

function treatmentText({ treatment, as, note }: FieldTreatment): string {
  const target = as === undefined ? '' : ` as ${code(as)}`;
  return cell(`${treatment}${target}${note === undefined ? '' : `: ${note}`}`);
}

function tableOf({ names, wire, parameters }: Column): readonly string[] {
  const rows = (Object.keys(parameters) as ChatField[]).map((field) => [
    code(field),
    clientNames(field),
    isContentField(field) ? 'conversation' : 'parameter',
    treatmentText(parameters[field]),
  ]);
  const of = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  return [`## ${wire} (${of})`, '', table(['field', 'clients call it', 'kind', 'what becomes of it'], rows), ''];
}

export function parameterParts(): readonly string[] {
  return [
    'What becomes of each wish of a client at each wire that requests are translated to. *Mapped*: sent, maybe in other words.',
    '*Dropped*: left out and named in the header `x-switchyard-dropped` and in the log; `unsupported_parameters: refuse` on the',
    'backend makes it a refusal. *Refused*: the provider cannot be asked this; the next target of the route is, and without',
    'one the client gets 400. Requests that pass as bytes lose nothing.',
    '',
    ...columns().flatMap(tableOf),
  ];
}

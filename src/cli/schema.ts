// `switchyard schema`: the JSON Schemas of the configuration language and of scenarios, for editors.
import { Command } from 'commander';
import { createCatalog } from '../app/catalog.ts';
import { nativeJsonSchema } from '../dialects/native/json-schema.ts';
import { scenarioJsonSchema } from '../scenario/scenario-schema.ts';
import { outputTo } from './terminal.ts';

const EXAMPLES = `
Example:
  switchyard schema > gateway.schema.json
  and as the first line of gateway.yaml:  # yaml-language-server: $schema=gateway.schema.json`;

export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema (draft 2020-12) of the configuration language, or of scenarios.')
    .addHelpText('after', EXAMPLES)
    .option('--scenario', 'of the files that `switchyard test` runs')
    .action((options: { readonly scenario?: boolean }) => {
      const schema = options.scenario === true ? scenarioJsonSchema() : nativeJsonSchema(createCatalog());
      outputTo(process.stdout).line(JSON.stringify(schema, undefined, 2));
    });
}

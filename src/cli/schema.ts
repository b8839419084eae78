// `switchyard schema`: the JSON Schema of the configuration language, for editors.
import { Command } from 'commander';
import { createCatalog } from '../app/catalog.ts';
import { nativeJsonSchema } from '../dialects/native/json-schema.ts';
import { outputTo } from './terminal.ts';

const EXAMPLES = `
Example:
  switchyard schema > gateway.schema.json
  and as the first line of gateway.yaml:  # yaml-language-server: $schema=gateway.schema.json`;

export function schemaCommand(): Command {
  return new Command('schema')
    .description('Print the JSON Schema (draft 2020-12) of the configuration language.')
    .addHelpText('after', EXAMPLES)
    .action(() => outputTo(process.stdout).line(JSON.stringify(nativeJsonSchema(createCatalog()), undefined, 2)));
}

// `switchyard explain`: which route takes a request, why not the others, and what would be sent where.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { loadConfiguration } from '../app/configuration.ts';
import { type Explanation, explainOffline } from '../app/explain-offline.ts';
import type { SetExitCode } from './exit-code.ts';
import { readArguments } from './explain-arguments.ts';
import { collectOption } from './options.ts';
import { printExplanation } from './print-explanation.ts';
import { outputTo, printFindings } from './terminal.ts';

interface ExplainOptions {
  readonly request?: string;
  readonly header: readonly string[];
  readonly data?: string;
  readonly json?: boolean;
  readonly dialect?: string;
}

const EXAMPLES = `
Examples:
  switchyard explain gateway.yaml /api/users
  switchyard explain gateway.yaml DELETE /api/users/7
  switchyard explain gateway.yaml 'https://shop.example/cart?id=7' -X DELETE -H 'x-tenant: blue'
  switchyard explain conf/ /v1/chat/completions -d '{"model":"fast","messages":[{"role":"user","content":"Hi"}]}'
  switchyard explain gateway.yaml /v1/embeddings -d @request.json --json

The last argument is the request; alone it is explained by ./gateway.yaml. Exit code: 0 when it is explained, whatever becomes of it; 1 when the configuration has errors.`;

export function explainCommand(setExitCode: SetExitCode): Command {
  return new Command('explain')
    .description('Explain what becomes of a request, by the code that decides live.')
    .argument('<files-and-request...>', 'files or folders, then a path or URL')
    .option('-X, --request <method>', 'method (default GET, or POST with a body)')
    .option('-H, --header <line>', "header field, as 'name: value'; may be repeated", collectOption, [])
    .option('-d, --data <body>', 'body, or @file')
    .option('--json', 'print the explanation as JSON')
    .option('--dialect <name>', 'take every document as this dialect')
    .addHelpText('after', EXAMPLES)
    .action(async (given: readonly string[], options: ExplainOptions) => setExitCode(await explain(given, options)));
}

function parseHeader(line: string): readonly [name: string, value: string] | undefined {
  const colon = line.indexOf(':');
  return colon < 1 ? undefined : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

/** The body, or undefined when the file it names cannot be read. */
function readBody(data: string): string | undefined {
  if (!data.startsWith('@')) return data;
  try {
    return readFileSync(data.slice(1), 'utf8');
  } catch {
    return undefined;
  }
}

function asksForBody({ result }: Explanation): boolean {
  return result.kind === 'reply' && (result.error === 'request.bad-json' || result.error === 'request.model-missing');
}

async function explain(given: readonly string[], options: ExplainOptions): Promise<number> {
  const errors = outputTo(process.stderr);
  const read = readArguments(given);
  if (typeof read === 'string') {
    errors.line(read);
    return 2;
  }
  const { paths, target } = read;
  const headers = options.header.map(parseHeader);
  if (headers.includes(undefined)) {
    errors.line(`A header is written as 'name: value'.`);
    return 2;
  }
  const body = options.data === undefined ? undefined : readBody(options.data);
  if (options.data !== undefined && body === undefined) {
    errors.line(`${options.data.slice(1)} cannot be read.`);
    return 2;
  }
  const dialect = options.dialect === undefined ? {} : { dialect: options.dialect };
  const { model, findings } = loadConfiguration({ paths, documents: [], environment: process.env, ...dialect });
  if (model === undefined) {
    printFindings(findings, errors);
    return 1;
  }
  const method = options.request ?? read.method ?? (body === undefined ? 'GET' : 'POST');
  const fields = headers.filter((field) => field !== undefined);
  const explanation = await explainOffline(model, { method: method.toUpperCase(), target, headers: fields, body });
  if (explanation === undefined) {
    errors.line('The configuration has no listener.');
    return 1;
  }
  const output = outputTo(process.stdout);
  if (options.json === true) output.line(JSON.stringify(explanation, undefined, 2));
  else printExplanation(explanation, output);
  if (body === undefined && asksForBody(explanation))
    errors.line(`A body was not given; -d '{"model": "…"}' adds one.`);
  return 0;
}

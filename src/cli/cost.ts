// `switchyard cost`: what tokens of a model cost, and why a request that was served cost what it did.
import { Command, InvalidArgumentError } from 'commander';
import { askAdmin } from '../app/admin-client.ts';
import { loadConfiguration } from '../app/configuration.ts';
import { type CostExplanation, costOffline } from '../app/cost-offline.ts';
import type { SetExitCode } from './exit-code.ts';
import { printBill, printCostExplanation } from './print-cost.ts';
import { type Output, outputTo, printFindings } from './terminal.ts';

interface CostOptions {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWrite1h: number;
  readonly reasoning: number;
  readonly config?: string;
  readonly json?: boolean;
}

interface ExplainOptions {
  readonly admin: string;
  readonly adminToken?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  switchyard cost gpt-4o-mini --input 1200 --output 300
  switchyard cost anthropic/claude-sonnet-4-5 --input 9000 --cache-read 8000 --output 500
  switchyard cost own/llama --input 1000 --output 50 --config gateway.yaml
  switchyard cost explain 4bf92f3577b34da6a3ce929d0e0e4736

--input and --output are totals: cached, written and reasoning tokens are parts of them. Exit code: 1 when nobody says what it costs.`;

function tokensOption(text: string): number {
  const tokens = Number(text);
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Give a number of tokens.');
  return tokens;
}

export function costCommand(setExitCode: SetExitCode): Command {
  return new Command('cost')
    .description('Say what tokens of a model cost, or explain the cost of a request.')
    .argument('<model>', 'model, provider/model or backend/model; with --config also an alias')
    .option('-i, --input <tokens>', 'tokens of input', tokensOption, 0)
    .option('-o, --output <tokens>', 'tokens of output', tokensOption, 0)
    .option('--cache-read <tokens>', 'part of the input that the provider’s cache had', tokensOption, 0)
    .option('--cache-write <tokens>', 'part of the input written to its cache', tokensOption, 0)
    .option('--cache-write-1h <tokens>', 'part of that kept for an hour', tokensOption, 0)
    .option('--reasoning <tokens>', 'part of the output that is reasoning', tokensOption, 0)
    .option('-c, --config <file>', 'a configuration, for its prices')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (model: string, options: CostOptions) => setExitCode(await cost(model, options)))
    .addCommand(explainCostCommand(setExitCode));
}

function explainCostCommand(setExitCode: SetExitCode): Command {
  return new Command('explain')
    .description('Explain the cost of one of the last requests of a running gateway.')
    .argument('<id>', 'x-switchyard-request-id of the answer, else its x-request-id; request_id of the log')
    .option('--admin <url>', 'admin address of the gateway', 'http://127.0.0.1:8001')
    .option('--admin-token <token>', 'its token; better given as SWITCHYARD_ADMIN_TOKEN')
    .option('--json', 'print JSON')
    .action(async (id: string, options: ExplainOptions) => setExitCode(await explain(id, options)));
}

/** Undefined after what is wrong with it was printed. */
function pricesOf(config: string, errors: Output): ReturnType<typeof loadConfiguration>['model'] {
  const { model, findings } = loadConfiguration({ paths: [config], documents: [], environment: process.env });
  if (model === undefined) printFindings(findings, errors);
  return model;
}

async function cost(model: string, options: CostOptions): Promise<number> {
  const errors = outputTo(process.stderr);
  const { config, input, output, reasoning, cacheRead: cachedInput, cacheWrite, cacheWrite1h } = options;
  const configuration = config === undefined ? undefined : pricesOf(config, errors);
  if (config !== undefined && configuration === undefined) return 1;
  const counts = { input, output, reasoning, cachedInput, cacheWrite, cacheWrite1h };
  const found = await costOffline(model, counts, configuration);
  if (found === undefined) {
    errors.line(
      `Nobody says what tokens of ${model} cost. Its price can be written: catalog: {PROVIDER: {MODEL: {input, output}}}.`,
    );
    return 1;
  }
  const out = outputTo(process.stdout);
  if (options.json === true) out.line(JSON.stringify(found, undefined, 2));
  else printBill(found, out);
  return 0;
}

async function explain(id: string, { admin, adminToken, json }: ExplainOptions): Promise<number> {
  const token = adminToken ?? process.env.SWITCHYARD_ADMIN_TOKEN;
  const answer = await askAdmin({ url: admin, token }, `/api/v1/requests/${encodeURIComponent(id)}/cost`);
  if (!answer.ok) {
    outputTo(process.stderr).line(`${answer.reason}`);
    return 1;
  }
  const out = outputTo(process.stdout);
  if (json === true) out.line(JSON.stringify(answer.value, undefined, 2));
  else printCostExplanation(answer.value as CostExplanation, out);
  return 0;
}

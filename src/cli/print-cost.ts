// Costs as tables on a terminal: tokens × price = amount, line by line.
import type { CostExplanation, OfflineCost } from '../app/cost-offline.ts';
import { dollarsText } from '../base/pico-dollars.ts';
import type { Output } from './terminal.ts';

const WORDS: Readonly<Record<string, string>> = {
  input: 'input',
  cacheRead: 'cache read',
  cacheWrite: 'cache write',
  cacheWrite1h: 'cache write 1 h',
  audioInput: 'audio input',
  output: 'output',
  reasoning: 'reasoning',
  audioOutput: 'audio output',
  request: 'request',
};

interface Line {
  readonly part: string;
  readonly tokens: number;
  readonly rate: number;
}

function billLine({ part, tokens, rate }: Line): string {
  const amount = `${tokens * rate} pico-dollars`;
  const unit = part === 'request' ? 'requests' : 'tokens';
  return `  ${(WORDS[part] ?? part).padEnd(16)}${String(tokens).padStart(10)} ${unit} × ${rate} = ${amount}`;
}

export function printBill(
  { lines, entry, source, priceVersion, total, dollars, ...limits }: OfflineCost,
  output: Output,
): void {
  output.line(`${output.paint('bold', `$${dollars}`)}  ${entry}, price: ${source} (${priceVersion})`);
  for (const line of lines) output.line(billLine(line));
  output.line(`  ${'total'.padEnd(16)}${total} pico-dollars`);
  const { contextWindow, maxOutputTokens } = limits;
  if (contextWindow !== undefined) output.line(output.paint('dim', `  context window ${contextWindow} tokens`));
  if (maxOutputTokens !== undefined) output.line(output.paint('dim', `  longest answer ${maxOutputTokens} tokens`));
}

export function printCostExplanation(explanation: CostExplanation, output: Output): void {
  const { requestId, route, timestampMs, dollars, total, tries, priceVersion } = explanation;
  const flags = [explanation.estimated ? 'estimated' : '', explanation.aborted ? 'aborted' : ''].filter(Boolean);
  const amount = dollars === undefined ? 'without a price' : `$${dollars}`;
  output.line(
    `${output.paint('bold', amount)}  request ${requestId}, route ${route}, ${new Date(timestampMs).toISOString()}`,
  );
  if (flags.length > 0) output.line(output.paint('yellow', `  ${flags.join(', ')}`));
  for (const each of tries) {
    const model = each.answeredModel === '' ? each.model : `${each.model} (answered as ${each.answeredModel})`;
    output.line(`${each.isAnswer ? 'answer' : 'try not delivered'}: ${each.backend}, ${each.provider}, ${model}`);
    if (each.price === undefined) output.line('  nobody says what it costs');
    else output.line(output.paint('dim', `  price of ${each.price.entry}: ${each.price.source} (${priceVersion})`));
    for (const line of each.lines) output.line(billLine(line));
    if (each.total !== undefined)
      output.line(`  ${'sum'.padEnd(16)}${each.total} pico-dollars = $${dollarsText(each.total)}`);
  }
  if (total !== undefined && tries.length > 1) output.line(`total: ${total} pico-dollars`);
}

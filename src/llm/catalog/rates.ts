// What a model costs per token, and what tokens cost: integers of pico-dollars (base/pico-dollars.ts), so that sums are exact.
import type { Usage } from '../usage.ts';

/** Pico-dollars per token. A tier replaces `base` for all tokens of a request whose whole input is above its start. */
export interface Rate {
  readonly base: number;
  /** In rising order. */
  readonly tiers?: readonly { readonly above: number; readonly rate: number }[];
}

/** What is missing costs what the whole costs that it is a part of: a cache read like input, reasoning like output. */
export interface Rates {
  readonly input?: Rate;
  readonly output?: Rate;
  readonly cacheRead?: Rate;
  readonly cacheWrite?: Rate;
  readonly cacheWrite1h?: Rate;
  readonly reasoning?: Rate;
  readonly audioInput?: Rate;
  readonly audioOutput?: Rate;
  /** Each call, whatever its tokens. */
  readonly request?: Rate;
}

export const RATE_NAMES = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'reasoning',
  'audioInput',
  'audioOutput',
  'request',
] as const satisfies readonly (keyof Rates)[];

/** What one answer cost, in pico-dollars; the parts sum to the total. */
export interface Cost {
  readonly total: number;
  /** Input that was neither read from nor written to the provider's cache, audio included. */
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Output without reasoning, audio included. */
  readonly output: number;
  readonly reasoning: number;
  /** For the call itself. */
  readonly request: number;
}

/** One line of a bill: so many tokens at this rate. */
export interface CostLine {
  readonly part: keyof Rates;
  readonly tokens: number;
  readonly rate: number;
}

function rateOf(rate: Rate | undefined, input: number): number | undefined {
  if (rate === undefined) return undefined;
  let applies = rate.base;
  for (const tier of rate.tiers ?? []) if (input > tier.above) applies = tier.rate;
  return applies;
}

/** Tokens by what they are priced as. Parts that overlap (audio from the cache) count once, cheapest claim first: cache before audio. */
export function splitTokens(usage: Usage): Readonly<Record<keyof Rates, number>> {
  const { input, output } = usage;
  const cacheRead = Math.min(usage.cachedInput, input);
  const written = Math.min(usage.cacheWrite, input - cacheRead);
  const cacheWrite1h = Math.min(usage.cacheWrite1h, written);
  const audioInput = Math.min(usage.audioInput, input - cacheRead - written);
  const reasoning = Math.min(usage.reasoning, output);
  const audioOutput = Math.min(usage.audioOutput, output - reasoning);
  return {
    input: input - cacheRead - written - audioInput,
    cacheRead,
    cacheWrite: written - cacheWrite1h,
    cacheWrite1h,
    audioInput,
    output: output - reasoning - audioOutput,
    reasoning,
    audioOutput,
    request: 1,
  };
}

/** The bill of an answer, line by line; lines of no tokens are left out. */
export function billOf(rates: Rates, usage: Usage): readonly CostLine[] {
  const tokens = splitTokens(usage);
  const of = (...names: readonly (keyof Rates)[]): number => {
    for (const name of names) {
      const rate = rateOf(rates[name], usage.input);
      if (rate !== undefined) return rate;
    }
    return 0;
  };
  const lines: readonly CostLine[] = [
    { part: 'input', tokens: tokens.input, rate: of('input') },
    { part: 'cacheRead', tokens: tokens.cacheRead, rate: of('cacheRead', 'input') },
    { part: 'cacheWrite', tokens: tokens.cacheWrite, rate: of('cacheWrite', 'input') },
    { part: 'cacheWrite1h', tokens: tokens.cacheWrite1h, rate: of('cacheWrite1h', 'cacheWrite', 'input') },
    { part: 'audioInput', tokens: tokens.audioInput, rate: of('audioInput', 'input') },
    { part: 'output', tokens: tokens.output, rate: of('output') },
    { part: 'reasoning', tokens: tokens.reasoning, rate: of('reasoning', 'output') },
    { part: 'audioOutput', tokens: tokens.audioOutput, rate: of('audioOutput', 'output') },
    { part: 'request', tokens: 1, rate: of('request') },
  ];
  return lines.filter(({ part, tokens: count, rate }) => count > 0 && (part !== 'request' || rate > 0));
}

/** Undefined when it is no safe integer: above nine thousand dollars one answer is not dear, its counts are wrong. */
export function costOf(rates: Rates, usage: Usage): Cost | undefined {
  const whole = usage.input;
  const tokens = splitTokens(usage);
  // hot: once per AI exchange, so without the lines of billOf; a property test compares the two.
  const inputRate = rateOf(rates.input, whole) ?? 0;
  const outputRate = rateOf(rates.output, whole) ?? 0;
  const writeRate = rateOf(rates.cacheWrite, whole) ?? inputRate;
  const cacheRead = tokens.cacheRead * (rateOf(rates.cacheRead, whole) ?? inputRate);
  const cacheWrite =
    tokens.cacheWrite * writeRate + tokens.cacheWrite1h * (rateOf(rates.cacheWrite1h, whole) ?? writeRate);
  const input = tokens.input * inputRate + tokens.audioInput * (rateOf(rates.audioInput, whole) ?? inputRate);
  const output = tokens.output * outputRate + tokens.audioOutput * (rateOf(rates.audioOutput, whole) ?? outputRate);
  const reasoning = tokens.reasoning * (rateOf(rates.reasoning, whole) ?? outputRate);
  const request = rateOf(rates.request, whole) ?? 0;
  // All terms are positive: a sum that is a safe integer was made of safe integers.
  const total = input + cacheRead + cacheWrite + output + reasoning + request;
  return Number.isSafeInteger(total) ? { total, input, cacheRead, cacheWrite, output, reasoning, request } : undefined;
}

/** Undefined when the sum is no safe integer. */
export function addCosts(left: Cost, right: Cost): Cost | undefined {
  const sum = {
    total: left.total + right.total,
    input: left.input + right.input,
    cacheRead: left.cacheRead + right.cacheRead,
    cacheWrite: left.cacheWrite + right.cacheWrite,
    output: left.output + right.output,
    reasoning: left.reasoning + right.reasoning,
    request: left.request + right.request,
  };
  return Number.isSafeInteger(sum.total) ? sum : undefined;
}

/** Whether tokens have a price at all: some models are sold by the hour or the page. */
export function hasTokenPrice(rates: Rates): boolean {
  return rates.input !== undefined || rates.output !== undefined;
}

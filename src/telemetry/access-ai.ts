// The rarer AI fields of a log line: counts that most answers do not have, and what they cost, in agentgateway's names. Made as text
// before the line is written, so that its length is known.
import { dollarsText } from '../base/pico-dollars.ts';
import type { AccessCost, AccessGenAi } from './access-record.ts';
import { quoted } from './json-text.ts';

const PARTS = [
  ['input', 'input'],
  ['output', 'output'],
  ['cacheRead', 'cache_read'],
  ['cacheWrite', 'cache_write'],
  ['reasoning', 'reasoning'],
  ['request', 'request'],
] as const satisfies readonly (readonly [keyof AccessCost, string])[];

/** Members of `gen_ai.usage`, each with its comma in front. */
export function rareCounts({ cacheWriteTokens, audioInputTokens, audioOutputTokens, aborted }: AccessGenAi): string {
  let text = '';
  if (cacheWriteTokens > 0) text += `,"cache_creation":{"input_tokens":${cacheWriteTokens}}`;
  if (audioInputTokens > 0) text += `,"input_audio_tokens":${audioInputTokens}`;
  if (audioOutputTokens > 0) text += `,"output_audio_tokens":${audioOutputTokens}`;
  return aborted ? `${text},"aborted":true` : text;
}

/** Dollars as JSON numbers without rounding. Parts of nothing are left out. */
function costText(cost: AccessCost): string {
  let text = `"total":${dollarsText(cost.total)}`;
  for (const [member, name] of PARTS) if (cost[member] > 0) text += `,"${name}":${dollarsText(cost[member])}`;
  return text;
}

/** Seconds in the time between the first and the last token, by the tokens after the first; -1 = cannot be told. */
export function secondsPerToken(facts: Pick<AccessGenAi, 'outputTokens' | 'firstTokenMs'>, durationMs: number): number {
  const { outputTokens, firstTokenMs } = facts;
  if (firstTokenMs < 0 || outputTokens < 2) return -1;
  return Math.max(0, durationMs - firstTokenMs) / 1000 / (outputTokens - 1);
}

/** The member `agw`, with its comma in front; '' where there is nothing to tell. */
export function agentgatewayFields(facts: AccessGenAi, durationMs: number): string {
  const { cost, firstTokenMs, spent } = facts;
  if (cost === undefined && firstTokenMs < 0) return '';
  const members: string[] = [];
  if (firstTokenMs >= 0) members.push(`"time_to_first_token":${decimals(firstTokenMs / 1000)}`);
  const perToken = facts.aborted ? -1 : secondsPerToken(facts, durationMs);
  if (perToken >= 0) members.push(`"time_per_output_token":${decimals(perToken)}`);
  if (cost !== undefined) {
    const tries = spent === undefined ? '' : `,"spent_tries":${spent.length}`;
    members.push(`"usage":{"cost":{${costText(cost)}}${tries},"price_version":${quoted(facts.priceVersion)}}`);
  }
  return `,"agw":{"ai":{${members.join()}}}`;
}

function decimals(seconds: number): string {
  return String(Math.round(seconds * 1e6) / 1e6);
}

// The rarer AI fields of a log line: counts that most answers do not have, and what they cost, in agentgateway's names. None is longer
// than access-line.ts keeps room for.
import { type LineBytes, type Literal, literal } from './access-bytes.ts';
import type { AccessCost, AccessGenAi } from './access-record.ts';

const AGENTGATEWAY = literal(',"agw":{"ai":{');
const FIRST_TOKEN = literal('"time_to_first_token":');
const PER_TOKEN = literal(',"time_per_output_token":');
const COST = literal('"usage":{"cost":{"total":');
const COMMA = literal(',');
const END = literal('}');
const VERSION = literal(',"price_version":');
const END_OF_USAGE = literal('}');
const END_OF_AGENTGATEWAY = literal('}}');

const PARTS = [
  ['input', literal(',"input":')],
  ['output', literal(',"output":')],
  ['cacheRead', literal(',"cache_read":')],
  ['cacheWrite', literal(',"cache_write":')],
  ['reasoning', literal(',"reasoning":')],
  ['request', literal(',"request":')],
] as const satisfies readonly (readonly [keyof AccessCost, Literal])[];

/** Members of `gen_ai.usage`, each with its comma in front. */
export function rareCounts({ cacheWriteTokens, audioInputTokens, audioOutputTokens, aborted }: AccessGenAi): string {
  let text = '';
  if (cacheWriteTokens > 0) text += `,"cache_creation":{"input_tokens":${cacheWriteTokens}}`;
  if (audioInputTokens > 0) text += `,"input_audio_tokens":${audioInputTokens}`;
  if (audioOutputTokens > 0) text += `,"output_audio_tokens":${audioOutputTokens}`;
  return aborted ? `${text},"aborted":true` : text;
}

/** Seconds in the time between the first and the last token, by the tokens after the first; -1 = cannot be told. */
export function secondsPerToken(facts: Pick<AccessGenAi, 'outputTokens' | 'firstTokenMs'>, durationMs: number): number {
  const { outputTokens, firstTokenMs } = facts;
  if (firstTokenMs < 0 || outputTokens < 2) return -1;
  return Math.max(0, durationMs - firstTokenMs) / 1000 / (outputTokens - 1);
}

/** hot: the member `agw`, with its comma in front; nothing where there is nothing to tell. Makes no garbage. */
export function writeAgentgateway(facts: AccessGenAi, durationMs: number, out: LineBytes): void {
  const { cost, firstTokenMs } = facts;
  if (cost === undefined && firstTokenMs < 0) return;
  out.literal(AGENTGATEWAY);
  if (firstTokenMs >= 0) {
    out.literal(FIRST_TOKEN);
    out.seconds(firstTokenMs);
    const perToken = facts.aborted ? -1 : secondsPerToken(facts, durationMs);
    if (perToken >= 0) {
      out.literal(PER_TOKEN);
      out.seconds(perToken * 1000);
    }
    if (cost !== undefined) out.literal(COMMA);
  }
  if (cost !== undefined) writeCost(facts, cost, out);
  out.literal(END_OF_AGENTGATEWAY);
}

/** Dollars as JSON numbers without rounding. Parts of nothing are left out. */
function writeCost({ spent, priceVersion }: AccessGenAi, cost: AccessCost, out: LineBytes): void {
  out.literal(COST);
  out.dollars(cost.total);
  for (let index = 0; index < PARTS.length; index++) {
    const [member, name] = PARTS[index];
    if (cost[member] === 0) continue;
    out.literal(name);
    out.dollars(cost[member]);
  }
  out.literal(END);
  if (spent !== undefined) out.text(`,"spent_tries":${spent.length}`);
  out.literal(VERSION);
  out.quoted(priceVersion);
  out.literal(END_OF_USAGE);
}

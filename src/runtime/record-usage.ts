// Token counts of an answer into the exchange's record, and back: what the log shows, and what is priced.
import type { Usage } from '../llm/usage.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';

export type GenAiCounts = Pick<
  GenAiRecord,
  | 'inputTokens'
  | 'outputTokens'
  | 'totalTokens'
  | 'cachedTokens'
  | 'reasoningTokens'
  | 'cacheWriteTokens'
  | 'cacheWrite1hTokens'
  | 'audioInputTokens'
  | 'audioOutputTokens'
>;

export function takeCounts(into: GenAiCounts, from: GenAiCounts): void {
  into.inputTokens = from.inputTokens;
  into.outputTokens = from.outputTokens;
  into.totalTokens = from.totalTokens;
  into.cachedTokens = from.cachedTokens;
  into.reasoningTokens = from.reasoningTokens;
  into.cacheWriteTokens = from.cacheWriteTokens;
  into.cacheWrite1hTokens = from.cacheWrite1hTokens;
  into.audioInputTokens = from.audioInputTokens;
  into.audioOutputTokens = from.audioOutputTokens;
}

export function recordUsage(record: GenAiRecord, usage: Usage): void {
  record.inputTokens = usage.input;
  record.outputTokens = usage.output;
  record.totalTokens = usage.total;
  record.cachedTokens = usage.cachedInput;
  record.reasoningTokens = usage.reasoning;
  record.cacheWriteTokens = usage.cacheWrite;
  record.cacheWrite1hTokens = usage.cacheWrite1h;
  record.audioInputTokens = usage.audioInput;
  record.audioOutputTokens = usage.audioOutput;
}

/** Undefined while nobody told. */
export function usageOf(record: GenAiCounts): Usage | undefined {
  if (record.totalTokens < 0) return undefined;
  return {
    input: record.inputTokens,
    output: record.outputTokens,
    total: record.totalTokens,
    cachedInput: record.cachedTokens,
    reasoning: record.reasoningTokens,
    cacheWrite: record.cacheWriteTokens,
    cacheWrite1h: record.cacheWrite1hTokens,
    audioInput: record.audioInputTokens,
    audioOutput: record.audioOutputTokens,
  };
}

/** As before any answer. */
export function forgetUsage(record: GenAiRecord): void {
  record.inputTokens = -1;
  record.outputTokens = -1;
  record.totalTokens = -1;
  record.cachedTokens = -1;
  record.reasoningTokens = -1;
  record.cacheWriteTokens = -1;
  record.cacheWrite1hTokens = -1;
  record.audioInputTokens = -1;
  record.audioOutputTokens = -1;
  record.relayedEvents = -1;
  record.relayedCharacters = -1;
}

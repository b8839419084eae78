// Token counts of an answer into the exchange's record.
import type { Usage } from '../llm/usage.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';

export function recordUsage(record: GenAiRecord, usage: Usage): void {
  record.inputTokens = usage.input;
  record.outputTokens = usage.output;
  record.totalTokens = usage.total;
  record.cachedTokens = usage.cachedInput;
  record.reasoningTokens = usage.reasoning;
}

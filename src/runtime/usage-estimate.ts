// Tokens of answers whose provider told none, or was cut off before it could: counted by the tokenizer where there is text, by size
// where there is not. Started by cost-meter.ts at the end of an exchange; flagged `estimated` in the log.
import { framedTokens, textParts, tokensBySize, tokensRelayed } from '../llm/estimate-text.ts';
import type { TokenCounter } from '../llm/token-counter.ts';
import type { Exchange } from '../pipeline/exchange.ts';
import type { GenAiRecord } from '../pipeline/outcome.ts';

/** Operations that are priced by the tokens of texts. */
const COUNTED: ReadonlySet<string> = new Set(['chat', 'completions', 'embeddings', 'responses']);
/** Longer bodies are estimated by their size. */
const MAX_TEXT_BYTES = 256 * 1024;

/** What there is to count, taken while the exchange's buffers are its own. */
export interface EstimateParts {
  readonly model: string;
  /** -1: nothing needs to be counted of the input, it was told. */
  readonly promptBytes: number;
  readonly prompt: string;
  readonly messages: number;
  /** By size or events; the answer's text, where it is known, counts more. */
  readonly outputTokens: number;
  readonly answer: string;
}

/** An answer began, and what it used is not known, or only of its beginning: Anthropic tells one token of output at the start. */
export function needsEstimate({ status, responseBytes }: Exchange, record: GenAiRecord): boolean {
  if (status < 200 || status > 299 || responseBytes === 0 || !COUNTED.has(record.operation)) return false;
  if (record.totalTokens < 0) return true;
  return record.aborted && record.streaming && record.outputTokens * 2 < outputOf(record, responseBytes);
}

export function estimateParts(exchange: Exchange, record: GenAiRecord): EstimateParts {
  const { body, responseBytes } = exchange;
  const isInputKnown = record.inputTokens > 0;
  const bytes = isInputKnown || body.whole === undefined ? undefined : body.wholeBytes();
  const promptBytes = isInputKnown ? -1 : (bytes?.length ?? body.receivedBytes);
  const isShort = bytes !== undefined && bytes.length <= MAX_TEXT_BYTES;
  const { text: prompt, messages } = isShort ? textParts(bytes.toString()) : { text: '', messages: 0 };
  const answer = record.answerBody === undefined ? '' : textParts(record.answerBody.toString()).text;
  return {
    model: record.sentModel,
    promptBytes,
    prompt,
    messages,
    answer,
    outputTokens: outputOf(record, responseBytes),
  };
}

function outputOf(record: GenAiRecord, bytes: number): number {
  const { provider, relayedEvents: events, relayedCharacters: characters, operation } = record;
  if (operation === 'embeddings') return 0;
  if (characters >= 0) return tokensBySize(characters);
  return events >= 0 ? tokensRelayed({ provider, events, bytes }) : tokensBySize(bytes);
}

export type EstimateMethod = 'tokenizer' | 'size';

/** Calls `done` once: in a later turn when there is text for the tokenizer, else at once. */
export function estimate(
  parts: EstimateParts,
  counter: TokenCounter | undefined,
  done: (input: number, output: number, method: EstimateMethod) => void,
): void {
  const { prompt, answer, messages, outputTokens, promptBytes } = parts;
  const bySize = (): void => done(promptBytes < 0 ? -1 : tokensBySize(promptBytes), outputTokens, 'size');
  if (counter === undefined || (prompt === '' && answer === '')) {
    bySize();
    return;
  }
  counter.count([prompt, answer], parts.model, (counts) => {
    if (counts === undefined) {
      bySize();
      return;
    }
    const input = promptBytes < 0 ? -1 : framedTokens(prompt === '' ? tokensBySize(promptBytes) : counts[0], messages);
    done(input, answer === '' ? outputTokens : counts[1], 'tokenizer');
  });
}

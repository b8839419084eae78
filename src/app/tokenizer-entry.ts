// Entry of the thread that counts tokens: it may stand still while the tokenizer loads, no request waits here.
import { parentPort } from 'node:worker_threads';
import { countTokens } from '../llm/tokenizer.ts';
import type { CountAnswer, CountQuestion } from './tokenizer-thread.ts';

parentPort?.on('message', async ({ ticket, texts, model }: CountQuestion) => {
  const counts: number[] = [];
  for (const text of texts) counts.push(await countTokens(text, model));
  parentPort?.postMessage({ ticket, counts } satisfies CountAnswer);
});

// The thread that counts: started when asked, answers each question once, and a dead one leaves nobody waiting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenizerThread } from './tokenizer-thread.ts';

const ask = (thread: TokenizerThread, ...texts: readonly string[]): Promise<readonly number[] | undefined> =>
  new Promise((resolve) => thread.count(texts, 'gpt-4o', resolve));

test('texts are counted in their order; the thread that ended takes its questions with it', async () => {
  const thread = new TokenizerThread();
  const [one, two] = await Promise.all([ask(thread, 'hello world', ''), ask(thread, 'hello')]);
  assert.deepEqual([one, two], [[2, 0], [1]]);
  const lost = ask(thread, 'x '.repeat(100_000));
  await thread.close();
  assert.equal(await lost, undefined);
  assert.equal(await ask(thread, 'hello'), undefined, 'closed for good');
});

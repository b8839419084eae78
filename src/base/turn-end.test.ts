// The order of work at the end of a turn: answers, requests, writes; what is put off meanwhile comes in the next turn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnswerAtTurnEnd, readRequestAtTurnEnd, writeAtTurnEnd } from './turn-end.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('answers before requests before writes, each in order of arrival', async () => {
  const seen: string[] = [];
  writeAtTurnEnd({ writeNow: () => seen.push('write 1') });
  readRequestAtTurnEnd({ readNow: () => seen.push('request 1') });
  readAnswerAtTurnEnd({ readNow: () => seen.push('answer') });
  readRequestAtTurnEnd({ readNow: () => seen.push('request 2') });
  assert.deepEqual(seen, []);
  await turn();
  assert.deepEqual(seen, ['answer', 'request 1', 'request 2', 'write 1']);
});

test('what readers ask to write is written in the same turn', async () => {
  const seen: string[] = [];
  readRequestAtTurnEnd({
    readNow: () => writeAtTurnEnd({ writeNow: () => seen.push('write') }),
  });
  await turn();
  assert.deepEqual(seen, ['write']);
});

test('what a writer puts off waits for the next turn', async () => {
  const seen: string[] = [];
  writeAtTurnEnd({
    writeNow() {
      seen.push('first');
      writeAtTurnEnd({ writeNow: () => seen.push('second') });
    },
  });
  await turn();
  assert.deepEqual(seen, ['first']);
  await turn();
  assert.deepEqual(seen, ['first', 'second']);
});

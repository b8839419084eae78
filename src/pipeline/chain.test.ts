// The walk through a chain: who answers, who sees the reply, and that nothing waits without need.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chain } from './chain.ts';
import type { Exchange } from './exchange.ts';
import type { Filter } from './filter.ts';
import { createReply } from './reply.ts';

const exchange = (): Exchange => ({ answeredAt: -1 }) as Exchange;

function spy(name: string, seen: string[], answers: 'passes' | 'answers' | 'answers-later'): Filter {
  return {
    onRequest() {
      seen.push(name);
      if (answers === 'passes') return undefined;
      const reply = createReply(418, [], name);
      return answers === 'answers' ? reply : Promise.resolve(reply);
    },
    onReply(_exchange, reply) {
      seen.push(`${name} reply`);
      return reply;
    },
  };
}

for (const answers of ['answers', 'answers-later'] as const) {
  test(`a filter that ${answers} ends the request; only filters that saw it see the reply, in reverse`, async () => {
    const seen: string[] = [];
    const chain = new Chain([spy('a', seen, 'passes'), spy('b', seen, answers), spy('c', seen, 'passes')]);
    const one = exchange();
    const reply = await chain.request(one);
    assert.equal(String(reply?.body), 'b');
    await chain.reply(one, createReply(200, [], undefined), one.answeredAt);
    assert.deepEqual(seen, ['a', 'b', 'b reply', 'a reply']);
  });
}

test('without promises nothing is deferred', () => {
  const chain = new Chain([spy('a', [], 'passes'), spy('b', [], 'answers')]);
  assert.ok(!(chain.request(exchange()) instanceof Promise));
  assert.ok(!(chain.reply(exchange(), createReply(200, [], undefined)) instanceof Promise));
});

test('a promise in the middle is waited for and the rest runs after it', async () => {
  const seen: string[] = [];
  const slow: Filter = {
    async onRequest() {
      await Promise.resolve();
      seen.push('slow');
      return undefined;
    },
    async onReply(_exchange, reply) {
      await Promise.resolve();
      seen.push('slow reply');
      return reply;
    },
  };
  const chain = new Chain([spy('a', seen, 'passes'), slow, spy('c', seen, 'passes')]);
  assert.equal(await chain.request(exchange()), undefined);
  await chain.reply(exchange(), createReply(200, [], undefined));
  assert.deepEqual(seen, ['a', 'slow', 'c', 'c reply', 'slow reply', 'a reply']);
});

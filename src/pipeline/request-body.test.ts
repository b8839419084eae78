// A request body between a server that pushes and a consumer that says when: order, back-pressure, and how much is read ahead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LOOK_AHEAD_BYTES, RequestBody } from './request-body.ts';

class Flow {
  isPaused = false;
  demands = 0;
  demandBody(): void {
    this.demands++;
  }
  pauseBody(): void {
    this.isPaused = true;
  }
  resumeBody(): void {
    this.isPaused = false;
  }
}

/** Takes `takes` pieces after each `more`, then asks for a pause. */
class Consumer {
  readonly told: string[] = [];
  private left: number;
  private readonly body: RequestBody;

  constructor(body: RequestBody, takes = Number.POSITIVE_INFINITY) {
    this.body = body;
    this.left = takes;
  }

  onBodyChunk(chunk: Buffer): void {
    this.told.push(chunk.length > 8 ? `${chunk.length} bytes` : chunk.toString());
    if (--this.left <= 0) this.body.pause();
  }

  onBodyEnd(): void {
    this.told.push('end');
  }

  onBodyFailure(code: string): void {
    this.told.push(code);
  }

  more(takes: number): void {
    this.left = takes;
    this.body.resume();
  }
}

function bodyOf(declaredBytes = -1): { body: RequestBody; flow: Flow } {
  const body = new RequestBody();
  const flow = new Flow();
  body.setIncoming(declaredBytes, flow);
  return { body, flow };
}

test('before anybody wants it the body is read ahead up to a limit, then its sender is held back', () => {
  const { body, flow } = bodyOf();
  body.push(Buffer.alloc(LOOK_AHEAD_BYTES - 1));
  assert.equal(flow.isPaused, false);
  body.push(Buffer.from('x'));
  assert.equal(flow.isPaused, true);
  const consumer = new Consumer(body);
  body.stream(consumer);
  assert.deepEqual(consumer.told, [`${LOOK_AHEAD_BYTES - 1} bytes`, 'x']);
  assert.equal(flow.isPaused, false);
  assert.equal(flow.demands, 1);
});

test('a consumer that has enough gets nothing until it wants more; the sender is held back at the limit only', () => {
  const { body, flow } = bodyOf();
  const consumer = new Consumer(body, 1);
  body.stream(consumer);
  body.push(Buffer.from('a'));
  body.push(Buffer.from('b'));
  assert.deepEqual(consumer.told, ['a']);
  assert.equal(flow.isPaused, false);
  body.push(Buffer.alloc(LOOK_AHEAD_BYTES));
  assert.equal(flow.isPaused, true);
  consumer.more(1);
  assert.deepEqual(consumer.told, ['a', 'b']);
  assert.equal(flow.isPaused, true, 'most of it is still here');
  consumer.more(2);
  assert.deepEqual(consumer.told.slice(2), [`${LOOK_AHEAD_BYTES} bytes`]);
  assert.equal(flow.isPaused, false);
});

test('the end is told behind the last piece, once', () => {
  const { body } = bodyOf();
  const consumer = new Consumer(body, 1);
  body.stream(consumer);
  for (const piece of 'abc') body.push(Buffer.from(piece));
  body.finish();
  assert.equal(body.isComplete, true);
  assert.deepEqual(consumer.told, ['a']);
  consumer.more(1);
  assert.deepEqual(consumer.told, ['a', 'b']);
  consumer.more(2);
  consumer.more(2);
  assert.deepEqual(consumer.told, ['a', 'b', 'c', 'end']);
});

test('a failure does not wait for the pieces before it, and ends everything', () => {
  const { body } = bodyOf();
  const consumer = new Consumer(body, 1);
  body.stream(consumer);
  body.push(Buffer.from('a'));
  body.push(Buffer.from('b'));
  body.fail('request.aborted');
  consumer.more(9);
  assert.deepEqual(consumer.told, ['a', 'request.aborted']);
});

test('a failure before there is a consumer is told to it', () => {
  const { body } = bodyOf();
  body.push(Buffer.from('a'));
  body.fail('request.aborted');
  const consumer = new Consumer(body);
  body.stream(consumer);
  assert.deepEqual(consumer.told, ['a', 'request.aborted']);
});

type Step = { readonly push: string } | { readonly take: number } | { readonly stream: number };

test('whatever the order of pushing and taking, every piece arrives once and in order, the end last', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ push: fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' }) }),
    fc.record({ take: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ stream: fc.integer({ min: 1, max: 3 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { body } = bodyOf();
      const sent: string[] = [];
      let consumer: Consumer | undefined;
      for (const each of steps) {
        if ('push' in each) {
          sent.push(each.push);
          body.push(Buffer.from(each.push));
        } else if ('take' in each) consumer?.more(each.take);
        else if (consumer === undefined) {
          consumer = new Consumer(body, each.stream);
          body.stream(consumer);
        }
      }
      body.finish();
      if (consumer === undefined) {
        consumer = new Consumer(body);
        body.stream(consumer);
      } else consumer.more(Number.POSITIVE_INFINITY);
      assert.deepEqual(consumer.told, [...sent, 'end']);
    }),
    { seed: 6, numRuns: 500 },
  );
});

test('a body longer than may be held streams, and loses nothing', () => {
  const { body, flow } = bodyOf();
  const outcomes: string[] = [];
  body.push(Buffer.from('ab'));
  body.holdUpTo(4, (outcome) => outcomes.push(outcome));
  assert.equal(flow.demands, 1);
  body.push(Buffer.from('cd'));
  assert.deepEqual(outcomes, []);
  body.push(Buffer.from('e'));
  assert.deepEqual(outcomes, ['longer']);
  assert.equal(body.whole, undefined);
  const consumer = new Consumer(body);
  body.stream(consumer);
  body.push(Buffer.from('f'));
  body.finish();
  assert.deepEqual(consumer.told, ['ab', 'cd', 'e', 'f', 'end']);
  assert.deepEqual(outcomes, ['longer'], 'told once');
});

test('of a body that is declared longer nothing is waited for', () => {
  const { body, flow } = bodyOf(5);
  const outcomes: string[] = [];
  body.holdUpTo(4, (outcome) => outcomes.push(outcome));
  assert.deepEqual(outcomes, ['longer']);
  assert.equal(flow.demands, 0, 'the client is not asked to send before somebody wants it');
});

test('a body that fails while it is waited for says so once', () => {
  const { body } = bodyOf();
  const outcomes: string[] = [];
  body.holdUpTo(100, (outcome) => outcomes.push(outcome));
  body.push(Buffer.from('a'));
  body.fail('request.aborted');
  body.fail('request.body-timeout');
  assert.deepEqual(outcomes, ['request.aborted']);
});

test('what may be held goes beyond what is read ahead', () => {
  const { body, flow } = bodyOf();
  let outcome = '';
  body.push(Buffer.alloc(LOOK_AHEAD_BYTES));
  assert.equal(flow.isPaused, true);
  body.holdUpTo(2 * LOOK_AHEAD_BYTES, (said) => {
    outcome = said;
  });
  assert.equal(flow.isPaused, false);
  body.push(Buffer.alloc(LOOK_AHEAD_BYTES));
  assert.equal(flow.isPaused, false);
  body.finish();
  assert.equal(outcome, 'complete');
  assert.equal(body.wholeBytes().length, 2 * LOOK_AHEAD_BYTES);
});

test('property: held whole when it fits, else streamed, byte for byte, however it arrives and whenever the wait begins', () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5 }), { maxLength: 8 });
  fc.assert(
    fc.property(chunks, fc.nat(20), fc.nat(9), (parts, maxBytes, before) => {
      const { body } = bodyOf();
      const all = Buffer.concat(parts);
      const outcomes: string[] = [];
      const wait = (): void => body.holdUpTo(maxBytes, (outcome) => outcomes.push(outcome));
      for (const [index, part] of parts.entries()) {
        if (index === before) wait();
        body.push(Buffer.from(part));
      }
      if (before >= parts.length) wait();
      body.finish();
      assert.deepEqual(outcomes, [all.length <= maxBytes ? 'complete' : 'longer']);
      if (all.length <= maxBytes) assert.deepEqual(Buffer.from(body.wholeBytes()), all);
      else {
        const taken: Buffer[] = [];
        body.stream({ onBodyChunk: (chunk) => taken.push(chunk), onBodyEnd: () => {}, onBodyFailure: assert.fail });
        assert.deepEqual(Buffer.concat(taken), all);
      }
    }),
    { seed: 3, numRuns: 500 },
  );
});

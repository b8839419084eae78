// What every source of tokens keeps to, whatever it fetches them from; run by the test of each of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CredentialError, type TokenClock, type TokenSource } from './token-source.ts';

/** A source and the service behind it, played. */
export interface PlayedTokens {
  readonly source: TokenSource;
  /** Fetches so far. */
  fetches(): number;
  /** What the service answers from now on. */
  answer(token: string, lifeMs: number): void;
  fail(): void;
  /** Fetches wait from now on, until released. */
  hold(): void;
  release(): void;
}

export interface TokenTest {
  readonly name: string;
  /** Holds no word of this in any failure. */
  readonly secret: string;
  create(clock: TokenClock): PlayedTokens;
}

const HOUR_MS = 3_600_000;

/** Lets what is ready happen; fetches here take turns of the loop, no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((done) => setImmediate(done));
}

export function testTokenSource({ name, secret, create }: TokenTest): void {
  function play(): { readonly played: PlayedTokens; readonly clock: { now: number } & TokenClock } {
    const clock = { now: 1_700_000_000_000, wallMs: () => clock.now };
    const played = create(clock);
    played.answer('first', HOUR_MS);
    return { played, clock };
  }

  test(`${name}: has nothing before the first fetch, and one token for all after it`, async () => {
    const { played } = play();
    assert.equal(played.source.current(), undefined);
    assert.equal(played.fetches(), 0);
    const tokens = await Promise.all([played.source.next(), played.source.next(), played.source.next()]);
    assert.deepEqual(tokens, ['first', 'first', 'first']);
    assert.equal(played.fetches(), 1);
    assert.equal(played.source.current(), 'first');
    assert.equal(await played.source.next(), 'first');
    assert.equal(played.fetches(), 1);
  });

  test(`${name}: is renewed ahead of its end, while requests go on with the old one`, async () => {
    const { played, clock } = play();
    await played.source.next();
    played.answer('second', HOUR_MS);
    clock.now += HOUR_MS - 300_000;
    assert.equal(played.source.current(), 'first');
    await settle();
    assert.equal(played.fetches(), 1);
    clock.now += 100_000;
    played.hold();
    assert.equal(played.source.current(), 'first');
    assert.equal(played.source.current(), 'first');
    await settle();
    assert.equal(played.fetches(), 2);
    assert.equal(await played.source.next(), 'first');
    played.release();
    await settle();
    assert.equal(played.source.current(), 'second');
    assert.equal(played.fetches(), 2);
  });

  test(`${name}: a token at its end is not sent`, async () => {
    const { played, clock } = play();
    await played.source.next();
    played.answer('second', HOUR_MS);
    clock.now += HOUR_MS - 5000;
    assert.equal(played.source.current(), undefined);
    assert.equal(await played.source.next(), 'second');
  });

  test(`${name}: a failed renewal leaves the old token in use`, async () => {
    const { played, clock } = play();
    await played.source.next();
    played.fail();
    clock.now += HOUR_MS - 100_000;
    assert.equal(played.source.current(), 'first');
    await settle();
    assert.equal(played.source.current(), 'first');
    assert.equal(await played.source.next(), 'first');
    played.answer('second', HOUR_MS);
    clock.now += 2000;
    assert.equal(played.source.current(), 'first');
    await settle();
    assert.equal(played.source.current(), 'second');
  });

  test(`${name}: a failure is told without the secret, not repeated at once, and forgotten`, async () => {
    const { played, clock } = play();
    played.fail();
    const told = (error: unknown): boolean => {
      assert.ok(error instanceof CredentialError);
      assert.ok(error.message.length > 0);
      assert.ok(!`${error.message} ${error.stack}`.includes(secret));
      return true;
    };
    await assert.rejects(played.source.next(), told);
    await assert.rejects(played.source.next(), told);
    assert.equal(played.fetches(), 1);
    clock.now += 1000;
    await assert.rejects(played.source.next(), told);
    assert.equal(played.fetches(), 2);
    played.answer('first', HOUR_MS);
    clock.now += 2000;
    assert.equal(await played.source.next(), 'first');
    played.fail();
    clock.now += HOUR_MS;
    await assert.rejects(played.source.next(), told);
    played.answer('first', HOUR_MS);
    clock.now += 1000;
    assert.equal(await played.source.next(), 'first');
  });

  test(`${name}: a token that cannot stand in a header field, or is over, is a failure`, async () => {
    for (const [token, lifeMs] of [
      ['a\r\nx: 1', HOUR_MS],
      ['', HOUR_MS],
      ['late', -1000],
    ] as const) {
      const { played } = play();
      played.answer(token, lifeMs);
      await assert.rejects(played.source.next(), CredentialError);
      assert.equal(played.source.current(), undefined);
    }
  });
}

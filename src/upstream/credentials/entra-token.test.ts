// Tokens of Entra: what is asked, and every way of getting none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entraFetch } from './entra-token.ts';
import type { Post, PostAnswer } from './https-post.ts';
import { testTokenSource } from './token-source.contract.ts';
import { RenewedToken } from './token-source.ts';

const NEED = { kind: 'entra', tenantId: 'tenant', clientId: 'client', scope: 'https://x.test/.default' } as const;
const SECRET = 's3cret&value';

testTokenSource({
  name: 'entra',
  secret: SECRET,
  create(clock) {
    let count = 0;
    let answer: PostAnswer | undefined;
    let gate = Promise.resolve();
    let open: () => void = () => undefined;
    const post: Post = async () => {
      count++;
      await gate;
      return answer ?? { status: 401, body: JSON.stringify({ error: 'invalid_client', error_description: SECRET }) };
    };
    return {
      source: new RenewedToken(entraFetch(NEED, SECRET, { post, clock }), clock),
      fetches: () => count,
      answer: (token, lifeMs) => {
        answer = { status: 200, body: JSON.stringify({ access_token: token, expires_in: lifeMs / 1000 }) };
      },
      fail: () => {
        answer = undefined;
      },
      hold: () => {
        gate = new Promise((done) => {
          open = done;
        });
      },
      release: () => open(),
    };
  },
});

const CLOCK = { wallMs: () => 5000 };

test('asks by client credentials', async () => {
  const asked: string[] = [];
  const post: Post = async (url, form) => {
    asked.push(url, form);
    return { status: 200, body: '{"access_token":"t","expires_in":"3599"}' };
  };
  const outcome = await entraFetch(NEED, SECRET, { post, clock: CLOCK })();
  assert.deepEqual(outcome, { kind: 'token', token: 't', expiresAtMs: 5000 + 3_599_000 });
  assert.deepEqual(asked, [
    'https://login.microsoftonline.com/tenant/oauth2/v2.0/token',
    'grant_type=client_credentials&client_id=client&client_secret=s3cret%26value&scope=https%3A%2F%2Fx.test%2F.default',
  ]);
});

const ANSWERS: readonly (readonly [answer: PostAnswer | Error, reason: string])[] = [
  [{ status: 401, body: '{"error":"invalid_client"}' }, 'no token of Entra: status 401 (invalid_client)'],
  [{ status: 400, body: `{"error":"${SECRET}"}` }, 'no token of Entra: status 400'],
  [{ status: 302, body: '' }, 'no token of Entra: status 302'],
  [{ status: 200, body: '<html>' }, 'no token of Entra: an answer without a token'],
  [{ status: 200, body: '{"access_token":5,"expires_in":1}' }, 'no token of Entra: an answer without a token'],
  [{ status: 200, body: 'null' }, 'no token of Entra: an answer without a token'],
  [Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' }), 'no token of Entra: ECONNREFUSED'],
  [new Error(SECRET), 'no token of Entra: no answer'],
];

for (const [answer, reason] of ANSWERS) {
  test(`says ${reason}`, async () => {
    const post: Post = async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    };
    assert.deepEqual(await entraFetch(NEED, SECRET, { post, clock: CLOCK })(), { kind: 'failure', reason });
  });
}

test('without a secret nothing is asked', async () => {
  const post: Post = () => assert.fail('asked');
  assert.equal((await entraFetch(NEED, undefined, { post, clock: CLOCK })()).kind, 'failure');
});

// Tokens of Google Cloud: with the library played, and once with the library itself and a service account made here.
import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import { GoogleAuth } from 'google-auth-library';
import { type GoogleClientLoader, googleFetch } from './google-token.ts';
import { testTokenSource } from './token-source.contract.ts';
import { RenewedToken } from './token-source.ts';

const NEED = { kind: 'google', scopes: ['https://www.googleapis.com/auth/cloud-platform'] } as const;
const SECRET = 'PRIVATE-KEY-TEXT';
const KEY_FILE = JSON.stringify({ type: 'service_account', client_email: 'a@b.test', private_key: SECRET });

testTokenSource({
  name: 'google',
  secret: SECRET,
  create(clock) {
    let count = 0;
    let answer: { readonly token: string; readonly lifeMs: number } | undefined;
    let gate = Promise.resolve();
    let open: () => void = () => undefined;
    const credentials = { expiry_date: 0 };
    const load: GoogleClientLoader = async () => ({
      credentials,
      async getAccessToken() {
        count++;
        await gate;
        if (answer === undefined) throw new Error(`cannot sign with ${SECRET}`);
        credentials.expiry_date = clock.wallMs() + answer.lifeMs;
        return { token: answer.token };
      },
    });
    return {
      source: new RenewedToken(googleFetch(NEED, KEY_FILE, load), clock),
      fetches: () => count,
      answer: (token, lifeMs) => {
        answer = { token, lifeMs };
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

const FAILURES: readonly (readonly [error: object, reason: string])[] = [
  [{ response: { status: 400, data: { error: 'invalid_grant' } } }, 'invalid_grant'],
  [{ response: { status: 403, data: { error: `no ${SECRET}` } } }, 'status 403'],
  [{ code: 'ENOTFOUND' }, 'ENOTFOUND'],
  [{ code: `bad ${SECRET}` }, 'the credentials cannot be used'],
];

for (const [error, reason] of FAILURES) {
  test(`says ${reason}`, async () => {
    const load: GoogleClientLoader = async () => {
      throw Object.assign(new Error(SECRET), error);
    };
    assert.deepEqual(await googleFetch(NEED, KEY_FILE, load)(), {
      kind: 'failure',
      reason: `no token of Google: ${reason}`,
    });
  });
}

test('a key that is no key file is told without its text, and nothing is loaded', async () => {
  const load: GoogleClientLoader = () => assert.fail('loaded');
  for (const text of [SECRET, `"${SECRET}"`, `{"private_key":"${SECRET}"}`]) {
    const outcome = await googleFetch(NEED, text, load)();
    assert.ok(outcome.kind === 'failure' && !outcome.reason.includes(SECRET));
  }
});

test('without a key the machine’s credentials are asked for', async () => {
  let isOfMachine = false;
  const load: GoogleClientLoader = async ({ key, scopes }) => {
    isOfMachine = key === undefined && scopes.length === 1;
    return { credentials: { expiry_date: 5 }, getAccessToken: async () => ({ token: 't' }) };
  };
  assert.deepEqual(await googleFetch(NEED, undefined, load)(), { kind: 'token', token: 't', expiresAtMs: 5 });
  assert.ok(isOfMachine);
});

test('the library signs with the key and gives the token with its end', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const asked: string[] = [];
  const fetchImplementation: typeof fetch = async (_, init) => {
    asked.push(String(init?.body));
    return Response.json({ access_token: 'ya29.token', expires_in: 3600, token_type: 'Bearer' });
  };
  const load: GoogleClientLoader = async ({ key, scopes }) =>
    new GoogleAuth({
      scopes: [...scopes],
      credentials: key ?? {},
      clientOptions: { transporterOptions: { fetchImplementation } },
    }).getClient();
  const key = {
    type: 'service_account',
    client_email: 'robot@project.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
  const outcome = await googleFetch(NEED, JSON.stringify(key), load)();
  assert.ok(outcome.kind === 'token');
  assert.equal(outcome.token, 'ya29.token');
  assert.ok(outcome.expiresAtMs > Date.now());
  const assertion = new URLSearchParams(asked[0]).get('assertion') ?? '';
  const [head, claims, signature] = assertion.split('.');
  assert.ok(verify('sha256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url')));
  const { iss, scope } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, string>;
  assert.deepEqual([iss, scope], ['robot@project.iam.gserviceaccount.com', NEED.scopes[0]]);
});

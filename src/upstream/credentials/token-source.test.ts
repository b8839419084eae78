// Renewal of tokens, whatever fetches them.
import { testTokenSource } from './token-source.contract.ts';
import { RenewedToken } from './token-source.ts';

testTokenSource({
  name: 'a renewed token',
  secret: 'hunter2',
  create(clock) {
    let count = 0;
    let answer: (() => ReturnType<ConstructorParameters<typeof RenewedToken>[0]>) | undefined;
    let gate = Promise.resolve();
    let open: () => void = () => undefined;
    const source = new RenewedToken(async () => {
      count++;
      await gate;
      return answer === undefined ? { kind: 'failure', reason: 'the service is away' } : answer();
    }, clock);
    return {
      source,
      fetches: () => count,
      answer: (token, lifeMs) => {
        answer = async () => ({ kind: 'token', token, expiresAtMs: clock.wallMs() + lifeMs });
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

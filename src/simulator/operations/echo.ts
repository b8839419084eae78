// Every path that is no AI operation: plain HTTP that says what it received, for routes to ordinary services.
import { type Answer, jsonAnswer } from '../answer.ts';
import type { Faults } from '../faults.ts';

export interface EchoFacts {
  readonly simulator: string;
  readonly method: string;
  readonly url: string;
  /** Already masked unless the operator said otherwise. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
}

export function answerEcho(facts: EchoFacts, faults: Faults): Answer {
  if (faults.bytes === undefined) return jsonAnswer(200, facts);
  const unpadded = JSON.stringify({ ...facts, padding: '' });
  const missing = Math.max(0, faults.bytes - Buffer.byteLength(unpadded));
  return jsonAnswer(200, { ...facts, padding: '.'.repeat(missing) });
}

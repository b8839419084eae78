// A client for the simulator's tests that reads whole answers: JSON, or the events of a stream.
import { after } from 'node:test';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator.ts';

interface Call {
  readonly id?: string;
  readonly index: number;
  readonly function: { readonly name: string; readonly arguments: string };
}

interface Choice {
  readonly index: number;
  readonly text: string;
  readonly finish_reason: string | null;
  readonly message: { readonly content: string; readonly tool_calls: readonly Call[] };
  readonly delta: { readonly role?: string; readonly content?: string; readonly tool_calls?: readonly Call[] };
}

/** Every member that some answer has and some test reads; the assertions say which must be there. */
export interface Shape {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly sequence_number: number;
  readonly delta: string;
  readonly deleted: boolean;
  readonly response: Shape;
  readonly incomplete_details: { readonly reason: string };
  readonly output: readonly { readonly content: readonly { readonly text: string }[] }[];
  readonly choices: readonly Choice[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
  readonly data: readonly {
    readonly id: string;
    readonly embedding: unknown;
    readonly content: readonly { readonly text: string }[];
  }[];
  readonly error: { readonly message: string; readonly type: string; readonly param: string; readonly code: string };
  readonly simulator: string;
  readonly method: string;
  readonly url: string;
  readonly bytes: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly faults: readonly object[];
  readonly requests: ReturnType<Simulator['received']>;
}

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Shape;
  /** The `data:` values of a stream, parsed, without `[DONE]`. */
  readonly events: readonly Shape[];
}

/** A simulator that ends with the test. */
export async function open(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ port: 0, ...options });
  after(() => simulator.close());
  return simulator;
}

export async function send(
  simulator: Simulator,
  path: string,
  init: RequestInit & { readonly json?: unknown } = {},
): Promise<Got> {
  const { json, ...rest } = init;
  const post = json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) };
  const response = await fetch(simulator.url + path, { ...post, ...rest });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const events = text.matchAll(/^data: (\{.*)$/gm).map(([, data]) => JSON.parse(data) as Shape);
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (isJson && text !== '' ? JSON.parse(text) : {}) as Shape,
    events: isJson ? [] : [...events],
  };
}

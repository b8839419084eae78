// Reads examples/*/requests.yaml: which servers stand behind an example, what is sent, and what must come of it. An unknown word
// is an error, so that no expectation is written in vain.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A simulator behind the example; its URL (and `path` behind it) goes into the environment variable. */
export interface ExampleServer {
  readonly name: string;
  readonly variable: string;
  readonly path?: string;
  /** Nothing listens there: for examples of failover. */
  readonly down?: boolean;
}

export interface ExampleRequest {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent so often; default once. */
  readonly times?: number;
  readonly expect: ExampleExpectation;
}

export interface ExampleExpectation {
  readonly status: number;
  readonly route?: string;
  /** Backend that answered every time. */
  readonly upstream?: string;
  /** Backends and how often each answered, when the request is sent several times. */
  readonly shares?: Readonly<Record<string, number>>;
  /** Model that was sent to the provider. */
  readonly model?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Texts that stand in the body. */
  readonly body?: readonly string[];
  /** Texts that do not. */
  readonly body_without?: readonly string[];
}

export interface ExampleFile {
  readonly servers: readonly ExampleServer[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly requests: readonly ExampleRequest[];
}

const FILE_KEYS = ['servers', 'environment', 'requests'];
const SERVER_KEYS = ['name', 'variable', 'path', 'down'];
const REQUEST_KEYS = ['name', 'method', 'path', 'headers', 'body', 'times', 'expect'];
const EXPECT_KEYS = ['status', 'route', 'upstream', 'shares', 'model', 'headers', 'body', 'body_without'];

function assertKeys(value: unknown, known: readonly string[], place: string): void {
  if (typeof value !== 'object' || value === null) throw new Error(`${place} must be a map`);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`${place} has no "${unknown}"; known: ${known.join(', ')}`);
}

/** Throws with file and place when the file says something that nobody would check. */
export function readExampleFile(path: string): ExampleFile {
  const file = parse(readFileSync(path, 'utf8')) as ExampleFile;
  assertKeys(file, FILE_KEYS, path);
  for (const server of file.servers) assertKeys(server, SERVER_KEYS, `${path}: a server`);
  for (const request of file.requests) {
    assertKeys(request, REQUEST_KEYS, `${path}: "${request.name}"`);
    assertKeys(request.expect, EXPECT_KEYS, `${path}: what "${request.name}" expects`);
    if (typeof request.expect.status !== 'number') throw new Error(`${path}: "${request.name}" expects no status`);
  }
  return file;
}

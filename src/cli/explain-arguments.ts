// What a person writes behind `explain`, taken apart: configuration, method and target, in any of the forms they come in.
import { existsSync } from 'node:fs';

export interface ExplainArguments {
  readonly paths: readonly string[];
  /** From the words themselves (`GET /x`); an option goes before it. */
  readonly method: string | undefined;
  readonly target: string;
}

const DEFAULT_FILE = 'gateway.yaml';
/** As in a log or a specification: `POST /v1/models HTTP/1.1`. */
const REQUEST_LINE = /^([A-Z]+) +(\S+)(?: +HTTP\/\d(?:\.\d)?)?$/;
const HOW = 'Give the configuration and then the request: switchyard explain gateway.yaml /v1/models';

function isBrokenUrl(target: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(target) && URL.parse(target) === null;
}

/** The arguments understood, or what to tell the person. A lone request is explained by ./gateway.yaml, as `run` would serve it. */
export function readArguments(given: readonly string[]): ExplainArguments | string {
  const last = given.at(-1);
  if (last === undefined) return HOW;
  const line = REQUEST_LINE.exec(last);
  const target = line?.[2] ?? last;
  let paths = given.slice(0, -1);
  let method = line?.[1];
  const word = paths.at(-1);
  if (method === undefined && word !== undefined && /^[A-Z]+$/.test(word) && !existsSync(word)) {
    method = word;
    paths = paths.slice(0, -1);
  }
  if (paths.length === 0) {
    if (!/^\/|:\/\//.test(target) || existsSync(target) || !existsSync(DEFAULT_FILE)) return HOW;
    paths = [DEFAULT_FILE];
  }
  if (isBrokenUrl(target)) return `${target} is not a URL.`;
  return { paths, method, target };
}

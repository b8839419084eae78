// A single request held against what must come of it; the first answer that differs is told.
import { placeOf } from './endpoint-place.ts';
import type { ReceivedRequest } from './received-request.ts';
import type { AnswerExpectation, ReceivedExpectation, SingleRequest } from './scenario.ts';
import type { SingleAnswer } from './simulation.ts';
import type { Verdict } from './verdict.ts';

interface Difference {
  readonly what: string;
  readonly wanted: unknown;
  readonly found: unknown;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return typeof value === 'string' ? `"${value.length > 300 ? `${value.slice(0, 300)}…` : value}"` : String(value);
}

function answerHeader(lines: string, name: string): string | undefined {
  const line = lines.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim();
}

function inReceived(expect: ReceivedExpectation, received: ReceivedRequest | undefined): readonly Difference[] {
  const { target, headers = {}, body = [] } = expect;
  return [
    ...(target === undefined || target === received?.target
      ? []
      : [{ what: 'path received', wanted: target, found: received?.target }]),
    ...Object.entries(headers).flatMap(([name, value]) => {
      const found = received?.headers.get(name.toLowerCase());
      return (found ?? null) === value ? [] : [{ what: `${name} received`, wanted: value, found }];
    }),
    ...body.flatMap((part) =>
      received?.body.includes(part) === true ? [] : [{ what: 'body received', wanted: part, found: received?.body }],
    ),
  ];
}

const FACTS = ['status', 'route', 'backend', 'endpoint', 'model', 'error', 'attempts'] as const;

function factsOf({ record }: SingleAnswer): Readonly<Record<(typeof FACTS)[number], unknown>> {
  const { status, route, backend, endpoint, model, errorCode, attempts } = record;
  return { status, route, backend, endpoint, model, error: errorCode, attempts: attempts.length };
}

function isSame(what: (typeof FACTS)[number], wanted: unknown, found: unknown): boolean {
  if (what === 'endpoint' && typeof wanted === 'string' && typeof found === 'string')
    return placeOf(wanted) === placeOf(found);
  return wanted === found;
}

function differences(expect: AnswerExpectation, answer: SingleAnswer): readonly Difference[] {
  const facts = factsOf(answer);
  return [
    ...FACTS.flatMap((what) =>
      expect[what] === undefined || isSame(what, expect[what], facts[what])
        ? []
        : [{ what, wanted: expect[what], found: facts[what] }],
    ),
    ...Object.entries(expect.headers ?? {}).flatMap(([name, value]) => {
      const found = answerHeader(answer.lines, name);
      return found === value ? [] : [{ what: name, wanted: value, found }];
    }),
    ...(expect.body ?? []).flatMap((part) =>
      answer.body.includes(part) ? [] : [{ what: 'body', wanted: part, found: answer.body }],
    ),
    ...(expect.received === undefined ? [] : inReceived(expect.received, answer.received.at(-1))),
  ];
}

/** What is expected, in words: `status 200, route ai`. */
function wordsOf(expect: AnswerExpectation): string {
  const facts = FACTS.flatMap((what) => (expect[what] === undefined ? [] : [`${what} ${expect[what]}`]));
  const others = [
    ...Object.entries(expect.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...(expect.body === undefined ? [] : ['text in the body']),
    ...(expect.received === undefined ? [] : ['what the endpoint receives']),
  ];
  return [...facts, ...others].join(', ') || 'an answer';
}

export function judgeSingle(single: SingleRequest, answers: readonly SingleAnswer[]): Verdict {
  const { request, expect, times, origin } = single;
  const named = request.name ?? `${request.method} ${request.target}`;
  const expected = `${named}${times === 1 ? '' : `, ${times} times`}: ${wordsOf(expect)}`;
  for (const [index, answer] of answers.entries()) {
    const different = differences(expect, answer);
    if (different.length === 0) continue;
    const which = times === 1 ? '' : `answer ${index + 1}: `;
    const found = different
      .map(({ what, wanted, found }) => `${what} is ${shown(found)}, not ${shown(wanted)}`)
      .join('; ');
    return { origin, ok: false, expected, found: which + found, atMs: answer.record.atMs };
  }
  if (answers.length < times)
    return { origin, ok: false, expected, found: `${answers.length} answers`, atMs: undefined };
  return { origin, ok: true, expected, found: 'as expected', atMs: undefined };
}

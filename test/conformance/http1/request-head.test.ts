// The table of raw requests against the head parser alone, whole and in two pieces at every place.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ERROR_CODES } from '../../../src/errors/codes.ts';
import { DEFAULT_LISTENER_LIMITS, DEFAULT_PATH_POLICY } from '../../../src/model/defaults.ts';
import { NEED_MORE } from '../../../src/wire/field-parser.ts';
import { BAD_HEAD, parseRequestHead, RequestHead } from '../../../src/wire/http1-request-parser.ts';
import { normalisePath } from '../../../src/wire/path-normal.ts';
import type { RequestCase } from './request-case.ts';
import { REQUEST_CASES } from './request-cases.ts';

/** What the parser alone makes of the bytes: a status that refuses, or what a server would go on with. */
function verdictOf(bytes: Buffer): string {
  const head = new RequestHead();
  const end = parseRequestHead(bytes, 0, bytes.length, DEFAULT_LISTENER_LIMITS, head);
  if (end === NEED_MORE) return 'incomplete';
  if (end === BAD_HEAD) return `refuse ${ERROR_CODES[head.error].status}`;
  const path = head.rawPath === '*' ? '*' : normalisePath(head.rawPath, DEFAULT_PATH_POLICY);
  if (path === undefined) return 'answer 400';
  return `accept ${head.method} ${path}${head.query === '' ? '' : `?${head.query}`}`;
}

/** Verdicts that are passed on what a head says, after it was parsed. */
function isDecidedLater({ verdict, isBodyFault }: RequestCase): boolean {
  if (isBodyFault === true || (verdict.kind === 'answer' && verdict.status === 405)) return true;
  return verdict.kind === 'refuse' && (verdict.status === 405 || verdict.status === 417);
}

function expectedOf({ verdict }: RequestCase): string {
  if (verdict.kind === 'accept') return `accept ${verdict.method} ${verdict.target}`;
  return `${verdict.kind} ${verdict.status}`;
}

/** Blank lines before a request are the connection's affair. */
function withoutBlankLines(text: string): string {
  return text.replace(/^[\r\n]+/, '');
}

describe('raw requests, head parser', () => {
  test('the table has no two cases of one name', () => {
    assert.equal(new Set(REQUEST_CASES.map((each) => each.name)).size, REQUEST_CASES.length);
    assert.ok(REQUEST_CASES.length >= 120);
  });

  for (const each of REQUEST_CASES) {
    test(`${each.name} (RFC ${each.rfc})`, () => {
      const text = withoutBlankLines(each.bytes);
      const bytes = Buffer.from(text, 'latin1');
      if (isDecidedLater(each)) assert.match(verdictOf(bytes), /^accept /);
      else assert.equal(verdictOf(bytes), expectedOf(each));
      if (bytes.length > 2000) return;
      const whole = verdictOf(bytes);
      for (let length = 1; length < bytes.length; length++) {
        const verdict = verdictOf(bytes.subarray(0, length));
        assert.ok(verdict === 'incomplete' || verdict === whole, `first ${length} bytes: ${verdict}, all: ${whole}`);
      }
    });
  }
});

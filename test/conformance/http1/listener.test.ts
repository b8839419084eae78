// The table of raw requests through real sockets, on both serving paths: a fresh connection (our own parser) and one that was
// handed to node:http before. A client must not be able to tell them apart.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { echoHandler } from '../../support/echo-handler.ts';
import { startListener, type TestListener } from '../../support/listener.ts';
import { transcript } from '../../support/raw-client.ts';
import type { RequestCase, Verdict } from './request-case.ts';
import { REQUEST_CASES } from './request-cases.ts';

const SENTINEL = 'GET /sentinel HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n';
const HANDED_OFF = 'POST /first HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';

let listener: TestListener;

before(async () => {
  listener = await startListener({ handler: echoHandler });
});
after(() => listener.close());

/** Splits a transcript into its replies. Every reply of the echo has Content-Length, those to HEAD aside. */
function repliesOf(text: string): readonly string[] {
  const replies: string[] = [];
  let rest = text;
  while (rest !== '') {
    const headEnd = rest.indexOf('\r\n\r\n') + 4;
    assert.ok(headEnd > 3, `not a head: ${JSON.stringify(rest)}`);
    const length = Number(/content-length: (\d+)/.exec(rest.slice(0, headEnd))?.[1] ?? 0);
    replies.push(rest.slice(0, headEnd + length));
    rest = rest.slice(headEnd + length);
  }
  return replies;
}

/** Whether the client asks for the connection to be closed. */
function closes({ bytes }: RequestCase): boolean {
  return /HTTP\/1\.0|Connection: close/i.test(bytes);
}

function check(replies: readonly string[], verdict: Verdict, isLast: boolean): void {
  const first = replies[0] ?? '';
  if (verdict.kind !== 'accept') {
    assert.match(first, new RegExp(`^HTTP/1\\.1 ${verdict.status} `), JSON.stringify(replies));
    if (verdict.kind === 'refuse') assert.equal(replies.length, 1, 'the connection is closed');
    return;
  }
  assert.match(first, /^HTTP\/1\.1 200 /, JSON.stringify(replies));
  const saw = JSON.parse(first.slice(first.indexOf('\r\n\r\n') + 4)) as Record<string, string>;
  assert.deepEqual([saw.method, saw.target, saw.body], [verdict.method, verdict.target, verdict.body]);
  assert.equal(/connection: close/.test(first.slice(0, first.indexOf('\r\n\r\n'))), isLast);
  assert.equal(replies.length, isLast ? 1 : 2);
  if (!isLast) assert.match(replies[1], /"target":"\/sentinel"/);
}

/** 100 belongs to the client's wait, not to the verdict. */
function withoutInterim(text: string): string {
  return text.replaceAll(/HTTP\/1\.1 100 Continue\r\n\r\n/g, '');
}

/** Blanks around a value are not part of it (RFC 9110 §5.5); node:http does not keep them. */
function withoutBlanks(reply: string): string {
  return reply
    .replace(/(:)[ \t]*((?:[^\\"]|\\(?!r))*?)(?:[ \t]|\\t)*(?=\\r\\n)/g, '$1$2')
    .replace(/:(?:[ ]|\\t)+/g, ':')
    .replace(/content-length:\d+/, '');
}

describe('raw requests, both serving paths', () => {
  for (const each of REQUEST_CASES) {
    // The stand-in runtime knows no methods.
    if (each.verdict.kind === 'answer' && each.verdict.status === 405) continue;
    test(`${each.name} (RFC ${each.rfc})`, async () => {
      const fresh = repliesOf(withoutInterim(await transcript(listener.port, each.bytes + SENTINEL)));
      check(fresh, each.verdict, closes(each));
      const [opening, ...handed] = repliesOf(
        withoutInterim(await transcript(listener.port, HANDED_OFF + each.bytes + SENTINEL)),
      );
      assert.match(opening ?? '', /^HTTP\/1\.1 200 .*"target":"\/first"/s);
      if (each.handedOff === undefined)
        assert.deepEqual(handed.map(withoutBlanks), fresh.map(withoutBlanks), 'the two paths answer alike');
      else check(handed, each.handedOff.verdict, each.handedOff.closes ?? closes(each));
    });
  }
});

// Raw cases for header fields: grammar, line ends, folding, limits, expectations.
import { accept, getWith, postWith, type RequestCase, refuse } from './request-case.ts';

const GOOD = accept('GET', '/x');
const BAD = refuse(400);

function manyFields(count: number): string {
  return Array.from({ length: count }, (_, index) => `X-${index}: y\r\n`).join('');
}

const grammar: readonly RequestCase[] = [
  { name: 'no blank behind the colon', rfc: '9112 §5', bytes: getWith('X:y\r\n'), verdict: GOOD },
  { name: 'blanks and tabs around the value', rfc: '9112 §5', bytes: getWith('X: \t y \t \r\n'), verdict: GOOD },
  { name: 'empty value', rfc: '9112 §5', bytes: getWith('X:\r\n'), verdict: GOOD },
  { name: 'value of blanks', rfc: '9112 §5', bytes: getWith('X:   \r\n'), verdict: GOOD },
  { name: 'value with obs-text', rfc: '9110 §5.5', bytes: getWith('X: \xe9\xff\r\n'), verdict: GOOD },
  { name: 'value with a colon and quotes', rfc: '9110 §5.5', bytes: getWith('X: "a:b", c\r\n'), verdict: GOOD },
  { name: 'name with every tchar', rfc: '9110 §5.1', bytes: getWith("X!#$%&'*+-.^_`|~9: y\r\n"), verdict: GOOD },
  { name: 'space before the colon', rfc: '9112 §5.1', bytes: getWith('X : y\r\n'), verdict: BAD },
  { name: 'tab before the colon', rfc: '9112 §5.1', bytes: getWith('X\t: y\r\n'), verdict: BAD },
  { name: 'space before the name', rfc: '9112 §5.2', bytes: getWith(' X: y\r\n'), verdict: BAD },
  { name: 'no colon', rfc: '9112 §5', bytes: getWith('X\r\n'), verdict: BAD },
  { name: 'no name', rfc: '9112 §5', bytes: getWith(': y\r\n'), verdict: BAD },
  { name: 'space in the name', rfc: '9112 §5.1', bytes: getWith('X Y: z\r\n'), verdict: BAD },
  { name: 'slash in the name', rfc: '9110 §5.1', bytes: getWith('X/Y: z\r\n'), verdict: BAD },
  { name: 'NUL in the name', rfc: '9110 §5.1', bytes: getWith('X\0: y\r\n'), verdict: BAD },
  { name: 'obs-text in the name', rfc: '9110 §5.1', bytes: getWith('X\xe9: y\r\n'), verdict: BAD },
  { name: 'control in the name', rfc: '9110 §5.1', bytes: getWith('X\x01: y\r\n'), verdict: BAD },
  { name: 'NUL in the value', rfc: '9110 §5.5', bytes: getWith('X: a\0b\r\n'), verdict: BAD },
  { name: 'control in the value', rfc: '9110 §5.5', bytes: getWith('X: a\x08b\r\n'), verdict: BAD },
  { name: 'DEL in the value', rfc: '9110 §5.5', bytes: getWith('X: a\x7fb\r\n'), verdict: BAD },
  { name: 'escape in the value', rfc: '9110 §5.5', bytes: getWith('X: \x1b[31m\r\n'), verdict: BAD },
];

const lineEnds: readonly RequestCase[] = [
  { name: 'bare LF behind a field', rfc: '9112 §2.2', bytes: getWith('X: y\n'), verdict: BAD },
  { name: 'bare LF ends the head', rfc: '9112 §2.2', bytes: 'GET /x HTTP/1.1\r\nHost: a.example\r\n\n', verdict: BAD },
  {
    name: 'bare CR ends the head',
    rfc: '9112 §2.2',
    bytes: 'GET /x HTTP/1.1\r\nHost: a.example\r\n\rGET',
    verdict: BAD,
  },
  { name: 'bare CR in a value', rfc: '9112 §2.2', bytes: getWith('X: a\rb\r\n'), verdict: BAD },
  { name: 'bare CR in a name', rfc: '9112 §2.2', bytes: getWith('X\r: y\r\n'), verdict: BAD },
  { name: 'CR CR LF', rfc: '9112 §2.2', bytes: getWith('X: y\r\r\n'), verdict: BAD },
  { name: 'LF CR', rfc: '9112 §2.2', bytes: getWith('X: y\n\r'), verdict: BAD },
  { name: 'obs-fold with a space', rfc: '9112 §5.2', bytes: getWith('X: a\r\n b\r\n'), verdict: BAD },
  { name: 'obs-fold with a tab', rfc: '9112 §5.2', bytes: getWith('X: a\r\n\tb\r\n'), verdict: BAD },
  {
    name: 'obs-fold that hides a field',
    rfc: '9112 §5.2',
    bytes: getWith('X: a\r\n Transfer-Encoding: chunked\r\n'),
    verdict: BAD,
  },
  { name: 'obs-fold of blanks only', rfc: '9112 §5.2', bytes: getWith('X: a\r\n \r\n'), verdict: BAD },
  {
    name: 'obs-fold of Content-Length',
    rfc: '9112 §5.2',
    bytes: postWith('Content-Length:\r\n 2\r\n', 'ab'),
    verdict: BAD,
  },
];

const limits: readonly RequestCase[] = [
  { name: '99 fields besides Host', rfc: '9110 §5.4', bytes: getWith(manyFields(99)), verdict: GOOD },
  { name: '100 fields besides Host', rfc: '6585 §5', bytes: getWith(manyFields(100)), verdict: refuse(431) },
  { name: 'value of 16,000 bytes', rfc: '9110 §5.4', bytes: getWith(`X: ${'y'.repeat(16_000)}\r\n`), verdict: GOOD },
  {
    name: 'value of 33,000 bytes',
    rfc: '6585 §5',
    bytes: getWith(`X: ${'y'.repeat(33_000)}\r\n`),
    verdict: refuse(431),
  },
  {
    name: 'value of 60,000 bytes',
    rfc: '6585 §5',
    bytes: getWith(`X: ${'y'.repeat(60_000)}\r\n`),
    verdict: refuse(431),
  },
  {
    name: 'name of 40,000 bytes',
    rfc: '6585 §5',
    bytes: getWith(`${'y'.repeat(40_000)}: x\r\n`),
    verdict: refuse(431),
  },
];

const meaning: readonly RequestCase[] = [
  {
    name: 'Expect of something else',
    rfc: '9110 §10.1.1',
    bytes: postWith('Expect: 200-maybe\r\nContent-Length: 2\r\n', 'ab'),
    verdict: refuse(417),
  },
  {
    name: 'Expect in capitals',
    rfc: '9110 §10.1.1',
    bytes: postWith('Expect: 100-CONTINUE\r\nContent-Length: 2\r\n', 'ab'),
    verdict: accept('POST', '/x', 'ab'),
  },
  {
    name: 'Expect without a body',
    rfc: '9110 §10.1.1',
    bytes: getWith('Expect: 100-continue\r\n'),
    verdict: GOOD,
    handedOff: {
      verdict: GOOD,
      closes: true,
      because: 'node:http closes after a final answer to an Expect it did not meet',
    },
  },
  {
    name: 'Upgrade to h2c is ignored',
    rfc: '9113 §3.1',
    bytes: getWith('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'),
    verdict: GOOD,
    handedOff: { verdict: GOOD, closes: true, because: 'llhttp takes what follows for the other protocol' },
  },
  {
    name: 'Upgrade to an unknown protocol is ignored',
    rfc: '9110 §7.8',
    bytes: getWith('Connection: Upgrade\r\nUpgrade: irc/6.9\r\n'),
    verdict: GOOD,
    handedOff: { verdict: GOOD, closes: true, because: 'llhttp takes what follows for the other protocol' },
  },
  { name: 'Connection: close', rfc: '9112 §9.6', bytes: getWith('Connection: close\r\n'), verdict: GOOD },
  { name: 'Connection names Host', rfc: '9110 §7.6.1', bytes: getWith('Connection: close, Host\r\n'), verdict: GOOD },
];

export const FIELD_CASES: readonly RequestCase[] = [...grammar, ...lineEnds, ...limits, ...meaning];

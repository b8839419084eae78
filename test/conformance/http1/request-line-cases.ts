// Raw cases for the request line: method, target forms, version, empty lines before it.
import { accept, answer, type RequestCase, refuse, target } from './request-case.ts';

const HOST = 'Host: a.example\r\n\r\n';
const UNKNOWN_METHOD = {
  verdict: refuse(501),
  because: 'node:http knows a closed list of methods',
} as const;

const methods: readonly RequestCase[] = [
  { name: 'GET', rfc: '9112 §3', bytes: `GET /x HTTP/1.1\r\n${HOST}`, verdict: accept('GET', '/x') },
  { name: 'DELETE', rfc: '9112 §3', bytes: `DELETE /x HTTP/1.1\r\n${HOST}`, verdict: accept('DELETE', '/x') },
  {
    name: 'OPTIONS of a path',
    rfc: '9110 §9.3.7',
    bytes: `OPTIONS /x HTTP/1.1\r\n${HOST}`,
    verdict: accept('OPTIONS', '/x'),
  },
  { name: 'PROPFIND', rfc: '9110 §9.1', bytes: `PROPFIND /x HTTP/1.1\r\n${HOST}`, verdict: accept('PROPFIND', '/x') },
  { name: 'QUERY', rfc: '9110 §9.1', bytes: `QUERY /x HTTP/1.1\r\n${HOST}`, verdict: accept('QUERY', '/x') },
  {
    name: 'unknown method is forwarded',
    rfc: '9110 §9.1',
    bytes: `FROB /x HTTP/1.1\r\n${HOST}`,
    verdict: accept('FROB', '/x'),
    handedOff: UNKNOWN_METHOD,
  },
  {
    name: 'methods are case-sensitive',
    rfc: '9110 §9.1',
    bytes: `get /x HTTP/1.1\r\n${HOST}`,
    verdict: accept('get', '/x'),
    handedOff: UNKNOWN_METHOD,
  },
  {
    name: 'method with every tchar',
    rfc: '9110 §5.6.2',
    bytes: `M!#$%&'*+-.^_\`|~9 /x HTTP/1.1\r\n${HOST}`,
    verdict: accept("M!#$%&'*+-.^_`|~9", '/x'),
    handedOff: UNKNOWN_METHOD,
  },
  { name: 'method with a slash', rfc: '9110 §9.1', bytes: `GE/T /x HTTP/1.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'method with a colon', rfc: '9110 §9.1', bytes: `GET: /x HTTP/1.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'method with NUL', rfc: '9110 §9.1', bytes: `G\0T /x HTTP/1.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'method with obs-text', rfc: '9110 §9.1', bytes: `G\xc9T /x HTTP/1.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'no method', rfc: '9112 §3', bytes: ` /x HTTP/1.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'TRACE is off', rfc: '9110 §9.3.8', bytes: `TRACE /x HTTP/1.1\r\n${HOST}`, verdict: answer(405) },
  {
    name: 'CONNECT is not offered',
    rfc: '9110 §9.3.6',
    bytes: `CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n`,
    verdict: refuse(405),
  },
  { name: 'CONNECT with a path', rfc: '9112 §3.2.3', bytes: `CONNECT /x HTTP/1.1\r\n${HOST}`, verdict: refuse(400) },
];

const blanks: readonly RequestCase[] = [
  {
    name: 'an empty line before the request',
    rfc: '9112 §2.2',
    bytes: `\r\n${target('/x')}`,
    verdict: accept('GET', '/x'),
  },
  {
    name: 'empty lines before the request',
    rfc: '9112 §2.2',
    bytes: `\r\n\r\n\r\n${target('/x')}`,
    verdict: accept('GET', '/x'),
  },
  { name: 'space before the request line', rfc: '9112 §2.2', bytes: ` ${target('/x')}`, verdict: refuse(400) },
  {
    name: 'two spaces before the target',
    rfc: '9112 §3',
    bytes: `GET  /x HTTP/1.1\r\n${HOST}`,
    verdict: refuse(400),
    handedOff: {
      verdict: accept('GET', '/x'),
      because: 'llhttp skips repeated spaces in a request line; what is forwarded has one',
    },
  },
  {
    name: 'two spaces before the version',
    rfc: '9112 §3',
    bytes: `GET /x  HTTP/1.1\r\n${HOST}`,
    verdict: refuse(400),
    handedOff: {
      verdict: accept('GET', '/x'),
      because: 'llhttp skips repeated spaces in a request line; what is forwarded has one',
    },
  },
  { name: 'tab before the target', rfc: '9112 §3', bytes: `GET\t/x HTTP/1.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'tab before the version', rfc: '9112 §3', bytes: `GET /x\tHTTP/1.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'space after the version', rfc: '9112 §3', bytes: `GET /x HTTP/1.1 \r\n${HOST}`, verdict: refuse(400) },
  { name: 'request line ends in a bare LF', rfc: '9112 §2.2', bytes: `GET /x HTTP/1.1\n${HOST}`, verdict: refuse(400) },
  { name: 'request line ends in a bare CR', rfc: '9112 §2.2', bytes: `GET /x HTTP/1.1\r${HOST}`, verdict: refuse(400) },
  {
    name: 'bare CR inside the request line',
    rfc: '9112 §2.2',
    bytes: `GET\r/x HTTP/1.1\r\n${HOST}`,
    verdict: refuse(400),
  },
  {
    name: 'whitespace line between request line and fields',
    rfc: '9112 §2.2',
    bytes: `GET /x HTTP/1.1\r\n ${HOST}`,
    verdict: refuse(400),
  },
];

const versions: readonly RequestCase[] = [
  { name: 'HTTP/1.0', rfc: '9112 §2.3', bytes: `GET /x HTTP/1.0\r\n${HOST}`, verdict: accept('GET', '/x') },
  { name: 'HTTP/1.0 without Host', rfc: '9112 §3.2', bytes: 'GET /x HTTP/1.0\r\n\r\n', verdict: accept('GET', '/x') },
  {
    name: 'HTTP/0.9',
    rfc: '9112 §2.3',
    bytes: 'GET /x\r\n\r\n',
    verdict: refuse(400),
    handedOff: { verdict: refuse(505), because: 'llhttp reads a request line without a version as HTTP/0.9' },
  },
  { name: 'HTTP/2.0', rfc: '9110 §2.5', bytes: `GET /x HTTP/2.0\r\n${HOST}`, verdict: refuse(505) },
  { name: 'HTTP/0.9 by name', rfc: '9110 §2.5', bytes: `GET /x HTTP/0.9\r\n${HOST}`, verdict: refuse(505) },
  { name: 'HTTP/9.9', rfc: '9110 §2.5', bytes: `GET /x HTTP/9.9\r\n${HOST}`, verdict: refuse(505) },
  { name: 'the HTTP/2 preface', rfc: '9113 §3.4', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', verdict: refuse(505) },
  { name: 'version in lower case', rfc: '9112 §2.3', bytes: `GET /x http/1.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'version without a dot', rfc: '9112 §2.3', bytes: `GET /x HTTP/11\r\n${HOST}`, verdict: refuse(400) },
  { name: 'version with two digits', rfc: '9112 §2.3', bytes: `GET /x HTTP/1.10\r\n${HOST}`, verdict: refuse(400) },
  { name: 'version with a letter', rfc: '9112 §2.3', bytes: `GET /x HTTP/1.x\r\n${HOST}`, verdict: refuse(400) },
  { name: 'version with a leading zero', rfc: '9112 §2.3', bytes: `GET /x HTTP/01.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'another protocol', rfc: '9112 §2.3', bytes: `GET /x ICY/1.1\r\n${HOST}`, verdict: refuse(400) },
  { name: 'short version', rfc: '9112 §2.3', bytes: 'GET /x FOO\r\n\r\n', verdict: refuse(400) },
];

export const REQUEST_LINE_CASES: readonly RequestCase[] = [...methods, ...blanks, ...versions];

// Raw cases for the request target and Host: the four forms, limits, octets, and one normalised path for matching and forwarding.
import { accept, answer, type RequestCase, refuse, target } from './request-case.ts';

function absolute(uri: string, host: string): string {
  return `GET ${uri} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

function hosts(lines: string): string {
  return `GET /x HTTP/1.1\r\n${lines}\r\n`;
}

const origin: readonly RequestCase[] = [
  { name: 'query', rfc: '9112 §3.2.1', bytes: target('/x?a=b&c=d'), verdict: accept('GET', '/x?a=b&c=d') },
  { name: 'query holds ? and /', rfc: '3986 §3.4', bytes: target('/x?a=/?b'), verdict: accept('GET', '/x?a=/?b') },
  {
    name: 'query is never normalised',
    rfc: '3986 §6.2',
    bytes: target('/x?a=%2f%7e/../b'),
    verdict: accept('GET', '/x?a=%2f%7e/../b'),
  },
  { name: 'raw brackets in a query', rfc: '3986 §3.4', bytes: target('/x?a[]=1'), verdict: accept('GET', '/x?a[]=1') },
  { name: 'no leading slash', rfc: '9112 §3.2.1', bytes: target('x'), verdict: refuse(400) },
  { name: 'fragment', rfc: '9112 §3.2', bytes: target('/x#y'), verdict: refuse(400) },
  { name: 'fragment behind a query', rfc: '9112 §3.2', bytes: target('/x?a#y'), verdict: refuse(400) },
  { name: 'space in the target', rfc: '9112 §3.2', bytes: target('/x y'), verdict: refuse(400) },
  { name: 'NUL in the target', rfc: '9112 §3.2', bytes: target('/x\0y'), verdict: refuse(400) },
  { name: 'DEL in the target', rfc: '9112 §3.2', bytes: target('/x\x7fy'), verdict: refuse(400) },
  { name: 'raw UTF-8 in the path', rfc: '3986 §2', bytes: target('/caf\xc3\xa9'), verdict: refuse(400) },
  { name: 'backslash in the path', rfc: '3986 §3.3', bytes: target('/x\\y'), verdict: refuse(400) },
  { name: 'quote in the path', rfc: '3986 §3.3', bytes: target('/x"y'), verdict: refuse(400) },
  { name: 'angle bracket in the path', rfc: '3986 §3.3', bytes: target('/<x>'), verdict: refuse(400) },
  {
    name: 'target of 8,000 bytes',
    rfc: '9112 §3',
    bytes: target(`/${'x'.repeat(7999)}`),
    verdict: accept('GET', `/${'x'.repeat(7999)}`),
  },
  { name: 'target of 8,193 bytes', rfc: '9110 §15.5.15', bytes: target(`/${'x'.repeat(8192)}`), verdict: refuse(414) },
  {
    name: 'target beyond the head limit',
    rfc: '9110 §15.5.15',
    bytes: target(`/${'x'.repeat(40_000)}`),
    verdict: refuse(414),
    handedOff: { verdict: refuse(431), because: 'llhttp counts the target as part of the head' },
  },
];

const paths: readonly RequestCase[] = [
  { name: 'dot segment', rfc: '3986 §5.2.4', bytes: target('/a/./b'), verdict: accept('GET', '/a/b') },
  { name: 'dot-dot segment', rfc: '3986 §5.2.4', bytes: target('/a/../b'), verdict: accept('GET', '/b') },
  { name: 'dot-dot above the root', rfc: '3986 §5.2.4', bytes: target('/../../b'), verdict: accept('GET', '/b') },
  { name: 'trailing dot-dot', rfc: '3986 §5.2.4', bytes: target('/a/b/..'), verdict: accept('GET', '/a/') },
  { name: 'encoded dot-dot', rfc: '3986 §6.2.2.3', bytes: target('/a/%2e%2E/b'), verdict: accept('GET', '/b') },
  { name: 'three dots are a name', rfc: '3986 §5.2.4', bytes: target('/a/.../b'), verdict: accept('GET', '/a/.../b') },
  {
    name: 'encoded unreserved octet',
    rfc: '3986 §6.2.2.2',
    bytes: target('/%7euser'),
    verdict: accept('GET', '/~user'),
  },
  { name: 'lower-case escape', rfc: '3986 §6.2.2.1', bytes: target('/%c3%a9'), verdict: accept('GET', '/%C3%A9') },
  { name: '%2F is kept', rfc: '3986 §2.2', bytes: target('/a%2fb'), verdict: accept('GET', '/a%2Fb') },
  { name: '%5C is kept', rfc: '3986 §2.2', bytes: target('/a%5cb'), verdict: accept('GET', '/a%5Cb') },
  { name: '%00 is refused', rfc: '3986 §7.3', bytes: target('/a%00b'), verdict: answer(400) },
  { name: 'half an escape', rfc: '3986 §2.1', bytes: target('/a%2'), verdict: answer(400) },
  { name: 'not an escape', rfc: '3986 §2.1', bytes: target('/a%zz'), verdict: answer(400) },
  { name: 'empty segments are kept', rfc: '3986 §3.3', bytes: target('//a//b'), verdict: accept('GET', '//a//b') },
  {
    name: 'escape is decoded once',
    rfc: '3986 §2.4',
    bytes: target('/a/%252e%252e/b'),
    verdict: accept('GET', '/a/%252e%252e/b'),
  },
];

const forms: readonly RequestCase[] = [
  {
    name: 'absolute-form',
    rfc: '9112 §3.2.2',
    bytes: absolute('http://a.example/x?y', 'a.example'),
    verdict: accept('GET', '/x?y'),
  },
  {
    name: 'absolute-form without a path',
    rfc: '9112 §3.2.2',
    bytes: absolute('http://a.example', 'a.example'),
    verdict: accept('GET', '/'),
  },
  {
    name: 'absolute-form with a query only',
    rfc: '9112 §3.2.2',
    bytes: absolute('http://a.example?q', 'a.example'),
    verdict: accept('GET', '/?q'),
  },
  {
    name: 'absolute-form, scheme in upper case',
    rfc: '3986 §3.1',
    bytes: absolute('HTTP://a.example/x', 'a.example'),
    verdict: accept('GET', '/x'),
  },
  {
    name: 'absolute-form wins over Host',
    rfc: '9112 §3.2.2',
    bytes: absolute('http://a.example/x', 'b.example'),
    verdict: accept('GET', '/x'),
  },
  {
    name: 'absolute-form with user information',
    rfc: '9110 §4.2.4',
    bytes: absolute('http://u:p@a.example/x', 'a.example'),
    verdict: refuse(400),
  },
  {
    name: 'absolute-form without an authority',
    rfc: '9110 §4.2.1',
    bytes: absolute('http:///x', 'a.example'),
    verdict: refuse(400),
  },
  {
    name: 'absolute-form of another scheme',
    rfc: '9112 §3.2.2',
    bytes: absolute('ftp://a.example/x', 'a.example'),
    verdict: refuse(400),
  },
  {
    name: 'absolute-form with a bad Host',
    rfc: '9112 §3.2',
    bytes: absolute('http://a.example/x', 'b/example'),
    verdict: refuse(400),
  },
  {
    name: 'absolute-form without Host',
    rfc: '9112 §3.2',
    bytes: 'GET http://a.example/x HTTP/1.1\r\n\r\n',
    verdict: refuse(400),
  },
  {
    name: 'asterisk-form with OPTIONS',
    rfc: '9112 §3.2.4',
    bytes: 'OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n',
    verdict: accept('OPTIONS', '*'),
  },
  {
    name: 'OPTIONS of an authority alone',
    rfc: '9112 §3.2.4',
    bytes: 'OPTIONS http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n',
    verdict: accept('OPTIONS', '*'),
  },
  { name: 'asterisk-form with GET', rfc: '9112 §3.2.4', bytes: target('*'), verdict: refuse(400) },
  { name: 'authority-form with GET', rfc: '9112 §3.2.3', bytes: target('a.example:80'), verdict: refuse(400) },
];

const host: readonly RequestCase[] = [
  { name: 'no Host', rfc: '9112 §3.2', bytes: hosts(''), verdict: refuse(400) },
  { name: 'two Hosts', rfc: '9112 §3.2', bytes: hosts('Host: a.example\r\nHost: b.example\r\n'), verdict: refuse(400) },
  {
    name: 'two equal Hosts',
    rfc: '9112 §3.2',
    bytes: hosts('Host: a.example\r\nHost: a.example\r\n'),
    verdict: refuse(400),
  },
  { name: 'empty Host', rfc: '9110 §7.2', bytes: hosts('Host:\r\n'), verdict: accept('GET', '/x') },
  {
    name: 'Host with a port',
    rfc: '9110 §7.2',
    bytes: hosts('Host: a.example:8080\r\n'),
    verdict: accept('GET', '/x'),
  },
  { name: 'Host in IPv6', rfc: '3986 §3.2.2', bytes: hosts('Host: [::1]:80\r\n'), verdict: accept('GET', '/x') },
  { name: 'Host with an open bracket', rfc: '3986 §3.2.2', bytes: hosts('Host: [::1\r\n'), verdict: refuse(400) },
  {
    name: 'Host with a bracket inside',
    rfc: '3986 §3.2.2',
    bytes: hosts('Host: a[b].example\r\n'),
    verdict: refuse(400),
  },
  { name: 'Host with a slash', rfc: '9110 §7.2', bytes: hosts('Host: a.example/x\r\n'), verdict: refuse(400) },
  { name: 'Host with user information', rfc: '9110 §7.2', bytes: hosts('Host: u@a.example\r\n'), verdict: refuse(400) },
  { name: 'Host with a space', rfc: '9110 §7.2', bytes: hosts('Host: a.example b\r\n'), verdict: refuse(400) },
  { name: 'Host with a list', rfc: '9110 §7.2', bytes: hosts('Host: a.example, b.example\r\n'), verdict: refuse(400) },
  { name: 'Host with a bad port', rfc: '9110 §7.2', bytes: hosts('Host: a.example:8o\r\n'), verdict: refuse(400) },
  { name: 'Host with two ports', rfc: '9110 §7.2', bytes: hosts('Host: a.example:80:81\r\n'), verdict: refuse(400) },
  { name: 'Host with a port only', rfc: '9110 §7.2', bytes: hosts('Host: :80\r\n'), verdict: refuse(400) },
  {
    name: 'HTTP/1.0 with two Hosts',
    rfc: '9112 §3.2',
    bytes: 'GET /x HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n',
    verdict: refuse(400),
  },
];

export const TARGET_CASES: readonly RequestCase[] = [...origin, ...paths, ...forms, ...host];

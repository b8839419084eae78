// Raw cases for the length of a body: Content-Length, Transfer-Encoding, both, and the chunked coding.
import { accept, chunked, getWith, postWith, type RequestCase, refuse } from './request-case.ts';

const BAD = refuse(400);
const AB = accept('POST', '/x', 'ab');

const lengths: readonly RequestCase[] = [
  { name: 'Content-Length', rfc: '9112 §6.2', bytes: postWith('Content-Length: 2\r\n', 'ab'), verdict: AB },
  {
    name: 'Content-Length 0',
    rfc: '9112 §6.2',
    bytes: postWith('Content-Length: 0\r\n', ''),
    verdict: accept('POST', '/x'),
  },
  {
    name: 'GET with a body',
    rfc: '9110 §9.3.1',
    bytes: `${getWith('Content-Length: 2\r\n')}ab`,
    verdict: accept('GET', '/x', 'ab'),
  },
  {
    name: 'Content-Length with leading zeros',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: 0002\r\n', 'ab'),
    verdict: AB,
  },
  { name: 'POST without a length', rfc: '9112 §6.3', bytes: postWith('', ''), verdict: accept('POST', '/x') },
  {
    name: 'Content-Length with a plus',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: +2\r\n', 'ab'),
    verdict: BAD,
  },
  {
    name: 'Content-Length with a minus',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: -2\r\n', 'ab'),
    verdict: BAD,
  },
  { name: 'Content-Length in hex', rfc: '9110 §8.6', bytes: postWith('Content-Length: 0x2\r\n', 'ab'), verdict: BAD },
  {
    name: 'Content-Length with a decimal',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: 2.0\r\n', 'ab'),
    verdict: BAD,
  },
  {
    name: 'Content-Length with an exponent',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: 2e0\r\n', 'ab'),
    verdict: BAD,
  },
  {
    name: 'Content-Length with an underscore',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: 1_0\r\n', 'ab'),
    verdict: BAD,
  },
  {
    name: 'Content-Length with a blank inside',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: 1 2\r\n', 'ab'),
    verdict: BAD,
  },
  { name: 'empty Content-Length', rfc: '9110 §8.6', bytes: postWith('Content-Length:\r\n', 'ab'), verdict: BAD },
  {
    name: 'Content-Length of letters',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: two\r\n', 'ab'),
    verdict: BAD,
  },
  {
    name: 'Content-Length with obs-text',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: 2\xa0\r\n', 'ab'),
    verdict: BAD,
  },
  {
    name: 'Content-Length beyond 2^64',
    rfc: '9110 §8.6',
    bytes: postWith('Content-Length: 18446744073709551618\r\n', 'ab'),
    verdict: BAD,
  },
  { name: 'Content-Length list', rfc: '9112 §6.3', bytes: postWith('Content-Length: 2, 2\r\n', 'ab'), verdict: BAD },
  {
    name: 'two equal Content-Lengths',
    rfc: '9112 §6.3',
    bytes: postWith('Content-Length: 2\r\nContent-Length: 2\r\n', 'ab'),
    verdict: BAD,
  },
  {
    name: 'two Content-Lengths',
    rfc: '9112 §6.3',
    bytes: postWith('Content-Length: 2\r\nContent-Length: 3\r\n', 'abc'),
    verdict: BAD,
  },
  {
    name: 'Content-Length with a blank in the name',
    rfc: '9112 §5.1',
    bytes: postWith('Content-Length : 2\r\n', 'ab'),
    verdict: BAD,
  },
];

function coding(value: string, body = '2\r\nab\r\n0\r\n\r\n'): string {
  return postWith(`Transfer-Encoding:${value}\r\n`, body);
}

const codings: readonly RequestCase[] = [
  { name: 'chunked', rfc: '9112 §7.1', bytes: coding(' chunked'), verdict: AB },
  { name: 'Chunked in capitals', rfc: '9112 §7', bytes: coding(' Chunked'), verdict: AB },
  {
    name: 'CL.TE',
    rfc: '9112 §6.3',
    bytes: postWith('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    verdict: BAD,
  },
  {
    name: 'TE.CL',
    rfc: '9112 §6.3',
    bytes: postWith('Transfer-Encoding: chunked\r\nContent-Length: 2\r\n', '0\r\n\r\n'),
    verdict: BAD,
  },
  {
    name: 'TE with Content-Length 0',
    rfc: '9112 §6.3',
    bytes: postWith('Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    verdict: BAD,
  },
  {
    name: 'two Transfer-Encodings',
    rfc: '9112 §6.1',
    bytes: postWith('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    verdict: BAD,
  },
  {
    name: 'chunked, then identity',
    rfc: '9112 §6.1',
    bytes: postWith('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'),
    verdict: BAD,
  },
  { name: 'chunked twice', rfc: '9112 §6.1', bytes: coding(' chunked, chunked'), verdict: BAD },
  { name: 'chunked not final', rfc: '9112 §6.1', bytes: coding(' chunked, gzip'), verdict: BAD },
  { name: 'gzip, chunked', rfc: '9112 §6.1', bytes: coding(' gzip, chunked'), verdict: refuse(501) },
  { name: 'gzip', rfc: '9112 §6.1', bytes: coding(' gzip'), verdict: BAD },
  { name: 'identity', rfc: '9112 §6.1', bytes: coding(' identity'), verdict: BAD },
  { name: 'xchunked', rfc: '9112 §6.1', bytes: coding(' xchunked'), verdict: BAD },
  { name: 'chunkedx', rfc: '9112 §6.1', bytes: coding(' chunkedx'), verdict: BAD },
  { name: 'quoted chunked', rfc: '9112 §6.1', bytes: coding(' "chunked"'), verdict: BAD },
  { name: 'chunked with a parameter', rfc: '9112 §7.1', bytes: coding(' chunked;a=b'), verdict: BAD },
  { name: 'empty Transfer-Encoding', rfc: '9112 §6.1', bytes: coding(''), verdict: BAD },
  { name: 'comma before chunked', rfc: '9112 §6.1', bytes: coding(' , chunked'), verdict: BAD },
  { name: 'comma behind chunked', rfc: '9112 §6.1', bytes: coding(' chunked,'), verdict: BAD },
  { name: 'tab before chunked', rfc: '9112 §5', bytes: coding('\tchunked'), verdict: AB },
  { name: 'vertical tab before chunked', rfc: '9110 §5.5', bytes: coding(' \x0bchunked'), verdict: BAD },
  { name: 'obs-text before chunked', rfc: '9112 §6.1', bytes: coding(' \xffchunked'), verdict: BAD },
  { name: 'folded chunked', rfc: '9112 §5.2', bytes: coding('\r\n chunked'), verdict: BAD },
  {
    name: 'Transfer-Encoding with a blank in the name',
    rfc: '9112 §5.1',
    bytes: postWith('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
    verdict: BAD,
  },
  {
    name: 'Transfer-Encoding in HTTP/1.0',
    rfc: '9112 §6.1',
    bytes: 'POST /x HTTP/1.0\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    verdict: BAD,
  },
];

function bad(name: string, coded: string): RequestCase {
  return { name, rfc: '9112 §7.1', bytes: chunked(coded), verdict: BAD, isBodyFault: true };
}

const chunks: readonly RequestCase[] = [
  { name: 'empty chunked body', rfc: '9112 §7.1', bytes: chunked('0\r\n\r\n'), verdict: accept('POST', '/x') },
  { name: 'two chunks', rfc: '9112 §7.1', bytes: chunked('1\r\na\r\n1\r\nb\r\n0\r\n\r\n'), verdict: AB },
  {
    name: 'chunk size in hex, both cases',
    rfc: '9112 §7.1',
    bytes: chunked(`a\r\n${'x'.repeat(10)}\r\nB\r\n${'y'.repeat(11)}\r\n0\r\n\r\n`),
    verdict: accept('POST', '/x', 'x'.repeat(10) + 'y'.repeat(11)),
  },
  { name: 'chunk size with leading zeros', rfc: '9112 §7.1', bytes: chunked('0002\r\nab\r\n000\r\n\r\n'), verdict: AB },
  { name: 'chunk extension', rfc: '9112 §7.1.1', bytes: chunked('2;a=b;c\r\nab\r\n0;d\r\n\r\n'), verdict: AB },
  { name: 'quoted chunk extension', rfc: '9112 §7.1.1', bytes: chunked('2;a="b;c"\r\nab\r\n0\r\n\r\n'), verdict: AB },
  { name: 'trailer field', rfc: '9112 §7.1.2', bytes: chunked('2\r\nab\r\n0\r\nX: y\r\n\r\n'), verdict: AB },
  {
    name: 'chunk data that looks like framing',
    rfc: '9112 §7.1',
    bytes: chunked('5\r\n0\r\n\r\n\r\n0\r\n\r\n'),
    verdict: accept('POST', '/x', '0\r\n\r\n'),
  },
  bad('chunk size missing', '\r\nab\r\n0\r\n\r\n'),
  bad('chunk size with a sign', '+2\r\nab\r\n0\r\n\r\n'),
  bad('chunk size negative', '-2\r\nab\r\n0\r\n\r\n'),
  bad('chunk size with 0x', '0x2\r\nab\r\n0\r\n\r\n'),
  bad('chunk size of letters', 'zz\r\nab\r\n0\r\n\r\n'),
  bad('chunk size beyond 2^64', '10000000000000002\r\nab\r\n0\r\n\r\n'),
  bad('blank before the chunk size', ' 2\r\nab\r\n0\r\n\r\n'),
  bad('blank behind the chunk size', '2 \r\nab\r\n0\r\n\r\n'),
  bad('bare LF behind the chunk size', '2\nab\r\n0\r\n\r\n'),
  bad('bare CR behind the chunk size', '2\rab\r\n0\r\n\r\n'),
  bad('bare LF behind a chunk extension', '2;a\nab\r\n0\r\n\r\n'),
  bad('bare CR in a chunk extension', '2;a\rb\r\nab\r\n0\r\n\r\n'),
  bad('NUL in a chunk extension', '2;a\0\r\nab\r\n0\r\n\r\n'),
  bad('bare LF behind chunk data', '2\r\nab\n0\r\n\r\n'),
  bad('chunk data too long', '2\r\nabc\r\n0\r\n\r\n'),
  bad('chunk data too short', '3\r\nab\r\n0\r\n\r\n'),
  bad('last chunk without CRLF', '2\r\nab\r\n0\n\n'),
  bad('bare LF in a trailer', '2\r\nab\r\n0\r\nX: y\n\r\n'),
  bad('blank before the colon in a trailer', '2\r\nab\r\n0\r\nX : y\r\n\r\n'),
  bad('NUL in a trailer', '2\r\nab\r\n0\r\nX: \0\r\n\r\n'),
  bad('comma behind the chunk size', '2,2\r\nab\r\n0\r\n\r\n'),
];

export const FRAMING_CASES: readonly RequestCase[] = [...lengths, ...codings, ...chunks];

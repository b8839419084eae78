// Which fields stay with the connection, and which nobody may nominate away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFields } from './field-parser.ts';
import { HeaderList } from './header-list.ts';
import { dropForbiddenTrailers, dropHopByHop } from './hop-by-hop.ts';

function listOf(lines: string): HeaderList {
  const bytes = Buffer.from(`${lines}\r\n`, 'latin1');
  const headers = new HeaderList();
  const end = parseFields(bytes, 0, bytes.length, 0, headers, 100);
  headers.attach(bytes.toString('latin1'), end - 2);
  return headers;
}

test('fields of the connection are dropped, all others kept', () => {
  const headers = listOf(
    'A: 1\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nUpgrade: y\r\nB: 2\r\n',
  );
  dropHopByHop(headers, false);
  assert.equal(headers.lines(), 'A: 1\r\nB: 2\r\n');
});

test('fields named by Connection are dropped, in any case and from every Connection field', () => {
  const headers = listOf('X-One: 1\r\nConnection: close, X-ONE\r\nx-two: 2\r\nConnection: ,x-Two ,\r\nX-Three: 3\r\n');
  dropHopByHop(headers, true);
  assert.equal(headers.lines(), 'X-Three: 3\r\n');
});

test('framing, routing and credentials cannot be nominated away', () => {
  const protectedLines =
    'Host: a\r\nContent-Length: 2\r\nContent-Type: t\r\nAuthorization: s\r\nCookie: c\r\nVia: 1.1 p\r\nX-Forwarded-For: 1.2.3.4\r\nForwarded: for=x\r\nX-Request-Id: i\r\n';
  const names =
    'host, content-length, content-type, authorization, cookie, via, x-forwarded-for, forwarded, x-request-id';
  const headers = listOf(`${protectedLines}Connection: ${names}\r\n`);
  dropHopByHop(headers, true);
  assert.equal(headers.lines(), protectedLines);
});

test('a field that the gateway added cannot be nominated away', () => {
  const headers = listOf('X-Role: admin\r\nConnection: x-role, x-added\r\n');
  headers.set('X-Role', 'guest');
  headers.append('X-Added', 'ours');
  dropHopByHop(headers, true);
  assert.equal(headers.lines(), 'X-Role: guest\r\nX-Added: ours\r\n');
});

test('trailers never carry framing, routing or authentication', () => {
  const trailers = listOf(
    'Checksum: 1\r\nContent-Length: 5\r\nHOST: a\r\nAuthorization: s\r\nTransfer-Encoding: chunked\r\nGrpc-Status: 0\r\n',
  );
  dropForbiddenTrailers(trailers);
  assert.equal(trailers.lines(), 'Checksum: 1\r\nGrpc-Status: 0\r\n');
});
